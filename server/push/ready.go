package push

import "sync"

// ready is the queue of connections whose turn has come. Its bound is the number of connections: each is in it at most once.
type ready struct {
	mu     sync.Mutex
	some   sync.Cond
	conns  []*conn
	head   int // conns before it are taken
	idle   int // workers waiting
	closed bool
}

func newReady() *ready {
	r := &ready{}
	r.some.L = &r.mu
	return r
}

func (r *ready) push(conns []*conn) {
	if len(conns) == 0 {
		return
	}
	r.mu.Lock()
	r.conns = append(r.conns, conns...)
	for range min(r.idle, len(conns)) {
		r.some.Signal()
	}
	r.mu.Unlock()
}

func (r *ready) push1(c *conn) {
	r.mu.Lock()
	r.conns = append(r.conns, c)
	if r.idle > 0 {
		r.some.Signal()
	}
	r.mu.Unlock()
}

// pop waits for a connection; false says that the queue is closed.
func (r *ready) pop() (*conn, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.head == len(r.conns) && !r.closed {
		r.idle++
		r.some.Wait()
		r.idle--
	}
	if r.closed {
		return nil, false
	}
	c := r.conns[r.head]
	r.conns[r.head] = nil
	r.head++
	if r.head == len(r.conns) {
		r.conns, r.head = r.conns[:0], 0
	} else if r.head >= 1024 && r.head*2 >= len(r.conns) {
		// Give the taken half back, so that a queue that is never quite empty does not grow.
		n := copy(r.conns, r.conns[r.head:])
		clear(r.conns[n:])
		r.conns, r.head = r.conns[:n], 0
	}
	return c, true
}

func (r *ready) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.some.Broadcast()
}

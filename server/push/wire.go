package push

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// wireBacklog bounds the control frames (answers to a flood of pings) that wait behind a socket which takes no bytes.
const wireBacklog = 16 << 10

var errBacklog = errors.New("push: peer sends control frames and reads nothing")

// wire is the connection under a websocket.Conn. Reads go to the socket. Writes never block: they gather in out, and a turn hands
// many frames to the kernel at once.
type wire struct {
	net.Conn
	raw   syscall.RawConn // nil where the connection has none (net.Pipe): then every write gets a goroutine
	early []byte          // what the client sent together with its handshake
	br    *bufio.Reader   // the library's buffer over this wire, read by the reader goroutine only
	heard atomic.Bool     // bytes came since it was last cleared
	wake  func()          // called after control frames were gathered outside a turn

	mu     sync.Mutex
	out    []byte // framed, whole frames only, not yet handed over
	lent   bool   // a turn is gathering
	busy   bool   // bytes taken from out are on their way: nothing may overtake them
	ended  bool   // the library is done: close when nothing is on its way
	closed bool
}

func newWire(conn net.Conn, early []byte) *wire {
	w := &wire{Conn: conn, early: bytes.Clone(early)}
	if len(early) == 0 {
		w.early = nil // or an empty slice would hold on to the server's buffer
	}
	if sc, ok := conn.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			w.raw = raw
		}
	}
	return w
}

// await returns when there may be something to read.
func (w *wire) await() {
	if w.raw != nil && len(w.early) == 0 && w.br.Buffered() == 0 {
		_ = w.raw.Read(readable) // the read that follows meets the same error
	}
}

// quiet says that a read would wait, and that await can do so.
func (w *wire) quiet() bool {
	if w.raw == nil || len(w.early) > 0 || w.br.Buffered() > 0 {
		return false
	}
	quiet := false
	err := w.raw.Control(func(fd uintptr) { quiet = !readable(fd) })
	return err == nil && quiet
}

// readable says whether a read would not block. It looks, because the poller reports only what comes after the last look.
func readable(fd uintptr) bool {
	var b [1]byte
	for {
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		if err != syscall.EINTR {
			return err != syscall.EAGAIN
		}
	}
}

// Read is called by the reader goroutine only.
func (w *wire) Read(p []byte) (int, error) {
	if len(w.early) > 0 {
		n := copy(p, w.early)
		w.early = w.early[n:]
		if len(w.early) == 0 {
			w.early = nil
		}
		return n, nil
	}
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.heard.Store(true)
	}
	return n, err
}

// Write gathers p. The library calls it with its own lock on whole frames held, so frames do not mix.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	if w.closed || w.ended {
		w.mu.Unlock()
		return 0, net.ErrClosed
	}
	if !w.lent && len(w.out)+len(p) > wireBacklog {
		w.mu.Unlock()
		return 0, errBacklog
	}
	w.out = append(w.out, p...)
	lent := w.lent
	w.mu.Unlock()
	if !lent {
		w.wake()
	}
	return len(p), nil
}

// lend gives the turn's buffer to gather in until take.
func (w *wire) lend(buf []byte) {
	w.mu.Lock()
	w.out = append(buf[:0], w.out...)
	w.lent = true
	w.mu.Unlock()
}

// take ends gathering and returns what is to be written; done must follow.
func (w *wire) take() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := w.out
	w.out, w.lent, w.busy = nil, false, true
	return b
}

// done says that what take returned is written, or never will be.
func (w *wire) done() {
	w.mu.Lock()
	w.busy = false
	end := w.ended
	w.mu.Unlock()
	if end {
		w.Close()
	}
}

// Close is called by the library when a connection is over. What is gathered, such as the answer to the peer's close frame, goes out
// first, as far as it can without waiting.
func (w *wire) Close() error {
	w.mu.Lock()
	w.ended = true
	if w.lent || w.busy {
		w.mu.Unlock()
		return nil // done closes
	}
	b := w.out
	w.out = nil
	w.mu.Unlock()
	if len(b) > 0 {
		if w.raw != nil {
			new(tryWriter).write(w.raw, b)
		} else if w.Conn.SetWriteDeadline(time.Now().Add(time.Second)) == nil {
			_, _ = w.Conn.Write(b) // nothing is left to be done for a peer that does not take it
		}
	}
	return w.kill()
}

// kill closes the socket at once, from any goroutine.
func (w *wire) kill() error {
	w.mu.Lock()
	was := w.closed
	w.closed = true
	w.out = nil
	w.mu.Unlock()
	if was {
		return nil
	}
	return w.Conn.Close()
}

// interrupt ends the reader's waiting.
func (w *wire) interrupt() {
	_ = w.SetReadDeadline(time.Unix(1, 0)) // fails only on a closed socket, whose reader has ended
}

// drain writes rest, which the kernel did not take at once, for at most limit.
func (w *wire) drain(rest []byte, limit time.Duration) error {
	if err := w.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	_, err := w.Conn.Write(rest)
	return err
}

// tryWriter writes to a socket as much as it takes without waiting. Its function value is made once per worker.
type tryWriter struct {
	b   []byte
	n   int
	err error
	fn  func(fd uintptr) bool
}

// write returns how many bytes the kernel took. An error other than "would block" is final for the socket.
func (t *tryWriter) write(raw syscall.RawConn, b []byte) (int, error) {
	if t.fn == nil {
		t.fn = t.try
	}
	t.b, t.n, t.err = b, 0, nil
	err := raw.Write(t.fn)
	t.b = nil
	if err != nil {
		return t.n, err
	}
	return t.n, t.err
}

func (t *tryWriter) try(fd uintptr) bool {
	for t.n < len(t.b) {
		n, err := syscall.Write(int(fd), t.b[t.n:])
		if n > 0 {
			t.n += n
		}
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return true
		case err != nil:
			t.err = err
			return true
		}
	}
	return true
}

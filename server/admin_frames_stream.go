package main

import (
	"net"
	"sync"
	"time"

	"beckon/server/shop"
)

// frameStream is one reader. Its goroutine is the one that fasthttp began for the connection; it ends when the reader is gone, takes
// nothing, may not see the page any more, or the server stops.
type frameStream struct {
	user, session, site string
	roles               []shop.Role // of its topics
	ready               chan struct{}
	gone                chan struct{} // closed when it is to end
	ended               sync.Once

	views []seenView // its own goroutine's, but for which views there are
}

// seenView is a view with the version that was sent of it.
type seenView struct {
	view *frameView
	seen uint64
}

// end asks the stream to end.
func (s *frameStream) end() { s.ended.Do(func() { close(s.gone) }) }

// serve sends frames until the stream ends.
func (d *frameDesk) serve(s *frameStream, socket net.Conn, head []byte) {
	defer d.leave(s)
	var wg sync.WaitGroup
	defer wg.Wait()
	// A reader says nothing. When its side closes, this notices at once.
	wg.Go(func() {
		var nothing [256]byte
		for {
			if _, err := socket.Read(nothing[:]); err != nil {
				s.end()
				return
			}
		}
	})
	wg.Go(func() {
		<-s.gone
		_ = socket.Close() // ends the read, and the write that the stream may be stuck in
	})
	defer s.end()
	if d.write(socket, head) != nil {
		return
	}
	alive := time.NewTimer(frameAlive)
	defer alive.Stop()
	var message []byte
	for {
		select {
		case <-s.gone:
			return
		case <-alive.C:
			message = append(message[:0], ": alive\n\n"...)
		case <-s.ready:
			message = d.news(message[:0], s)
		}
		if d.write(socket, message) != nil {
			return
		}
		alive.Reset(frameAlive)
	}
}

func (d *frameDesk) write(socket net.Conn, b []byte) error {
	if err := socket.SetWriteDeadline(time.Now().Add(frameWrite)); err != nil {
		return err
	}
	_, err := socket.Write(b)
	return err
}

// news appends what changed of the stream's views since it sent last.
func (d *frameDesk) news(dst []byte, s *frameStream) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range s.views {
		v := &s.views[i]
		switch {
		case v.seen == v.view.version:
			continue
		case v.seen == v.view.version-1:
			dst = append(dst, v.view.newest...)
		default:
			dst = v.view.appendSince(dst, v.seen)
		}
		v.seen = v.view.version
	}
	return dst
}

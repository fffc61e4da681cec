package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"beckon/server/push"
)

// benchSocket is a shopper's socket in as little code as the load needs: frames of the server are read as they are and never
// checked. One goroutine at a time uses it.
type benchSocket struct {
	conn    net.Conn
	in      *bufio.Reader
	visitor string
	buf     []byte
}

// socketsPerAddress keeps loopback clients within the hub's limit of connections per address.
const socketsPerAddress = 900

// openSockets opens count sockets of visitors s_0, s_1, …, says hello and subscribe(i) on each, and waits until it was taken.
func (s *benchServer) openSockets(ctx context.Context, count int, subscribe func(i int) string) ([]*benchSocket, error) {
	tokens := make([]string, count)
	sockets := make([]*benchSocket, count)
	if err := inParallel(count, func(i int) error {
		var answer struct{ Token string }
		err := s.request(ctx, "POST", "/v1/session", `{"visitor":"s_`+strconv.Itoa(i)+`"}`, &answer)
		tokens[i] = answer.Token
		return err
	}); err != nil {
		return nil, err
	}
	err := inParallel(count, func(i int) (err error) {
		sockets[i], err = s.openSocket(ctx, i, tokens[i], subscribe(i))
		return err
	})
	return sockets, err
}

// inParallel calls do for 0 to n-1 from eight goroutines, and returns one of the errors.
func inParallel(n int, do func(i int) error) error {
	const workers = 8
	var wg sync.WaitGroup
	errs := make([]error, workers)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n && errs[w] == nil; i += workers {
				errs[w] = do(i)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *benchServer) openSocket(ctx context.Context, i int, token, subscribe string) (*benchSocket, error) {
	from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i/socketsPerAddress))}
	conn, err := (&net.Dialer{LocalAddr: from}).DialContext(ctx, "tcp", s.addr())
	if err != nil {
		return nil, err
	}
	c := &benchSocket{conn: conn, in: bufio.NewReaderSize(conn, 1024), visitor: "s_" + strconv.Itoa(i)}
	if err := c.open(s, token, subscribe); err != nil {
		conn.Close()
		return nil, fmt.Errorf("socket %d: %w", i, err)
	}
	return c, nil
}

func (c *benchSocket) open(s *benchServer, token, subscribe string) error {
	if err := c.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	fmt.Fprintf(c.conn, "GET /v1/live?k=%s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\n\r\n", s.public, s.addr(), push.Subprotocol)
	status, err := c.in.ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.Contains(status, " 101 ") {
		return fmt.Errorf("handshake answered %q", status)
	}
	for line := ""; line != "\r\n"; {
		if line, err = c.in.ReadString('\n'); err != nil {
			return err
		}
	}
	for _, text := range []string{`{"type":"hello","token":"` + token + `"}`, subscribe, `{"type":"ping"}`} {
		if err := c.send(text); err != nil {
			return err
		}
	}
	for {
		text, err := c.read()
		if err != nil {
			return err
		}
		switch {
		case bytes.HasPrefix(text, []byte(`{"type":"pong"`)):
			return c.conn.SetDeadline(time.Time{})
		case bytes.HasPrefix(text, []byte(`{"type":"error"`)):
			return fmt.Errorf("server said %s", text)
		}
	}
}

// send sends a text frame, masked with zeros (RFC 6455, 5.3).
func (c *benchSocket) send(text string) error {
	frame := []byte{0x81}
	if len(text) < 126 {
		frame = append(frame, 0x80|byte(len(text)))
	} else {
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(len(text)))
	}
	frame = append(frame, 0, 0, 0, 0)
	_, err := c.conn.Write(append(frame, text...))
	return err
}

// pong answers the server's pings, which carry nothing.
var pong = []byte{0x8a, 0x80, 0, 0, 0, 0}

// read returns the payload of the next text frame, borrowed until the next call, and answers pings before it.
func (c *benchSocket) read() ([]byte, error) {
	for {
		kind, payload, err := c.frame()
		if err != nil {
			return nil, err
		}
		switch kind {
		case 1:
			return payload, nil
		case 8:
			return nil, fmt.Errorf("closed by the server: %q", payload)
		case 9:
			if _, err := c.conn.Write(pong); err != nil {
				return nil, err
			}
		}
	}
}

func (c *benchSocket) frame() (kind byte, payload []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(c.in, head[:2]); err != nil {
		return 0, nil, err
	}
	kind = head[0] & 15
	size := uint64(head[1])
	switch size {
	case 126:
		if _, err := io.ReadFull(c.in, head[:2]); err != nil {
			return 0, nil, err
		}
		size = uint64(binary.BigEndian.Uint16(head[:]))
	case 127:
		if _, err := io.ReadFull(c.in, head[:]); err != nil {
			return 0, nil, err
		}
		size = binary.BigEndian.Uint64(head[:])
	}
	if uint64(cap(c.buf)) < size {
		c.buf = make([]byte, size)
	}
	c.buf = c.buf[:size]
	_, err = io.ReadFull(c.in, c.buf)
	return kind, c.buf, err
}

func closeSockets(sockets []*benchSocket) {
	for _, c := range sockets {
		if c != nil {
			c.conn.Close()
		}
	}
}

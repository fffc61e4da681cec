package push

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unique"

	"github.com/coder/websocket"
)

// Subprotocol is the name that clients offer in Sec-WebSocket-Protocol.
const Subprotocol = "beckon.v1"

// Why Accept refused a connection. The client was told by HTTP, and the connection is closed.
var (
	ErrDraining = errors.New("push: the hub is closing")                 // 503
	ErrFull     = errors.New("push: too many connections")               // 503
	ErrAddress  = errors.New("push: too many connections of an address") // 429
)

// Sizes of a connection's own buffers. Client frames are small, and writes gather in the turn's buffer; a control frame (at most
// 127 bytes) must fit whole, so that a ping of ours never lands inside one of the library's.
const (
	readBuffer  = 256
	writeBuffer = 144
)

// Accept takes over socket, whose client sent the upgrade request r and then early, and returns when the handshake is written; the
// connection lives on in the hub until either side closes it. socket is closed in every case, and its Close must be real. Whose page
// asks (Origin) and which site it is (key) is the caller's to decide before; addr is counted against MaxConnsPerAddress. Nothing of r
// is kept.
func (h *Hub) Accept(socket net.Conn, early []byte, r *http.Request, site, addr string) error {
	c := &conn{hub: h, site: site, addr: addr, languages: languages(r), phase: waiting}
	c.wire = newWire(socket, early)
	c.wire.wake = c.flush
	hand := &handshake{wire: c.wire}
	if err := socket.SetWriteDeadline(time.Now().Add(h.cfg.WriteTimeout)); err != nil {
		return errors.Join(err, socket.Close())
	}
	if err := h.admit(c); err != nil {
		hand.refuse(err)
		return errors.Join(err, socket.Close())
	}
	ws, err := websocket.Accept(hand, r, &websocket.AcceptOptions{
		Subprotocols:       []string{Subprotocol},
		InsecureSkipVerify: true, // the caller has checked the origin against the key
	})
	if err == nil {
		err = hand.err
	}
	if err == nil {
		err = socket.SetWriteDeadline(time.Time{})
	}
	if err != nil {
		h.release(c)
		return errors.Join(err, socket.Close())
	}
	ws.SetReadLimit(h.cfg.ReadLimit)
	c.ws = ws
	c.helloBy = h.now() + h.cfg.HelloTimeout.Milliseconds()
	c.due = c.helloBy
	h.wheel.set(c, c.due)
	h.enlist(c)
	h.wg.Go(c.idle)
	return nil
}

// languages is what the page asks for (?lang=), then what the browser does, cut to what matters and kept once for all connections: few
// values make most of them.
func languages(r *http.Request) string {
	accept := r.Header.Get("Accept-Language")
	if page := r.URL.Query().Get("lang"); page != "" && !strings.ContainsAny(page, ",;") {
		accept = page[:min(len(page), 16)] + "," + accept
	}
	return unique.Make(accept[:min(len(accept), 64)]).Value()
}

// handshake is the http.ResponseWriter that the library writes its 101, or its refusal, to.
type handshake struct {
	wire   *wire
	header http.Header
	status int
	err    error
}

func (s *handshake) Header() http.Header {
	if s.header == nil {
		s.header = http.Header{}
	}
	return s.header
}

func (s *handshake) WriteHeader(status int) {
	if s.status != 0 {
		return
	}
	s.status = status
	head := fmt.Appendf(nil, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	if status != http.StatusSwitchingProtocols {
		s.Header().Set("Connection", "close")
	}
	for name, values := range s.Header() {
		for _, v := range values {
			head = fmt.Appendf(head, "%s: %s\r\n", name, v)
		}
	}
	head = append(head, "\r\n"...)
	_, s.err = s.wire.Conn.Write(head)
}

func (s *handshake) Write(p []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	if s.err != nil {
		return 0, s.err
	}
	return s.wire.Conn.Write(p)
}

// Hijack implements http.Hijacker.
func (s *handshake) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if s.err != nil {
		return nil, nil, s.err
	}
	s.wire.br = bufio.NewReaderSize(s.wire, readBuffer)
	return s.wire, bufio.NewReadWriter(s.wire.br, bufio.NewWriterSize(s.wire, writeBuffer)), nil
}

// refuse answers by HTTP, in the form of the API's errors.
func (s *handshake) refuse(why error) {
	status, code := http.StatusServiceUnavailable, "overloaded"
	if errors.Is(why, ErrAddress) {
		status, code = http.StatusTooManyRequests, "too_many_connections"
	}
	body := `{"error":{"code":"` + code + `","message":"` + why.Error()[len("push: "):] + `"}}`
	s.Header().Set("Content-Type", "application/json")
	s.Header().Set("Content-Length", strconv.Itoa(len(body)))
	s.Header().Set("Retry-After", "5")
	s.WriteHeader(status)
	_, _ = s.Write([]byte(body)) // the connection is closed next; nobody is left to tell
}

package push

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// store is a Backend of maps. Tokens are "site/visitor" and "site/visitor/seconds" for one that expires so long after the start.
type store struct {
	start  time.Time
	answer atomic.Uint64 // fingerprint of every answer
	asked  atomic.Int64
	at     atomic.Uint64

	mu    sync.Mutex
	stock map[string]int
	wants map[string][]string
}

func newStore() *store {
	s := &store{start: time.Now(), stock: map[string]int{}, wants: map[string][]string{}}
	s.answer.Store(1)
	return s
}

func (s *store) Authenticate(token, site string) (Shopper, error) {
	parts := strings.Split(token, "/")
	if len(parts) < 2 || parts[0] != site {
		return Shopper{}, ErrBadToken
	}
	who := Shopper{Site: parts[0], Visitor: parts[1]}
	if len(parts) == 3 {
		life, err := time.ParseDuration(parts[2] + "s")
		if err != nil {
			return Shopper{}, ErrBadToken
		}
		who.Expires = s.start.Add(life)
		if !who.Expires.After(time.Now()) {
			return Shopper{}, ErrExpired
		}
	}
	return who, nil
}

func (s *store) Position() uint64 { return s.at.Load() }

func (s *store) AppendItem(dst []byte, site, item, kind string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, ok := s.stock[site+"/"+item]
	if !ok {
		return dst
	}
	if kind == "price" {
		return fmt.Appendf(dst, `{"item_id":%q,"amount":100,"currency":"EUR"}`, item)
	}
	return fmt.Appendf(dst, `{"item_id":%q,"level":"in","left":%d}`, item, left)
}

func (s *store) AppendRecommendations(dst []byte, who Shopper, ask Ask) ([]byte, uint64) {
	if ask.Placement == "nowhere" {
		return dst, 0
	}
	s.asked.Add(1)
	got := s.answer.Load()
	if got == ask.Known {
		return dst, got
	}
	return fmt.Appendf(dst, `{"placement":%q,"item":%q,"visitor":%q,"items":[{"item_id":"i%d"}]}`, ask.Placement, ask.Item, who.Visitor, got), got
}

func (s *store) Interests(dst []string, who Shopper) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(dst, s.wants[who.Visitor]...)
}

func (s *store) setStock(site, item string, left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stock[site+"/"+item] = left
}

func (s *store) setWants(visitor string, items ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wants[visitor] = items
}

// got is a server frame as a client sees it.
type got struct {
	Type, Epoch string
	Offset      uint64
	TS          int64
	Recovered   bool
	ID          string
	Item        string `json:"item_id"`
	Left        int
	Placement   string
	On          string `json:"item"`
	Visitor     string
	Error       struct{ Code, Message string }
	Items       []struct {
		Item string `json:"item_id"`
	}
}

// client is a shopper's browser: it reads all the time, and so answers pings.
type client struct {
	t      *testing.T
	ws     *websocket.Conn
	frames chan got // closed after the last
	err    error    // why it ended; valid once frames is closed
}

func newClient(t *testing.T, ws *websocket.Conn) *client {
	c := &client{t: t, ws: ws, frames: make(chan got, 4096)}
	go func() {
		defer close(c.frames)
		for {
			g, err := c.read()
			if err != nil {
				c.err = err
				return
			}
			c.frames <- g
		}
	}()
	return c
}

// serve accepts one socket for the hub, as an HTTP server would.
func serve(h *Hub, socket net.Conn, site, addr string) error {
	r := bufio.NewReader(socket)
	request, err := http.ReadRequest(r)
	if err != nil {
		return errors.Join(err, socket.Close())
	}
	early, _ := r.Peek(r.Buffered())
	return h.Accept(socket, early, request, site, addr)
}

// tryDial connects over dial, whose other end is served by the hub.
func tryDial(dial func(context.Context) (net.Conn, error)) (*websocket.Conn, *http.Response, error) {
	transport := &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		DisableKeepAlives: true,
	}
	defer transport.CloseIdleConnections()
	ws, resp, err := websocket.Dial(context.Background(), "ws://beckon/v1/live", &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: transport},
		Subprotocols: []string{Subprotocol},
	})
	if err == nil {
		ws.SetReadLimit(-1)
	}
	return ws, resp, err
}

// dialPipe connects through net.Pipe, which works inside synctest.
func dialPipe(t *testing.T, h *Hub, site string) *client {
	t.Helper()
	ws, _, err := tryDial(pipeTo(h, site))
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, ws)
}

// listen serves a loopback port for the hub and returns how to dial it.
func listen(t testing.TB, h *Hub, site string) func(context.Context) (net.Conn, error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			socket, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { _ = serve(h, socket, site, "127.0.0.1") })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
	})
	return func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", ln.Addr().String())
	}
}

func (c *client) send(format string, args ...any) {
	c.t.Helper()
	if err := c.ws.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, format, args...)); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

func (c *client) recv() got {
	c.t.Helper()
	g, err := c.tryRecv()
	if err != nil {
		c.t.Fatalf("receive: %v", err)
	}
	return g
}

func (c *client) tryRecv() (got, error) {
	if g, ok := <-c.frames; ok {
		return g, nil
	}
	return got{}, c.err
}

func (c *client) read() (got, error) {
	_, text, err := c.ws.Read(context.Background())
	if err != nil {
		return got{}, err
	}
	var g got
	if err := json.Unmarshal(text, &g); err != nil {
		return got{}, fmt.Errorf("frame %s: %w", text, err)
	}
	if g.Epoch == "" || g.TS == 0 {
		return got{}, fmt.Errorf("frame %s lacks epoch or ts", text)
	}
	return g, nil
}

// want receives a frame of a type.
func (c *client) want(kind string) got {
	c.t.Helper()
	g := c.recv()
	if g.Type != kind {
		c.t.Fatalf("got %+v, want type %q", g, kind)
	}
	return g
}

// wantClose reads until the server closes and checks the code; it returns the reason.
func (c *client) wantClose(code websocket.StatusCode) string {
	c.t.Helper()
	for {
		_, err := c.tryRecv()
		if err == nil {
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code {
			c.t.Fatalf("closed with %v, want code %d", err, code)
		}
		return closed.Reason
	}
}

func (c *client) hello(token string) got {
	c.t.Helper()
	c.send(`{"type":"hello","token":%q}`, token)
	return c.want("hello")
}

// close goes away without a word.
func (c *client) close() {
	_ = c.ws.CloseNow()
	for range c.frames {
	}
}

func newHub(t testing.TB, cfg Config) *Hub {
	t.Helper()
	if cfg.Epoch == "" {
		cfg.Epoch = "e1"
	}
	return New(cfg)
}

func drain(t testing.TB, h *Hub) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := h.Drain(ctx, 0); err != nil {
		t.Errorf("drain: %v", err)
	}
	if s := h.Stats(); s.Connections != 0 || s.Subscriptions != 0 {
		t.Errorf("after drain %d connections and %d subscriptions are left", s.Connections, s.Subscriptions)
	}
}

// leakCheck fails the test when goroutines are left after everything else is cleaned up.
func leakCheck(t testing.TB) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for range 200 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(10 * time.Millisecond) // not for a result: goroutines that are ending need the processor
		}
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before the test:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
	})
}

func pipeTo(h *Hub, site string) func(context.Context) (net.Conn, error) {
	return func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		go func() { _ = serve(h, far, site, "pipe") }()
		return near, nil
	}
}

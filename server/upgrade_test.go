package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gofiber/fiber/v2"

	"beckon/server/push"
)

// anyShopper is a push.Backend that takes every token as the visitor's name and knows nothing else.
type anyShopper struct{}

func (anyShopper) Authenticate(token, site string) (push.Shopper, error) {
	return push.Shopper{Site: site, Visitor: token}, nil
}
func (anyShopper) Position() uint64                                { return 0 }
func (anyShopper) AppendItem(dst []byte, _, _, _ string) []byte    { return dst }
func (anyShopper) Interests(dst []string, _ push.Shopper) []string { return dst }
func (anyShopper) AppendRecommendations(dst []byte, _ push.Shopper, _ push.Ask) ([]byte, uint64) {
	return dst, 0
}

// serveSockets runs an app with one socket route on a port of its own; the hub is the test's to drain.
func serveSockets(t *testing.T) (addr string, app *fiber.App, hub *push.Hub) {
	t.Helper()
	hub = push.New(push.Config{Epoch: "e1", Backend: anyShopper{}})
	app = fiber.New(fiberConfig())
	keepSockets(app)
	app.Get("/v1/live", func(c *fiber.Ctx) error {
		return upgrade(c, hub, c.Query("k"), c.IP(), func(origin string) bool { return origin == "https://shop.example" })
	})
	app.Post("/v1/events", func(c *fiber.Ctx) error { return c.SendStatus(202) })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := app.Listener(ln); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := app.ShutdownWithContext(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		serving.Wait()
		if err := hub.Drain(ctx, 0); err != nil {
			t.Errorf("drain: %v", err)
		}
	})
	return ln.Addr().String(), app, hub
}

func dialSocket(addr, site, origin string) (*websocket.Conn, *http.Response, error) {
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	return websocket.Dial(context.Background(), "ws://"+addr+"/v1/live?k="+site, &websocket.DialOptions{
		HTTPHeader: header, Subprotocols: []string{push.Subprotocol},
	})
}

// sayHello opens the conversation and returns the server's first frame.
func sayHello(ctx context.Context, ws *websocket.Conn, token string) (string, error) {
	if err := ws.Write(ctx, websocket.MessageText, []byte(`{"type":"hello","token":"`+token+`"}`)); err != nil {
		return "", err
	}
	_, text, err := ws.Read(ctx)
	return string(text), err
}

func TestSocketsAndRequestsShareOnePort(t *testing.T) {
	addr, _, hub := serveSockets(t)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			site, visitor := fmt.Sprintf("site-%d", i), fmt.Sprintf("visitor-%d", i)
			ws, _, err := dialSocket(addr, site, "https://shop.example")
			if err != nil {
				t.Error(err)
				return
			}
			if ws.Subprotocol() != "beckon.v1" {
				t.Errorf("subprotocol %q, want beckon.v1", ws.Subprotocol())
			}
			first, err := sayHello(t.Context(), ws, visitor)
			if err != nil || !strings.HasPrefix(first, `{"type":"hello","epoch":"e1"`) {
				t.Errorf("hello answered %q, %v", first, err)
			}
			// Requests use Fiber's memory again; what the socket was told must not change with it.
			for range 20 {
				resp, err := http.Post("http://"+addr+"/v1/events?k=zzzzzz", "application/json", strings.NewReader("{}"))
				if err != nil {
					t.Error(err)
					return
				}
				_ = resp.Body.Close()
				if resp.StatusCode != 202 {
					t.Errorf("POST beside a socket: %d", resp.StatusCode)
				}
			}
			if !hub.Connected(site, visitor) {
				t.Errorf("%s of %s is not connected", visitor, site)
			}
			if err := ws.Close(websocket.StatusNormalClosure, ""); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestForeignOriginIsRefusedAndNonePasses(t *testing.T) {
	addr, _, _ := serveSockets(t)
	for _, tt := range []struct {
		origin string
		status int
	}{
		{"https://evil.example", 403},
		{"null", 403},
		{"https://shop.example.evil.example", 403},
		{"https://shop.example", 101},
		{"", 101},
	} {
		ws, resp, err := dialSocket(addr, "site", tt.origin)
		if resp == nil || resp.StatusCode != tt.status || (err == nil) != (tt.status == 101) {
			t.Errorf("origin %q: %v, %v, want %d", tt.origin, resp, err, tt.status)
		}
		if resp != nil && resp.Header.Get("Access-Control-Allow-Origin") == "*" {
			t.Errorf("origin %q: any origin is allowed", tt.origin)
		}
		if ws != nil {
			_ = ws.CloseNow()
		}
	}
	resp, err := http.Get("http://" + addr + "/v1/live")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 426 || resp.Header.Get("Upgrade") != "websocket" {
		t.Errorf("plain GET: %d, want 426 with Upgrade", resp.StatusCode)
	}
}

func TestHandshakeThatIsNotOneIsAnsweredByHTTP(t *testing.T) {
	addr, _, hub := serveSockets(t)
	socket, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if _, err := io.WriteString(socket, "GET /v1/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 12\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(socket), nil)
	if err != nil || resp.StatusCode != 400 {
		t.Errorf("version 12: %v, %v, want 400", resp, err)
	}
	if n := hub.Stats().Connections; n != 0 {
		t.Errorf("%d connections are counted, want 0", n)
	}
}

func TestFrameSentWithTheHandshakeIsNotLost(t *testing.T) {
	addr, _, _ := serveSockets(t)
	socket, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	hello := `{"type":"hello","token":"ann"}`
	frame := append([]byte{0x81, 0x80 | byte(len(hello)), 0, 0, 0, 0}, hello...) // masked with zeros
	head := "GET /v1/live?k=site HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	if _, err := socket.Write(append([]byte(head), frame...)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(socket)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != 101 {
		t.Fatalf("handshake: %v, %v", resp, err)
	}
	var answer [2]byte
	if _, err := io.ReadFull(r, answer[:]); err != nil || answer[0] != 0x81 {
		t.Fatalf("first frame: % x, %v", answer, err)
	}
	text := make([]byte, answer[1])
	if _, err := io.ReadFull(r, text); err != nil || !strings.Contains(string(text), `"hello"`) {
		t.Errorf("first frame: %q, %v", text, err)
	}
}

// TestStopClosesEverySocket stops as the server does: HTTP first, which leaves sockets open, then the hub. Idle peers, also those that
// never answer, do not hold it up.
func TestStopClosesEverySocket(t *testing.T) {
	addr, app, hub := serveSockets(t)
	var open []*websocket.Conn
	for i := range 20 {
		ws, _, err := dialSocket(addr, "site", "")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = ws.CloseNow() }()
		if _, err := sayHello(t.Context(), ws, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		open = append(open, ws)
	}
	if err := app.ShutdownWithTimeout(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	if n := hub.Stats().Connections; n != 20 {
		t.Errorf("%d sockets outlived the HTTP server, want 20", n)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := hub.Drain(ctx, time.Second); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("drain: %v, want that peers which do not answer were cut", err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("drain took %v, want 300ms", took)
	}
	for _, ws := range open {
		if _, _, err := ws.Read(t.Context()); websocket.CloseStatus(err) != 3001 {
			t.Fatalf("closed with %v, want 3001", err)
		}
	}
}

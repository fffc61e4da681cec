package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/server/push"
)

// keepSockets lets an upgraded connection outlive the handler that upgraded it, so that it costs neither the handler's goroutine nor
// its request. It is called once, before the app serves.
func keepSockets(app *fiber.App) {
	app.Server().KeepHijackedConns = true
}

// upgrade hands the request's connection to the hub, for which it becomes a WebSocket of site; addr is the client's, for the limit per
// address. A browser names the page that asks in Origin, and it must be allowed; other clients name none. The hub answers the
// handshake itself, 101 or an error, after the handler has returned: an error returned here is one the connection survives.
func upgrade(c *fiber.Ctx, hub *push.Hub, site, addr string, allowed func(origin string) bool) error {
	if !strings.EqualFold(c.Get(fiber.HeaderUpgrade), "websocket") {
		c.Set(fiber.HeaderUpgrade, "websocket")
		return fail(http.StatusUpgradeRequired, "upgrade_required", "this address speaks WebSocket, subprotocol "+push.Subprotocol)
	}
	if origin := c.Get(fiber.HeaderOrigin); origin != "" && !allowed(origin) {
		return fail(http.StatusForbidden, "foreign_origin", "origin: not among the origins of this key")
	}
	if !c.App().Server().KeepHijackedConns {
		return errors.New("upgrade: keepSockets was not called for this app")
	}
	request := handshakeRequest(c)
	site, addr = strings.Clone(site), strings.Clone(addr)
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(taken net.Conn) {
		socket, early, err := release(taken)
		if err != nil {
			_ = socket.Close() // it failed already
			return
		}
		_ = hub.Accept(socket, early, request, site, addr) // the client was told, and the hub has counted it
	})
	return nil
}

// handshakeRequest copies the request out of the memory that Fiber uses again.
func handshakeRequest(c *fiber.Ctx) *http.Request {
	r := &http.Request{
		Method:     strings.Clone(c.Method()),
		URL:        &url.URL{Path: strings.Clone(c.Path()), RawQuery: string(c.Context().QueryArgs().QueryString())},
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     http.Header{},
		Host:       string(c.Context().Host()),
	}
	if !c.Request().Header.IsHTTP11() {
		r.Proto, r.ProtoMinor = "HTTP/1.0", 0
	}
	for name, value := range c.Request().Header.All() {
		r.Header.Add(string(name), string(value))
	}
	return r
}

// release takes the bare connection out of fasthttp's wrapper, whose Close does nothing unless connections are kept and whose 4 KiB
// read buffer would stay for the connection's life. What the client has sent after its request is returned with it.
func release(taken net.Conn) (net.Conn, []byte, error) {
	wrapper, ok := taken.(interface{ UnsafeConn() net.Conn })
	if !ok {
		return taken, nil, nil
	}
	socket := wrapper.UnsafeConn()
	// With the deadline passed, reads give what is buffered and then time out without touching the socket.
	if err := socket.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return socket, nil, fmt.Errorf("release connection: %w", err)
	}
	var early []byte
	buf := make([]byte, 512)
	for {
		n, err := taken.Read(buf)
		early = append(early, buf[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil {
			return socket, nil, fmt.Errorf("release connection: %w", err)
		}
	}
	if err := socket.SetReadDeadline(time.Time{}); err != nil {
		return socket, nil, fmt.Errorf("release connection: %w", err)
	}
	return socket, early, nil
}

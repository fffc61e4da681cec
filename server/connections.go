package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// connections knows the server's open HTTP connections, so that a stop can end those that will not: a browser keeps connections
// that it opened ahead of need, and a client may never finish its request.
type connections struct {
	mu   sync.Mutex
	open map[net.Conn]struct{}
}

// watch is called once, before the app serves.
func (cs *connections) watch(app *fiber.App) {
	cs.open = map[net.Conn]struct{}{}
	app.Server().ConnState = func(c net.Conn, state fasthttp.ConnState) {
		switch state {
		case fasthttp.StateNew:
			cs.mu.Lock()
			cs.open[c] = struct{}{}
			cs.mu.Unlock()
		case fasthttp.StateClosed, fasthttp.StateHijacked:
			cs.mu.Lock()
			delete(cs.open, c)
			cs.mu.Unlock()
		}
	}
}

// graceful is how long a stop waits for requests under way.
const graceful = 6 * time.Second

// stop lets requests under way end, and after a while ends their connections. It returns how many it had to end.
func (cs *connections) stop(ctx context.Context, app *fiber.App) (ended int, err error) {
	patient, cancel := context.WithTimeout(ctx, graceful)
	defer cancel()
	err = app.ShutdownWithContext(patient)
	if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return 0, err
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for c := range cs.open {
		ended++
		_ = c.Close() // one that ended meanwhile is as good
	}
	return ended, nil
}

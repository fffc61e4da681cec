package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"beckon/server/shop"
)

// serveCommand runs everything until ctx ends, then closes it in order.
func serveCommand(ctx context.Context, e env, args []string) (err error) {
	cfg, err := serveConfig(e, args)
	if err != nil {
		return err
	}
	begin := time.Now()
	defer startHeap(e)()
	n, stop, err := openNode(ctx, e, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()

	var opened closers
	defer func() {
		n.phase.Store(phaseClosing)
		err = errors.Join(err, opened.closeAll(cfg.shutdown))
	}()
	n.startBackground(&opened)
	n.startReview(&opened)
	n.startEraser(&opened)
	n.startOffers(&opened)
	n.startAlerts(&opened)
	n.startDiskWatch(&opened)
	n.startTables(&opened)
	n.startRules(&opened)
	n.startSegments(&opened)
	ln, err := net.Listen("tcp", cfg.addr)
	if err != nil {
		return err
	}
	app := n.newApp()
	var connections connections
	connections.watch(app)
	failed := make(chan error, 2)
	if err := n.startOps(&opened, ln.Addr(), failed); err != nil {
		return errors.Join(err, ln.Close())
	}
	if err := n.firstAdmin(ctx); err != nil {
		return errors.Join(err, ln.Close())
	}
	if cfg.demo {
		if err := n.prepareDemo(ctx, e, app, ln.Addr()); err != nil {
			return errors.Join(err, ln.Close())
		}
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := app.Listener(ln); err != nil {
			failed <- fmt.Errorf("http: %w", err)
		}
	}()
	opened.add("http", func(ctx context.Context) error {
		ended, err := connections.stop(ctx, app)
		if ended > 0 {
			n.out.Warn("connections ended whose requests did not", "count", ended, "after", graceful)
		}
		<-served
		return err
	})
	n.startFrames(&opened)
	opened.add("sockets", func(ctx context.Context) error { return n.hub.Drain(ctx, drainSpread) })

	if err := n.settle(ctx); err != nil {
		return err
	}
	n.phase.Store(phaseReady)
	fmt.Fprintf(e.stdout, "ready on %s after %v%s\n", localURL(ln.Addr()), time.Since(begin).Round(time.Millisecond), n.startedFrom())
	if cfg.demo {
		n.startShoppers(e, &opened)
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

// drainSpread is over how long the clients of a stopping server spread their return.
const drainSpread = 5 * time.Second

// fiberConfig is what our server and the bare one that the benchmarks compare with have in common.
func fiberConfig() fiber.Config {
	return fiber.Config{
		ServerHeader:          "beckon",
		DisableStartupMessage: true,
		StreamRequestBody:     true, // imports are read as they come
		BodyLimit:             maxImportBytes,
		ReadBufferSize:        8 << 10, // bounds the request head
		ReadTimeout:           60 * time.Second,
		IdleTimeout:           2 * time.Minute,
		ErrorHandler:          respondError,
		UnescapePath:          true,

		DisablePreParseMultipartForm: true, // no path takes forms with files; wantType says so
	}
}

func (n *node) newApp() *fiber.App {
	cfg := fiberConfig()
	cfg.ErrorHandler = n.respondAnyError
	app := fiber.New(cfg)
	keepSockets(app)
	app.Use(drained)
	app.Use(recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: n.panicked}))
	app.Use("/v1", crossOrigin)
	for _, r := range n.routes() {
		app.Add(r.method, r.path, r.handle)
		if r.method == fiber.MethodGet && r.access == open { // load balancers and link checkers ask so
			app.Add(fiber.MethodHead, r.path, r.handle)
		}
	}
	n.serveAdmin(app)
	return app
}

// startedFrom says which checkpoint the folds were restored from, if any.
func (n *node) startedFrom() string {
	if from := n.runner.Restored().Checkpoint; from != "" {
		return ", from checkpoint " + filepath.Base(from)
	}
	return ""
}

// panicked notes a handler's bug with its stack; the request is answered with 500 and the others go on.
func (n *node) panicked(c *fiber.Ctx, what any) {
	n.panics.Add(1)
	n.out.Error("handler panicked", "path", c.Path(), "panic", what, "stack", string(debug.Stack()))
}

// firstAdmin makes the dashboard's first user when BECKON_ADMIN_PASSWORD says its password.
func (n *node) firstAdmin(ctx context.Context) error {
	if n.cfg.adminPass == "" || len(n.shop.Users()) > 0 {
		return nil
	}
	return n.shop.AddUser(ctx, "first start", "admin", n.cfg.adminPass, shop.Admin)
}

// startOps serves the private address and writes server.json, by which operators' commands find this server.
func (n *node) startOps(opened *closers, public net.Addr, failed chan<- error) error {
	n.opsToken = rand.Text()
	file := serverFile{PID: os.Getpid(), URL: localURL(public), Token: n.opsToken}
	if n.cfg.opsAddr != "" {
		ln, err := net.Listen("tcp", n.cfg.opsAddr)
		if err != nil && n.cfg.opsAddr == defaultOpsAddr { // nobody chose it, so another will do; server.json says which
			n.out.Warn("ops address is taken, using another", "address", n.cfg.opsAddr)
			ln, err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err != nil {
			return fmt.Errorf("ops address: %w", err)
		}
		file.Ops = localURL(ln.Addr())
		srv := &http.Server{Handler: n.opsHandler(), ReadHeaderTimeout: 5 * time.Second}
		served := make(chan struct{})
		go func() {
			defer close(served)
			if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("ops address: %w", err)
			}
		}()
		opened.add("ops address", func(ctx context.Context) error {
			err := srv.Shutdown(ctx)
			<-served
			return err
		})
	}
	name := n.dir.path("server.json")
	opened.add("server.json", func(context.Context) error { return os.Remove(name) })
	return writeJSON(name, file)
}

// localURL is how this machine reaches a listener.
func localURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return "http://" + addr.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(tcp.Port))
}

// newPassword is 130 random bits as letters and digits.
func newPassword() string { return rand.Text() }

func sameSecret(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

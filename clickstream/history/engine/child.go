package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Argument is the hidden argument that makes the binary the child.
const Argument = "engine-serve"

const (
	readyPrefix    = "beckon-engine ready "
	maxConfigBytes = 64 << 10
	endGrace       = 3 * time.Second // for running statements, once the end is asked for
	endHard        = 5 * time.Second // after that the process ends whatever still runs; ClickHouse's parts are crash safe
)

// childConfig is the first line of the child's standard input.
type childConfig struct {
	Library     string `json:"library"`
	Dir         string `json:"dir"`
	Network     string `json:"network"` // unix or tcp
	Address     string `json:"address"`
	Secret      string `json:"secret"`
	MemoryBytes int64  `json:"memory_bytes"`
}

// Main is the whole child. It is what the binary runs when its first argument is Argument, and returns the exit code.
func Main() int {
	// Stopping a service or closing a terminal signals every process. The child must outlive the product's last inserts: it ends with
	// its standard input.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if err := Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Serve reads its configuration from in, starts the engine, says on out where it listens, and answers until in or ctx ends. It can
// run once in a process.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, maxConfigBytes)
	cfg, err := readChildConfig(lines)
	if err != nil {
		return err
	}
	lock, err := lockFolder(ctx, cfg.Dir)
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(lock) // held until the process has ended: until then the engine's threads may write
	if n, err := forgetLostParts(cfg.Dir); err != nil {
		return err
	} else if n > 0 {
		fmt.Fprintf(os.Stderr, "ClickHouse data in %s: %d insert tokens were forgotten whose rows a kill kept from coming\n", cfg.Dir, n)
	}
	syncTokenLogs(cfg.Dir)
	yieldToTheShop()
	lib, err := openLibrary(cfg.Library, cfg.Dir, connectionArguments(cfg.MemoryBytes)...)
	if err != nil {
		return err
	}
	first, err := lib.connect(engineArguments(cfg.MemoryBytes)...)
	if err != nil {
		return fmt.Errorf("open the ClickHouse data in %s: %w", cfg.Dir, err)
	}
	hello, err := greet(first)
	if err != nil {
		return fmt.Errorf("open the ClickHouse data in %s: %w", cfg.Dir, err)
	}
	return serveHTTP(ctx, cfg, lib, first, hello, lines, out)
}

// A greeting is what the child tells its parent once it answers.
type greeting struct {
	Network     string `json:"network"`
	Address     string `json:"address"`
	Version     string `json:"version"`
	BrokenParts int    `json:"broken_parts"`
}

// greet asks the engine the first questions. A part that cannot be read does not stop ClickHouse: it sets it aside and goes on
// without its rows, so somebody must be told.
func greet(c *conn) (greeting, error) {
	r, err := c.query("SELECT version(), count() FROM system.detached_parts WHERE reason LIKE 'broken%'", "TSV")
	if err != nil {
		return greeting{}, err
	}
	defer r.close()
	var g greeting
	_, err = fmt.Sscanf(string(r.body()), "%s %d", &g.Version, &g.BrokenParts)
	return g, err
}

// serveHTTP answers requests until in or ctx ends. first stays open all the time: without a connection the engine stops.
func serveHTTP(ctx context.Context, cfg childConfig, lib *library, first *conn, hello greeting, in io.Reader, out io.Writer) error {
	listener, err := listen(cfg)
	if err != nil {
		return err
	}
	handler := newHandler(lib, cfg.Secret)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	parentGone := make(chan struct{})
	go func() { // ends with the process: a read of standard input cannot be called off
		defer close(parentGone)
		_, _ = io.Copy(io.Discard, in) // any error is the end as well
	}()
	hello.Network, hello.Address = listener.Addr().Network(), listener.Addr().String()
	line, err := json.Marshal(hello)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "%s%s\n", readyPrefix, line); err != nil {
		return fmt.Errorf("tell the parent: %w", err)
	}
	select {
	case <-ctx.Done():
	case <-parentGone:
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	}
	return end(cfg, server, handler, first)
}

// end lets running requests finish for a moment, then closes what is left.
func end(cfg childConfig, server *http.Server, handler *handler, first *conn) error {
	hard := time.AfterFunc(endHard, func() { os.Exit(0) })
	defer hard.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), endGrace)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close() // cuts the connections, which cancels their statements
	}
	handler.close()
	first.close()
	if cfg.Network == "unix" {
		_ = os.Remove(filepath.Dir(cfg.Address)) // a killed parent cannot; the socket in it is gone with its listener
	}
	return nil
}

func listen(cfg childConfig) (net.Listener, error) {
	if cfg.Network == "unix" {
		// A file that a killed child left would refuse the place for ever. The folder is private to the parent, so it is ours.
		if err := os.Remove(cfg.Address); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("listen: %w", err)
		}
	}
	l, err := net.Listen(cfg.Network, cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

func readChildConfig(r *bufio.Reader) (childConfig, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return childConfig{}, fmt.Errorf("configuration on standard input: %w", err)
	}
	return parseChildConfig(line)
}

func parseChildConfig(line []byte) (childConfig, error) {
	var cfg childConfig
	if err := json.Unmarshal(line, &cfg); err != nil {
		return childConfig{}, fmt.Errorf("configuration on standard input: %w", err)
	}
	switch {
	case cfg.Library == "":
		return childConfig{}, errors.New("configuration on standard input: no library")
	case cfg.Dir == "":
		return childConfig{}, errors.New("configuration on standard input: no data folder")
	case cfg.Network != "unix" && cfg.Network != "tcp":
		return childConfig{}, fmt.Errorf("configuration on standard input: network %q", cfg.Network)
	case cfg.Address == "":
		return childConfig{}, errors.New("configuration on standard input: no address")
	case len(cfg.Secret) < 16:
		return childConfig{}, errors.New("configuration on standard input: the secret is too short")
	case cfg.MemoryBytes < minMemoryBytes:
		return childConfig{}, fmt.Errorf("configuration on standard input: %d bytes of memory are too few", cfg.MemoryBytes)
	}
	return cfg, nil
}

package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Config says where the engine's data lies and how much it may take.
type Config struct {
	Library     string       // path of libchdb; "" as Library("") finds it
	Dir         string       // the data folder, made if it is not there; one engine at a time
	Command     []string     // the child; default: this binary with Argument
	Env         []string     // the child's environment; default: this process's
	MemoryBytes int64        // the most the engine may take; 0 is a quarter of the machine or cgroup, from 1 to 4 GiB
	Listen      string       // "" is a Unix socket in a private folder; "127.0.0.1:0" a port
	Log         func(string) // lines about the child, and its own; may be nil. Called from several goroutines
}

// An Engine is a child that is kept running. Its methods may be called from any goroutine.
type Engine struct {
	cfg     Config
	folder  string // private, holds the socket; "" with a port
	network string

	stopping chan struct{} // closed by Close
	kill     chan struct{} // closed when Close has waited long enough
	stopped  chan struct{} // closed when the child and the supervisor have ended
	close    sync.Once
	killOnce sync.Once

	mu    sync.Mutex
	child childConfig // what the next child is told; its address is filled in once it is known
	state State
}

// Start starts the child and returns when it answers; from then on it is started again whenever it dies. ctx bounds the start only.
// A missing library is a *MissingError; a child that cannot come up is told in its own words.
func Start(ctx context.Context, cfg Config) (*Engine, error) {
	path, err := Library(cfg.Library)
	if err != nil {
		return nil, err
	}
	if cfg.Dir == "" {
		return nil, errors.New("start the ClickHouse engine: no data folder")
	}
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, fmt.Errorf("start the ClickHouse engine: %w", err)
	}
	if cfg.MemoryBytes == 0 {
		cfg.MemoryBytes = defaultMemoryBytes()
	}
	if cfg.MemoryBytes < minMemoryBytes {
		return nil, fmt.Errorf("start the ClickHouse engine: %d bytes of memory are too few, it needs %d", cfg.MemoryBytes, minMemoryBytes)
	}
	if len(cfg.Command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("start the ClickHouse engine: %w", err)
		}
		cfg.Command = []string{self, Argument}
	}
	e := &Engine{
		cfg: cfg, network: "tcp",
		stopping: make(chan struct{}), kill: make(chan struct{}), stopped: make(chan struct{}),
		child: childConfig{Library: path, Dir: cfg.Dir, Network: "tcp", Address: cfg.Listen, MemoryBytes: cfg.MemoryBytes, Secret: newSecret()},
	}
	e.state.MemoryBytes = cfg.MemoryBytes
	if cfg.Listen == "" {
		if e.folder, err = socketFolder(os.TempDir(), "/tmp"); err != nil {
			return nil, fmt.Errorf("start the ClickHouse engine: folder of its socket: %w", err)
		}
		e.network, e.child.Network, e.child.Address = "unix", "unix", filepath.Join(e.folder, socketName)
	}
	first, err := e.spawn(ctx)
	if err != nil {
		e.removeFolder()
		return nil, fmt.Errorf("start the ClickHouse engine: %w", err)
	}
	go e.supervise(first) // ends, and closes stopped, after Close
	return e, nil
}

// Options are for clickhouse.Open: HTTP with the engine's secret, no database chosen. They hold over restarts of the child.
func (e *Engine) Options() clickhouse.Options {
	e.mu.Lock()
	secret, address := e.child.Secret, e.child.Address
	e.mu.Unlock()
	host := address
	if e.network == "unix" {
		host = "clickhouse.internal:8123" // only a name for the Host header: DialContext goes to the socket
	}
	return clickhouse.Options{
		Protocol: clickhouse.HTTP,
		Addr:     []string{host},
		Auth:     clickhouse.Auth{Username: "default", Password: secret},
		DialContext: func(ctx context.Context, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, e.network, address)
		},
		DialTimeout: 5 * time.Second,
	}
}

// State is how the engine does now.
func (e *Engine) State() State {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state
}

// Close ends the child in order. When ctx ends first the child is killed, which loses nothing that was acknowledged, and ctx's error
// is returned. Close may be called again.
func (e *Engine) Close(ctx context.Context) error {
	e.close.Do(func() { close(e.stopping) })
	select {
	case <-e.stopped:
		return nil
	case <-ctx.Done():
		e.killOnce.Do(func() { close(e.kill) })
		<-e.stopped
		return fmt.Errorf("close the ClickHouse engine: killed it: %w", ctx.Err())
	}
}

const (
	socketName = "clickhouse"
	// longestSocket is the most bytes that a socket's path may have: 104 with its NUL on darwin, 108 on Linux.
	longestSocket = 103
)

// socketFolder makes a folder with mode 0700 in the first place where a socket's path is short enough.
func socketFolder(places ...string) (string, error) {
	for _, place := range places {
		folder, err := os.MkdirTemp(place, "beckon-")
		if err != nil {
			return "", err
		}
		if len(filepath.Join(folder, socketName)) <= longestSocket {
			return folder, nil
		}
		if err := os.Remove(folder); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("the path of a socket in %s is too long", places)
}

func newSecret() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func (e *Engine) removeFolder() {
	if e.folder != "" {
		_ = os.RemoveAll(e.folder) // only a socket is in it
	}
}

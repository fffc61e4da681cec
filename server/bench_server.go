package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// benchServer is a server on a fresh data folder, with one site and its keys and without rate limits: in this process, or as a
// process of its own where its memory is measured or it is killed.
type benchServer struct {
	dir            string
	url, ops       string
	public, secret string
	pid            int
	stop           func() error // ends it in order and waits
	kill           func()       // ends it as a power cut would; of a child only
}

// serve starts a server in this process.
func (b *bench) serve(ctx context.Context, name string) (*benchServer, error) {
	s, err := b.installation(ctx, name)
	if err != nil {
		return nil, err
	}
	return s, s.start(ctx, b.e)
}

// child starts a server as a process of its own.
func (b *bench) child(ctx context.Context, name string, more ...string) (*benchServer, error) {
	s, err := b.installation(ctx, name)
	if err != nil {
		return nil, err
	}
	return s, s.startChild(ctx, b.e, more...)
}

// listed is the size of the catalog of the rows that do not make their own: the items that their events name.
const listed = 20_000

// installation makes a data folder with a site and its keys.
func (b *bench) installation(ctx context.Context, name string) (*benchServer, error) {
	s := &benchServer{dir: filepath.Join(b.dir, name)}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	return s, s.makeSite(ctx, b.e)
}

func (s *benchServer) makeSite(ctx context.Context, e env) (err error) {
	if err := operateOn(ctx, e, dataDir(s.dir), operation{"sites create", map[string]string{"id": "bench", "origins": "https://shop.example"}}, new(any)); err != nil {
		return err
	}
	key := func(kind string) string {
		var k struct{ Key string }
		if err == nil {
			err = operateOn(ctx, e, dataDir(s.dir), operation{"keys create", map[string]string{"site": "bench", "kind": kind}}, &k)
		}
		return k.Key
	}
	s.public, s.secret = key("public"), key("secret")
	return err
}

func (s *benchServer) args(more ...string) []string {
	return append([]string{
		"serve", "--data", s.dir, "--addr", "127.0.0.1:0", "--ops-addr", "127.0.0.1:0",
		"--rate-key", "0", "--rate-visitor", "0", "--rate-ip", "0", "--history", "off",
	}, more...)
}

// start runs the server in this process and returns when it is ready.
func (s *benchServer) start(ctx context.Context, e env, more ...string) error {
	os.Remove(filepath.Join(s.dir, "server.json"))
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, s.args(more...), e.getenv, io.Discard, e.stderr) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	err := s.waitReady(ended)
	if err != nil {
		cancel()
	}
	return err
}

// startChild runs this program again as the server and returns when it is ready.
func (s *benchServer) startChild(ctx context.Context, e env, more ...string) error {
	os.Remove(filepath.Join(s.dir, "server.json"))
	name, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, name, s.args(more...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = e.stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // read by whoever ends the child
	s.pid = cmd.Process.Pid
	end := sync.OnceValue(func() error { return <-ended })
	s.stop = func() error {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		return end()
	}
	s.kill = func() {
		_ = cmd.Process.Kill()
		_ = end() // killed, as it was told
	}
	err = s.waitReady(ended)
	if err != nil {
		_ = cmd.Process.Kill()
	}
	return err
}

// waitReady waits until server.json names the server and /readyz says it is ready.
func (s *benchServer) waitReady(ended <-chan error) error {
	for {
		select {
		case err := <-ended:
			return errors.Join(errors.New("server ended at start"), err)
		case <-time.After(time.Millisecond):
		}
		var f serverFile
		text, err := os.ReadFile(filepath.Join(s.dir, "server.json"))
		if err != nil || json.Unmarshal(text, &f) != nil {
			continue
		}
		s.url, s.ops = f.URL, f.Ops
		if resp, err := http.Get(s.url + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == 200 {
				return nil
			}
		}
	}
}

func (s *benchServer) addr() string { return strings.TrimPrefix(s.url, "http://") }

// settled waits until every fold has applied everything that is durable.
func (s *benchServer) settled(ctx context.Context) error {
	return s.operate(ctx, operation{Name: "settle"}, new(any))
}

// operate executes an operator's operation on the running server.
func (s *benchServer) operate(ctx context.Context, op operation, out any) error {
	var f serverFile
	text, err := os.ReadFile(filepath.Join(s.dir, "server.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	return f.send(ctx, op, out)
}

// request sends one small request with the site's secret key and decodes the answer, which must be a success, into out.
func (s *benchServer) request(ctx context.Context, method, path, body string, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.secret)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s answered %s: %s", method, path, resp.Status, text)
	}
	return json.Unmarshal(text, out)
}

// resident is the resident set of a child and the most it ever was, in bytes.
func (s *benchServer) resident() (now, most float64, err error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(s.pid) + "/status")
	if err != nil {
		return 0, 0, fmt.Errorf("resident set, which only Linux tells: %w", err)
	}
	field := func(name string) float64 {
		_, rest, _ := strings.Cut(string(text), name+":")
		kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		n, badNumber := strconv.ParseFloat(kib, 64)
		err = errors.Join(err, badNumber)
		return n * 1024
	}
	now, most = field("VmRSS"), field("VmHWM")
	return now, most, err
}

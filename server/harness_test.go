package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// output collects what a running server prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// installation is a data folder with one site, its keys and, while it runs, a server.
type installation struct {
	t              *testing.T
	dir            string
	env            map[string]string
	site           string
	public, secret string
	url, ops       string
	out            *output
	stop           func() error
}

// newInstallation makes a data folder with a site, as an operator would before the first start.
func newInstallation(t *testing.T) *installation {
	t.Helper()
	in := &installation{t: t, dir: t.TempDir(), site: "test", env: map[string]string{"BECKON_HISTORY": "off"}}
	if err := os.MkdirAll(in.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	in.public, in.secret = in.makeSite("test")
	return in
}

func (in *installation) makeSite(site string) (public, secret string) {
	in.t.Helper()
	in.command("sites", "create", site, "--data", in.dir)
	for _, kind := range []string{"public", "secret"} {
		var key struct{ Key string }
		args := []string{"keys", "create", "--site", site, "--kind", kind, "--json", "--data", in.dir}
		if kind == "public" {
			args = append(args, "--origin", "https://shop.example")
		}
		out := in.command(args...)
		if err := json.Unmarshal([]byte(out), &key); err != nil {
			in.t.Fatalf("keys create printed %q: %v", out, err)
		}
		if kind == "public" {
			public = key.Key
		} else {
			secret = key.Key
		}
	}
	return public, secret
}

// command runs a command that must succeed and returns what it printed.
func (in *installation) command(args ...string) string {
	in.t.Helper()
	var stdout, stderr output
	if err := run(in.t.Context(), args, in.getenv, &stdout, &stderr); err != nil {
		in.t.Fatalf("beckon %s: %v\n%s%s", strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String()
}

func (in *installation) getenv(name string) string { return in.env[name] }

func (in *installation) serveArgs(more ...string) []string {
	return append([]string{"serve", "--data", in.dir, "--addr", "127.0.0.1:0", "--ops-addr", "127.0.0.1:0"}, more...)
}

// start runs the server inside this process until the test ends or stop is called.
func (in *installation) start(more ...string) {
	in.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	in.out = &output{}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, in.serveArgs(more...), in.getenv, in.out, in.out) }()
	once := sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	in.stop = once
	in.t.Cleanup(func() {
		if err := once(); err != nil {
			in.t.Errorf("server ended with %v\n%s", err, in.out)
		}
	})
	in.waitReady(ended)
}

// waitReady waits until server.json names the server and it says it is ready.
func (in *installation) waitReady(ended <-chan error) {
	in.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for time.Now().Before(deadline) {
		select {
		case err := <-ended:
			in.t.Fatalf("server ended before it was ready: %v\n%s", err, in.out)
		case <-time.After(5 * time.Millisecond):
		}
		var s serverFile
		text, err := os.ReadFile(filepath.Join(in.dir, "server.json"))
		if err != nil || json.Unmarshal(text, &s) != nil {
			continue
		}
		resp, err := http.Get(s.URL + "/readyz")
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == 200 {
			in.url, in.ops = s.URL, s.Ops
			return
		}
	}
	in.t.Fatalf("server not ready in a minute\n%s", in.out)
}

// settle waits until every fold has applied what is durable.
func (in *installation) settle() {
	in.t.Helper()
	s, ok := runningServer(dataDir(in.dir))
	if !ok {
		in.t.Fatal("no server runs")
	}
	if err := s.send(in.t.Context(), operation{Name: "settle"}, new(any)); err != nil {
		in.t.Fatal(err)
	}
}

// do sends one request and returns status and body.
func (in *installation) do(method, path, key, body string, header ...string) (int, string) {
	in.t.Helper()
	req, err := http.NewRequest(method, in.url+path, strings.NewReader(body))
	if err != nil {
		in.t.Fatal(err)
	}
	if strings.HasPrefix(key, "sk_") {
		req.Header.Set("Authorization", "Bearer "+key)
	} else if key != "" {
		req.Header.Set("X-Beckon-Key", key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		in.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		in.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// want sends a request that must be answered with status and decodes its body into out, if given.
func (in *installation) want(status int, method, path, key, body string, out any) string {
	in.t.Helper()
	got, text := in.do(method, path, key, body)
	if got != status {
		in.t.Fatalf("%s %s: %d %s, want %d", method, path, got, text, status)
	}
	if out != nil {
		if err := json.Unmarshal([]byte(text), out); err != nil {
			in.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return text
}

// event is one event's JSON, a view of item unless more says otherwise.
func event(id, name string, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"id":%q,"name":%q,"ts":%d%s}`, id, name, time.Now().UnixMilli(), more)
}

func batch(visitor string, events ...string) string {
	return fmt.Sprintf(`{"sent_at":%d,"visitor":%q,"events":[%s]}`, time.Now().UnixMilli(), visitor, strings.Join(events, ","))
}

func itemOf(id string) string { return fmt.Sprintf(`"items":[{"item_id":%q}]`, id) }

// builtBinary builds the program once for the tests that need a process of its own.
var builtBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "beckon-test-*")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "beckon")
	out, err := exec.Command("go", "build", "-o", name, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return name, nil
})

// process is the server as its own process, to be killed.
type process struct {
	cmd   *exec.Cmd
	ended chan error
}

func (in *installation) startProcess(more ...string) *process {
	in.t.Helper()
	p := in.spawn(more...)
	in.waitReady(p.ended)
	return p
}

// spawn starts the server process without waiting for it.
func (in *installation) spawn(more ...string) *process {
	in.t.Helper()
	name, err := builtBinary()
	if err != nil {
		in.t.Fatal(err)
	}
	os.Remove(filepath.Join(in.dir, "server.json"))
	in.out = &output{}
	p := &process{exec.Command(name, in.serveArgs(more...)...), make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = in.out, in.out
	p.cmd.Env = os.Environ()
	for k, v := range in.env {
		p.cmd.Env = append(p.cmd.Env, k+"="+v)
	}
	if err := p.cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	in.t.Cleanup(func() { p.cmd.Process.Kill() })
	return p
}

// kill ends the process as a power cut would end it.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

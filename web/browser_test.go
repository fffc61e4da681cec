package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// browser is one Chromium for all tests; each test has its own profile in it.
var browser struct {
	ctx  context.Context
	err  error
	once sync.Once
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "beckon-browser-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(dir),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	browser.ctx = ctx
	code := m.Run()
	cancel()
	stop()
	for range 50 { // the browser's children write for a moment longer
		if os.RemoveAll(dir) == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	os.Exit(code)
}

// tab is a window of the browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// newTab opens a window with a fresh profile: its own storage and cookies.
func newTab(t *testing.T) tab {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Fatal("chromium is not installed: make setup brings it")
	}
	browser.once.Do(func() { browser.err = chromedp.Do(browser.ctx, chromedp.Navigate("about:blank")) })
	if browser.err != nil {
		t.Fatalf("start the browser: %v", browser.err)
	}
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	w := tab{t, ctx}
	w.start()
	return w
}

// another opens a second window with the same profile.
func (w tab) another() tab {
	w.t.Helper()
	ctx, cancel := chromedp.NewContext(w.ctx)
	w.t.Cleanup(cancel)
	second := tab{w.t, ctx}
	second.start()
	return second
}

// start opens the window. A window lives as long as the context of its first step, which therefore has no timeout.
func (w tab) start() {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.Navigate("about:blank")); err != nil {
		w.t.Fatal(err)
	}
}

func (w tab) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatal(err)
	}
}

// open loads an address.
func (w tab) open(url string) {
	w.t.Helper()
	w.do(chromedp.Navigate(url))
}

// before runs script in every page of this window before anything else.
func (w tab) before(script string) {
	w.t.Helper()
	if _, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		w.t.Fatal(err)
	}
}

// run runs script in the page.
func (w tab) run(script string) {
	w.t.Helper()
	w.do(chromedp.Evaluate[chromedp.Void](script))
}

// text is the value of an expression in the page.
func (w tab) text(expression string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return got
}

// until waits for an expression in the page to be true.
func (w tab) until(expression string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(10*time.Millisecond)))
		switch {
		case err == nil:
			return
		case ctx.Err() == nil && (strings.Contains(err.Error(), "context") || strings.Contains(err.Error(), "navigated or closed")): // it was asked of the page that this one replaced just then
			continue
		}
		w.t.Fatalf("%s did not become true: %v; page: %s", expression, err, w.text("document.body.innerHTML"))
	}
}

// close ends the window as a shopper would.
func (w tab) close() {
	w.t.Helper()
	if err := chromedp.Cancel(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

// shop serves a shop's pages on an origin of its own. Every page notes what is thrown into it, and the test fails for it.
type shop struct {
	*httptest.Server
	attributes string // of the script tag
	script     string // b.js or b-core.js
	head, body string // of every page, around the script tag
}

func startShop(t *testing.T, c *collector) *shop {
	t.Helper()
	s := &shop{attributes: `data-key="pk_test"`, script: "b.js"}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/thrown":
			t.Errorf("a page threw %s", r.URL.RawQuery)
		case strings.HasPrefix(r.URL.Path, "/i/"), r.URL.Path == "/favicon.ico":
			w.Header().Set("Content-Type", "image/svg+xml")
			fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg"/>`)
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><head><title>Page %s</title><script>
				addEventListener('error', (e) => e.message && fetch('/thrown?' + encodeURIComponent(e.message)))
				addEventListener('unhandledrejection', (e) => fetch('/thrown?' + encodeURIComponent(String(e.reason))))
				window.beckon = window.beckon || function () { (beckon.q = beckon.q || []).push(arguments) }
				</script>%s<script async src="http://%s/%s" %s></script></head><body>%s</body></html>`,
				r.URL.Path, s.head, c.addr, s.script, s.attributes, s.body)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

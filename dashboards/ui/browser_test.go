package ui_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/dashboards/ui"
	"beckon/web"
	"beckon/web/axe"
	"beckon/web/text"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// policy is as strict as the dashboard's.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https: http:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// backend serves the gallery and what its scripts ask for. Tests set what it answers, and read what came.
type backend struct {
	*httptest.Server
	mu       sync.Mutex
	frames   chan string // what followers get
	follows  []string    // queries of those who follow
	ended    int         // follows that are over
	posted   []string
	previews []string
	broken   bool // /admin/broken answers 500
}

func serve(t *testing.T) *backend {
	t.Helper()
	b := &backend{frames: make(chan string, 8), broken: true}
	stop := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /admin/assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		a, ok := web.Named(r.PathValue("name"))
		if !ok {
			t.Errorf("no asset %s", r.PathValue("name"))
			return
		}
		w.Header().Set("Content-Type", a.Type)
		w.Write(a.Body) // a browser that has gone on does not matter
	})
	mux.HandleFunc("GET /admin/frames", func(w http.ResponseWriter, r *http.Request) {
		b.note(func() { b.follows = append(b.follows, r.URL.RawQuery) })
		defer b.note(func() { b.ended++ })
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		for {
			select {
			case frame := <-b.frames:
				fmt.Fprintf(w, "data: %s\n\n", frame)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			case <-stop:
				return
			}
		}
	})
	mux.HandleFunc("GET /admin/fragment", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `<p id="fetched">from history</p>`) })
	mux.HandleFunc("GET /admin/broken", func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.broken {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprint(w, `<p id="mended">works again</p>`)
	})
	mux.HandleFunc("GET /admin/preview", func(w http.ResponseWriter, r *http.Request) {
		b.note(func() { b.previews = append(b.previews, r.URL.RawQuery) })
		fmt.Fprintf(w, `<p>Would show %s</p>`, templ.EscapeString(r.URL.Query().Get("title")))
	})
	mux.HandleFunc("POST /admin/act", func(w http.ResponseWriter, r *http.Request) {
		b.note(func() { b.posted = append(b.posted, r.FormValue("do")+" "+r.FormValue("csrf")) })
		http.Redirect(w, r, "/admin", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /admin", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		lang := "en"
		if r.URL.Query().Get("lang") == "de" {
			lang = "de"
		}
		if err := gallery(lang).Render(r.Context(), w); err != nil {
			t.Log(err) // the browser went on
		}
	})
	b.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		close(stop)
		b.Close()
	})
	return b
}

func (b *backend) note(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// frame sends the new content of one region.
func (b *backend) frame(t *testing.T, id string, c templ.Component) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"regions": map[string]string{id: render(t, ui.In(text.For("en"), c))}, "at": at})
	if err != nil {
		t.Fatal(err)
	}
	b.frames <- string(text)
}

// tab is a window of a browser of its own.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openTab begins a browser. What its pages throw, and what the policy refuses, is kept in window.faults.
func openTab(t *testing.T) tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1440, 1000))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		cancel()
		stop()
	})
	w := tab{t, ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start Chromium (make setup installs it): %v", err)
	}
	const watch = `window.faults = []
		addEventListener("error", (e) => faults.push(e.message || "could not load " + (e.target.src || e.target.href)), true)
		addEventListener("unhandledrejection", (e) => faults.push(String(e.reason)))
		addEventListener("securitypolicyviolation", (e) => faults.push(e.violatedDirective + " " + e.blockedURI + " " + e.sample))`
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w tab) open(url string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		w.t.Fatal(err)
	}
}

// size makes the window as wide as a phone or a screen, in one of the schemes.
func (w tab) size(width, height int64, scheme string) {
	w.t.Helper()
	if _, err := chromedp.Call(w.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}); err != nil {
		w.t.Fatal(err)
	}
}

// text is the value of an expression in the page.
func (w tab) text(expression string) string {
	w.t.Helper()
	got, err := chromedp.Run(w.ctx, chromedp.Evaluate[string]("(async () => String(await ("+expression+")))()", chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("%s: %v", expression, err)
	}
	return got
}

// until waits for an expression in the page to be true. It fails while the page goes on to another.
func (w tab) until(expression string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	for {
		so, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if so {
			return
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("%s did not become true: %v", expression, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (w tab) unspoilt() {
	w.t.Helper()
	if faults := w.text(`JSON.stringify(window.faults)`); faults != "[]" {
		w.t.Errorf("the page has faults: %s", faults)
	}
}

// shot keeps a picture of the whole page where BECKON_SHOTS says.
func (w tab) shot(name string) {
	w.t.Helper()
	dir := os.Getenv("BECKON_SHOTS")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

const wide = `[...document.querySelectorAll("body *")].filter((el) => el.getBoundingClientRect().right > innerWidth + 1 && !el.closest(".table, .tabs, .tree, [popover], .unseen, dialog, .plot")).slice(0, 5).map((el) => el.tagName + "." + el.className).join(" ")`

// TestThePartsAreAccessible looks at every part on a screen and a phone, light and dark, with the eyes of axe-core.
func TestThePartsAreAccessible(t *testing.T) {
	source, err := axe.Source()
	if err != nil {
		t.Fatal(err)
	}
	b, w := serve(t), openTab(t)
	for _, view := range []struct {
		width, height int64
		scheme, lang  string
	}{{1440, 1000, "light", "en"}, {1440, 1000, "dark", "de"}, {390, 844, "light", "de"}, {390, 844, "dark", "en"}} {
		name := fmt.Sprintf("gallery-%d-%s-%s", view.width, view.scheme, view.lang)
		w.size(view.width, view.height, view.scheme)
		w.open(b.URL + "/admin?lang=" + view.lang)
		w.until(`document.querySelectorAll("figure canvas").length === 4 && !!document.querySelector("#fetched") && document.querySelectorAll("#broken .problem button").length === 1`)
		w.unspoilt()
		if over := w.text(`document.documentElement.scrollWidth > innerWidth ? ` + wide + ` || "?" : ""`); over != "" {
			t.Errorf("%s scrolls sideways: %s", name, over)
		}
		w.shot(name)
		if _, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](source+`;"read"`)); err != nil {
			t.Fatal("axe-core does not run: ", err)
		}
		found := w.text(`axe.run(document, {resultTypes: ["violations"]}).then((r) => r.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => v.id + ": " + v.nodes.slice(0, 4).map((n) => n.target + " " + n.failureSummary).join(" | ")).join("\n"))`)
		if found != "" {
			t.Errorf("%s: %s", name, strings.TrimSpace(found))
		}
	}
}

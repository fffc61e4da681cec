package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"beckon/web/axe"
)

// maxPageBytes is the most that a page and everything it loads may transfer.
const maxPageBytes = 100_000

// TestEveryPageHoldsInABrowser visits every page that the navigation leads to, and one page below each, as a merchandiser's browser does:
// on a screen and on a phone, light and dark. No page may log an error, be refused something by its own policy, scroll sideways, be
// heavy, or have a serious fault for those who cannot see or use a mouse. BECKON_SHOTS names a folder for pictures of all of them.
func TestEveryPageHoldsInABrowser(t *testing.T) {
	source, err := axe.Source()
	if err != nil {
		t.Fatal(err)
	}
	in := &installation{t: t, dir: t.TempDir(), env: map[string]string{"BECKON_HISTORY": "auto"}}
	in.start("--demo", "--shoppers", "20")
	in.readDemo()
	for deadline := time.Now().Add(2 * time.Minute); len(in.trending()) == 0; <-time.After(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the demo was not filled\n%s", in.out)
		}
	}
	v := &visit{window: openWindow(t, startBrowser(t)), base: in.url, axe: source}
	v.listen()
	v.login(in.adminOf())

	pages := v.links(".side nav a, .side .who")
	if len(pages) < 15 {
		t.Fatalf("the navigation leads to %d pages: %q", len(pages), pages)
	}
	seen := map[string]bool{}
	for len(pages) > 0 {
		page := pages[0]
		pages = pages[1:]
		if seen[shape(page)] {
			continue
		}
		seen[shape(page)] = true
		below := v.see(page)
		if strings.Count(strings.Trim(shape(page), "/"), "/") < 2 {
			pages = append(pages, below...)
		}
	}
	t.Logf("%d pages", len(seen))
}

// adminOf is the user that the demo makes.
func (in *installation) adminOf() (user, password string) {
	in.t.Helper()
	var file demoFile
	text, err := os.ReadFile(filepath.Join(in.dir, "demo.json"))
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		in.t.Fatal(err)
	}
	return file.AdminUser, file.AdminPassword
}

// shape is a page's address without what it is about: two pages of one shape are the same page of two things.
func shape(address string) string {
	path, _, _ := strings.Cut(address, "?")
	parts := strings.Split(path, "/")
	for i := 3; i < len(parts); i++ { // "", admin, area, thing, …
		if !slices.Contains([]string{"new", "settings", "markdowns", "compare", "simulate", "preview", "explain", "password", "second"}, parts[i]) {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// visit is a person's way through the dashboard.
type visit struct {
	*window
	base, axe string
	mu        sync.Mutex
	faults    []string // of the page that is open
}

// listen notes what pages log as errors and throw.
func (v *visit) listen() {
	v.t.Helper()
	v.open("about:blank")
	note := func(fault string) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.faults = append(v.faults, fault)
	}
	err := chromedp.Listen(v.ctx, func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError {
				note(e.Entry.Text + " " + e.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			note("thrown: " + e.ExceptionDetails.Text + " " + e.ExceptionDetails.URL)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError {
				note("console.error")
			}
		}
	})
	if err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Call(v.ctx, log.Enable, cdp.Empty{}); err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Call(v.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil { // so that every page is weighed with all it needs
		v.t.Fatal(err)
	}
}

func (v *visit) login(user, password string) {
	v.t.Helper()
	v.open(v.base + "/admin/login?lang=en")
	v.text(fmt.Sprintf(`(document.querySelector("[name=user]").value = %q, document.querySelector("[name=password]").value = %q, document.querySelector("form#login").requestSubmit(), "")`, user, password))
	v.until("logged in", `!!document.querySelector(".side nav a")`)
}

// links are the addresses of pages of the dashboard that a selector finds, each once.
func (v *visit) links(selector string) (out []string) {
	v.t.Helper()
	all := v.text(fmt.Sprintf(`[...document.querySelectorAll(%q)].filter((a) => !a.hasAttribute("download") && !a.hash && !a.pathname.endsWith(".csv")).map((a) => a.pathname + a.search).filter((p) => p.startsWith("/admin")).join("\n")`, selector))
	for _, address := range strings.Split(all, "\n") {
		if address != "" && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	return out
}

// see looks at a page in every way, and returns the pages that it leads to.
func (v *visit) see(address string) (below []string) {
	v.t.Helper()
	v.mu.Lock()
	v.faults = nil
	v.mu.Unlock()
	v.look(1440, "light")
	v.open(v.base + address)
	v.until(address+" is all there", `document.readyState === "complete" && !document.querySelector(".skeleton") && (!document.querySelector("[data-live]") || document.querySelector(".live-state.on"))`)
	if weight := v.text(weigh); len(weight) > 0 {
		var sizes map[string]int
		if err := json.Unmarshal([]byte(weight), &sizes); err != nil {
			v.t.Fatal(err)
		}
		v.weighed(address, sizes)
	}
	v.run()
	for _, width := range []int64{1440, 390} {
		for _, scheme := range []string{"light", "dark"} {
			v.look(width, scheme)
			v.check(address, width, scheme)
		}
	}
	v.mu.Lock()
	for _, fault := range v.faults {
		v.t.Errorf("%s: %s", address, fault)
	}
	v.mu.Unlock()
	return v.links("main a[href^='/admin/']")
}

// weigh is what came over the wire for a page, by kind. The stream of live frames is no part of it.
const weigh = `JSON.stringify([...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
	.filter((e) => !e.name.includes("/admin/frames"))
	.reduce((sum, e) => ({...sum, [e.initiatorType]: (sum[e.initiatorType] || 0) + Math.max(e.transferSize, e.encodedBodySize)}), {}))`

func (v *visit) weighed(address string, sizes map[string]int) {
	v.t.Helper()
	total := 0
	for _, n := range sizes {
		total += n
	}
	v.t.Logf("%s: %d bytes %v", address, total, sizes)
	if total > maxPageBytes {
		v.t.Errorf("%s transfers %d bytes, at most %d are promised: %v", address, total, maxPageBytes, sizes)
	}
}

// look sets the window's width and the system's colours.
func (v *visit) look(width int64, scheme string) {
	v.t.Helper()
	if _, err := chromedp.Call(v.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1}); err != nil {
		v.t.Fatal(err)
	}
	if _, err := chromedp.Call(v.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}); err != nil {
		v.t.Fatal(err)
	}
	const drawn = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(""))))`
	if _, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](drawn, chromedp.EvalAwaitPromise)); err != nil {
		v.t.Fatal(err)
	}
}

// run brings axe-core into the page.
func (v *visit) run() {
	v.t.Helper()
	if _, err := v.evaluate(v.axe + `;"there"`); err != nil {
		v.t.Fatalf("axe-core does not run: %v", err)
	}
}

// tooWide are elements that reach over the right edge. What scrolls in a box of its own may.
const tooWide = `document.documentElement.scrollWidth <= innerWidth ? "" :
	([...document.querySelectorAll("body *")].filter((el) => el.getBoundingClientRect().right > innerWidth + 1 && !el.closest(".table, .tabs, .tree, [popover], .unseen, dialog"))
	.slice(0, 5).map((el) => el.tagName + "." + el.className).join(" ") || "something")`

// serious are the faults that axe-core finds and calls serious or critical, each with where and why.
const serious = `axe.run(document, {resultTypes: ["violations"] %s}).then((r) => r.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
	.map((v) => v.id + ": " + v.nodes.slice(0, 3).map((n) => n.target + " " + n.failureSummary).join(" | ")).join("\n"))`

func (v *visit) check(address string, width int64, scheme string) {
	v.t.Helper()
	if wide := v.text(tooWide); wide != "" {
		v.t.Errorf("%s scrolls sideways at %d px: %s", address, width, wide)
	}
	rules := "" // all of them where a layout is seen first; another scheme changes nothing but colours
	if (scheme == "dark") != (width < 600) {
		rules = `, runOnly: ["color-contrast"]`
	}
	found, err := chromedp.Run(v.ctx, chromedp.Evaluate[string](fmt.Sprintf(serious, rules), chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatalf("%s: axe-core: %v", address, err)
	}
	if found != "" {
		v.t.Errorf("%s at %d px, %s: %s", address, width, scheme, found)
	}
	if dir := os.Getenv("BECKON_SHOTS"); dir != "" {
		picture, err := chromedp.Run(v.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			v.t.Fatal(err)
		}
		name := fmt.Sprintf("%s-%d-%s.png", strings.ReplaceAll(strings.Trim(shape(address), "/"), "/", "_"), width, scheme)
		if err := os.WriteFile(filepath.Join(dir, url.PathEscape(name)), picture, 0o644); err != nil {
			v.t.Fatal(err)
		}
	}
}

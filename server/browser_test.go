package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// startBrowser opens headless Chromium with a profile of its own. Each window is a tab of its own shopper: see window.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancelBrowser := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		cancelBrowser()
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium (make setup installs it): %v", err)
	}
	return ctx
}

// window is one browser window, as a shopper of its own: it shares neither storage nor cookies with others.
type window struct {
	t     *testing.T
	ctx   context.Context
	begun bool
}

func openWindow(t *testing.T, browser context.Context) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return &window{t: t, ctx: ctx}
}

// do runs a step that must work.
func (w *window) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if !w.begun { // the first call makes the window, and its context must live as long
		if err := chromedp.Do(w.ctx); err != nil {
			w.t.Fatalf("open a window: %v", err)
		}
		w.begun = true
	}
	ctx, cancel := context.WithTimeout(w.ctx, 40*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatalf("%s: %v\non %s", what, err, w.text(`location.href+"\n"+document.body.innerText.slice(0,1500)`))
	}
}

// text evaluates a JavaScript expression that is a text.
func (w *window) text(expression string) string {
	w.t.Helper()
	text, err := w.evaluate(expression)
	if err != nil {
		w.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return text
}

func (w *window) evaluate(expression string) (string, error) {
	ctx, cancel := context.WithTimeout(w.ctx, 40*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[string](expression))
}

// left says whether an evaluation failed only because its page went on to another one meanwhile.
func left(err error) bool {
	return err != nil && strings.Contains(strings.ToLower(err.Error()), "navigated or closed")
}

func (w *window) open(url string) {
	w.t.Helper()
	w.do("open "+url, chromedp.Navigate(url))
}

// click clicks the first element that fits, once it is there.
func (w *window) click(selector string) {
	w.t.Helper()
	w.until(selector+" is there", fmt.Sprintf("!!document.querySelector(%q)", selector))
	if _, err := w.evaluate(fmt.Sprintf(`(document.querySelector(%q).click(), "")`, selector)); err != nil && !left(err) {
		w.t.Fatalf("click %s: %v", selector, err)
	}
}

// until waits until a JavaScript expression is true; nothing reloads the page.
func (w *window) until(what, expression string) {
	w.t.Helper()
	deadline := time.Now().Add(60 * time.Second) // a socket may wait 30 s before it tries again
	for {
		so, err := w.evaluate("String(!!(" + expression + "))") // fails while the page goes on to another, and where an element is not there yet
		if so == "true" {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: not so after a minute (%v)\non %s", what, err, w.text(`location.href+"\n"+document.body.innerText.slice(0,1500)`))
		}
		<-time.After(50 * time.Millisecond)
	}
}

// visitor is who the beacon says the window's shopper is.
func (w *window) visitor() string {
	w.t.Helper()
	return w.text(`(() => {
		for (const k of Object.keys(localStorage)) {
			const m = /"v":"(v_[^"]+)"/.exec(localStorage.getItem(k))
			if (m) return m[1]
		}
		return ""
	})()`)
}

// startDemo runs the demo without simulated shoppers, so that what changes on a page has one cause.
func startDemo(t *testing.T) *installation {
	t.Helper()
	in := &installation{t: t, dir: t.TempDir(), env: map[string]string{"BECKON_HISTORY": "off"}}
	in.start("--demo", "--shoppers", "0")
	in.readDemo()
	deadline := time.Now().Add(60 * time.Second)
	for !strings.Contains(in.out.String(), "of the past") || len(in.trending()) == 0 {
		if time.Now().After(deadline) {
			t.Fatalf("the demo was not filled in a minute\n%s", in.out)
		}
		<-time.After(20 * time.Millisecond)
	}
	return in
}

func (in *installation) readDemo() {
	in.t.Helper()
	var file demoFile
	text, err := os.ReadFile(filepath.Join(in.dir, "demo.json"))
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		in.t.Fatal(err)
	}
	in.public, in.secret = file.PublicKey, file.SecretKey
}

// trending are the demo's trending items.
func (in *installation) trending() (items []string) {
	in.t.Helper()
	var answer struct {
		Items []struct {
			ItemID string `json:"item_id"`
		}
	}
	in.want(200, "GET", "/v1/trending?window=1h&limit=3", in.public, "", &answer)
	for _, it := range answer.Items {
		items = append(items, it.ItemID)
	}
	return items
}

func (in *installation) setStock(item string, n int) {
	in.t.Helper()
	in.want(202, "POST", "/v1/stock", in.secret, fmt.Sprintf(`{"item_id":%q,"stock":%d}`, item, n), nil)
}

// TestAPurchaseInOneWindowChangesTheOther is the whole product in one story: two shoppers look at the same item, one buys it, and the
// other's page says how many are left, without a reload.
func TestAPurchaseInOneWindowChangesTheOther(t *testing.T) {
	in := startDemo(t)
	item := in.trending()[0]
	in.setStock(item, 4)
	browser := startBrowser(t)
	looker, buyer := openWindow(t, browser), openWindow(t, browser)
	page := in.url + "/shop/p/" + item

	looker.open(page)
	stock := `document.querySelector('.product [data-beckon="stock"]').textContent`
	looker.until("stock is shown", stock+`.includes("4")`)
	looker.until("recommendations are shown", `document.querySelectorAll('[data-beckon="recommendations"][data-placement="item"] a').length > 2`)
	looker.text(`(window.notReloaded = true, "")`)

	buyer.open(page)
	buyer.click("[data-add]")
	buyer.until("the cart has it", `document.querySelector("[data-cart-count]").textContent.trim() === "1"`)
	buyer.open(in.url + "/shop/checkout")
	buyer.click("[data-checkout] [type=submit]")
	buyer.until("thanks", `!!document.querySelector("[data-thanks]")`)

	looker.until("3 left", stock+`.includes("3")`)
	var listed struct{ Price int }
	in.want(200, "GET", "/v1/items/"+item, in.secret, "", &listed)
	lower := listed.Price * 9 / 10 // within the item's limits; a higher one would wait until the quote of the page has expired
	in.want(202, "PUT", "/v1/items", in.secret, repriced(in, item, lower), nil)
	looker.until("the new price", fmt.Sprintf(`document.querySelector('.product [data-beckon="price"]').dataset.amount === "%d"`, lower))
	in.setStock(item, 0)
	looker.until("sold out", `/out|sold|gone|unavailable/i.test(`+stock+`)`)
	looker.until("still the same page", `window.notReloaded === true`)

	visitor := buyer.visitor()
	deadline := time.Now().Add(30 * time.Second)
	for { // the purchase comes with the next batch
		var profile profile
		in.want(200, "GET", "/v1/visitors/"+visitor, in.secret, "", &profile)
		if len(profile.Purchases) == 1 && profile.Purchases[0].Item == item && len(profile.Cart) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the purchase was not stored: %+v", profile)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// repriced is the item's line with another price.
func repriced(in *installation, item string, price int) string {
	in.t.Helper()
	var it map[string]any
	in.want(200, "GET", "/v1/items/"+item, in.secret, "", &it)
	for _, computed := range []string{"level", "left", "lowest_30d", "created", "changed"} {
		delete(it, computed)
	}
	it["price"] = price
	text, err := json.Marshal(it)
	if err != nil {
		in.t.Fatal(err)
	}
	return string(text)
}

// TestAnOpenPageSurvivesARestart puts something into the cart while the server is down; after the restart it is stored, once, and the
// page is live again without a reload.
func TestAnOpenPageSurvivesARestart(t *testing.T) {
	in := startDemo(t)
	item := in.trending()[0]
	in.setStock(item, 9)
	w := openWindow(t, startBrowser(t))
	w.open(in.url + "/shop/p/" + item)
	stock := `document.querySelector('.product [data-beckon="stock"]').textContent`
	w.until("stock is shown", stock+`.trim() !== ""`)
	w.until("the page has been told to whom it belongs", `Object.keys(localStorage).some((k) => /"v":"v_/.test(localStorage.getItem(k)))`)
	w.text(`(window.notReloaded = true, "")`)
	visitor, addr := w.visitor(), in.url[len("http://"):]

	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	w.click("[data-add]")
	in.start("--demo", "--shoppers", "0", "--addr", addr)

	deadline := time.Now().Add(60 * time.Second)
	var p profile
	for len(p.Cart) == 0 {
		if time.Now().After(deadline) {
			t.Fatalf("what was put into the cart while the server was down did not arrive: %+v", p)
		}
		<-time.After(100 * time.Millisecond)
		status, text := in.do("GET", "/v1/visitors/"+visitor, in.secret, "")
		if status == 200 {
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(p.Cart) != 1 || p.Cart[0].Item != item || p.Cart[0].Quantity != 1 {
		t.Errorf("cart %+v, want one %s", p.Cart, item)
	}
	in.setStock(item, 2)
	w.until("live again", stock+`.includes("2")`)
	w.until("still the same page", `window.notReloaded === true`)
}

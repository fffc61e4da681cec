package ui_test

import (
	"strings"
	"testing"
	"time"

	"beckon/dashboards/ui"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func (w tab) press(keys string) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.KeyEvent(keys)); err != nil {
		w.t.Fatal(err)
	}
}

// read is what the backend has noted, once there is something.
func (b *backend) read(t *testing.T, what func() []string, atLeast int) []string {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		b.mu.Lock()
		got := what()
		b.mu.Unlock()
		if len(got) >= atLeast {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d came, want %d: %q", len(got), atLeast, got)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// TestFramesChangeNumbersAndDisturbNobody: what is typed, opened and drawn stays while a frame brings new numbers.
func TestFramesChangeNumbersAndDisturbNobody(t *testing.T) {
	b, w := serve(t), openTab(t)
	w.open(b.URL + "/admin")
	w.until(`document.querySelectorAll("figure canvas").length === 4 && document.querySelector("[data-live-state]").textContent === "Live"`)
	if q := b.read(t, func() []string { return b.follows }, 1)[0]; !strings.Contains(q, "topic=prices%2Cnow") || !strings.Contains(q, "site=fern") || !strings.Contains(q, "lang=en") {
		t.Errorf("follows %q", q)
	}
	w.text(`(window.canvas = document.querySelector("#visitors canvas"), window.tile = document.querySelector(".tile"),
		document.querySelector("#visitors details").open = true, document.querySelector("#row-sku-2 a").focus(), 1)`)
	more := charts()["lines"]
	more.Series[0].Y[len(more.X)-1] = 9999
	b.frame(t, "live-chart", more)
	w.until(`document.querySelector("#visitors .legend b").textContent === "9,999"`)
	if got := w.text(`canvas === document.querySelector("#visitors canvas") && document.querySelector("#visitors details").open`); got != "true" {
		t.Error("the chart was made again, or its numbers were closed")
	}
	rows := listing()
	rows.Rows = append([]ui.Row{{ID: "row-new", Cells: rows.Rows[0].Cells}}, rows.Rows[1:]...)
	b.frame(t, "rows", rows)
	w.until(`!!document.querySelector("#row-new") && !document.querySelector("#row-sku-1")`)
	if got := w.text(`document.activeElement === document.querySelector("#row-sku-2 a")`); got != "true" {
		t.Error("the focus was lost: " + w.text(`document.activeElement.outerHTML`))
	}
	b.frame(t, "tiles", ui.Empty{Title: "Quiet"})
	w.until(`document.querySelector("#tiles").textContent.trim() === "Quiet"`)
	b.frame(t, "none-such", ui.Cell("x"))

	w.text(`(document.querySelector("[data-live-pause]").click(), 1)`)
	w.until(`document.querySelector("[data-live-state]").textContent === "Paused"`)
	deadline := time.Now().Add(20 * time.Second)
	for over := false; !over; b.note(func() { over = b.ended == 1 }) {
		if time.Now().After(deadline) {
			t.Fatal("a paused page still follows")
		}
		<-time.After(5 * time.Millisecond)
	}
	w.text(`(document.querySelector("[data-live-pause]").click(), 1)`)
	b.read(t, func() []string { return b.follows }, 2)
	w.unspoilt()
}

// TestAChartIsReadByKeys moves along a chart with the arrow keys; the values are said aloud.
func TestAChartIsReadByKeys(t *testing.T) {
	b, w := serve(t), openTab(t)
	w.open(b.URL + "/admin")
	w.until(`document.querySelectorAll("figure canvas").length === 4`)
	w.text(`(document.querySelector("#elasticity .plot").focus(), 1)`)
	w.press(kb.ArrowRight)
	w.press(kb.ArrowRight)
	if got := w.text(`document.querySelector("#elasticity [data-readout]").textContent`); got != "Price 110: Units a week 467 (407 – 547)" {
		t.Errorf("two to the right: %q", got)
	}
	w.press(kb.End)
	w.until(`document.querySelector("#elasticity [data-readout]").textContent.startsWith("Price 140:")`)
	w.text(`(document.querySelector("[data-theme-toggle]").click(), 1)`)
	w.until(`document.documentElement.dataset.theme === "dark" && document.cookie.includes("beckon_theme=dark")`)
	w.unspoilt()
}

// TestAFragmentThatFailsCanBeAskedForAgain.
func TestAFragmentThatFailsCanBeAskedForAgain(t *testing.T) {
	b, w := serve(t), openTab(t)
	w.open(b.URL + "/admin")
	w.until(`!!document.querySelector("#broken .problem button")`)
	b.note(func() { b.broken = false })
	w.text(`(document.querySelector("#broken .problem button").click(), 1)`)
	w.until(`document.querySelector("#broken").textContent.trim() === "works again"`)
}

// TestAFormShowsWhatItWouldDo asks for the preview while it is filled in, and never sends the token with it.
func TestAFormShowsWhatItWouldDo(t *testing.T) {
	b, w := serve(t), openTab(t)
	w.open(b.URL + "/admin")
	w.until(`document.querySelector("#preview").textContent === 'Would show Rain "week"'`)
	w.text(`(document.querySelector("#f-title").focus(), document.querySelector("#f-title").select(), 1)`)
	w.press("Snow")
	w.until(`document.querySelector("#preview").textContent === "Would show Snow"`)
	for _, q := range b.read(t, func() []string { return b.previews }, 2) {
		if !strings.Contains(q, "site=fern") || strings.Contains(q, "csrf") {
			t.Errorf("asked %q", q)
		}
	}
}

// TestADangerousChangeIsAskedAbout: no leaves everything as it is, yes sends the form once, with the button's value.
func TestADangerousChangeIsAskedAbout(t *testing.T) {
	b, w := serve(t), openTab(t)
	w.open(b.URL + "/admin")
	w.until(`window.faults && document.querySelector("[data-live-state]").textContent !== ""`)
	const remove = `(document.querySelector("#rule button[value=remove]").click(), 1)`
	w.text(remove)
	w.until(`document.querySelector("#ask").open && document.querySelector("#ask p").textContent === "Remove this rule?"`)
	w.text(`(document.querySelector("#ask button[value=no]").click(), 1)`)
	w.until(`!document.querySelector("#ask").open`)
	b.note(func() {
		if len(b.posted) > 0 {
			t.Errorf("sent after a no: %q", b.posted)
		}
	})
	w.text(`(window.before = true, ` + remove + `)`)
	w.until(`document.querySelector("#ask").open`)
	w.text(`(document.querySelector("#ask [data-yes]").click(), 1)`)
	w.until(`!window.before`)
	if got := b.read(t, func() []string { return b.posted }, 1); len(got) != 1 || got[0] != "remove token" {
		t.Errorf("sent %q", got)
	}
}

// TestKeysAndMenu: the slash goes to the search, the question mark shows the keys; on a phone the pages are behind a button.
func TestKeysAndMenu(t *testing.T) {
	b, w := serve(t), openTab(t)
	w.size(390, 844, "light")
	w.open(b.URL + "/admin")
	w.until(`document.querySelector("[data-live-state]").textContent !== ""`)
	w.press("/")
	w.until(`document.activeElement.id === "f-q"`)
	w.text(`(document.activeElement.blur(), 1)`)
	w.press("?")
	w.until(`document.querySelector("#shortcuts").open`)
	w.press(kb.Escape)
	w.until(`!document.querySelector("#shortcuts").open`)
	const seen = `document.querySelector(".drawer").checkVisibility()`
	if w.text(seen) != "false" {
		t.Error("the pages cover the phone's screen")
	}
	w.text(`(document.querySelector(".toggle summary").click(), 1)`)
	w.until(seen)
	w.shot("menu-390")
	w.press(kb.Escape)
	w.until("!" + seen)
	w.unspoilt()
}

// TestPagesWorkWithoutScript: numbers, tables and links are there, and nothing that only scripts could use is.
func TestPagesWorkWithoutScript(t *testing.T) {
	b, w := serve(t), openTab(t)
	if _, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	w.size(1440, 1000, "light")
	w.open(b.URL + "/admin")
	w.shot("no-script")
	if got := w.text(`[document.querySelectorAll(".chart .numbers tbody tr").length > 100, document.querySelector("#history a").checkVisibility(),
		[...document.querySelectorAll("[data-live], [data-theme-toggle], [data-copy], [data-dismiss]")].some((el) => el.checkVisibility())].join()`); got != "false,true,false" && got != "true,true,false" {
		t.Errorf("numbers, link, idle buttons: %s", got)
	}
}

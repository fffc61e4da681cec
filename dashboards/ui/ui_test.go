package ui_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"

	"github.com/a-h/templ"
)

// TestPartsRenderAsBefore holds the HTML of every part in both languages.
func TestPartsRenderAsBefore(t *testing.T) {
	p := framed("en")
	bare := ui.Page{Title: "Sign in", Text: text.For("en"), Theme: "dark"}
	viewer := framed("en")
	viewer.Role, viewer.Sites, viewer.Flash = "viewer", viewer.Sites[:1], &ui.Flash{Text: "That did not work", Bad: true}
	all := map[string]templ.Component{
		"layout":            around(ui.Layout(p), ui.Cell("content")),
		"layout_signed_out": around(ui.Layout(bare), ui.Cell("content")),
		"layout_viewer":     around(ui.Layout(viewer), ui.Cell("content")),
		"tiles":             tiles(),
		"section":           around(ui.Section("s", "Title & more", "help"), ui.Cell("content")),
		"table":             listing(),
		"table_empty":       ui.Table{Caption: "x", Empty: ui.Empty{Title: "Nothing <yet>", Text: "Do this.", ActionLabel: "Go", ActionURL: "/admin"}},
		"form":              filledForm(p),
		"several":           ui.Select(ui.Field{Name: "segments", Label: "Segments", Help: "None is everybody.", Multiple: true, Options: []ui.Choice{{Value: "a", Label: "New"}, {Value: "b", Label: "Lapsing", Selected: true}}}),
		"funnel":            funnel(),
		"funnel_empty":      ui.Steps{Empty: ui.Empty{Title: "No visits"}},
		"paths":             paths(),
		"filters":           around(ui.Filters("/admin/x?site=a&site=b"), ui.DateRange("2026-11-01", "2026-11-02", nil)),
		"deferred":          ui.Deferred("d", "/admin/f?a=1&b=2", "Numbers"),
		"states":            together(ui.Problem("Title", "text"), ui.Badge("ok", "good"), ui.Badge("?", "unknown"), ui.Help("What it is"), ui.Copy("key"), around(ui.Details("More"), ui.Cell("x"))),
		"measures": together(ui.Bar(1, 0, "none"), ui.Spark([]float64{1, 1}), ui.IntervalBar(ui.Interval{Low: -3, Mid: -2, High: -1, Zero: true}),
			ui.IntervalBar(ui.Interval{Low: 1, Mid: 2, High: 3, Min: 0, Max: 4})),
		"lists": together(ui.Pager{Label: "only one"}, ui.Pager{Next: "?p=2"}, ui.Tabs([]ui.Tab{{Label: "a", Href: "?a", Active: true}}), ui.KeyValues([]ui.KV{{Key: "k", Value: ui.Cell("v")}})),
	}
	for name, c := range charts() {
		all["chart_"+name] = c
	}
	for name, c := range all {
		golden.CheckDocument(t, name+"_en", ui.In(text.For("en"), c))
	}
	golden.CheckDocument(t, "gallery_de", gallery("de"))
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.Render(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestTextsAreEscaped puts markup into every text that a caller gives.
func TestTextsAreEscaped(t *testing.T) {
	const bad = `"><img src=x onerror=alert(1)>`
	p := framed("en")
	p.Title, p.Lead, p.SiteName, p.User, p.Flash, p.Site, p.Path = bad, bad, bad, bad, &ui.Flash{Text: bad, UndoURL: bad}, bad, bad
	html := render(t, around(ui.Layout(p),
		ui.Tile{Label: bad, Value: bad, Note: bad, Href: "javascript:alert(1)"}, ui.Badge(bad, bad), ui.Section(bad, bad, bad), ui.Problem(bad, bad), ui.Deferred(bad, bad, bad), ui.Region(bad),
		ui.Field{Name: bad, Label: bad, Value: bad, Help: bad, Error: bad, Unit: bad, Kind: bad, Placeholder: bad, Options: []ui.Choice{{Value: bad, Label: bad}}},
		ui.Select(ui.Field{Name: bad, Options: []ui.Choice{{Value: bad, Label: bad}}}), ui.Area(ui.Field{Value: "</textarea>" + bad}), ui.Button{Label: bad, Name: bad, Value: bad, Confirm: bad, Kind: bad},
		ui.ItemCell(ui.Item{ID: bad, Title: bad, Image: bad, Href: "javascript:alert(1)"}), ui.Copy(bad), ui.Help(bad), ui.IntervalBar(ui.Interval{Label: bad}),
		ui.Chart{ID: bad, Title: bad, X: []int64{1}, Series: []ui.Series{{Name: bad, Y: []float64{1}}}},
		ui.Steps{Label: bad, Steps: []ui.Step{{Label: bad, Note: bad, Href: "javascript:alert(1)"}}}, ui.Tree{Label: bad, Nodes: []ui.Node{{Label: bad, Value: bad}}},
	))
	for _, leak := range []string{"<img src=x", `="javascript:`, `= "javascript:`} {
		if at := strings.Index(html, leak); at >= 0 {
			t.Errorf("%q came through: …%s", leak, html[max(0, at-120):at+60])
		}
	}
}

// TestChartsWriteGapsAsNull: JSON has no NaN, and a chart with one must not vanish.
func TestChartsWriteGapsAsNull(t *testing.T) {
	html := render(t, ui.Chart{ID: "c", Title: "x", X: []int64{1, 2, 3}, Series: []ui.Series{{Name: "a", Y: []float64{1, math.NaN(), math.Inf(1)}}}})
	_, after, _ := strings.Cut(html, `data-chart="`)
	raw, _, _ := strings.Cut(after, `"`)
	var got struct {
		X []float64 `json:"x"`
		S []struct {
			Y []*float64 `json:"y"`
		} `json:"s"`
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(raw, "&#34;", `"`)), &got); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if len(got.X) != 3 || len(got.S) != 1 || got.S[0].Y[0] == nil || got.S[0].Y[1] != nil || got.S[0].Y[2] != nil {
		t.Errorf("drawn %s", raw)
	}
}

// TestMenuShowsWhatTheRoleMaySee: people who may not manage shops and people do not see those pages.
func TestMenuShowsWhatTheRoleMaySee(t *testing.T) {
	for role, want := range map[string]bool{"viewer": false, "merchandiser": false, "admin": true, "": false} {
		p := framed("en")
		p.Role = role
		html := render(t, ui.Layout(p))
		for _, path := range []string{"/admin/users", "/admin/sites"} {
			if got := strings.Contains(html, `href="`+path+`?`); got != want {
				t.Errorf("%s sees %s: %v, want %v", role, path, got, want)
			}
		}
		if !strings.Contains(html, `href="/admin/audit?`) {
			t.Errorf("%s does not see the changes", role)
		}
	}
}

func TestAddressesKeepTheShop(t *testing.T) {
	p := ui.Page{Site: "fern", Path: "/admin/prices?site=fern&sort=price&at=9"}
	for got, want := range map[string]string{
		p.URL("/admin/stock"):                          "/admin/stock?site=fern",
		p.URL("/admin/stock", "q", "a b", "empty", ""): "/admin/stock?q=a+b&site=fern",
		p.With("sort", "-price"):                       "/admin/prices?site=fern&sort=-price",
		p.With("sort", ""):                             "/admin/prices?site=fern",
		ui.Page{}.URL("/admin"):                        "/admin",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func BenchmarkLayout(b *testing.B) {
	page := gallery("en")
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := page.Render(context.Background(), &out); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(out.Len()))
	}
}

package funnels

import (
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

const asked = int64(1_773_146_000_000)

func pageOf(lang, nav string) ui.Page {
	t := text.For(lang)
	return ui.Page{
		Title: t.T(nav + ".title"), Lead: t.T(nav + ".lead"), Nav: nav, Text: t, Site: "shop", SiteName: "Shop", User: "anna", Role: "viewer",
		Path: "/admin/" + nav + "?site=shop", CSV: "/admin/" + nav + ".csv?site=shop",
	}
}

func filter(live bool) Filter {
	f := Filter{
		Action: "/admin/funnels", Tabs: []ui.Tab{{Label: "Today", Href: "?range=today", Active: live}, {Label: "Past days", Href: "?range=days", Active: !live}},
		Live: live, Range: "today", Devices: []ui.Choice{{Label: "all devices"}, {Value: "mobile", Label: "Phone", Selected: true}}, Source: "news",
		Sources: []ui.Choice{{Value: "news"}}, Segments: []ui.Choice{{Label: "all visitors"}, {Value: "new", Label: "New"}},
	}
	if !live {
		f.Range, f.From, f.To = "days", "2026-03-04", "2026-03-10"
		f.Presets = []ui.Tab{{Label: "Last 7 days", Href: "?from=2026-03-04&to=2026-03-10", Active: true}}
	}
	return f
}

func funnelView(live bool) FunnelView {
	choices := []ui.Choice{{Label: "none"}, {Value: "view_item", Label: "Looked at an item", Selected: true}}
	return FunnelView{
		Filter: filter(live), Steps: [][]ui.Choice{choices, choices, choices}, Within: []ui.Choice{{Value: "24h0m0s", Label: "1 day", Selected: true}},
		By: []ui.Choice{{Label: "do not split"}}, Usual: []ui.Tab{{Label: "From looking to buying", Href: "?step1=view_item"}}, Part: "/admin/funnels/part?site=shop",
	}
}

func funnel(live bool) Funnel {
	v := Funnel{
		Live: live, OneIn: 1, Window: "1 day", By: "device", Then: "the 7 days before",
		Steps: []Step{{"view_item", 4000, 3600}, {"add_to_cart", 1000, 1080}, {"own_step", 900, 800}, {"purchase", 90, 72}},
		Parts: []Part{{"mobile", "?device=mobile", []int64{2500, 500, 450, 30}}, {"desktop", "?device=desktop", []int64{1500, 500, 450, 60}}},
	}
	if live {
		v.Asked, v.Since, v.Then, v.By, v.Parts = asked, asked-3_600_000, "", "", nil
	} else {
		v.OneIn = 32
	}
	return v
}

func path(orders int64, ids ...string) Path {
	p := Path{Orders: orders}
	for _, id := range ids {
		p.Items = append(p.Items, ui.Item{ID: id, Title: strings.ToUpper(id), Image: "/i/" + id + ".svg"})
	}
	return p
}

func paths() Paths {
	return Paths{
		OneIn: 16, Orders: 3200, Before: 1600, Then: "the 7 days before", Window: "7 days",
		Tree:  []Path{path(1600, "mug"), path(800, "lamp"), path(640, "pot", "mug"), path(320, "lamp", "mug"), path(160, "vase", "pot", "mug")},
		Paths: []Path{path(640, "vase", "pot", "mug"), path(320, "lamp")}, Items: []Path{path(1600, "mug"), path(960, "lamp")},
	}
}

func TestPagesAreGolden(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		f, p := pageOf(lang, "funnels"), pageOf(lang, "paths")
		wrong := funnelView(false)
		wrong.Filter.Wrong, wrong.Part = f.Text.T("funnels.wrong.steps"), ""
		view := PathsView{Filter: filter(true), Item: "mug", Items: []ui.Choice{{Value: "mug", Label: "Mug"}}, LookBack: []ui.Choice{{Value: "1h0m0s", Label: "1 h"}}, Length: []ui.Choice{{Value: "4", Label: "4", Selected: true}}, Part: "/admin/paths/part?site=shop"}
		bare := Paths{Live: true, Asked: asked, OneIn: 1, Orders: 3, Window: "1 day"}
		nobody := Funnel{OneIn: 1, Steps: []Step{{Name: "view_item"}, {Name: "purchase"}}}
		for name, c := range map[string]templ.Component{
			"funnels_live": FunnelPage(f, funnelView(true)), "funnels_days": FunnelPage(f, funnelView(false)), "funnels_wrong": FunnelPage(f, wrong),
			"funnel_live": ui.In(f.Text, FunnelPart(f, funnel(true))), "funnel_days": ui.In(f.Text, FunnelPart(f, funnel(false))),
			"funnel_empty": ui.In(f.Text, FunnelPart(f, nobody)), "paths_live": PathsPage(p, view), "paths": ui.In(p.Text, PathsPart(p, paths())),
			"paths_bare": ui.In(p.Text, PathsPart(p, bare)), "paths_empty": ui.In(p.Text, PathsPart(p, Paths{OneIn: 1})),
		} {
			golden.Check(t, name+"_"+lang, c)
		}
	}
}

func TestTreesHangLongerEndsBelowShorterOnes(t *testing.T) {
	v := paths()
	tree := pathTree(text.For("en"), &v)
	if len(tree.Nodes) != 2 || tree.Nodes[0].Label != "MUG" || len(tree.Nodes[0].Nodes) != 2 || !tree.Nodes[0].Open {
		t.Fatalf("got %+v", tree.Nodes)
	}
	if pot := tree.Nodes[0].Nodes[0]; pot.Label != "POT" || pot.Share != 0.2 || len(pot.Nodes) != 1 || pot.Nodes[0].Label != "VASE" {
		t.Errorf("got %+v", pot)
	}
	for range 2 * widest {
		v.Tree = append(v.Tree, path(1, "x"+strings.Repeat("y", len(v.Tree))))
	}
	if got := pathTree(text.For("en"), &v); len(got.Nodes) != widest {
		t.Errorf("%d branches, want %d", len(got.Nodes), widest)
	}
}

func TestTheWorstStepIsWhereMostAreLost(t *testing.T) {
	for _, c := range []struct {
		visitors []int64
		want     int
	}{{[]int64{100, 50, 49, 10}, 3}, {[]int64{100, 5, 4}, 1}, {[]int64{100, 0, 0}, 1}, {[]int64{0, 0}, 1}} {
		var steps []Step
		for _, n := range c.visitors {
			steps = append(steps, Step{Visitors: n})
		}
		if got := worst(steps); got != c.want {
			t.Errorf("%v: step %d, want %d", c.visitors, got, c.want)
		}
	}
}

func TestFilesHaveARowAStepAndAPath(t *testing.T) {
	v := funnel(false)
	head, rows := FunnelCSV(text.For("en"), &v)
	list := slices.Collect(rows)
	if len(list) != 12 || len(list[0]) != len(head) {
		t.Fatalf("%d rows of %d columns under %q", len(list), len(list[0]), head)
	}
	if got := list[1]; got[0] != "" || got[2] != "add_to_cart" || got[3] != "1000" || got[4] != "3000" || got[5] != "0.250000" || got[7] != "1080" || got[8] != "32" {
		t.Errorf("got %q", got)
	}
	if got := list[4]; got[0] != "mobile" || got[3] != "2500" || got[7] != "" {
		t.Errorf("got %q", got)
	}
	way := paths()
	head, rows = PathsCSV(text.For("de"), &way)
	if got := slices.Collect(rows); len(got) != 2 || len(got[0]) != len(head) || got[0][0] != "VASE → POT → MUG" || got[0][1] != "vase pot mug" || got[0][2] != "640" {
		t.Errorf("got %q under %q", got, head)
	}
}

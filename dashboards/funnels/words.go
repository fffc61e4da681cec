package funnels

import (
	"math"
	"strings"

	"github.com/a-h/templ"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// stepKeys are the words for GA4's names.
var stepKeys = map[string]string{
	"page_view": "funnels.step.page_view", "view_item_list": "funnels.step.view_item_list", "select_item": "funnels.step.select_item",
	"view_item": "funnels.step.view_item", "search": "funnels.step.search", "add_to_wishlist": "funnels.step.add_to_wishlist",
	"add_to_cart": "funnels.step.add_to_cart", "remove_from_cart": "funnels.step.remove_from_cart", "view_cart": "funnels.step.view_cart",
	"begin_checkout": "funnels.step.begin_checkout", "add_payment_info": "funnels.step.add_payment_info",
	"add_shipping_info": "funnels.step.add_shipping_info", "purchase": "funnels.step.purchase", "login": "funnels.step.login",
	"sign_up": "funnels.step.sign_up", "impression": "funnels.step.impression", "review": "funnels.step.review",
	"support_message": "funnels.step.support_message",
}

// StepWord is a step in words.
func StepWord(p *text.Printer, name string) string {
	if key, ok := stepKeys[name]; ok {
		return p.T(key)
	}
	return name
}

var deviceKeys = map[string]string{
	"desktop": "funnels.device.desktop", "mobile": "funnels.device.mobile", "tablet": "funnels.device.tablet", "other": "funnels.device.other",
}

// DeviceWord is a device in words.
func DeviceWord(p *text.Printer, name string) string {
	if key, ok := deviceKeys[name]; ok {
		return p.T(key)
	}
	return name
}

// PartWord is a part of a breakdown in words.
func PartWord(p *text.Printer, by, value string) string {
	switch {
	case by == "device":
		return DeviceWord(p, value)
	case value == "direct":
		return p.T("funnels.source.direct")
	}
	return value
}

func rate(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func trend(now, before int64) *float64 {
	if before == 0 {
		return nil
	}
	t := float64(now)/float64(before) - 1
	return &t
}

// points is a difference of two rates.
func points(p *text.Printer, now, before float64) string {
	sign := ""
	if now >= before {
		sign = "+"
	}
	return p.T("funnels.points", "points", sign+p.Number(100*(now-before), 1))
}

// sample says how exact a count of few visitors is.
func sample(p *text.Printer, count, oneIn int64) string {
	share := 0.0
	if count > 0 {
		share = 1.96 * math.Sqrt(float64(oneIn)/float64(count))
	}
	return p.T("funnels.sample", "n", oneIn, "share", p.Percent(share, 1))
}

// tiles are the funnel at a glance.
func tiles(p *text.Printer, v *Funnel) []ui.Tile {
	first, last := v.Steps[0], v.Steps[len(v.Steps)-1]
	whole := ui.Tile{
		Label: p.T("funnels.whole"), Value: p.Percent(rate(last.Visitors, first.Visitors), 2), Good: true,
		Note: p.T("funnels.whole.note", "last", StepWord(p, last.Name), "first", StepWord(p, first.Name)),
	}
	if v.Then != "" && first.Then > 0 && last.Then > 0 {
		t := rate(last.Visitors, first.Visitors)/rate(last.Then, first.Then) - 1
		whole.Trend, whole.TrendLabel = &t, p.T("funnels.than", "then", v.Then)
	}
	at := worst(v.Steps)
	lost := v.Steps[at-1].Visitors - v.Steps[at].Visitors
	list := []ui.Tile{
		whole,
		{
			Label: p.T("funnels.worst"), Value: p.Percent(1-rate(v.Steps[at].Visitors, v.Steps[at-1].Visitors), 0),
			Note: p.T("funnels.worst.note", "n", lost, "from", StepWord(p, v.Steps[at-1].Name), "to", StepWord(p, v.Steps[at].Name)),
		},
	}
	for _, s := range []Step{first, last} {
		tile := ui.Tile{Label: StepWord(p, s.Name), Value: p.Int(s.Visitors), Note: p.T("funnels.visitors"), Good: true}
		if v.Then != "" {
			tile.Trend, tile.TrendLabel = trend(s.Visitors, s.Then), p.T("funnels.than", "then", v.Then)
		}
		list = append(list, tile)
	}
	return list
}

// worst is the step before which the largest part of visitors is lost.
func worst(steps []Step) int {
	at := 1
	for i := 2; i < len(steps); i++ {
		if steps[i-1].Visitors > 0 && rate(steps[i].Visitors, steps[i-1].Visitors) < rate(steps[at].Visitors, steps[at-1].Visitors) {
			at = i
		}
	}
	return at
}

func funnelSteps(p *text.Printer, v *Funnel) ui.Steps {
	s := ui.Steps{Label: p.T("funnels.title")}
	for i, step := range v.Steps {
		one := ui.Step{Label: StepWord(p, step.Name), Count: float64(step.Visitors)}
		if i > 0 {
			before := v.Steps[i-1]
			one.Note = p.N("funnels.lost", before.Visitors-step.Visitors)
			if v.Then != "" && before.Then > 0 {
				now, then := rate(step.Visitors, before.Visitors), rate(step.Then, before.Then)
				one.Note += " " + p.T("funnels.then", "then", v.Then, "rate", p.Percent(then, 1), "points", points(p, now, then))
			}
		}
		s.Steps = append(s.Steps, one)
	}
	return s
}

// splitTable is a row a device or source: visitors of each step, with the rate from the one before.
func splitTable(p *text.Printer, v *Funnel) ui.Table {
	title := p.T("funnels.by_source")
	if v.By == "device" {
		title = p.T("funnels.by_device")
	}
	t := ui.Table{Caption: title, Head: []ui.Column{{Title: title}}, Empty: ui.Empty{Title: p.T("funnels.empty")}}
	for _, s := range v.Steps {
		t.Head = append(t.Head, ui.Column{Title: StepWord(p, s.Name), Number: true})
	}
	t.Head = append(t.Head, ui.Column{Title: p.T("funnels.whole"), Number: true, Help: p.T("funnels.whole.help")})
	for _, part := range v.Parts {
		row := ui.Row{Href: part.Href, Cells: []templ.Component{ui.Cell(PartWord(p, v.By, part.Value))}}
		for i, n := range part.Visitors {
			words := p.Int(n)
			if i > 0 {
				words = p.T("funnels.cell", "n", n, "rate", p.Percent(rate(n, part.Visitors[i-1]), 0))
			}
			row.Cells = append(row.Cells, ui.NumCell(words))
		}
		row.Cells = append(row.Cells, ui.NumCell(p.Percent(rate(part.Visitors[len(part.Visitors)-1], part.Visitors[0]), 2)))
		t.Rows = append(t.Rows, row)
	}
	return t
}

func itemWord(it ui.Item) string {
	if it.Title != "" {
		return it.Title
	}
	return it.ID
}

// pathTree hangs ends of paths below the ends that they make longer.
func pathTree(p *text.Printer, v *Paths) ui.Tree {
	type branch struct {
		node     ui.Node
		children []*branch
	}
	root := &branch{}
	at := map[string]*branch{"": root}
	for _, path := range v.Tree {
		parent := at[pathKey(path.Items[1:])]
		if parent == nil || len(parent.children) == widest {
			continue
		}
		it := path.Items[0]
		b := &branch{node: ui.Node{Label: itemWord(it), Href: it.Href, Image: it.Image, Value: p.N("funnels.orders", path.Orders), Share: rate(path.Orders, v.Orders)}}
		parent.children = append(parent.children, b)
		at[pathKey(path.Items)] = b
	}
	var nodes func(b *branch) []ui.Node
	nodes = func(b *branch) []ui.Node {
		var list []ui.Node
		for _, c := range b.children {
			c.node.Nodes = nodes(c)
			list = append(list, c.node)
		}
		return list
	}
	all := nodes(root)
	if len(all) > 0 {
		all[0].Open = true
	}
	return ui.Tree{Label: p.T("paths.tree"), Nodes: all, Empty: ui.Empty{Title: p.T("paths.tree.empty"), Text: p.T("paths.tree.empty.text")}}
}

// widest is the most branches of one place in the tree.
const widest = 8

func pathKey(items []ui.Item) string {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.ID
	}
	return strings.Join(ids, "\x00")
}

func pathTable(p *text.Printer, v *Paths) ui.Table {
	t := ui.Table{
		Caption: p.T("paths.list"),
		Head: []ui.Column{
			{Title: p.T("paths.path"), Help: p.T("paths.path.help")}, {Title: p.T("paths.orders"), Number: true}, {Title: p.T("paths.share"), Number: true},
		},
		Empty: ui.Empty{Title: p.T("paths.tree.empty")},
	}
	for _, path := range v.Paths {
		var items []templ.Component // by name only: eighty pictures would outweigh the page
		for i, it := range path.Items {
			if i > 0 {
				items = append(items, ui.MutedCell("→"))
			}
			if it.Href != "" {
				items = append(items, ui.LinkCell(it.Href, itemWord(it)))
			} else {
				items = append(items, ui.Cell(itemWord(it)))
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{ui.Cells(items...), ui.NumCell(p.Int(path.Orders)), ui.NumCell(p.Percent(rate(path.Orders, v.Orders), 1))}})
	}
	return t
}

func itemTable(p *text.Printer, v *Paths) ui.Table {
	t := ui.Table{
		Caption: p.T("paths.items"),
		Head:    []ui.Column{{Title: p.T("paths.item")}, {Title: p.T("paths.orders"), Number: true}, {Title: p.T("paths.share")}},
		Empty:   ui.Empty{Title: p.T("paths.tree.empty")},
	}
	for _, path := range v.Items {
		share := rate(path.Orders, v.Orders)
		t.Rows = append(t.Rows, ui.Row{Cells: []templ.Component{ui.ItemCell(path.Items[0]), ui.NumCell(p.Int(path.Orders)), ui.Bar(share, 1, p.Percent(share, 1))}})
	}
	return t
}

package ui_test

import (
	"context"
	"io"
	"math"

	"beckon/dashboards/ui"
	"beckon/web/text"

	"github.com/a-h/templ"
)

// at is 21 Nov 2026, 09:00 UTC.
const at = int64(1795251600000)

// together renders components one after another.
func together(all ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, c := range all {
			if err := c.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// around renders inside with content as its children.
func around(outer templ.Component, content ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, together(content...)), w)
	})
}

func framed(lang string) ui.Page {
	return ui.Page{
		Title: "Prices", Lead: "What should cost more or less, and why.", Nav: "prices", Text: text.For(lang), Site: "fern", SiteName: "Fjord & Fern",
		Sites: []ui.Choice{{Value: "fern", Label: "Fjord & Fern", Selected: true}, {Value: "moss", Label: "Moss <b>"}},
		User:  "anna", Role: "admin", CSRF: "token", Path: "/admin/prices?site=fern&sort=price", Topics: []string{"prices", "now"},
		CSV: "/admin/prices.csv?site=fern", Flash: &ui.Flash{Text: "Saved: Oslo jacket costs 129.00 €", UndoURL: "/admin/audit/7/undo?site=fern"},
		Up: &ui.Link{Label: "All prices", Href: "/admin/prices?site=fern"},
	}
}

// series are n hours with some numbers.
func series(n int) (x []int64, y, low, high []float64) {
	for i := range n {
		v := 400 + 120*math.Sin(float64(i)/4) + float64(i*37%50)
		x = append(x, at+int64(i)*3600_000)
		y, low, high = append(y, math.Round(v)), append(low, math.Round(v-60)), append(high, math.Round(v+80))
	}
	return x, y, low, high
}

func charts() map[string]ui.Chart {
	x, y, low, high := series(48)
	before := append([]float64(nil), y...)
	for i := range before {
		before[i] = math.Round(before[i] * 0.8)
	}
	gap := append([]float64(nil), y...)
	gap[20], gap[21] = math.NaN(), math.NaN()
	return map[string]ui.Chart{
		"lines": {
			ID: "visitors", Title: "Visitors", Help: "Each hour, against the same hour a week before.", X: x, Unit: "count",
			Series: []ui.Series{{Name: "This week", Y: gap}, {Name: "Week before", Y: before, Tone: "quiet"}}, Marks: []ui.Mark{{X: float64(x[12]), Label: "price cut"}},
		},
		"bars": {
			ID: "revenue", Title: "Revenue", X: x[:14], Unit: "money", Currency: "EUR",
			Series: []ui.Series{{Name: "Revenue", Y: scaled(y[:14], 1000), Kind: "bars"}},
		},
		"band": {
			ID: "elasticity", Title: "What a price sells", Help: "The line is our best estimate; the truth is most likely within the band.", XF: []float64{100, 110, 120, 130, 140}, XLabel: "Price", Unit: "number",
			Series: []ui.Series{{Name: "Units a week", Kind: "band", Y: y[:5], Low: low[:5], High: high[:5]}}, Marks: []ui.Mark{{X: 120, Label: "now"}},
		},
		"shares": {
			ID: "share", Title: "Conversion and orders", X: x[:24], Unit: "percent",
			Series: []ui.Series{{Name: "Conversion", Y: scaled(y[:24], 0.0001), Kind: "step"}, {Name: "Goal", Y: scaled(before[:24], 0.0001), Tone: "good"}},
		},
		"empty": {ID: "none", Title: "Orders", Empty: ui.Empty{Title: "No orders yet", Text: "They show up here within a second."}},
	}
}

func scaled(all []float64, by float64) []float64 {
	out := make([]float64, len(all))
	for i := range all {
		out[i] = all[i] * by
	}
	return out
}

func tiles() templ.Component {
	more, less, same := 0.124, -0.31, 0.001
	return around(
		ui.Tiles(),
		ui.Tile{Label: "Visitors now", Value: "1,284", Trend: &more, TrendLabel: "than this hour last week", Good: true, Spark: []float64{3, 5, 4, 8, 9, 7, 12}},
		ui.Tile{Label: "Revenue today", Value: "€12,480.50", Trend: &less, TrendLabel: "than this hour last week", Good: true, Href: "/admin/live"},
		ui.Tile{Label: "Refusals", Value: "3", Trend: &more, Note: "of 12,900 events"},
		ui.Tile{Label: "Conversion", Value: "2.4%", Trend: &same, Good: true, Spark: []float64{4, math.NaN(), 4, 4}},
	)
}

func listing() ui.Table {
	row := func(id, title, price, tone string, badge templ.Component) ui.Row {
		return ui.Row{ID: "row-" + id, Tone: tone, Cells: []templ.Component{
			ui.ItemCell(ui.Item{ID: id, Title: title, Href: "/admin/prices/" + id}), ui.NumCell(price), ui.NumCell("142"), badge,
			ui.Bar(62, 100, "62% of the budget"), ui.IntervalBar(ui.Interval{Low: -0.02, Mid: 0.04, High: 0.11, Zero: true, Label: "+4% (−2% to +11%)"}), ui.When(text.For("en"), at),
		}}
	}
	return ui.Table{
		ID: "prices", Caption: "Prices to look at",
		Head: []ui.Column{
			{Title: "Item", Sort: "asc", SortURL: "?sort=-item"},
			{Title: "Price", Number: true, SortURL: "?sort=price"},
			{Title: "Sold", Number: true, Help: "Units that were bought in the last 28 days."},
			{Title: "State"},
			{Title: "Used"},
			{Title: "Effect"},
			{Title: "Changed"},
		},
		Rows: []ui.Row{
			row("sku-1", "Oslo rain jacket", "€129.00", "", ui.Badge("Approved", "good")),
			row("sku-2", "Bergen wool sweater with a rather long name", "€89.90", "warn", ui.Badge("Waits", "warn")),
			row("sku-3", "Tromsø boots <script>", "€199.00", "bad", ui.Badge("Refused", "bad")),
			row("sku-4", "Ålesund cap", "€19.00", "quiet", ui.Badge("Draft", "quiet")),
		},
	}
}

func filledForm(p ui.Page) templ.Component {
	return around(
		ui.Form{Action: "/admin/act?site=fern", ID: "rule", Page: p, Preview: "/admin/preview?site=fern", PreviewInto: "preview"},
		ui.Field{Name: "title", Label: "Name", Help: "Only you and your team see it.", Value: "Rain \"week\"", Required: true},
		around(
			ui.Fields("When and how much"),
			ui.Field{Name: "price", Label: "New price", Kind: "money", Unit: "EUR", Value: "12.50", Error: "below the floor of 14.00"},
			ui.Field{Name: "share", Label: "Discount", Kind: "percent", Value: "10"},
			ui.Field{Name: "from", Label: "Starts", Kind: "datetime"},
			ui.Field{Name: "brand", Label: "Brand", Options: []ui.Choice{{Value: "fern", Label: "Fern"}}},
		),
		ui.Select(ui.Field{Name: "action", Label: "Action", Required: true, Options: []ui.Choice{{Value: "pin", Label: "Pin"}, {Value: "bury", Label: "Bury", Selected: true}}}),
		ui.Check(ui.Field{Name: "on", Label: "Switched on", Value: "on", Help: "Takes effect within a second."}),
		ui.Area(ui.Field{Name: "why", Label: "Why", Value: "because <it> rains"}),
		around(
			ui.Acts(),
			ui.Submit("Save"),
			ui.Button{Label: "Try it", Name: "do", Value: "try", Kind: "quiet"},
			ui.Button{Label: "Remove", Name: "do", Value: "remove", Kind: "danger", Confirm: "Remove this rule?"},
		),
	)
}

func funnel() ui.Steps {
	return ui.Steps{Label: "From view to order", Steps: []ui.Step{
		{Label: "Viewed an item", Count: 12480}, {Label: "Put it into the cart", Count: 2210}, {Label: "Began to check out", Count: 940, Note: "Median 4 minutes after the cart."}, {Label: "Ordered", Count: 702, Href: "/admin/orders"},
	}}
}

func paths() ui.Tree {
	return ui.Tree{Label: "Before an order", Nodes: []ui.Node{
		{Label: "Oslo rain jacket", Value: "420", Share: 1, Open: true, Nodes: []ui.Node{
			{Label: "Search: rain", Value: "210", Share: 0.5, Nodes: []ui.Node{{Label: "Home", Value: "100", Share: 0.24}}},
			{Label: "Category: outdoor", Value: "80", Share: 0.19, Href: "/admin/live"},
		}},
	}}
}

// gallery is a page with every part.
func gallery(lang string) templ.Component {
	p := framed(lang)
	c := charts()
	return around(
		ui.Layout(p),
		ui.Tabs([]ui.Tab{{Label: "To approve", Href: "?tab=a", Active: true}, {Label: "All", Href: "?tab=b"}, {Label: "History", Href: "?tab=c"}}),
		around(ui.Region("tiles"), tiles()),
		around(
			ui.Section("charts", "Charts", "How the shop moved."),
			around(ui.Region("live-chart"), c["lines"]), c["bars"], c["band"], c["shares"], c["empty"],
		),
		around(
			ui.Section("table", "Items", ""),
			around(
				ui.Filters("/admin/prices?site=fern"),
				ui.DateRange("2026-11-14", "2026-11-21", []ui.Tab{{Label: "7 days", Href: "?d=7", Active: true}, {Label: "28 days", Href: "?d=28"}}),
				ui.Field{Name: "q", Label: "Search", Kind: "search"},
			),
			around(ui.Region("rows"), listing()),
			ui.Pager{Prev: "?page=1", Next: "?page=3", Label: "2 of 9"},
		),
		around(ui.Section("form", "A rule", "Changes are live within a second."), filledForm(p)),
		templ.Raw(`<div id="preview"></div>`),
		around(ui.Section("flow", "Funnel and paths", ""), funnel(), paths()),
		around(
			ui.Section("more", "More", ""),
			ui.Deferred("history", "/admin/fragment?site=fern", "What history says"), ui.Deferred("broken", "/admin/broken", "What fails"),
			ui.Empty{Title: "No rules yet", Text: "Rules put items up or down.", ActionLabel: "Make the first", ActionURL: "/admin/rules/new"},
			ui.Problem("The history does not answer", "Ask again in a minute."),
			ui.KeyValues([]ui.KV{{Key: "Key", Value: ui.Copy("pk_live_123")}, {Key: "Made", Value: ui.When(p.Text, at)}, {Key: "Never", Value: ui.When(p.Text, 0)}}),
			ui.List([]templ.Component{ui.Cell("one"), ui.LinkCell("/admin", "two"), ui.Cells(ui.CodeCell("three"), ui.MutedCell("four"))}),
			around(ui.Details("For engineers"), ui.Cell("Offset 7 of the control log.")),
			ui.LinkButton("A link", "/admin", ""),
		),
	)
}

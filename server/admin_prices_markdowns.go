package main

import (
	"crypto/rand"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/prices"
	"beckon/dashboards/ui"
	"beckon/pricing"
	"beckon/server/shop"
	"beckon/web/text"
)

// reducedShown is how many items a preview of a markdown shows; it counts all.
const reducedShown = 25

func (n *node) markdownsPage(a *adminRequest) error {
	form := prices.MarkdownForm{
		Items: a.Query("items"), Category: a.Query("category"), Percent: a.Query("percent"), Amount: a.Query("amount"), From: a.Query("from"), Until: a.Query("until"),
	}
	if a.Query("format") == "csv" {
		return n.markdownFile(a)
	}
	v := n.markdownsView(a, form)
	if form.Items != "" && (form.Percent != "" || form.Amount != "") {
		v.Reduced = n.reducedBy(a, form)
	}
	return a.render(n.markdownsFrame(a, v))
}

func (n *node) markdownsFrame(a *adminRequest, v prices.MarkdownsView) templ.Component {
	p := a.page("prices", a.text.T("prices.tab.markdowns"))
	p.Lead, p.Up = a.text.T("prices.markdowns.lead"), &ui.Link{Label: a.text.T("prices.title"), Href: p.URL("/admin/prices")}
	p.CSV = p.URL("/admin/pricing/markdowns", "format", "csv")
	return prices.MarkdownsPage(p, v)
}

func (n *node) markdownsView(a *adminRequest, form prices.MarkdownForm) prices.MarkdownsView {
	p := ui.Page{Site: a.site.ID}
	v := prices.MarkdownsView{Now: a.now.UnixMilli(), CanChange: a.user.Role.May(shop.Merchandiser), Form: form}
	v.Form.PreviewURL = p.URL("/admin/pricing/markdowns/preview")
	if t := n.itemTable(a.ctx, a.site.ID, 0); t != nil {
		v.Form.Categories = t.categories
	}
	list := n.folds.book.Markdowns(a.site.ID)
	slices.SortStableFunc(list, func(x, y *pricing.Markdown) int { return int(x.Until - y.Until) })
	for _, m := range list[:min(len(list), maxAnswers)] {
		x := prices.Announced{
			ID: m.ID, Items: len(m.Items), Skipped: len(m.Skipped), Percent: m.Percent, Amount: m.Amount, From: m.From, Until: m.Until, Running: m.Running, Overdue: m.Overdue,
			EndURL: p.URL("/admin/pricing/markdowns/" + m.ID + "/end"),
		}
		if len(m.Items) > 0 {
			x.First = ui.Item{ID: m.Items[0], Href: p.URL("/admin/prices/" + m.Items[0])}
			if it, ok := n.shop.Item(a.site.ID, m.Items[0]); ok {
				x.First = productCell(p, it, "/admin/prices/")
				_, x.Currency = it.In(m.Market)
			}
		}
		v.List = append(v.List, x)
	}
	return v
}

func (n *node) markdownFile(a *adminRequest) error {
	head := []string{"id", "items", "market", "percent", "amount_minor", "from", "until", "state"}
	return a.csv("markdowns", head, func(yield func([]string) bool) {
		for _, m := range n.folds.book.Markdowns(a.site.ID) {
			state := "scheduled"
			if m.Running {
				state = "running"
			}
			line := []string{m.ID, strings.Join(m.Items, " "), m.Market, trimmed(m.Percent), trimmed(float64(m.Amount)), isoTime(m.From), isoTime(m.Until), state}
			if !yield(line) {
				return
			}
		}
	})
}

// announcement reads the form. Errors stand at its fields; ok is false where there are any.
func (n *node) announcement(a *adminRequest, f *prices.MarkdownForm) (b pricing.Announce, ok bool) {
	t := a.text
	b.Items = n.namedItems(a, f)
	switch {
	case f.Items == "" && f.Category == "":
		f.ItemsError = t.T("prices.announce.no_items")
	case len(b.Items) == 0:
		f.ItemsError = t.T("prices.announce.unknown_items")
	case len(b.Items) > pricing.MaxMarkdownItems:
		f.ItemsError = t.T("prices.reduced.too_many", "most", t.Int(pricing.MaxMarkdownItems))
	}
	switch {
	case f.Percent == "" && f.Amount == "":
		f.PercentError = t.T("prices.announce.how_much.none")
	case f.Percent != "" && f.Amount != "":
		f.AmountError = t.T("prices.announce.how_much.both")
	case f.Percent != "":
		v, read := readNumber(strings.TrimSuffix(f.Percent, "%"))
		if !read || v < 1 || v > 95 {
			f.PercentError = t.T("prices.announce.bad_percent")
		}
		b.Percent = v
	case len(b.Items) > 1:
		f.AmountError = t.T("prices.announce.amount.one")
	case len(b.Items) == 1:
		it, known := n.shop.Item(a.site.ID, b.Items[0])
		if known {
			b.Amount, known = text.Minor(f.Amount, it.Currency)
		}
		if !known || b.Amount <= 0 {
			f.AmountError = t.T("prices.bad.money")
		}
	}
	if f.From != "" {
		if b.From, ok = readDatetime(f.From); !ok {
			f.FromError = t.T("prices.bad.date")
		}
	}
	b.Until, ok = readDatetime(f.Until)
	switch {
	case !ok:
		f.UntilError = t.T("prices.announce.no_until")
	case b.Until <= max(b.From, a.now.UnixMilli()):
		f.UntilError = t.T("prices.announce.until_past")
	}
	return b, f.ItemsError == "" && f.PercentError == "" && f.AmountError == "" && f.FromError == "" && f.UntilError == ""
}

// namedItems are the catalog's items that a form names: one by one, and as a category.
func (n *node) namedItems(a *adminRequest, f *prices.MarkdownForm) []string {
	site := a.site.ID
	var ids []string
	words := strings.FieldsFunc(f.Items, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	for _, id := range words[:min(len(words), pricing.MaxMarkdownItems+1)] {
		if _, ok := n.shop.Item(site, id); ok {
			ids = append(ids, id)
		}
	}
	if f.Category != "" {
		table := n.itemTable(a.ctx, site, 0)
		if a.Method() != fiber.MethodGet { // what is announced counts items of this moment; a look may miss those of the last minute
			table = nil
		}
		ids = append(ids, n.itemsIn(site, f.Category, pricing.MaxMarkdownItems, table)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// markdownPreview is the fragment that says what the markdown in the form would do.
func (n *node) markdownPreview(a *adminRequest) error {
	f := prices.MarkdownForm{
		Items: a.Query("items"), Category: a.Query("category"), Percent: a.Query("percent"), Amount: a.Query("amount"), From: a.Query("from"), Until: a.Query("until"),
	}
	return a.render(prices.ReducedFragment(a.page("prices", ""), *n.reducedBy(a, f)))
}

// reducedBy is what the markdown of a form would do if it began now. What is missing of its times does not matter to that.
func (n *node) reducedBy(a *adminRequest, f prices.MarkdownForm) *prices.Reduced {
	b, _ := n.announcement(a, &f)
	for _, wrong := range []string{f.ItemsError, f.PercentError, f.AmountError} {
		if wrong != "" && len(b.Items) <= pricing.MaxMarkdownItems {
			return &prices.Reduced{Error: wrong}
		}
	}
	now := a.now.UnixMilli()
	p := ui.Page{Site: a.site.ID}
	out := &prices.Reduced{Items: len(b.Items), Later: b.From > now, MaxItems: pricing.MaxMarkdownItems}
	for _, id := range b.Items[:min(len(b.Items), pricing.MaxMarkdownItems)] {
		it, ok := n.shop.Item(a.site.ID, id)
		if !ok {
			continue
		}
		r := n.folds.book.Reduction(a.site.ID, id, "", *pricingItem(it, now), b.Percent, b.Amount, now)
		row := prices.ReducedRow{Item: productCell(p, it, "/admin/prices/"), Currency: it.Currency, Price: it.Public, Reference: r.Reference, Amount: r.Amount}
		if r.Refused != nil {
			row.Refused = r.Refused.Code
		} else {
			out.Can++
		}
		if len(out.Rows) < reducedShown {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// takeMarkdown announces a reduction.
func (n *node) takeMarkdown(a *adminRequest) error {
	f := prices.MarkdownForm{
		Items: a.form("items"), Category: a.form("category"), Percent: a.form("percent"), Amount: a.form("amount"), From: a.form("from"), Until: a.form("until"),
	}
	b, ok := n.announcement(a, &f)
	if ok {
		_, offset, err := a.priceRecord(pricing.DoMarkdown, "m_"+strings.ToLower(rand.Text()), b)
		if err == nil {
			return a.changed(offset, "/admin/pricing/markdowns")
		}
		why, refused := a.priceRefusal(err)
		if !refused {
			return err
		}
		f.All = why
	}
	v := n.markdownsView(a, f)
	if len(b.Items) > 0 && (b.Percent > 0 || b.Amount > 0) {
		v.Reduced = n.reducedBy(a, f)
	}
	return a.renderStatus(fiber.StatusUnprocessableEntity, n.markdownsFrame(a, v))
}

// endMarkdown ends a reduction, or calls one off that has not begun: the price before returns.
func (n *node) endMarkdown(a *adminRequest) error {
	_, offset, err := a.priceRecord(pricing.DoMarkdownEnd, a.Params("id"), pricing.EndMarkdown{})
	if err != nil {
		return err
	}
	return a.changed(offset, "/admin/pricing/markdowns")
}

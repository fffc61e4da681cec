package main

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/clickstream"
	"beckon/clickstream/history"
	livepages "beckon/dashboards/live"
	"beckon/dashboards/ui"
	"beckon/server/shop"
)

func (n *node) visitorPage(a *adminRequest) error {
	id, err := a.visitor()
	if err != nil {
		return err
	}
	p := a.page("live", a.text.T("live.visitor_title"))
	p.Up = &ui.Link{Label: a.text.T("live.title"), Href: p.URL("/admin/live")}
	p.Lead = a.text.T("live.visitor_lead")
	v := n.visitorView(p, a.site, id, a.now)
	v.Timeline = p.URL("/admin/live/visitors/" + id + "/timeline")
	if v.Known {
		p.Topics = []string{"visitor?id=" + id}
		v.Advice = p.URL("/admin/recommendations/preview", "visitor", id)
	}
	if a.user.Role.May(shop.Admin) {
		v.Export, v.Erase = p.URL("/admin/live/visitors/"+id+"/export"), p.URL("/admin/live/visitors/"+id+"/erase")
	}
	v.Erasing = n.eraser.pending.has(a.site.ID, id)
	return a.render(livepages.VisitorPage(p, v))
}

// visitor is the visitor that the path names.
func (a *adminRequest) visitor() (string, error) {
	id := a.Params("id")
	if !validVisitor(id) {
		return "", fail(404, "not_found", "no visitor has such a name")
	}
	return id, nil
}

const (
	recentShown = 20
	stepsShown  = 30
)

// visitorView is what the folds hold of a visitor.
func (n *node) visitorView(p ui.Page, site shop.Site, id string, wall time.Time) livepages.Visitor {
	at := n.clock(site.ID, wall)
	v := livepages.Visitor{ID: id, Now: at}
	var view clickstream.ShopperView
	if !n.runner.View(site.ID, id, &view) {
		return v
	}
	v.Known = true
	v.Profile = n.visitorProfile(p, site, id, &view, at)
	if w, ok := n.numbers.Visit(site.ID, id, at); ok {
		one := n.liveVisit(p, site.ID, &w)
		v.Visit = &one
	}
	for _, s := range slices.Backward(view.Session) {
		if len(v.Steps) < stepsShown {
			v.Steps = append(v.Steps, livepages.Step{At: s.Time(), Name: s.Kind().String(), Item: n.itemCell(p, site.ID, s.Item())})
		}
	}
	for _, it := range view.Cart {
		v.Cart = append(v.Cart, n.visitorLine(p, site.ID, it))
	}
	for _, it := range view.Bought {
		v.Bought = append(v.Bought, n.visitorLine(p, site.ID, it))
	}
	for _, it := range view.Recent[:min(len(view.Recent), recentShown)] {
		v.Recent = append(v.Recent, livepages.Step{At: it.Time, Name: it.Kind.String(), Item: n.itemCell(p, site.ID, it.Item)})
	}
	return v
}

func (n *node) visitorLine(p ui.Page, site string, it clickstream.ShopperItem) livepages.Line {
	l := livepages.Line{Item: n.itemCell(p, site, it.Item), Quantity: it.Quantity, At: it.Time}
	if known, ok := n.shop.Item(site, it.Item); ok && known.Currency != "" {
		l.Price = p.Text.Money(known.Public, known.Currency)
	}
	return l
}

func (n *node) visitorProfile(p ui.Page, site shop.Site, id string, view *clickstream.ShopperView, at int64) livepages.Profile {
	f := livepages.Profile{
		User: view.User, Machine: view.Bot, Analytics: view.Consent&clickstream.Analytics != 0, Personal: view.Consent&clickstream.Personalization != 0,
		First: view.First, Last: view.Last, Visits: view.Visits, Device: p.Text.T("overview.device." + view.Device.String()), Source: sourceWord(p, view.Source),
		Views: view.Views, Carts: view.Carts, Purchases: view.Purchases, Searches: view.Searches, Search: view.LastSearch,
	}
	if view.Spent > 0 && site.Currency != "" {
		f.Spent = p.Text.Money(view.Spent, site.Currency)
	}
	mine := n.segmentsOf(site.ID, view, at)
	for _, c := range n.segmentChoices(site.ID, p.Text) {
		if slices.Contains(mine, c.Value) {
			f.Segments = append(f.Segments, ui.Link{Label: c.Label, Href: p.URL("/admin/segments/" + c.Value)})
		}
	}
	if view.User != "" {
		for _, other := range n.runner.Visitors(site.ID, view.User) {
			if other != id {
				f.Devices = append(f.Devices, ui.Link{Label: other, Href: visitorURL(p, other)})
			}
		}
	}
	return f
}

const (
	timelineDays = 90
	timelineRows = 50
)

// visitorTimeline is the fragment with what the history knows, and what the newest events add that is not there yet.
func (n *node) visitorTimeline(a *adminRequest) error {
	id, err := a.visitor()
	if err != nil {
		return err
	}
	p := a.page("live", a.text.T("live.timeline"))
	at := n.clock(a.site.ID, a.now)
	ask := history.TimelineAsk{
		Scope:   history.Scope{Site: a.site.ID, From: max(at/dayMs*dayMs-timelineDays*dayMs, 0), To: at/dayMs*dayMs + dayMs, Limit: timelineRows},
		Visitor: id, After: a.Query("after"),
	}
	answer, err := cachedAnswer(n, a.site.ID, "timeline", ask, func(ctx context.Context, q *history.Questions) (history.TimelineAnswer, error) {
		return q.Timeline(ctx, ask)
	})
	if err != nil {
		return a.renderAnswer(nil, err)
	}
	v := livepages.Timeline{From: ask.From}
	for i := range answer.Events {
		v.Events = append(v.Events, n.pastEvent(p, a.site.ID, &answer.Events[i]))
	}
	if answer.Next != "" {
		v.Next = p.URL("/admin/live/visitors/"+id+"/timeline", "after", answer.Next)
	}
	return a.render(livepages.TimelinePart(p, v))
}

func (n *node) pastEvent(p ui.Page, site string, e *history.TimelineEvent) livepages.Event {
	out := livepages.Event{Seq: e.Seq, At: e.Time, Name: e.Name, Visitor: e.Visitor, Machine: e.Machine, Late: e.Late, About: e.SearchTerm}
	if len(e.Items) > 0 {
		out.Item, out.Others = n.itemCell(p, site, e.Items[0].ID), len(e.Items)-1
	} else if out.About == "" {
		out.About = pathOf(e.URL)
	}
	if e.Value > 0 && e.Currency != "" {
		out.Value = p.Text.Money(e.Value, e.Currency)
	}
	return out
}

// visitorFile is all that is held of a visitor, as the visitor would get it.
func (n *node) visitorFile(a *adminRequest) error {
	id, err := a.visitor()
	if err != nil {
		return err
	}
	a.Set(fiber.HeaderContentDisposition, `attachment; filename="visitor-`+fileName(id)+`.json"`)
	return n.sendVisitor(a.Ctx, a.site.ID, id)
}

// eraseVisitor erases a visitor everywhere.
func (n *node) eraseVisitor(a *adminRequest) error {
	id, err := a.visitor()
	if err != nil {
		return err
	}
	if _, err := n.wishErasure(a.ctx, a.site.ID, id, a.actor()); err != nil {
		return err
	}
	return a.Redirect(a.page("live", "").URL("/admin/live/visitors/"+id), fiber.StatusSeeOther)
}

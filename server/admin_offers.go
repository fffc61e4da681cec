package main

import (
	"iter"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"beckon/dashboards/audit"
	"beckon/dashboards/offers"
	"beckon/dashboards/ui"
	ledger "beckon/pricing/offers"
	"beckon/server/shop"
	"beckon/web/text"
)

func (n *node) offerRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/offers", shop.Viewer, n.offersPage},
		{"GET", "/admin/offers/new", shop.Merchandiser, n.newOfferPage},
		{"POST", "/admin/offers/new", shop.Merchandiser, n.takeNewOffer},
		{"GET", "/admin/offers/:id", shop.Viewer, n.offerPage},
		{"GET", "/admin/offers/:id/edit", shop.Merchandiser, n.editOfferPage},
		{"POST", "/admin/offers/:id/edit", shop.Merchandiser, n.takeOffer},
		{"POST", "/admin/offers/:id/state", shop.Merchandiser, n.takeOfferState},
		{"POST", "/admin/offers/:id/remove", shop.Merchandiser, n.takeOfferRemoval},
	}
}

// liveCampaigns bounds the campaigns whose own pages are rendered for live frames; others' numbers move when their page is opened again.
const liveCampaigns = 20

func (n *node) offerTopics() []adminTopic {
	return []adminTopic{{"offers", shop.Viewer, func(f frame) (map[string]templ.Component, error) {
		v := n.offersView(f.site, f.text, f.now.UnixMilli())
		p := ui.Page{Text: f.text, Site: f.site.ID}
		out := map[string]templ.Component{offers.TilesRegion: offers.Tiles(p, v), offers.ListRegion: offers.List(p, v)}
		shown := 0
		for _, c := range v.Campaigns {
			if c.State == "ended" || shown == liveCampaigns {
				continue
			}
			if r, ok := n.folds.offers.Campaign(f.site.ID, c.ID); ok {
				one := n.offerNow(f.site, f.text, r, f.now.UnixMilli())
				out[offers.OneRegion+c.ID], out[offers.LiveRegion(c.ID)] = offers.Now(p, one), offers.Hands(p, one)
				shown++
			}
		}
		return out, nil
	}}, n.experimentTopic()}
}

func (n *node) offersPage(a *adminRequest) error {
	v := n.offersView(a.site, a.text, a.now.UnixMilli())
	if a.Query("format") == "csv" {
		return a.csv("offers", offersHead, offerLines(v))
	}
	v.May = a.user.Role.May(shop.Merchandiser)
	p := a.page("offers", a.text.T("offers.title"))
	p.Lead, p.Topics, p.CSV = a.text.T("offers.lead"), []string{"offers"}, p.URL("/admin/offers", "format", "csv")
	return a.render(offers.Page(p, v))
}

var offersHead = []string{
	"id", "title", "state", "currency", "budget", "spent", "reserved", "free", "granted", "live", "redeemed", "expired", "cancelled", "held_out",
	"effect", "effect_low", "effect_high", "rescued", "rescued_low", "rescued_high", "extra_revenue",
}

// offerLines are the campaigns as a file has them: money in whole units with a point, changes as fractions.
func offerLines(v offers.View) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for i := range v.Campaigns {
			c := &v.Campaigns[i]
			line := []string{c.ID, c.Title, c.State, c.Currency}
			for _, m := range []int64{c.Budget, c.Spent, c.Reserved, c.Free()} {
				line = append(line, text.Plain(m, c.Currency))
			}
			for _, count := range []int64{c.Granted, c.Live, c.Redeemed, c.Expired, c.Cancelled, c.Held} {
				line = append(line, strconv.FormatInt(count, 10))
			}
			line = append(line, fractions(c.Effect.Relative, 4)...)
			line = append(line, fractions(c.Effect.Rescued, 1)...)
			extra := ""
			if c.Effect.Extra != nil {
				extra = text.Plain(int64(c.Effect.Extra.Mid), c.Currency)
			}
			if !yield(append(line, extra)) {
				return
			}
		}
	}
}

// fractions are an interval's middle, low and high; nothing for none.
func fractions(i *offers.Interval, digits int) []string {
	if i == nil {
		return []string{"", "", ""}
	}
	out := make([]string, 0, 3)
	for _, v := range []float64{i.Mid, i.Low, i.High} {
		out = append(out, strconv.FormatFloat(v, 'f', digits, 64))
	}
	return out
}

// offersView is all campaigns: running ones first, ended ones last, the newest first.
func (n *node) offersView(site shop.Site, t *text.Printer, now int64) offers.View {
	v := offers.View{Currency: site.Currency, Now: now}
	for _, r := range n.folds.offers.Campaigns(site.ID) {
		v.Campaigns = append(v.Campaigns, n.campaignView(site, t, r, now))
	}
	order := func(c offers.Campaign) int {
		return slices.Index([]string{"active", "waits", "paused", "over", "ended"}, c.State)
	}
	slices.SortStableFunc(v.Campaigns, func(a, b offers.Campaign) int {
		if d := order(a) - order(b); d != 0 {
			return d
		}
		return int(min(max(b.Created-a.Created, -1), 1))
	})
	return v
}

// campaignState is what a campaign's state and schedule come to at now.
func campaignState(c *ledger.Campaign, now int64) string {
	switch {
	case c.State != ledger.Active:
		return string(c.State)
	case now < c.Starts:
		return "waits"
	case c.Ends > 0 && now >= c.Ends:
		return "over"
	}
	return "active"
}

func (n *node) campaignView(site shop.Site, t *text.Printer, r ledger.Report, now int64) offers.Campaign {
	c := r.Campaign
	return offers.Campaign{
		ID: c.ID, Title: c.Title, State: campaignState(c, now), Currency: c.Budget.Currency, Budget: c.Budget.Amount,
		Spent: r.Totals.Spent, Reserved: r.Totals.Reserved, Granted: r.Totals.Granted, Live: r.Totals.Live, Redeemed: r.Totals.Redeemed,
		Expired: r.Totals.Expired, Cancelled: r.Totals.Cancelled, Held: r.Totals.Held, Created: c.Created, Changed: c.Changed,
		Settings: n.campaignSettings(site, t, c), Effect: n.campaignEffect(site.ID, c, now),
	}
}

func (n *node) campaignSettings(site shop.Site, t *text.Printer, c *ledger.Campaign) offers.Settings {
	a := &c.Audience
	s := offers.Settings{
		Idle: c.Trigger.Idle, MinViews: c.Trigger.MinViews, NeedSearch: c.Trigger.NeedSearch, MinCart: a.MinCart, MaxCart: a.MaxCart,
		Categories: a.Categories, Visit: a.Segment, Percent: c.Discount.Kind == ledger.Percent, Value: c.Discount.Value, Max: c.Discount.Max,
		Holdout: c.Holdout, PerShopper: c.Caps.PerShopper, PerDay: c.Caps.PerDay, InTotal: c.Caps.Total, Life: c.TTL, Starts: c.Starts, Ends: c.Ends,
		Disclosure: c.Disclosure, OwnDisclosure: c.Disclosure != ledger.DefaultDisclosure,
	}
	if !s.OwnDisclosure {
		s.Disclosure = t.T("shopper.offer_disclosure")
	}
	p := ui.Page{Site: site.ID}
	if len(a.Segments) > 0 {
		choices := n.segmentChoices(site.ID, t)
		for _, id := range a.Segments {
			label := id
			if i := slices.IndexFunc(choices, func(c ui.Choice) bool { return c.Value == id }); i >= 0 {
				label = choices[i].Label
			}
			s.Segments = append(s.Segments, ui.Link{Label: label, Href: p.URL("/admin/segments/" + id)})
		}
	}
	for _, id := range a.Items {
		s.Items = append(s.Items, n.shownItem(site.ID, id))
	}
	return s
}

// shownItem is an item as lists of the dashboard show it.
func (n *node) shownItem(site, id string) ui.Item {
	it := ui.Item{ID: id}
	if known, ok := n.shop.Item(site, id); ok {
		it.Title, it.Image = known.Title, known.Image
	}
	return it
}

func (n *node) offerPage(a *adminRequest) error {
	r, ok := n.folds.offers.Campaign(a.site.ID, a.Params("id"))
	if !ok {
		return fail(404, "unknown_campaign", "%s", a.text.T("offers.unknown"))
	}
	v := n.offerNow(a.site, a.text, r, a.now.UnixMilli())
	v.May = a.user.Role.May(shop.Merchandiser)
	history, err := n.offerHistory(a, r.Campaign.ID)
	if err != nil {
		return err
	}
	v.History = history
	p := a.page("offers", v.Title)
	p.Lead, p.Topics = a.text.T("offers.one.lead"), []string{"offers"}
	p.Up = &ui.Link{Label: a.text.T("offers.title"), Href: p.URL("/admin/offers")}
	return a.render(offers.OnePage(p, v))
}

// maxLiveOffers is how many live offers a campaign's page lists.
const maxLiveOffers = 20

// offerNow is what moves on a campaign's page.
func (n *node) offerNow(site shop.Site, t *text.Printer, r ledger.Report, now int64) offers.One {
	v := offers.One{Campaign: n.campaignView(site, t, r, now), Now: now}
	for _, o := range n.folds.offers.LiveOf(site.ID, v.ID, maxLiveOffers) {
		live := offers.Offer{Amount: o.Amount, Granted: o.Granted, Expires: o.Expires}
		if o.Item != "" {
			it := n.shownItem(site.ID, o.Item)
			live.Item = &it
		}
		v.Offers = append(v.Offers, live)
	}
	for code, count := range r.Totals.Refusals {
		v.Refusals = append(v.Refusals, offers.Refused{Code: code, N: count})
	}
	slices.SortFunc(v.Refusals, func(a, b offers.Refused) int {
		if a.N != b.N {
			return int(min(max(b.N-a.N, -1), 1))
		}
		if a.Code < b.Code {
			return -1
		}
		return 1
	})
	return v
}

// offerHistory is who changed the campaign.
func (n *node) offerHistory(a *adminRequest, id string) ([]offers.Change, error) {
	list, _, err := n.shop.Changes(a.site.ID, shop.AuditQuery{Kind: "campaign", ID: id, Limit: 30})
	if err != nil {
		return nil, err
	}
	p := ui.Page{Site: a.site.ID}
	var out []offers.Change
	for i := range list {
		e := &list[i]
		view := n.auditView(e)
		c := offers.Change{
			At: e.Time, Actor: audit.Who(a.text, e.Actor), What: audit.What(a.text, &view),
			Href: p.URL("/admin/audit/" + strconv.FormatUint(e.Offset, 10)), Why: "–",
		}
		if e.Undo {
			c.Undo = undoURL(a.site.ID, e.Offset)
		}
		out = append(out, c)
	}
	return out, nil
}

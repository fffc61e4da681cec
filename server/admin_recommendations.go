package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"beckon/clickstream/history"
	"beckon/dashboards/recommendations"
	"beckon/server/shop"
)

func (n *node) recommendationRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/recommendations", shop.Viewer, n.adminRecommendations},
		{"GET", "/admin/recommendations/period", shop.Viewer, n.adminRecommendationPeriod},
		{"GET", "/admin/recommendations/period.csv", shop.Viewer, n.adminRecommendationPeriodCSV},
		{"GET", "/admin/recommendations/items", shop.Viewer, n.adminRecommendationItems},
		{"GET", "/admin/recommendations/items.csv", shop.Viewer, n.adminRecommendationItemsCSV},
		{"GET", "/admin/recommendations/preview", shop.Viewer, n.adminPreview},
		{"GET", "/admin/recommendations/preview/answer", shop.Viewer, n.adminPreviewAnswer},
	}
}

func (n *node) recommendationTopics() []adminTopic {
	return []adminTopic{{"recommendations", shop.Viewer, func(f frame) (map[string]templ.Component, error) {
		return map[string]templ.Component{"recs-live": recommendations.LiveTable(f.text, f.n.liveRecommendations(f.site.ID))}, nil
	}}}
}

// usualDays is the range of days that pages begin with.
const usualDays = 7

func (n *node) adminRecommendations(a *adminRequest) error {
	p := a.page("recommendations", a.text.T("recommendations.title"))
	p.Lead, p.Topics = a.text.T("recommendations.lead"), []string{"recommendations"}
	r, problem := a.days(usualDays)
	v := recommendations.View{
		From: isoDay(r.from), To: isoDay(r.to - dayMs), Presets: a.dayPresets(a.elsewhere("/admin/recommendations"), r), Range: problem,
		Preview: p.URL("/admin/recommendations/preview"), Live: n.liveRecommendations(a.site.ID),
	}
	if problem == "" {
		v.Period, v.Items = a.elsewhere("/admin/recommendations/period"), a.elsewhere("/admin/recommendations/items")
		p.CSV = a.elsewhere("/admin/recommendations/period.csv")
	}
	return a.render(recommendations.Page(p, v))
}

func (n *node) liveRecommendations(site string) (v recommendations.Live) {
	for _, o := range n.engine.Outcomes(site) {
		v.Rows = append(v.Rows, recommendations.LiveRow{Placement: o.Placement, Kind: o.Kind, Shown: o.Shown, Taken: o.Taken, Weight: o.Weight, Start: o.Start})
	}
	slices.SortStableFunc(v.Rows, func(a, b recommendations.LiveRow) int {
		return cmp.Or(cmp.Compare(slices.Index(placements, a.Placement), slices.Index(placements, b.Placement)), cmp.Compare(b.Shown, a.Shown))
	})
	return v
}

func (n *node) adminRecommendationPeriod(a *adminRequest) error {
	v, err := n.recommendationPeriod(a)
	return a.renderAnswer(recommendations.PeriodPart(a.page("recommendations", ""), v), err)
}

func (n *node) adminRecommendationPeriodCSV(a *adminRequest) error {
	v, err := n.recommendationPeriod(a)
	if err != nil {
		return a.noAnswer(err)
	}
	head, rows := recommendations.PeriodCSV(a.text, &v)
	return a.csv("recommendations-"+a.site.ID+"-"+isoDay(a.siteDay()), head, rows)
}

// recommendationPeriod asks once for the range and the one before it, and tells them apart by the day of the impression.
func (n *node) recommendationPeriod(a *adminRequest) (v recommendations.Period, err error) {
	r, problem := a.days(usualDays)
	if problem != "" {
		return v, fail(400, "bad_range", "%s", problem)
	}
	ask := history.ConversionAsk{
		Scope: history.Scope{Site: a.site.ID, From: r.before().from, To: r.to, Fast: true, Limit: 200}, Days: true,
	}
	got, err := cachedAnswer(n, a.site.ID, "conversion", ask, func(ctx context.Context, q *history.Questions) (history.ConversionAnswer, error) {
		return q.Conversion(ctx, ask)
	})
	if err != nil {
		return v, err
	}
	const counted = 7 * dayMs // a purchase after a click: ConversionAsk's own window
	v = recommendations.Period{Days: r.days(), OneIn: got.OneIn, Open: r.to+counted > n.clock(a.site.ID, a.now)}
	v.ByDay, v.DayBefore = emptyDays(r), emptyDays(r.before())
	var rows, places, rowsBefore, placesBefore sums
	for i := range got.Days {
		d := &got.Days[i]
		place := d.ConversionRow
		place.Kind = ""
		if d.Start >= r.from {
			addDay(v.ByDay, r.from, d)
			rows.add(&d.ConversionRow)
			places.add(&place)
			addTo(&v.Total, &d.ConversionRow)
		} else {
			addDay(v.DayBefore, r.before().from, d)
			rowsBefore.add(&d.ConversionRow)
			placesBefore.add(&place)
			addTo(&v.Before, &d.ConversionRow)
		}
	}
	v.Rows, v.By = rows.against(&rowsBefore), places.against(&placesBefore)
	return v, nil
}

func emptyDays(r dayRange) []recommendations.Day {
	days := make([]recommendations.Day, r.days())
	for i := range days {
		days[i].Start = r.from + int64(i)*dayMs
	}
	return days
}

func addDay(days []recommendations.Day, from int64, d *history.ConversionDay) {
	if i := int((d.Start - from) / dayMs); i < len(days) {
		days[i].Shown += d.Impressions
		days[i].Clicks += d.Clicks
	}
}

func addTo(r *recommendations.Row, c *history.ConversionRow) {
	r.Shown += c.Impressions
	r.Clicks += c.Clicks
	r.Carts += c.Carts
	r.Purchases += c.Purchases
	for _, m := range c.Revenue {
		i := slices.IndexFunc(r.Revenue, func(had recommendations.Money) bool { return had.Currency == m.Currency })
		if i < 0 {
			i = len(r.Revenue)
			r.Revenue = append(r.Revenue, recommendations.Money{Currency: m.Currency})
		}
		r.Revenue[i].Minor += m.Minor
	}
}

// sums are rows by place and kind.
type sums map[[2]string]*recommendations.Row

func (s *sums) add(c *history.ConversionRow) {
	if *s == nil {
		*s = sums{}
	}
	key := [2]string{c.Placement, c.Kind}
	if (*s)[key] == nil {
		(*s)[key] = &recommendations.Row{Placement: c.Placement, Kind: c.Kind}
	}
	addTo((*s)[key], c)
}

// against is the rows with what they were before, the most shown first.
func (s *sums) against(before *sums) []recommendations.Row {
	var list []recommendations.Row
	for key, r := range *s {
		r.Earlier = (*before)[key]
		slices.SortFunc(r.Revenue, func(a, b recommendations.Money) int { return cmp.Compare(b.Minor, a.Minor) })
		list = append(list, *r)
	}
	slices.SortFunc(list, func(a, b recommendations.Row) int {
		return cmp.Or(cmp.Compare(b.Shown, a.Shown), strings.Compare(a.Placement, b.Placement), strings.Compare(a.Kind, b.Kind))
	})
	return list
}

func (n *node) adminRecommendationItems(a *adminRequest) error {
	v, err := n.recommendationItems(a, 20)
	return a.renderAnswer(recommendations.ItemsPart(a.page("recommendations", ""), v), err)
}

func (n *node) adminRecommendationItemsCSV(a *adminRequest) error {
	v, err := n.recommendationItems(a, history.MaxLimit)
	if err != nil {
		return a.noAnswer(err)
	}
	head, rows := recommendations.ItemsCSV(a.text, &v)
	return a.csv("recommended-items-"+a.site.ID+"-"+isoDay(a.siteDay()), head, rows)
}

// recommendationItems is the coverage of two ranges and the items shown most.
func (n *node) recommendationItems(a *adminRequest, limit int) (v recommendations.Items, err error) {
	r, problem := a.days(usualDays)
	if problem != "" {
		return v, fail(400, "bad_range", "%s", problem)
	}
	coverage := func(r dayRange) (history.CoverageAnswer, error) {
		ask := history.CoverageAsk{Scope: history.Scope{Site: a.site.ID, From: r.from, To: r.to}}
		return cachedAnswer(n, a.site.ID, "coverage", ask, func(ctx context.Context, q *history.Questions) (history.CoverageAnswer, error) {
			return q.Coverage(ctx, ask)
		})
	}
	now, err := coverage(r)
	if err != nil {
		return v, err
	}
	before, err := coverage(r.before())
	if err != nil {
		return v, err
	}
	ask := history.TopItemsAsk{Scope: history.Scope{Site: a.site.ID, From: r.from, To: r.to, Limit: limit}, By: history.Impressions}
	top, err := cachedAnswer(n, a.site.ID, "top items", ask, func(ctx context.Context, q *history.Questions) ([]history.ItemCounts, error) {
		return q.TopItems(ctx, ask)
	})
	if err != nil {
		return v, err
	}
	v = recommendations.Items{
		Catalog: n.buyable(a.site.ID), Shown: now.Items, Before: before.Items, Half: now.Half, Impressions: now.Impressions,
		CSV: a.elsewhere("/admin/recommendations/items.csv"),
	}
	for i := range top {
		c := &top[i]
		row := recommendations.ItemRow{
			Item: a.item(c.Item, ""), Shown: c.Impressions, Views: c.Views, Carts: c.Carts, Purchases: c.Purchases,
			Why: a.url("/admin/recommendations/preview", "why", c.Item),
		}
		for _, m := range c.Revenue {
			row.Revenue = append(row.Revenue, recommendations.Money(m))
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

// buyable is how many items may be recommended now.
func (n *node) buyable(site string) (count int64) {
	for _, it := range n.shop.AllItems(site) {
		if it.Available() {
			count++
		}
	}
	return count
}

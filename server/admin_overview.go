package main

import (
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"beckon/clickstream"
	"beckon/dashboards/now"
	"beckon/dashboards/overview"
	"beckon/dashboards/ui"
	"beckon/server/shop"
)

func (n *node) overviewRoutes() []adminRoute {
	return []adminRoute{{"GET", "/admin", shop.Viewer, n.overviewPage}}
}

func (n *node) overviewTopics() []adminTopic {
	return []adminTopic{{"overview", shop.Viewer, func(f frame) (map[string]templ.Component, error) {
		p := framePage(f, "/admin")
		v := n.overviewView(p, f.site, f.now)
		if v.Setup != nil { // the page that waits has no live regions: it is loaded anew
			return nil, nil
		}
		return map[string]templ.Component{
			overview.TilesRegion: overview.Numbers(p, v), overview.NeedsRegion: overview.Needs(p, v), overview.RateRegion: overview.RateChart(p, v),
			overview.DayRegion: overview.DayChart(p, v), overview.FunnelRegion: overview.Funnels(p, v),
			overview.ViewedRegion: overview.MostViewed(p, v), overview.OrdersRegion: overview.NewestOrders(p, v),
		}, nil
	}}}
}

func (n *node) overviewPage(a *adminRequest) error {
	if a.Query("format") == "csv" {
		return n.overviewFile(a)
	}
	p := a.page("overview", a.text.T("overview.title"))
	v := n.overviewView(p, a.site, a.now)
	if v.Setup != nil {
		v.Setup.Script = a.setupScript()
		if a.user.Role.May(shop.Admin) {
			v.Setup.Keys = p.URL("/admin/sites/" + a.site.ID)
		}
		return a.render(overview.Page(p, v))
	}
	p.Lead, p.Topics, p.CSV = a.text.T("overview.lead"), []string{"overview"}, p.With("format", "csv")
	return a.render(overview.Page(p, v))
}

// setupScript is the tag with the site's first live public key, "" if it has none.
func (a *adminRequest) setupScript() string {
	for _, k := range a.n.shop.Keys(a.site.ID) {
		if k.Kind == shop.PublicKey && k.Live(a.now.UnixMilli()) {
			if text, ok := a.n.shop.KeyText(a.site.ID, k.ID); ok {
				return a.scriptLine(text)
			}
		}
	}
	return ""
}

const weekMs = 7 * dayMs

// overviewView is everything on the page, from memory.
func (n *node) overviewView(p ui.Page, site shop.Site, wall time.Time) overview.View {
	at := n.clock(site.ID, wall)
	since := n.numbers.Since(site.ID)
	if since == 0 {
		return overview.View{Now: at, Setup: &overview.Setup{CatalogN: len(n.shop.AllItems(site.ID))}}
	}
	v := overview.View{Now: at}
	if since > at-weekMs {
		v.Since = since
	}
	l := n.numbers.Live(site.ID, at)
	n.overviewTiles(p, &v, site, at, since, &l)
	v.Rate = n.overviewRate(site.ID, at)
	v.Day = n.overviewDay(site.ID, at, since)
	v.InProgress = reached(l.Stages[:])
	today := n.numbers.Sum(site.ID, site.Currency, at/dayMs*dayMs, at+1)
	v.Today = []int64{today.Visits, today.Looked, today.Carted, today.CheckedOut, today.Bought}
	for _, d := range l.Devices {
		v.Devices = append(v.Devices, overview.Share{Label: p.Text.T("overview.device." + d.Name), Visits: d.Visits, Of: l.Visits})
	}
	for i, s := range l.Sources {
		if i < 6 {
			v.Sources = append(v.Sources, overview.Share{Label: sourceWord(p, s.Name), Visits: s.Visits, Of: l.Visits})
		}
	}
	v.Needs = n.overviewNeeds(p, site.ID, wall)
	n.overviewItems(p, &v, site.ID, at)
	return v
}

// reached is how many came at least so far.
func reached(stages []int64) []int64 {
	out := make([]int64, len(stages))
	sum := int64(0)
	for i := len(stages) - 1; i >= 0; i-- {
		sum += stages[i]
		out[i] = sum
	}
	return out
}

func sourceWord(p ui.Page, source string) string {
	switch source {
	case clickstream.Direct:
		return p.Text.T("overview.source_direct")
	case now.OtherSources:
		return p.Text.T("overview.source_other")
	}
	return source
}

func (n *node) overviewTiles(p ui.Page, v *overview.View, site shop.Site, at, since int64, l *now.Live) {
	t := p.Text
	sum := func(from, to int64) now.Counts { return n.numbers.Sum(site.ID, site.Currency, from, to) }
	before := func(from int64, value float64) float64 {
		if from-weekMs < since {
			return math.NaN()
		}
		return value
	}
	midnight := at / dayMs * dayMs
	half, halfThen := sum(at-30*minuteMs, at+1), sum(at-30*minuteMs-weekMs, at+1-weekMs)
	today, then := sum(midnight, at+1), sum(midnight-weekMs, at+1-weekMs)
	hour := sum(at-hourMs, at+1)
	five, fiveThen := sum(at-5*minuteMs, at+1), sum(at-5*minuteMs-weekMs, at+1-weekMs)
	hours := n.hourly(site, at)
	spark := func(of func(*now.Counts) float64) (out []float64) {
		for i := range hours {
			out = append(out, of(&hours[i]))
		}
		return out
	}

	v.Active = overview.Tile{
		Value: t.Int(l.Active), Now: float64(half.Visits), Before: before(at-30*minuteMs, float64(halfThen.Visits)),
		Note: t.N("overview.visits_half_hour", half.Visits), Spark: spark(func(c *now.Counts) float64 { return float64(c.Visits) }),
	}
	open, worth := int64(0), ""
	for _, c := range l.Carts {
		open += c.Carts
		if worth != "" {
			worth += " + "
		}
		worth += t.Money(c.Value, c.Currency)
	}
	v.Carts = overview.Tile{
		Value: t.Int(open), Now: float64(half.Carts), Before: before(at-30*minuteMs, float64(halfThen.Carts)),
		Note: t.T("overview.carts_none"), Spark: spark(func(c *now.Counts) float64 { return float64(c.Carts) }),
	}
	if open > 0 {
		v.Carts.Note = t.T("overview.carts_worth", "worth", worth)
	}
	v.Orders = overview.Tile{
		Value: t.Int(today.Orders), Now: float64(today.Orders), Before: before(midnight, float64(then.Orders)),
		Note: t.N("overview.last_hour", hour.Orders), Spark: spark(func(c *now.Counts) float64 { return float64(c.Orders) }),
	}
	v.Revenue = overview.Tile{
		Value: t.Money(today.Revenue, site.Currency), Now: float64(today.Revenue), Before: before(midnight, float64(then.Revenue)),
		Note: t.T("overview.last_hour_money", "money", t.Money(hour.Revenue, site.Currency)), Spark: spark(func(c *now.Counts) float64 { return float64(c.Revenue) }),
	}
	if others := n.otherMoney(p, site, midnight, at+1); others != "" {
		v.Revenue.Note += " · " + others
	}
	if today.Refunded > 0 {
		v.Revenue.Note += " · " + t.T("overview.refunded", "money", t.Money(today.Refunded, site.Currency))
	}
	v.Conversion = overview.Tile{Value: t.Percent(portion(today.Bought, today.Visits), 1), Now: portion(today.Bought, today.Visits), Before: before(midnight, portion(then.Bought, then.Visits)), Note: t.T("overview.conversion_note")}
	v.Average = overview.Tile{Value: t.T("overview.none"), Now: portion(today.Revenue, today.Paid), Before: before(midnight, portion(then.Revenue, then.Paid)), Note: t.T("overview.average_note")}
	if today.Paid > 0 {
		v.Average.Value = t.Money(today.Revenue/today.Paid, site.Currency)
	}
	v.Visits = overview.Tile{
		Value: t.Int(today.Visits), Now: float64(today.Visits), Before: before(midnight, float64(then.Visits)),
	}
	if today.MachineVisits > 0 {
		v.Visits.Note = t.N("overview.machine_visits", today.MachineVisits)
	}
	v.Events = overview.Tile{
		Value: t.Number(n.eventRate(site.ID, at), 1), Now: float64(five.Events), Before: before(at-5*minuteMs, float64(fiveThen.Events)), Note: t.T("overview.events_note"),
	}
}

// portion is a part of a whole, 0 of nothing.
func portion(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// hourly is the last 24 hours.
func (n *node) hourly(site shop.Site, at int64) []now.Counts {
	out := make([]now.Counts, 0, 24)
	for h := at/hourMs - 23; h <= at/hourMs; h++ {
		out = append(out, n.numbers.Sum(site.ID, site.Currency, h*hourMs, (h+1)*hourMs))
	}
	return out
}

// otherMoney is what was taken in other currencies than the shop's.
func (n *node) otherMoney(p ui.Page, site shop.Site, from, to int64) string {
	var all []string
	for _, m := range n.numbers.Money(site.ID, from, to) {
		if m.Currency != site.Currency && m.Revenue > 0 {
			all = append(all, p.Text.Money(m.Revenue, m.Currency))
		}
	}
	return strings.Join(all, ", ")
}

// eventRate is the events of people a second, over the last minute.
func (n *node) eventRate(site string, at int64) float64 {
	sum := int64(0)
	for _, s := range n.numbers.Seconds(nil, site, at, 60) {
		sum += s.People
	}
	return float64(sum) / 60
}

// rateStep is how many seconds make a point of the chart of the last five minutes.
const rateStep = 5

func (n *node) overviewRate(site string, at int64) (r overview.Rate) {
	all := n.numbers.Seconds(nil, site, at/(rateStep*1000)*rateStep*1000, 300) // whole steps, so that a point does not change
	for i := 0; i+rateStep <= len(all); i += rateStep {
		people, machines := 0.0, 0.0
		for _, s := range all[i : i+rateStep] {
			people += float64(s.People) / rateStep
			machines += float64(s.Machines) / rateStep
		}
		r.X = append(r.X, all[i].At)
		r.People, r.Machines = append(r.People, people), append(r.Machines, machines)
	}
	return r
}

// overviewDay rolls the minutes of a day up to half hours.
func (n *node) overviewDay(site string, at, since int64) (d overview.Day) {
	const step = 30 * minuteMs
	for from := at / dayMs * dayMs; from < at/dayMs*dayMs+dayMs; from += step {
		d.X = append(d.X, from)
		today, last := math.NaN(), math.NaN()
		if from <= at && from+step > since {
			today = float64(n.numbers.Sum(site, "", from, from+step).Visits)
		}
		if from-weekMs >= since {
			last = float64(n.numbers.Sum(site, "", from-weekMs, from-weekMs+step).Visits)
		}
		d.Today, d.LastWeek = append(d.Today, today), append(d.LastWeek, last)
	}
	return d
}

// overviewFile is today's minutes.
func (n *node) overviewFile(a *adminRequest) error {
	at := n.clock(a.site.ID, a.now)
	head := []string{
		"minute", "events", "machine_events", "late_events", "visits", "machine_visits", "item_views", "added_to_cart", "checkouts", "orders", "refunds",
		"visits_looked", "visits_carted", "visits_checkout", "visits_ordered", "revenue_minor", "refunded_minor", "currency",
	}
	var rows iter.Seq[[]string] = func(yield func([]string) bool) {
		for _, m := range n.numbers.Minutes(nil, a.site.ID, a.site.Currency, at/dayMs*dayMs, at+1) {
			row := []string{time.UnixMilli(m.At).UTC().Format(time.RFC3339)}
			for _, v := range []int64{
				m.Events, m.Machines, m.Late, m.Visits, m.MachineVisits, m.Views, m.Carts, m.Checkouts, m.Orders, m.Refunds,
				m.Looked, m.Carted, m.CheckedOut, m.Bought, m.Revenue, m.Refunded,
			} {
				row = append(row, strconv.FormatInt(v, 10))
			}
			if !yield(append(row, a.site.Currency)) {
				return
			}
		}
	}
	return a.csv("minutes-"+a.site.ID, head, rows)
}

package recommendations

import (
	"strings"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// placementKeys and kindKeys are the words for places and kinds; what a shop invents is shown as it is.
var placementKeys = map[string]string{
	"home": "recommendations.place.home", "item": "recommendations.place.item", "cart": "recommendations.place.cart",
	"category": "recommendations.place.category", "search": "recommendations.place.search",
	"post_purchase": "recommendations.place.post_purchase", "email": "recommendations.place.email",
}

var kindKeys = map[string]string{
	"bought_together": "recommendations.kind.bought_together", "viewed_together": "recommendations.kind.viewed_together",
	"session": "recommendations.kind.session", "similar_shoppers": "recommendations.kind.similar_shoppers",
	"trending": "recommendations.kind.trending", "recent": "recommendations.kind.recent", "bestseller": "recommendations.kind.bestseller",
	"pinned": "recommendations.kind.pinned",
}

// PlaceWord is a placement in words.
func PlaceWord(p *text.Printer, placement string) string {
	if key, ok := placementKeys[placement]; ok {
		return p.T(key)
	}
	if placement == "" {
		return p.T("recommendations.place.none")
	}
	return placement
}

// KindWord is a kind of recommendation in words.
func KindWord(p *text.Printer, kind string) string {
	if key, ok := kindKeys[kind]; ok {
		return p.T(key)
	}
	if kind == "" {
		return p.T("recommendations.kind.none")
	}
	return kind
}

// moneyWords is amounts beside each other: they are never added.
func moneyWords(p *text.Printer, all []Money) string {
	if len(all) == 0 {
		return "–"
	}
	words := make([]string, len(all))
	for i, m := range all {
		words[i] = p.Money(m.Minor, m.Currency)
	}
	return strings.Join(words, " + ")
}

// trend is now against before, nil where there was nothing before.
func trend(now, before float64) *float64 {
	if before == 0 {
		return nil
	}
	t := now/before - 1
	return &t
}

func rate(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// first is the amount in the currency of the largest now, and in the same before.
func first(now, before []Money) (m Money, earlier int64) {
	for _, v := range now {
		if v.Minor > m.Minor {
			m = v
		}
	}
	for _, v := range before {
		if v.Currency == m.Currency {
			earlier = v.Minor
		}
	}
	return m, earlier
}

// rateCell is a click rate with its interval on one scale for the whole table.
func rateCell(p *text.Printer, r *Row, oneIn int64, most float64) ui.Interval {
	low, high := Interval(r.Clicks, r.Shown, oneIn)
	return ui.Interval{
		Low: low, Mid: rate(r.Clicks, r.Shown), High: high, Min: 0, Max: most,
		Label: p.T("recommendations.rate", "rate", p.Percent(rate(r.Clicks, r.Shown), 2), "low", p.Percent(low, 2), "high", p.Percent(high, 2)),
	}
}

// change is a click rate against the one before, in words.
func change(p *text.Printer, r *Row) (words, tone string) {
	if r.Earlier == nil || r.Earlier.Shown == 0 || r.Earlier.Clicks == 0 {
		return p.T("recommendations.new"), "quiet"
	}
	t := rate(r.Clicks, r.Shown)/rate(r.Earlier.Clicks, r.Earlier.Shown) - 1
	switch {
	case t > 0.005:
		return p.Signed(t, 0), "good"
	case t < -0.005:
		return p.Signed(t, 0), "bad"
	}
	return p.Signed(t, 0), "quiet"
}

package main

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/pricing/demand"
	"beckon/recommender"
)

// trendAnswer is an item that is looked at much.
type trendAnswer struct {
	Item     string   `json:"item_id"`
	Views    int64    `json:"views"`
	Title    string   `json:"title,omitempty"`
	Expected *float64 `json:"expected,omitempty"` // views; absent while the site's past is too short to say
	Ratio    *float64 `json:"ratio,omitempty"`    // (views+20)/(expected+20)
}

func (n *node) trendAnswer(site string, s *demand.Scored) trendAnswer {
	a := trendAnswer{Item: s.Item, Views: s.Views}
	if it, ok := n.shop.Item(site, s.Item); ok {
		a.Title = it.Title
	}
	if s.Known >= demand.SurgeKnown {
		a.Expected, a.Ratio = rounded(s.Expected), rounded(s.Ratio)
	}
	return a
}

// trendAnswers says of what is viewed most in a window what was to be expected.
func (n *node) trendAnswers(site string, trends []recommender.Trend, window time.Duration, now int64) []trendAnswer {
	names := make([]string, len(trends))
	for i := range trends {
		names[i] = trends[i].Item
	}
	from := (now/minuteMs+1)*minuteMs - (window.Milliseconds()+minuteMs-1)/minuteMs*minuteMs
	out := make([]trendAnswer, 0, len(trends))
	for i, s := range n.demand.Scored(nil, site, names, from, now) {
		s.Views = int64(trends[i].Views)
		s.Ratio, s.Z = demand.Score(float64(s.Views), s.Expected)
		out = append(out, n.trendAnswer(site, &s))
	}
	return out
}

// getSurges answers what everyone is flocking to: the items viewed far more in the last ten minutes than was to be expected.
func (n *node) getSurges(c *fiber.Ctx) error {
	key, err := n.caller(c)
	if err != nil {
		return err
	}
	limit, err := queryLimit(c, defaultLimit, maxLimit)
	if err != nil {
		return err
	}
	now := n.clock(key.Site, n.now())
	out := []trendAnswer{}
	hidden := n.hiddenFromLists(key.Site, n.now().UnixMilli())
	available := func(item string) bool { return n.shop.Available(key.Site, item) && !hidden(item) }
	for _, s := range n.demand.Surges(key.Site, now, limit, available) {
		out = append(out, n.trendAnswer(key.Site, &s))
	}
	return respond(c, 200, map[string]any{"window": "10m0s", "items": out})
}

// getAlerts answers what needs a merchandiser now, the gravest first.
func (n *node) getAlerts(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	found := n.alerts.current(n.work, key.Site, n.now())
	list, counts := found.List, found.Total
	if list == nil {
		list, counts = []alert{}, map[string]int{}
	}
	return respond(c, 200, map[string]any{"as_of": found.At, "alerts": list, "counts": counts})
}

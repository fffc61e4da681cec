package push

import (
	"fmt"
	"slices"
)

// placement is one subscription to recommendations.
type placement struct {
	name, item  string
	fingerprint uint64 // of the items sent last
	model       uint64 // the site's count of model changes when last asked
	rules       uint64 // and of changes of rules
	askedAt     int64  // Unix ms
}

// subscribe adds items and placements and answers with the current state of each. All or nothing is added.
func (w *worker) subscribe(c *conn, cmd *command) error {
	limit := w.hub.cfg.MaxSubscriptions
	items := 0
	for _, f := range c.follows {
		if f.why&subscribed != 0 && !slices.Contains(cmd.Items, f.t.key.item) {
			items++
		}
	}
	placements := 0
	for i := range c.placements {
		if !slices.Contains(cmd.Placements, c.placements[i].name) {
			placements++
		}
	}
	if items+len(cmd.Items) > limit || placements+len(cmd.Placements) > limit {
		return fmt.Errorf("%w: at most %d items and %d placements", errTooMany, limit, limit)
	}
	for _, item := range cmd.Items {
		w.hub.listen(c, item, subscribed)
		w.state(c, item)
	}
	for _, name := range cmd.Placements {
		item := cmd.Item
		if item == "" && name == "item" && len(cmd.Items) > 0 {
			item = cmd.Items[0]
		}
		i := slices.IndexFunc(c.placements, func(p placement) bool { return p.name == name })
		if i < 0 {
			i = len(c.placements)
			c.placements = append(c.placements, placement{name: name})
		}
		c.placements[i].item = item
		if !w.recommend(c, &c.placements[i], 0) {
			c.placements = slices.Delete(c.placements, i, i+1)
			w.fault(c, fmt.Errorf("%w: there is no such placement", errNoPlacement))
		}
	}
	return nil
}

func (w *worker) unsubscribe(c *conn, cmd *command) {
	if len(cmd.Items) > 0 {
		w.hub.ignore(c, subscribed, func(item string) bool { return !slices.Contains(cmd.Items, item) })
	}
	c.placements = slices.DeleteFunc(c.placements, func(p placement) bool { return slices.Contains(cmd.Placements, p.name) })
}

// state sends an item's stock and price as they are now.
func (w *worker) state(c *conn, item string) {
	for _, kind := range [...]string{"stock", "price"} {
		if w.body = w.hub.cfg.Backend.AppendItem(w.body[:0], c.who.Site, item, kind); len(w.body) > 0 {
			w.direct(c, kind, w.body)
		}
	}
}

// recommend asks for a placement and sends the answer, unless its items are those of known. False says that there is no such
// placement. An item placement that was not told its item stands on the page viewed last.
func (w *worker) recommend(c *conn, p *placement, known uint64) bool {
	item := p.item
	if item == "" && p.name == "item" {
		item = c.page
	}
	p.model, p.rules, p.askedAt = c.models.models.Load(), c.models.rules.Load(), w.ms
	body, fingerprint := w.hub.cfg.Backend.AppendRecommendations(w.body[:0], c.who, Ask{p.name, item, known})
	w.body = body
	if fingerprint == 0 {
		return false
	}
	if known == 0 || fingerprint != known {
		p.fingerprint = fingerprint
		w.direct(c, kindRecommendations, body)
	}
	return true
}

// acted follows the shopper's own acts: what is on the page and in the cart, and new recommendations, changed or not. A connection
// about to be closed as too slow gets one frame of them.
func (w *worker) acted(c *conn, todo work) {
	if todo.acted&actView != 0 && todo.viewed != "" {
		c.page = todo.viewed
		w.hub.ignore(c, onPage, func(item string) bool { return item == c.page })
		w.hub.listen(c, c.page, onPage)
	}
	w.interests(c)
	if todo.acted&actRecommend == 0 {
		return
	}
	for i := range c.placements {
		w.recommend(c, &c.placements[i], 0)
		if todo.slow {
			return
		}
	}
}

// interests reads the cart and wishlist, and listens to what is in them.
func (w *worker) interests(c *conn) {
	items := w.hub.cfg.Backend.Interests(w.items[:0], c.who)
	w.items = items
	if len(items) > w.hub.cfg.MaxSubscriptions {
		items = items[:w.hub.cfg.MaxSubscriptions]
	}
	w.hub.ignore(c, wanted, func(item string) bool { return slices.Contains(items, item) })
	for _, item := range items {
		w.hub.listen(c, item, wanted)
	}
	clear(w.items[:cap(w.items)])
}

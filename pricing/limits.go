package pricing

import (
	"github.com/zeebo/xxh3"

	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// effective lays the settings of site, categories from the general to the particular, and item over one another, field by field.
func (h *siteHead) effective(category []string, item *itemState) Effective {
	e := Defaults()
	h.Settings.over(&e)
	for _, c := range category {
		h.Categories[c].over(&e)
	}
	if item != nil {
		item.Settings.over(&e)
	}
	return e
}

// frozen says whether an item's price must stay: by the kill switch, or by a freeze of its category or of itself.
func (h *siteHead) frozen(all allSites, category []string, item *itemState) (kill, freeze bool) {
	freeze = item != nil && item.Frozen
	for _, c := range category {
		freeze = freeze || h.FrozenCats[c]
	}
	return all.Frozen || h.Frozen, freeze
}

func (h *siteHead) breakerLimit() float64 {
	if h.Settings != nil && h.Settings.Breaker != nil {
		return *h.Settings.Breaker
	}
	return DefaultBreaker
}

// situation is an item in the state of one moment: what its limits are.
type situation struct {
	head *siteHead
	all  allSites
	item *itemState // nil: nothing is known of it
	it   Item
	set  Effective
}

func (b *Book) situationOf(site *siteState, id string, it Item) situation {
	head, item := site.get(id)
	c := situation{head: head, all: b.installation(), item: item, it: it}
	c.set = c.head.effective(it.Category, item)
	return c
}

// limits are the guardrails of a market. Cost, floor and ceiling are amounts of the base currency: a market of another one has none of
// them.
func (c *situation) limits(market string) guard.Limits {
	l := guard.Limits{MaxStep: c.set.MaxStep, Dwell: c.set.Dwell, Deadband: c.set.Deadband}
	l.Kill, l.Frozen = c.head.frozen(c.all, c.it.Category, c.item)
	if market == "" {
		l.Rounding = c.set.Rounding
	}
	if c.it.in(market).Currency == c.it.Currency {
		l.MAP, l.Cost, l.Margin = c.set.MAP, max(0, c.it.Cost), c.set.Margin
		l.Floor, l.Ceiling = max(0, c.it.Floor), max(0, c.it.Ceiling)
	}
	return l
}

func (c *situation) stopped() bool {
	kill, freeze := c.head.frozen(c.all, c.it.Category, c.item)
	return kill || freeze
}

// managed says whether the Book answers for the item's price: the engine may act on it, or its price is not the shop's list price.
func (c *situation) managed() bool {
	if c.set.Mode != ModeOff {
		return true
	}
	for _, m := range c.it.markets() {
		if p := c.it.in(m); p.Public != p.List {
			return true
		}
	}
	return false
}

// Seed is the item's own number for policy's chance.
func Seed(site, item string) uint64 { return xxh3.HashString(site + "\x00" + item) }

// input is what a decision at this moment is made from.
func (c *situation) input(site, id string, at int64) Input {
	in := Input{
		At: at, Site: site, Item: id, Version: c.it.Version, Seed: Seed(site, id),
		Ref: c.item.Ref, Current: c.it.Public, LastChange: c.it.PriceAt, Limits: c.limits(""),
		State: c.item.Learned, Pool: c.head.Pools[c.item.Pool].Prior, Stock: c.it.Stock, SellBy: c.set.SellBy, Salvage: c.set.Salvage,
		Explore: c.set.Explore > 0, Params: c.set.params(),
		Revision: max(c.all.Revision, c.head.Revision, c.item.Revision),
	}
	if c.set.Competitors && len(c.item.Competitors) > 0 {
		in.Competitors = make([]policy.Competitor, 0, len(c.item.Competitors))
		for _, p := range c.item.Competitors {
			if at-p.SeenAt <= c.set.Fresh {
				in.Competitors = append(in.Competitors, policy.Competitor{Price: p.Price, At: p.SeenAt})
			}
		}
	}
	return in
}

// tiny stands for a 0 that a person set where policy takes 0 as "not set".
const tiny = 1e-12

// params are the settings as policy takes them.
func (e *Effective) params() policy.Params {
	return policy.Params{
		Slot: e.Slot, MaxStep: e.MaxStep, Deadband: max(e.Deadband, tiny), PBetter: e.PBetter, Gain: max(e.MinGain, tiny),
		Budget: e.Explore, CompetitorAge: e.Fresh, CompetitorAbove: max(e.Above, tiny),
	}
}

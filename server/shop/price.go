package shop

import (
	"maps"
)

// priceWindow is how far back lowest_30d looks from the moment the current price began, in ms.
const priceWindow = 30 * 24 * 3600_000

// maxPeriods bounds an item's history. It holds only periods that can still be the lowest, so that it takes a month of ever
// rising prices to fill it; then the two oldest become one with the lower price, which never promises too large a reduction.
const maxPeriods = 64

// pricePeriod is a price that was in force until End, Unix ms, exclusive.
type pricePeriod struct {
	Price int64 `json:"price"`
	End   int64 `json:"end"`
}

// Offered is the price of an item in one market that anyone pays now: the shop's list price until a price record sets another.
type Offered struct {
	Public    int64  // minor units
	Version   uint64 // offset of the control record that set it; later versions are higher
	PriceAt   int64  // Unix ms from which it has been in force
	Lowest30d int64  // minor units: the lowest price in force in the 30 days before this one began; this one if it is the first
	Markdown  int64  // minor units: what an announced reduction that is in force is measured from, 0 without one

	history []pricePeriod
}

// change gives it another price at now. The rule of Lowest30d is Article 6a of Directive 98/6/EC: the lowest price in force during
// the 30 days before the current one began, the price in force at the window's start included. The first price has nothing before it
// and is its own lowest.
//
// History is a monotonic queue: a period is dropped when a later one was as cheap, so prices and ends both rise along it and
// its first period inside the window is the minimum.
func (o *Offered) change(amount int64, version uint64, now int64) {
	if amount == o.Public {
		return
	}
	now = max(now, o.PriceAt) // a clock that was set back ends no price before it began
	h := append(make([]pricePeriod, 0, len(o.history)+1), o.history...)
	if now > o.PriceAt { // a price that was replaced within its millisecond was never in force
		for len(h) > 0 && h[len(h)-1].Price >= o.Public {
			h = h[:len(h)-1]
		}
		h = append(h, pricePeriod{o.Public, now})
	}
	for len(h) > 0 && h[0].End <= now-priceWindow {
		h = h[1:]
	}
	if len(h) > maxPeriods {
		h[1].Price = h[0].Price
		h = h[1:]
	}
	o.Public, o.Version, o.PriceAt, o.history, o.Lowest30d = amount, version, now, h, amount
	if len(h) > 0 {
		o.Lowest30d = h[0].Price
	}
}

// LowestUntil is the lowest price in force in the 30 days before now, the present price included: what a reduction that begins now has to
// name.
func (o *Offered) LowestUntil(now int64) int64 {
	for _, h := range o.history {
		if h.End > now-priceWindow {
			return min(h.Price, o.Public)
		}
	}
	return o.Public
}

// setPrices gives it the prices of a new version of its item, was being the version before. A list price that the shop changed is the
// price at once and ends a markdown; one that it repeated leaves the price in force as it is. Another currency begins anew.
func (it *Item) setPrices(was *Item, version uint64, now int64) {
	it.Offered, it.Elsewhere = Offered{}, nil
	if it.Currency != "" {
		var before *Offered
		if was != nil && was.Currency == it.Currency {
			before = &was.Offered
		}
		it.Offered = nextOffer(before, listOf(was, ""), it.Price, version, now)
	}
	for m, p := range it.Markets {
		var before *Offered
		if was != nil && was.Markets[m].Currency == p.Currency {
			if o, ok := was.Elsewhere[m]; ok {
				before = &o
			}
		}
		if it.Elsewhere == nil {
			it.Elsewhere = make(map[string]Offered, len(it.Markets))
		}
		it.Elsewhere[m] = nextOffer(before, listOf(was, m), p.Price, version, now)
	}
}

func listOf(it *Item, market string) int64 {
	switch {
	case it == nil:
		return 0
	case market == "":
		return it.Price
	}
	return it.Markets[market].Price
}

func nextOffer(before *Offered, listBefore, list int64, version uint64, now int64) Offered {
	if before == nil {
		return Offered{Public: list, Version: version, PriceAt: now, Lowest30d: list}
	}
	o := *before
	if list != listBefore {
		o.change(list, version, now)
		o.Markdown = 0
	}
	return o
}

// In is the price in force in a market and its currency; "" is the base market, and a market that the item does not have is it too.
func (it *Item) In(market string) (o Offered, currency string) {
	if o, ok := it.Elsewhere[market]; ok {
		return o, it.Markets[market].Currency
	}
	return it.Offered, it.Currency
}

// withPrice is the item with another price in force in one market. ok is false where it has no such market or no price.
func (it *Item) withPrice(market string, amount, markdown int64, version uint64, now int64) (next *Item, ok bool) {
	next = new(Item)
	*next = *it
	if market == "" {
		if it.Currency == "" {
			return it, false
		}
		next.change(amount, version, now)
		next.Markdown = markdown
		return next, true
	}
	o, ok := it.Elsewhere[market]
	if !ok {
		return it, false
	}
	o.change(amount, version, now)
	o.Markdown = markdown
	next.Elsewhere = maps.Clone(it.Elsewhere)
	next.Elsewhere[market] = o
	return next, true
}

// sameOffer says whether a and b cost the same everywhere, and may be compared with the same price.
func sameOffer(a, b *Item) bool {
	return a.Currency == b.Currency && a.Offered.same(b.Offered) && maps.Equal(a.Markets, b.Markets) && maps.EqualFunc(a.Elsewhere, b.Elsewhere, Offered.same)
}

func (o Offered) same(p Offered) bool {
	return o.Public == p.Public && o.Lowest30d == p.Lowest30d && o.Markdown == p.Markdown
}

// offeredJSON is an Offered in a snapshot.
type offeredJSON struct {
	Public   *int64        `json:"public,omitzero"` // absent in snapshots that know only list prices
	Version  uint64        `json:"version,omitzero"`
	PriceAt  int64         `json:"price_at,omitzero"`
	Lowest   int64         `json:"lowest_30d,omitzero"`
	Markdown int64         `json:"markdown,omitzero"`
	History  []pricePeriod `json:"history,omitempty"`
}

func (o *Offered) snapshot() offeredJSON {
	return offeredJSON{&o.Public, o.Version, o.PriceAt, o.Lowest30d, o.Markdown, o.history}
}

func (w *offeredJSON) offered(list int64) Offered {
	o := Offered{Public: list, Version: w.Version, PriceAt: w.PriceAt, Lowest30d: w.Lowest, Markdown: w.Markdown, history: w.History}
	if w.Public != nil {
		o.Public = *w.Public
	}
	return o
}

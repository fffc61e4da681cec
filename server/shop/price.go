package shop

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

// setPrice gives it a price at now, having been before. The rule is Article 6a of Directive 98/6/EC: the lowest price in force
// during the 30 days before the current one began, the price in force at the window's start included. The first price of an
// item, or of another currency, has nothing before it and is its own lowest.
//
// History is a monotonic queue: a period is dropped when a later one was as cheap, so prices and ends both rise along it and
// its first period inside the window is the minimum.
func (it *Item) setPrice(before *Item, now int64) {
	if before == nil || before.Currency == "" || before.Currency != it.Currency {
		it.PriceAt, it.Lowest30d, it.history = now, it.Price, nil
		return
	}
	it.PriceAt, it.Lowest30d, it.history = before.PriceAt, before.Lowest30d, before.history
	if it.Price == before.Price {
		return
	}
	now = max(now, before.PriceAt) // a clock that was set back ends no price before it began
	h := append(make([]pricePeriod, 0, len(before.history)+1), before.history...)
	if now > before.PriceAt { // a price that was replaced within its millisecond was never in force
		for len(h) > 0 && h[len(h)-1].Price >= before.Price {
			h = h[:len(h)-1]
		}
		h = append(h, pricePeriod{before.Price, now})
	}
	for len(h) > 0 && h[0].End <= now-priceWindow {
		h = h[1:]
	}
	if len(h) > maxPeriods {
		h[1].Price = h[0].Price
		h = h[1:]
	}
	it.PriceAt, it.history, it.Lowest30d = now, h, it.Price
	if len(h) > 0 {
		it.Lowest30d = h[0].Price
	}
}

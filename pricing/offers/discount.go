package offers

// basket is what a cart comes to and how much of it may be taken off.
type basket struct {
	value int64 // minor units
	room  int64 // minor units above floors and costs: no discount is larger
	fits  bool  // one of its lines is what the audience asks for
	part  int64 // of a percentage: each line's part, no more than the line's room
}

// maxCart is a hundred lines of the most pieces at the highest price.
const maxCart = maxLines * maxQuantity * maxAmount

// weigh adds up lines at the prices in force, or lower ones that the cart names. percent is that of a discount, 0 for an amount. An item
// that the catalog does not have leaves no room: nobody has said what it costs. It is false for a line in another currency.
func weigh(shelf Shelf, site, currency string, lines []Line, percent int64, a *Audience) (b basket, ok bool) {
	b.fits = len(a.Items)+len(a.Categories) == 0
	for i := range lines {
		l := &lines[i]
		price, room := l.Price, int64(0)
		if it, known := shelf.Item(site, l.Item); known && it.Currency != "" {
			if it.Currency != currency {
				return b, false
			}
			if price == 0 || price > it.Price {
				price = min(max(it.Price, 0), maxAmount)
			}
			room = max(price-max(it.Floor, it.Cost, 0), 0)
			b.fits = b.fits || a.fitsItem(l.Item, &it)
		}
		value := price * l.Quantity // at most 1e16, so that a hundred lines fit
		b.value += value
		b.room += room * l.Quantity
		b.part += min(share(value, percent), room*l.Quantity)
	}
	return b, true
}

// discountOf is the most that a discount of kind and value comes to on b, minor units.
func discountOf(kind string, value int64, b *basket) int64 {
	if kind == Percent {
		return min(b.part, share(b.value, value))
	}
	return min(value, b.value, b.room)
}

// percentOf is the discount's percentage, 0 for an amount.
func percentOf(kind string, value int64) int64 {
	if kind == Percent {
		return value
	}
	return 0
}

// share is percent of value, rounded down, without overflow.
func share(value, percent int64) int64 { return value/100*percent + value%100*percent/100 }

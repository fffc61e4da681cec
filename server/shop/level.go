package shop

// standing is what a level is decided from.
type standing struct {
	was    *Item // nil for a new item
	stock  int64 // pieces, Unset if not tracked
	free   int64 // of them in no cart at checkout
	low    int64 // threshold, 0 for never low by count
	stated bool  // the record was about stock: a stock line, an upsert with stock, a sale; not a reservation or its release
	scarce bool  // what there is covers less than two days of demand
}

// level is the level after something changed. byCover says that it is low for its cover alone.
//
//	not tracked                                         in
//	stock 0                                             out, for shoppers "sold out"
//	stock, and none of it free                          out, for shoppers "in a cart for now" (Item.Held)
//	was sold out                                        back
//	was back, and stock was not stated                  back
//	was low by count or held, free ≤ low + max(1, low/5↑)  low
//	free ≤ low                                          low
//	scarce                                              low, without a number
//	else                                                in
//
// So a count that moves by one around the threshold changes the level once, whether by sales or by reservations that come and go;
// back lasts until the next word about stock; and a last piece that is reserved and released is held and then low again, never sold
// out and never back: back is news only after the item was truly gone. The cover's hysteresis is its teller's: low below two days,
// no longer at three.
func (s standing) level() (level string, byCover bool) {
	was := LevelIn
	if s.was != nil {
		switch {
		case s.was.Held():
			was = LevelLow
		case !s.was.byCover:
			was = s.was.Level
		}
	}
	switch {
	case s.stock == Unset:
		return LevelIn, false
	case s.free == 0:
		return LevelOut, false
	case was == LevelOut, was == LevelBack && !s.stated:
		return LevelBack, false
	case s.low > 0 && (s.free <= s.low || was == LevelLow && s.free <= s.low+max(1, (s.low+4)/5)):
		return LevelLow, false
	case s.scarce:
		return LevelLow, true
	}
	return LevelIn, false
}

// setLevel gives it, which follows was, its level.
func (s *siteState) setLevel(was, it *Item, stated bool) {
	it.Level, it.byCover = standing{was, it.Stock, it.FreeStock(), s.lowStock(it), stated, it.scarce}.level()
}

// Held says that the item is out only because carts at checkout hold every piece.
func (it *Item) Held() bool { return it.Level == LevelOut && it.Stock > 0 }

// Left is the number of pieces to tell shoppers: those that are free, only when they are few and the number is true.
func (it *Item) Left() (pieces int64, ok bool) {
	if it.Level != LevelLow || it.inexact || it.byCover {
		return 0, false
	}
	return it.FreeStock(), true
}

// sameLeft says whether shoppers are told the same of a and b.
func sameLeft(a, b *Item) bool {
	la, oka := a.Left()
	lb, okb := b.Left()
	return a.Level == b.Level && a.Held() == b.Held() && la == lb && oka == okb
}

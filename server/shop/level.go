package shop

// nextLevel is the level after stock became what it is. stated says that the record was about stock (a stock line, or an upsert
// with stock). low is the threshold, 0 for never low.
//
//	not tracked                            in
//	0                                      out
//	was out                                back
//	was back, and stock was not stated     back
//	was low, stock ≤ low + max(1, low/5↑)  low
//	stock ≤ low                            low
//	else                                   in
//
// So a count that moves by one around the threshold changes the level once, and back lasts until the next word about stock.
func nextLevel(was string, stock, low int64, stated bool) string {
	switch {
	case stock == Unset:
		return LevelIn
	case stock == 0:
		return LevelOut
	case was == LevelOut, was == LevelBack && !stated:
		return LevelBack
	case low == 0:
		return LevelIn
	case stock <= low, was == LevelLow && stock <= low+max(1, (low+4)/5):
		return LevelLow
	}
	return LevelIn
}

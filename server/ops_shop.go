package main

// shopMetrics are what the control log holds of prices, stock and offers.
func (n *node) shopMetrics(counter func(name, help string, f func() int64), gauge func(name, help string, f func() float64)) {
	sum := func(of func(site string) int) func() float64 {
		return func() float64 {
			total := 0
			for _, s := range n.shop.Sites() {
				total += of(s.ID)
			}
			return float64(total)
		}
	}
	now := func() int64 { return n.now().UnixMilli() }
	counter("control_records_total", "Records of the control log that are applied.", func() int64 { return int64(n.shop.Offset()) })
	gauge("reservations_open", "Reservations that hold stock.", sum(n.shop.OpenReservations))
	gauge("price_suggestions_waiting", "Suggested prices that wait for a person.", sum(func(site string) int {
		return len(n.folds.book.Suggestions(site, now(), maxItemPage))
	}))
	gauge("price_breakers_open", "Sites whose catalog moved too far today for the engine to go on.", sum(func(site string) int {
		if n.folds.book.Site(site, now()).Breaker.Open {
			return 1
		}
		return 0
	}))
	gauge("price_alerts", "Items whose price is outside a limit or has none that is allowed.", sum(func(site string) int { return len(n.folds.book.Alerts(site)) }))
	gauge("offers_reserved_minor", "Minor units that live offers hold, of all campaigns.", sum(func(site string) int {
		reserved := int64(0)
		for _, c := range n.folds.offers.Campaigns(site) {
			reserved += c.Totals.Reserved
		}
		return int(reserved)
	}))
}

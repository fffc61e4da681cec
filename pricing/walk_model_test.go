package pricing

import "beckon/pricing/guard"

// model is the same shop told slowly: plain fields, whole histories, every rule written out from what is promised, and nothing shared with
// the Book but the types of its records.
type model struct {
	all, siteFrozen, catFrozen bool
	mode                       Mode
	margin                     float64
	items                      map[string]*modelItem
	moved, limit               float64 // of the breaker, today
	today                      int64
	open                       bool
}

type modelItem struct {
	list, cost, floor, ceiling, mapped int64
	frozen, observed, known            bool
	line                               []modelPrice // every price there was
	sale                               *modelSale
}

type modelPrice struct {
	amount, at int64
	version    uint64
}

type modelSale struct {
	id                       string
	reference, before, until int64
}

func (i *modelItem) now() modelPrice { return i.line[len(i.line)-1] }

func (i *modelItem) put(amount, at int64, version uint64) {
	if amount != i.now().amount {
		i.line = append(i.line, modelPrice{amount, at, version})
	}
}

// lowest is the lowest price in force in the 30 days up to at.
func (i *modelItem) lowest(at int64) int64 {
	least := i.now().amount
	for n, p := range i.line {
		until := at
		if n+1 < len(i.line) {
			until = i.line[n+1].at
		}
		if until > at-30*day && until > p.at {
			least = min(least, p.amount)
		}
	}
	return least
}

func (m *model) frozen(i *modelItem) bool { return m.all || m.siteFrozen || m.catFrozen || i.frozen }

// bounds are the hard limits, lo above hi where they leave nothing.
func (m *model) bounds(i *modelItem) (lo, hi int64) {
	share := int64(m.margin*100 + 0.5)
	lo = max(1, i.mapped, i.floor, (i.cost*(100+share)+99)/100)
	if hi = i.ceiling; hi <= 0 {
		hi = guard.MaxAmount
	}
	return lo, hi
}

func (m *model) clamp(i *modelItem, amount int64) int64 {
	lo, hi := m.bounds(i)
	if lo > hi {
		return i.now().amount
	}
	return min(max(amount, lo), hi)
}

func (m *model) within(i *modelItem, amount int64) bool {
	lo, hi := m.bounds(i)
	return lo <= hi && amount >= lo && amount <= hi
}

// soft says that a change keeps the largest step of a tenth, the dwell of a day and the deadband of 2 %.
func (m *model) soft(i *modelItem, amount, at int64) bool {
	was := i.now()
	change := max(amount-was.amount, was.amount-amount)
	return change*10 <= was.amount && at-was.at >= day && change*100 >= 2*was.amount
}

// managed says that the Book answers for the price.
func (m *model) managed(i *modelItem) bool { return m.mode != ModeOff || i.now().amount != i.list }

// enforce moves prices that are outside the hard limits to the edge.
func (m *model) enforce(i *modelItem, at int64, version uint64) {
	if !m.managed(i) || m.frozen(i) {
		return
	}
	edge := m.clamp(i, i.now().amount)
	if edge == i.now().amount {
		return
	}
	i.known = true
	m.count(i, edge, at)
	i.put(edge, at, version)
	if i.sale != nil && edge >= i.sale.reference {
		i.sale = nil
	}
}

// count adds a change by a limit to the day's movement, in shares of the known catalog.
func (m *model) count(i *modelItem, to, at int64) {
	m.turn(at)
	m.moved += m.share(i, to)
	m.open = m.open || m.moved > m.limit+1e-9
}

func (m *model) turn(at int64) {
	if today := at / day; today != m.today {
		m.today, m.moved, m.open = today, 0, false
	}
}

func (m *model) share(i *modelItem, to int64) float64 {
	sum := int64(0)
	for _, o := range m.items {
		if o.known || o == i {
			sum += o.now().amount
		}
	}
	return float64(max(to-i.now().amount, i.now().amount-to)) / float64(sum)
}

// end ends the sale and brings the price before back.
func (m *model) end(i *modelItem, at int64, version uint64) {
	to := m.clamp(i, i.sale.before)
	i.sale = nil
	i.put(to, at, version)
}

// clock ends the sales that are over and whose items are not frozen.
func (m *model) clock(ids []string, at int64, version uint64) {
	for _, id := range ids {
		if i := m.items[id]; i.sale != nil && at >= i.sale.until && !m.frozen(i) {
			m.end(i, at, version)
		}
	}
}

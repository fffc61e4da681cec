package history

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// moneyRow is an order or a refund as a row of orders has it.
type moneyRow struct {
	transaction string
	refund      bool
	matches     bool // the scope's device and source
	counts      bool // its time is in the range
	at          moneyAt
	value       int64
	items       []string
	prices      []int64
	quantities  []int64
}

// refunds adds what the range's refunds took back. What a refund takes depends on the refunds of its order before it, so the whole story
// of each transaction that was refunded in the range is read, in the log's order, and told again here.
func (in *inquiry) refunds(ctx context.Context, start string, rows map[moneyAt]*RevenueRow) error {
	matches := wheres{"1"}
	if in.scope.Device != "" {
		in.params["device"] = in.scope.Device
		matches = append(matches, "device = {device:String}")
	}
	matches = append(matches, in.visitors()...)
	counts := in.between("range", in.scope.From, in.scope.To)
	refunded := append(counts[:len(counts):len(counts)], "refund", "transaction != ''")
	text := "SELECT transaction, refund, toUInt8(" + matches.String() + "), toUInt8(" + counts.String() + "), " + start + ", toString(currency), " +
		"value, items.id, items.price, items.quantity FROM orders WHERE site = {site:String} AND transaction GLOBAL IN (SELECT transaction FROM orders WHERE " +
		refunded.String() + ") AND time < " + instant("{reach_to:Int64}") + " ORDER BY transaction, seq"
	// An order may have come a little after its refund by the clocks of those who sent them.
	in.params["reach_to"] = in.scope.To + dayMs
	var story refundStory
	return in.each(ctx, text, func(r driver.Rows) error {
		var m moneyRow
		var matches, counts uint8
		err := r.Scan(&m.transaction, &m.refund, &matches, &counts, &m.at.start, &m.at.currency, &m.value, &m.items, &m.prices, &m.quantities)
		if err != nil {
			return err
		}
		m.matches, m.counts = matches == 1, counts == 1
		story.tell(&m, rows)
		return nil
	})
}

// refundStory is what is left of one order. Its rules are those of clickstream.Orders.
type refundStory struct {
	transaction string
	known       bool // an order came
	matches     bool
	currency    string
	left        int64
	lines       []refundLine
}

type refundLine struct {
	item  string
	price int64 // of one
	left  int64 // units
}

func (s *refundStory) tell(m *moneyRow, rows map[moneyAt]*RevenueRow) {
	if s.transaction != m.transaction {
		*s = refundStory{transaction: m.transaction}
	}
	if !m.refund {
		s.order(m)
		return
	}
	if !s.known {
		return
	}
	before := s.left
	switch {
	case len(m.items) > 0:
		for i, item := range m.items {
			s.left -= s.takeBack(item, max(m.quantities[i], 1), m.prices[i])
		}
	case m.value > 0 && m.value < s.left:
		s.left -= m.value
	default:
		s.lines, s.left = nil, 0
	}
	s.left = max(s.left, 0)
	if !m.counts || !s.matches || s.left == before {
		return
	}
	key := moneyAt{m.at.start, s.currency}
	if rows[key] == nil {
		rows[key] = &RevenueRow{Start: key.start, Currency: key.currency}
	}
	rows[key].Refunds++
	rows[key].Refunded += before - s.left
}

func (s *refundStory) order(m *moneyRow) {
	s.known, s.matches, s.currency, s.left, s.lines = true, m.matches, m.at.currency, m.value, nil
	var sum int64
	for i, item := range m.items {
		line := refundLine{item, max(m.prices[i], 0), max(m.quantities[i], 1)}
		sum += line.price * line.left
		s.lines = append(s.lines, line)
	}
	if s.left <= 0 {
		s.left = sum
	}
}

func (s *refundStory) takeBack(item string, units, price int64) (money int64) {
	for i := range s.lines {
		line := &s.lines[i]
		if line.item != item {
			continue
		}
		n := min(units, line.left)
		units -= n
		line.left -= n
		if price < 0 {
			money += n * line.price
		} else {
			money += n * price
		}
	}
	return money
}

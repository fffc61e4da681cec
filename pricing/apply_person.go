package pricing

import (
	"slices"

	"beckon/pricing/guard"
)

// Published answers a record by which a person put a price in force.
type Published struct {
	Item    string   `json:"item_id"`
	Market  string   `json:"market,omitempty"`
	Amount  int64    `json:"amount"`
	Version uint64   `json:"version"`
	Over    []string `json:"overridden,omitempty"` // soft rules that force overrode
}

func (t *turn) published(id, market string, amount int64) Published {
	return Published{Item: id, Market: market, Amount: amount, Version: t.r.Offset}
}

// personal is a person's price on its way through the hard limits.
type personal struct {
	it      Item
	c       situation
	verdict guard.Verdict
}

// byPerson asks the hard limits whether a person may publish amount.
func (t *turn) byPerson(id, market string, amount int64) (*personal, error) {
	it, ok := t.shelf.Item(t.r.Site, id)
	if !ok {
		return nil, refuse("unknown_item", "item: the catalog has no item %q", id)
	}
	c := t.b.situationOf(t.site, id, it)
	v, err := c.byPerson(market, amount, t.r.Time)
	if err != nil {
		return nil, err
	}
	return &personal{it, c, v}, nil
}

// byPerson is why a person may not publish amount in a market at a time, or what the hard limits make of it, which is amount.
func (c *situation) byPerson(market string, amount, now int64) (guard.Verdict, *Refusal) {
	marked := c.item != nil && c.item.running(market) != nil
	return mayPublish(c.it.in(market), c.limits(market), marked, amount, now)
}

// mayPublish is what a person is held to; l is all of the market's limits, marked says that an announced markdown runs.
func mayPublish(p *Price, l guard.Limits, marked bool, amount, now int64) (v guard.Verdict, refused *Refusal) {
	switch {
	case p.Currency == "":
		return v, refuse("unknown_market", "market: the item has no price there")
	case amount <= 0 || amount > guard.MaxAmount:
		return v, refuse("bad_amount", "amount: %d, want 1 to %d", amount, int64(guard.MaxAmount))
	case amount == p.Public:
		return v, refuse("unchanged", "amount: %d is the price in force", amount)
	case l.Kill || l.Frozen:
		return v, refuse("frozen", "item: its price is frozen")
	case marked:
		return v, refuse("markdown_running", "item: an announced markdown runs; end it first, or announce a deeper one")
	}
	in := guard.Input{Current: p.Public, Proposed: amount, Now: now, LastChange: p.PriceAt, Limits: l.Hard()}
	v = guard.Apply(in)
	if rule := guard.Violation(in, amount); rule != "" {
		return v, refuse("outside_"+rule, "amount: %d breaks the rule %s; %d would keep it", amount, rule, v.Price)
	}
	return v, nil
}

// publishByPerson puts a price in force that byPerson let through.
func (t *turn) publishByPerson(id string, p *personal, e Entry) {
	next := t.edit(id, &p.it)
	next.alert("", t.r.Time)
	t.publish(id, next, &p.it, e)
	t.put(id, next)
}

// SetPrice is price.set: a person's price. Soft rules hold too unless Force overrides them, which the trace then says.
type SetPrice struct {
	Item   string `json:"item"`
	Market string `json:"market,omitempty"`
	Amount int64  `json:"amount"`
	Force  bool   `json:"force,omitzero"`
	Note   string `json:"note,omitempty"` // why, for those who ask later; at most 300 bytes are kept
}

const maxNote = 300

func (t *turn) set() (any, error) {
	var b SetPrice
	if err := t.body(&b); err != nil {
		return nil, err
	}
	if len(b.Note) > maxNote {
		return nil, refuse("bad_note", "note: at most %d bytes are taken", maxNote)
	}
	p, err := t.byPerson(b.Item, b.Market, b.Amount)
	if err != nil {
		return nil, err
	}
	price := p.it.in(b.Market)
	in := guard.Input{Current: price.Public, Proposed: b.Amount, Now: t.r.Time, LastChange: price.PriceAt, Limits: p.c.limits(b.Market)}
	over := softBroken(in, b.Amount)
	if len(over) > 0 && !b.Force {
		return nil, refuse("needs_force", "amount: %d breaks %v, and %d would not; force overrides that", b.Amount, over, guard.Apply(in).Price)
	}
	t.publishByPerson(b.Item, p, Entry{
		Market: b.Market, Kind: KindManual, Before: price.Public, After: b.Amount, Was: price.Version,
		Reason: b.Note, Guard: guard.Apply(in).Trace, Over: over,
	})
	out := t.published(b.Item, b.Market, b.Amount)
	out.Over = over
	return out, nil
}

// softBroken is each soft rule that publishing amount would break, one by one.
func softBroken(in guard.Input, amount int64) []string {
	var over []string
	for guard.Violation(in, amount) != "" {
		rule := guard.Violation(in, amount)
		switch rule {
		case guard.RuleStep:
			in.Limits.MaxStep = 0
		case guard.RuleDwell:
			in.Limits.Dwell = 0
		case guard.RuleDeadband:
			in.Limits.Deadband = 0
		default:
			in.Limits.Rounding = guard.Rounding{}
		}
		if slices.Contains(over, rule) {
			return over
		}
		over = append(over, rule)
	}
	return over
}

// Undo is price.undo: the price that was in force before a version is published again, as a new version.
type Undo struct {
	Item    string `json:"item"`
	Market  string `json:"market,omitempty"`
	Version uint64 `json:"version,omitzero"` // 0: the one in force
}

func (t *turn) undo() (any, error) {
	var b Undo
	if err := t.body(&b); err != nil {
		return nil, err
	}
	s := t.site.items[b.Item]
	if s == nil {
		return nil, refuse("unknown_version", "item: no price of %q was set here", b.Item)
	}
	f := s.in(b.Market)
	if f == nil {
		return nil, refuse("unknown_market", "market: the item has no price in %q", b.Market)
	}
	if b.Version == 0 {
		b.Version = f.Version
	}
	undone := s.version(b.Market, b.Version)
	if undone == nil {
		return nil, refuse("unknown_version", "version: %d is not among the versions that are remembered", b.Version)
	}
	p, err := t.byPerson(b.Item, b.Market, undone.Before)
	if err != nil {
		return nil, err
	}
	price := p.it.in(b.Market)
	t.publishByPerson(b.Item, p, Entry{
		Market: b.Market, Kind: KindUndo, Before: price.Public, After: undone.Before, Was: price.Version, Guard: p.verdict.Trace,
	})
	return t.published(b.Item, b.Market, undone.Before), nil
}

// version is the first entry of a version: where several share one record, the first knows the price before it.
func (s *itemState) version(market string, version uint64) *Entry {
	for i := range s.History {
		if e := &s.History[i]; e.Offset == version && e.Market == market && e.Moved() {
			return e
		}
	}
	return nil
}

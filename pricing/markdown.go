package pricing

import (
	"maps"
	"math/bits"
	"slices"

	"beckon/pricing/guard"
)

// MaxMarkdownItems bounds the items of one announced markdown.
const MaxMarkdownItems = 3000

const (
	maxMarkdowns    = 1000 // scheduled and running ones of a site
	maxMarkdownDays = 366
	maxMarkdownID   = 64
)

// Markdown is an announced reduction of some items in one market.
type Markdown struct {
	ID      string   `json:"id"`
	Market  string   `json:"market,omitempty"`
	Amount  int64    `json:"amount,omitzero"`  // the reduced price, of a markdown of one item
	Percent float64  `json:"percent,omitzero"` // or this much off the reference price
	From    int64    `json:"from"`             // Unix ms
	Until   int64    `json:"until"`            // Unix ms
	Items   []string `json:"items"`
	Running bool     `json:"running,omitzero"`
	Overdue bool     `json:"overdue,omitzero"` // it is over, and some of its items are frozen: it ends for them when they thaw
	// Skipped are items that it could not begin for.
	Skipped []Rejection `json:"skipped,omitempty"`
}

// Run is an announced markdown as one price of it has it. It is never changed.
type Run struct {
	ID        string `json:"id"`
	Reference int64  `json:"reference"` // lowest price of the 30 days before it began; fixed while it runs, also when it goes deeper
	Before    int64  `json:"before"`    // the price that returns when it ends
	Began     int64  `json:"began"`     // Unix ms
	Until     int64  `json:"until"`     // Unix ms
}

func (r *Run) reference() int64 {
	if r == nil {
		return 0
	}
	return r.Reference
}

// moved is what is left of the announcement when a hard limit moved the price: nothing if that is no reduction any more.
func (r *Run) moved(price int64) *Run {
	if r == nil || price >= r.Reference {
		return nil
	}
	return r
}

// Announce is price.markdown; the record's id is the markdown's.
type Announce struct {
	Items   []string `json:"items"`
	Market  string   `json:"market,omitempty"`
	Amount  int64    `json:"amount,omitzero"`
	Percent float64  `json:"percent,omitzero"`
	From    int64    `json:"from,omitzero"` // 0: now
	Until   int64    `json:"until"`
}

func (b *Announce) check(id string, now int64) *Refusal {
	switch {
	case id == "" || len(id) > maxMarkdownID:
		return refuse("bad_markdown", "id: 1-%d bytes are wanted", maxMarkdownID)
	case len(b.Items) == 0 || len(b.Items) > MaxMarkdownItems:
		return refuse("bad_markdown", "items: %d, want 1 to %d", len(b.Items), MaxMarkdownItems)
	case (b.Amount == 0) == (b.Percent == 0):
		return refuse("bad_markdown", "amount, percent: one of them is wanted")
	case b.Amount != 0 && len(b.Items) > 1:
		return refuse("bad_markdown", "amount: of one item only; percent for several")
	case b.Amount < 0 || b.Amount > guard.MaxAmount:
		return refuse("bad_markdown", "amount: %d, want 1 to %d", b.Amount, int64(guard.MaxAmount))
	case b.Amount == 0 && !(b.Percent >= 1 && b.Percent <= 95):
		return refuse("bad_markdown", "percent: %g, want 1 to 95", b.Percent)
	case b.From < now-day || b.From > now+maxMarkdownDays*day:
		return refuse("bad_markdown", "from: want now or within a year")
	case b.Until <= max(b.From, now) || b.Until > b.From+maxMarkdownDays*day:
		return refuse("bad_markdown", "until: want a time after from and now, within a year of it")
	}
	if sorted := slices.Sorted(slices.Values(b.Items)); len(slices.Compact(sorted)) < len(b.Items) {
		return refuse("bad_markdown", "items: one stands there twice")
	}
	return nil
}

// markdown is price.markdown. One that begins now is refused if it can begin for none of its items.
func (t *turn) markdown() (any, error) {
	var b Announce
	if err := t.body(&b); err != nil {
		return nil, err
	}
	if b.From == 0 {
		b.From = t.r.Time
	}
	if err := b.check(t.r.ID, t.r.Time); err != nil {
		return nil, err
	}
	head := t.site.head
	if head.Markdowns[t.r.ID] != nil {
		return nil, refuse("markdown_exists", "id: %s exists", t.r.ID)
	}
	if len(head.Markdowns) >= maxMarkdowns {
		return nil, refuse("too_many_markdowns", "%d are scheduled or running already", maxMarkdowns)
	}
	m := &Markdown{ID: t.r.ID, Market: b.Market, Amount: b.Amount, Percent: b.Percent, From: b.From, Until: b.Until, Items: b.Items}
	if m.From <= t.r.Time {
		can := 0
		for _, id := range m.Items {
			if _, err := t.reduced(m, id); err == nil {
				can++
			} else if len(m.Items) == 1 {
				return nil, err
			}
		}
		if can == 0 {
			return nil, refuse("no_reduction", "items: it can begin for none of them")
		}
		m = t.begin(m)
	}
	t.setHead(t.site.head.with(func(h *siteHead) { h.Markdowns = withKey(h.Markdowns, m.ID, m) }))
	t.b.findDue()
	return Taken{Accepted: len(m.Items) - len(m.Skipped), Rejected: m.Skipped}, nil
}

// step is what a markdown makes of one item's price.
type step struct {
	it     Item
	amount int64
	run    *Run
}

// reduced is the item's price under the markdown, or why it has none.
func (t *turn) reduced(m *Markdown, id string) (*step, *Refusal) {
	it, ok := t.shelf.Item(t.r.Site, id)
	if !ok {
		return nil, refuse("unknown_item", "items: the catalog has no item %q", id)
	}
	c := t.b.situationOf(t.site, id, it)
	return c.reduced(m, t.r.Time)
}

// reduced is the item's price under the markdown at a time, or why it has none. A markdown of an item that is marked down already goes a
// step deeper: the reference stays what it was before the first (Article 6a, paragraph 5).
func (c *situation) reduced(m *Markdown, now int64) (*step, *Refusal) {
	p := c.it.in(m.Market)
	if p.Currency == "" {
		return nil, refuse("unknown_market", "market: the item has no price in %q", m.Market)
	}
	if c.stopped() {
		return nil, refuse("frozen", "item: its price is frozen")
	}
	s := &step{it: c.it, run: &Run{ID: m.ID, Reference: p.Prior, Before: p.Public, Began: now, Until: m.Until}}
	if c.item != nil {
		if old := c.item.running(m.Market); old != nil {
			s.run.Reference, s.run.Before, s.run.Began = old.Reference, old.Before, old.Began
		}
	}
	s.amount = m.Amount
	if s.amount == 0 {
		s.amount = off(s.run.Reference, m.Percent)
	}
	if s.amount >= min(s.run.Reference, p.Public) {
		return nil, refuse("no_reduction", "item: %d is not below %d, the lowest price of the last 30 days", s.amount, min(s.run.Reference, p.Public))
	}
	in := guard.Input{Current: p.Public, Proposed: s.amount, Now: now, LastChange: p.PriceAt, Limits: c.limits(m.Market).Hard()}
	if rule := guard.Violation(in, s.amount); rule != "" {
		return nil, refuse("outside_"+rule, "item: the reduced price %d breaks the rule %s", s.amount, rule)
	}
	return s, nil
}

// Reduction is what a markdown would make of one item if it began now.
type Reduction struct {
	Reference int64 // what it would be shown against: the lowest price of the 30 days before it began
	Amount    int64
	Refused   *Refusal // why it could not begin for the item
}

// Reduction says what a markdown by percent, or to amount if that is not 0, would make of an item now. it is the item as the catalog has
// it. The decision is the one that is made when the markdown begins.
func (b *Book) Reduction(site, id, market string, it Item, percent float64, amount, now int64) Reduction {
	s := b.site(site)
	if s == nil {
		s = newSiteState()
	}
	c := b.situationOf(s, id, it)
	step, refused := c.reduced(&Markdown{Market: market, Percent: percent, Amount: amount}, now)
	if refused != nil {
		return Reduction{Reference: it.in(market).Prior, Refused: refused}
	}
	return Reduction{Reference: step.run.Reference, Amount: step.amount}
}

// off is amount less percent of it, rounded down: never less of a reduction than was announced. Percent counts in thousandths.
func off(amount int64, percent float64) int64 {
	keep := 100_000 - int64(float64(percent*1000)+0.5)
	hi, lo := bits.Mul64(uint64(amount), uint64(keep))
	q, _ := bits.Div64(hi, lo, 100_000)
	return max(1, int64(q))
}

// begin puts the reduced prices in force and returns the markdown as it runs.
func (t *turn) begin(m *Markdown) *Markdown {
	next := *m
	next.Running, next.Skipped = true, nil
	for i, id := range m.Items {
		s, err := t.reduced(m, id)
		if err != nil {
			next.Skipped = append(next.Skipped, Rejection{i, id, err.Code, err.Message})
			continue
		}
		p := s.it.in(m.Market)
		state := t.edit(id, &s.it)
		t.publish(id, state, &s.it, Entry{Market: m.Market, Kind: KindMarkdown, Before: p.Public, After: s.amount, Was: p.Version, Reason: m.ID, Markdown: s.run})
		t.put(id, state)
	}
	return &next
}

// end takes the markdown back where it still runs. left says that some of its items are frozen and keep it.
func (t *turn) end(m *Markdown, only string) (left bool) {
	for _, id := range m.Items {
		if only != "" && id != only {
			continue
		}
		s := t.site.items[id]
		if s == nil {
			continue
		}
		run := s.running(m.Market)
		if run == nil || run.ID != m.ID {
			continue
		}
		it, ok := t.shelf.Item(t.r.Site, id)
		if !ok {
			continue
		}
		c := t.b.situationOf(t.site, id, it)
		if c.stopped() {
			left = true
			continue
		}
		p := it.in(m.Market)
		v := guard.Apply(guard.Input{Current: p.Public, Proposed: run.Before, Now: t.r.Time, Limits: c.limits(m.Market).Hard()})
		next := t.edit(id, &it)
		t.publish(id, next, &it, Entry{Market: m.Market, Kind: KindMarkdownEnd, Before: p.Public, After: v.Price, Was: p.Version, Reason: m.ID, Guard: v.Trace})
		t.put(id, next)
	}
	return left
}

// EndMarkdown is price.markdown.end; the record's id is the markdown's.
type EndMarkdown struct {
	Item string `json:"item,omitempty"` // only of this one
}

func (t *turn) markdownEnd() (any, error) {
	var b EndMarkdown
	if len(t.r.Body) > 0 {
		if err := t.body(&b); err != nil {
			return nil, err
		}
	}
	m := t.site.head.Markdowns[t.r.ID]
	if m == nil {
		return nil, refuse("unknown_markdown", "id: no markdown %q is scheduled or running", t.r.ID)
	}
	if b.Item != "" && !slices.Contains(m.Items, b.Item) {
		return nil, refuse("unknown_item", "item: the markdown does not have it")
	}
	left := t.end(m, b.Item)
	if left && b.Item != "" {
		return nil, refuse("frozen", "item: its price is frozen")
	}
	next := *m
	next.Items = slices.DeleteFunc(slices.Clone(m.Items), func(id string) bool { return id == b.Item })
	next.Overdue = left
	t.setHead(t.site.head.with(func(h *siteHead) {
		h.Markdowns = withKey(h.Markdowns, m.ID, &next)
		if !left && (b.Item == "" || len(next.Items) == 0) {
			h.Markdowns = withoutKey(h.Markdowns, m.ID)
		}
	}))
	t.b.findDue()
	return nil, nil
}

// turnMarkdowns ends what is over and begins what is due, in the order of their ids; ends first, so that one may follow another.
func (t *turn) turnMarkdowns() {
	ids := slices.Sorted(maps.Keys(t.site.head.Markdowns))
	for _, id := range ids {
		m := t.site.head.Markdowns[id]
		if t.r.Time < m.Until {
			continue
		}
		left := t.end(m, "")
		if left && m.Overdue {
			continue
		}
		t.setHead(t.site.head.with(func(h *siteHead) {
			h.Markdowns = withoutKey(h.Markdowns, id)
			if left {
				next := *m
				next.Overdue = true
				h.Markdowns = withKey(h.Markdowns, id, &next)
			}
		}))
	}
	for _, id := range ids {
		m := t.site.head.Markdowns[id]
		if m == nil || m.Running || t.r.Time < m.From || t.r.Time >= m.Until {
			continue
		}
		next := t.begin(m)
		t.setHead(t.site.head.with(func(h *siteHead) { h.Markdowns = withKey(h.Markdowns, id, next) }))
	}
}

// findDue finds when the next markdown begins or ends.
func (b *Book) findDue() {
	b.due = 0
	for _, s := range b.sites {
		for _, m := range s.head.Markdowns {
			at := m.From
			switch {
			case m.Overdue:
				continue
			case m.Running:
				at = m.Until
			}
			if b.due == 0 || at < b.due {
				b.due = at
			}
		}
	}
}

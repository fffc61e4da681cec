package now

import (
	"cmp"
	"slices"

	"beckon/clickstream"
)

// Counts is what happened in some minutes.
type Counts struct {
	Events        int64 // of people, in time
	Machines      int64 // events of machines
	Late          int64 // events that came after their visit was over
	Visits        int64 // of people, by the minute in which they began
	MachineVisits int64
	Views         int64 // of items
	Carts         int64 // times that something was put into a cart
	Checkouts     int64 // begun
	Orders        int64 // that count: no repeats
	Refunds       int64 // that took something back

	// How far the visits came that began in these minutes.
	Looked, Carted, CheckedOut, Bought int64

	// Of the currency that was asked for, minor units. Refunded is in the minutes of the refunds, and not taken off Revenue.
	Revenue, Refunded int64
	Paid              int64 // orders in this currency
}

// Minute is what happened in one.
type Minute struct {
	At int64 // its beginning, Unix ms
	Counts
}

// Second is the events of one.
type Second struct {
	At               int64 // Unix ms
	People, Machines int64
}

// Live is what goes on at an instant.
type Live struct {
	Active   int64 // people of whom there was something in the last 5 minutes
	Visits   int64 // of people, that had something in the last 30 minutes
	Machines int64 // visits of machines, likewise
	Stages   [Stages]int64
	Devices  []Share // of Visits, the most first
	Sources  []Share
	Carts    []OpenCarts // by currency, the most carts first
}

// Share is a part of the visits in progress.
type Share struct {
	Name   string
	Visits int64
}

// OpenCarts are those of the visits in progress that have something in them, in one currency.
type OpenCarts struct {
	Currency string
	Carts    int64
	Value    int64 // minor units, at the prices that the events said
}

// Stage is how far a visit came.
type Stage uint8

// The stages, each with all before it.
const (
	Came Stage = iota
	Looked
	Carted
	CheckedOut
	Bought
	Stages = int(Bought) + 1
)

// Money is a site's takings in a currency, minor units.
type Money struct {
	Currency                  string
	Revenue, Refunded, Orders int64
}

// Event is one of the newest events.
type Event struct {
	Seq           uint64
	Time          int64 // Unix ms
	Kind          clickstream.Kind
	Name          string
	Visitor       string
	Item          string // the first of its items
	Items         int
	Value         int64 // minor units of Currency, clickstream.NoPrice if none was said
	Currency      string
	Search        string
	Page          string // address
	Placement     string
	Machine, Late bool
}

// Visit is one of the visits that had something newest.
type Visit struct {
	Visitor     string
	Start, Last int64 // Unix ms
	Events      int
	Stage       Stage
	Device      clickstream.Device
	Source      string
	Item        string // the last that something was done with
	Page        string // the last address
	Cart        int64  // worth, minor units of Currency
	CartLines   int
	Currency    string
	Machine     bool
}

// Search is a term with how often it was searched for.
type Search struct {
	Term  string
	Times int
}

// Live is what goes on at a site at now, Unix ms.
func (f *Fold) Live(site string, now int64) Live {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil || now < 0 || now > maxTime {
		return Live{}
	}
	return s.presence.live(uint32(now / secondMs))
}

// Seconds appends the events of n seconds, at most 300, the last of them the one before now's: now's own is not over.
func (f *Fold) Seconds(dst []Second, site string, now int64, n int) []Second {
	n = min(n, activeSeconds)
	if now < int64(n)*secondMs || now > maxTime {
		return dst
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	to := uint32(now / secondMs)
	for sec := to - uint32(n); sec < to; sec++ {
		one := Second{At: int64(sec) * secondMs}
		if s != nil && sec <= s.presence.newestSecond && s.presence.holdsSecond(sec) {
			c := s.seconds[sec&(secondsRing-1)]
			one.People, one.Machines = int64(c.people), int64(c.machines)
		}
		dst = append(dst, one)
	}
	return dst
}

// Minutes appends what happened in each minute that begins in [from, to), Unix ms, money in currency.
func (f *Fold) Minutes(dst []Minute, site, currency string, from, to int64) []Minute {
	f.mu.RLock()
	defer f.mu.RUnlock()
	f.eachLocked(site, currency, from, to, func(at int64, c *cell, m *sum) {
		one := Minute{At: at}
		one.add(c, m)
		dst = append(dst, one)
	})
	return dst
}

// Sum is what happened in all the minutes that begin in [from, to), Unix ms, money in currency.
func (f *Fold) Sum(site, currency string, from, to int64) (all Counts) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	f.eachLocked(site, currency, from, to, func(_ int64, c *cell, m *sum) { all.add(c, m) })
	return all
}

func (c *Counts) add(from *cell, m *sum) {
	if from != nil {
		from.to(c)
	}
	if m != nil {
		c.Revenue += m.revenue
		c.Refunded += m.refunded
		c.Paid += int64(m.orders)
	}
}

// eachLocked calls each with every minute that begins in [from, to), with nil where nothing is known of it. It looks at nine days at most.
func (f *Fold) eachLocked(site, currency string, from, to int64, each func(at int64, c *cell, m *sum)) {
	from, to = max(from, 0), min(to, maxTime)
	from = max((from+minuteMs-1)/minuteMs*minuteMs, to-9*dayMs)
	s := f.sites[site]
	var p *purse
	if s != nil {
		p = s.knownPurse(currency)
	}
	var h *hour
	var t *takings
	number := int32(-1)
	for at := from; at < to; at += minuteMs {
		if n := int32(at / hourMs); n != number && s != nil {
			number, h, t = n, s.minutes.find(n), nil
			if p != nil && h != nil {
				t = p.find(n)
			}
		}
		var c *cell
		var m *sum
		if h != nil {
			c = &h.cells[at/minuteMs%60]
		}
		if t != nil {
			m = &t.sums[at/minuteMs%60]
		}
		each(at, c, m)
	}
}

// Money is what a site took in the minutes that begin in [from, to), by currency, most orders first.
func (f *Fold) Money(site string, from, to int64) []Money {
	var all []Money
	for _, currency := range f.currencies(site) {
		c := f.Sum(site, currency, from, to)
		if c.Paid > 0 || c.Refunded > 0 {
			all = append(all, Money{currency, c.Revenue, c.Refunded, c.Paid})
		}
	}
	slices.SortStableFunc(all, func(a, b Money) int { return cmp.Compare(b.Orders, a.Orders) })
	return all
}

func (f *Fold) currencies(site string) (all []string) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if s := f.sites[site]; s != nil {
		for _, p := range s.purses {
			all = append(all, p.currency)
		}
	}
	return all
}

// Since is from when on there are numbers of a site, Unix ms: of what is not older than they are kept. It is 0 where there are none.
func (f *Fold) Since(site string) int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil || s.since == 0 {
		return 0
	}
	return max(s.since, int64(s.minutes.newest-keepHours+1)*hourMs)
}

// Searches is what people searched for most since from, Unix ms: among the newest 500 searches.
func (f *Fold) Searches(site string, from int64, limit int) []Search {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil {
		return nil
	}
	return s.searches.top(from, limit)
}

// Events are the newest events that fit, the newest first: people's, and with machines theirs among them. fits gets an event that is its
// own, and may be nil.
func (f *Fold) Events(site string, machines bool, limit int, fits func(*Event) bool) []Event {
	var all []Event
	f.mu.RLock()
	if s := f.sites[site]; s != nil {
		all = s.people.events.appendTo(all)
		if machines {
			all = s.machines.events.appendTo(all)
		}
	}
	f.mu.RUnlock()
	if machines {
		slices.SortFunc(all, func(a, b Event) int { return cmp.Compare(b.Seq, a.Seq) })
	}
	if fits != nil {
		all = slices.DeleteFunc(all, func(e Event) bool { return !fits(&e) })
	}
	return all[:min(len(all), limit)]
}

// Orders are the newest orders that count, the newest first, at most 50.
func (f *Fold) Orders(site string, limit int) []Event {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil {
		return nil
	}
	all := s.orders.appendTo(nil)
	return all[:min(len(all), limit)]
}

func (n *notes) appendTo(all []Event) []Event {
	n.newest(func(one *note) bool {
		all = append(all, one.event())
		return true
	})
	return all
}

// Visits are the visits in progress at now, Unix ms, that had something newest, the newest first: people's, and with machines theirs.
func (f *Fold) Visits(site string, now int64, machines bool, limit int) []Visit {
	var all []Visit
	f.mu.RLock()
	if s := f.sites[site]; s != nil {
		after := now - visitingMinutes*minuteMs
		all = s.appendVisits(all, &s.people.visits, after)
		if machines {
			all = s.appendVisits(all, &s.machines.visits, after)
		}
	}
	f.mu.RUnlock()
	slices.SortStableFunc(all, func(a, b Visit) int { return cmp.Compare(b.Last, a.Last) })
	return all[:min(len(all), limit)]
}

// Visit is a visitor's newest visit, if it is one of those that had something newest and is in progress at now, Unix ms.
func (f *Fold) Visit(site, visitor string, now int64) (Visit, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil {
		return Visit{}, false
	}
	hash := clickstream.VisitorHash(visitor)
	for _, g := range []*guests{&s.people.visits, &s.machines.visits} {
		if at := g.find(hash); at > 0 && g.list[at-1].last > now-visitingMinutes*minuteMs {
			return s.visitOf(&g.list[at-1])
		}
	}
	return Visit{}, false
}

func (s *site) appendVisits(all []Visit, from *guests, after int64) []Visit {
	from.newest(func(g *guest) bool {
		if v, ok := s.visitOf(g); ok && g.last > after {
			all = append(all, v)
		}
		return true
	})
	return all
}

// visitOf is a visit with what the table and the carts know of it; it is false when it is over or was taken back.
func (s *site) visitOf(g *guest) (Visit, bool) {
	key := newVisit(g.hash, g.start)
	for _, v := range s.visits.part(g.hash).of(&key) {
		if v.startMs() != g.start {
			continue
		}
		out := Visit{
			Visitor: string(g.visitor), Start: g.start, Last: g.last, Events: int(g.events), Stage: v.stage(),
			Device: clickstream.Device(v.device()), Source: s.presence.sources[v.source()],
			Item: string(g.item), Page: string(g.page), Machine: v.machine(),
		}
		if c := s.carts[g.hash]; c != nil && !v.older() {
			out.Cart, out.CartLines, out.Currency = c.value, len(c.lines), s.presence.carts[c.currency].currency
		}
		return out, true
	}
	return Visit{}, false
}

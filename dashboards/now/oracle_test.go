package now

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"beckon/clickstream"
)

// oracle is what the numbers of a site must be, worked out from all facts at once.
type oracle struct {
	minutes map[int64]*Counts // money in EUR
	visits  map[clickstream.SessionKey]*clickstream.Session
	acts    map[string][]act // of people and machines, in time, by visitor
	clock   int64
}

type act struct {
	at    int64
	stage Stage
}

func oracleOf(facts []clickstream.Fact, site string) *oracle {
	o := &oracle{minutes: map[int64]*Counts{}, visits: map[clickstream.SessionKey]*clickstream.Session{}, acts: map[string][]act{}}
	for i := range facts {
		f := &facts[i]
		if f.Site != site {
			continue
		}
		for _, c := range f.Changes {
			for _, k := range c.Retracted {
				delete(o.visits, k)
			}
			if c.Session != nil {
				o.visits[c.Session.Key] = c.Session
			}
		}
		if f.Erase != nil { // what comes later is a new life
			o.erase(f.Erase.Visitor)
		}
		if e := f.Event; e != nil && !e.Generated {
			o.event(f, e)
		}
	}
	for _, s := range o.visits {
		m := o.minute(s.Key.Start)
		if s.Bot {
			m.MachineVisits++
			continue
		}
		m.Visits++
		st := o.stage(s)
		for at, n := range map[Stage]*int64{Looked: &m.Looked, Carted: &m.Carted, CheckedOut: &m.CheckedOut, Bought: &m.Bought} {
			if st >= at {
				*n++
			}
		}
	}
	return o
}

// erase forgets the acts that are not those of a visit that is over.
func (o *oracle) erase(hash uint64) {
	for visitor, acts := range o.acts {
		if clickstream.VisitorHash(visitor) != hash {
			continue
		}
		o.acts[visitor] = slices.DeleteFunc(acts, func(a act) bool {
			for k, s := range o.visits {
				if k.Visitor == visitor && k.Start <= a.at && a.at <= s.End {
					return false
				}
			}
			return true
		})
	}
}

func (o *oracle) minute(at int64) *Counts {
	at = at / minuteMs * minuteMs
	if o.minutes[at] == nil {
		o.minutes[at] = &Counts{}
	}
	return o.minutes[at]
}

func (o *oracle) event(f *clickstream.Fact, e *clickstream.Event) {
	o.clock = max(o.clock, e.Time)
	m := o.minute(e.Time)
	switch {
	case e.Kind == clickstream.Purchase && !f.Repeat:
		m.Orders++
		if f.Currency == "EUR" {
			m.Paid++
			m.Revenue += f.Money
		}
	case e.Kind == clickstream.Refund && f.Money < 0:
		m.Refunds++
		if f.Currency == "EUR" {
			m.Refunded -= f.Money
		}
	}
	if !f.Late && e.Kind != clickstream.Refund {
		st := stageOf(e.Kind)
		if f.Repeat {
			st = Came
		}
		o.acts[e.Visitor] = append(o.acts[e.Visitor], act{e.Time, st})
	}
	switch {
	case f.Late:
		m.Late++
		return
	case f.Bot:
		m.Machines++
		return
	}
	m.Events++
	switch e.Kind {
	case clickstream.ViewItem:
		m.Views++
	case clickstream.AddToCart:
		m.Carts++
	case clickstream.BeginCheckout:
		m.Checkouts++
	}
}

func (o *oracle) stage(s *clickstream.Session) (st Stage) {
	for _, a := range o.acts[s.Key.Visitor] {
		if s.Key.Start <= a.at && a.at <= s.End {
			st = max(st, a.stage)
		}
	}
	return st
}

// live is who is there at now.
func (o *oracle) live(now int64) (l Live) {
	newest := map[string]*clickstream.Session{}
	for k, s := range o.visits {
		if !s.Closed && (newest[k.Visitor] == nil || newest[k.Visitor].Key.Start < k.Start) {
			newest[k.Visitor] = s
		}
	}
	for _, s := range newest {
		switch {
		case s.End/minuteMs < now/minuteMs-visitingMinutes:
		case s.Bot:
			l.Machines++
		default:
			l.Visits++
			l.Stages[o.stage(s)]++
			if now/1000-s.End/1000 < activeSeconds {
				l.Active++
			}
		}
	}
	return l
}

func TestNumbersAreThoseOfTheLog(t *testing.T) {
	for seed := range uint64(20) {
		events, erase := random(seed, 4000)
		facts := factsOf(t, events, erase)
		f := New(Config{})
		if err := f.ApplyFacts(facts); err != nil {
			t.Fatal(err)
		}
		for _, site := range []string{"shop", "other"} {
			o := oracleOf(facts, site)
			for _, m := range f.Minutes(nil, site, "EUR", noon-3*hourMs, noon+6*hourMs) {
				want := Counts{}
				if o.minutes[m.At] != nil {
					want = *o.minutes[m.At]
				}
				if m.Counts != want {
					t.Fatalf("seed %d, %s, minute %d:\n got %+v\nwant %+v", seed, site, (m.At-noon)/minuteMs, m.Counts, want)
				}
			}
			for _, after := range []int64{0, 30_000, 4 * minuteMs, 20 * minuteMs, 29 * minuteMs} {
				got, want := f.Live(site, o.clock+after), o.live(o.clock+after)
				if inAll(got.Devices) != want.Visits || inAll(got.Sources) != want.Visits {
					t.Errorf("seed %d, %s: devices %v and sources %v of %d visits", seed, site, got.Devices, got.Sources, want.Visits)
				}
				got.Devices, got.Sources, got.Carts = nil, nil, nil
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("seed %d, %s, %d s later:\n got %+v\nwant %+v", seed, site, after/1000, got, want)
				}
			}
		}
	}
}

func inAll(shares []Share) (n int64) {
	for _, s := range shares {
		n += s.Visits
	}
	return n
}

func TestSecondsAreThoseOfTheLog(t *testing.T) {
	events, _ := random(9, 2000)
	facts := factsOf(t, events, nil)
	f := New(Config{})
	if err := f.ApplyFacts(facts); err != nil {
		t.Fatal(err)
	}
	want := map[int64]Second{}
	clock := int64(0)
	for i := range facts {
		e := facts[i].Event
		if e == nil || e.Generated || facts[i].Late || e.Site != "shop" {
			continue
		}
		clock = max(clock, e.Time)
		s := want[e.Time/1000]
		if facts[i].Bot {
			s.Machines++
		} else {
			s.People++
		}
		want[e.Time/1000] = s
	}
	got := f.Seconds(nil, "shop", clock+1000, 300)
	if len(got) != 300 || got[299].At/1000 != clock/1000 {
		t.Fatalf("%d seconds to %d", len(got), got[len(got)-1].At)
	}
	some := 0
	for _, s := range got {
		w := want[s.At/1000]
		if w.At = s.At; s != w {
			t.Errorf("second %d: %+v, want %+v", s.At, s, w)
		}
		some += int(s.People)
	}
	if some == 0 {
		t.Error("nothing in five minutes")
	}
}

// The money of all minutes is that of clickstream.Orders, which the ledger and the history have.
func TestMoneyIsThatOfOrders(t *testing.T) {
	events, _ := random(3, 4000)
	facts := factsOf(t, events, nil)
	f := New(Config{})
	if err := f.ApplyFacts(facts); err != nil {
		t.Fatal(err)
	}
	want := map[string]*Money{}
	for i := range facts {
		if facts[i].Site != "shop" || facts[i].Currency == "" {
			continue
		}
		m := want[facts[i].Currency]
		if m == nil {
			m = &Money{Currency: facts[i].Currency}
			want[m.Currency] = m
		}
		if facts[i].Money >= 0 && facts[i].Event.Kind == clickstream.Purchase {
			m.Revenue += facts[i].Money
			m.Orders++
		} else {
			m.Refunded -= facts[i].Money
		}
	}
	got := f.Money("shop", noon-3*hourMs, noon+6*hourMs)
	sorted := slices.SortedFunc(maps.Values(want), func(a, b *Money) int { return cmp.Compare(b.Orders, a.Orders) })
	if len(got) != 2 || got[0] != *sorted[0] || got[1] != *sorted[1] {
		t.Errorf("%+v, want %+v and %+v", got, sorted[0], sorted[1])
	}
}

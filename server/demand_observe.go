package main

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"beckon/pricing"
	"beckon/pricing/demand"
	"beckon/server/shop"
)

const (
	// linesPerBatch is what one price.observe record takes.
	linesPerBatch = 500
	// maxObserved bounds the lines of one call; what is beyond comes with the next, when these are observed.
	maxObserved = 20_000
	// maxCatchUp is how many slots of an item one call tells at most, the newest: those that a long stop or a first observation left.
	maxCatchUp = 60
	dayMs      = 24 * hourMs
	hourMs     = 60 * minuteMs
	minuteMs   = int64(time.Minute / time.Millisecond)
)

// observations is the closed slots that the Book has not observed, of the items that the engine may price, as records in the order in
// which they are to be appended: by slot, then by item. now is Unix ms of the site's clock. It may be asked each second: until a slot can
// have closed, a minute at most, it looks at nothing.
func (n *node) observations(site string, now int64) []pricing.ObservationBatch {
	if now < n.observed.due(site) {
		return nil
	}
	o := n.observer(site, now)
	if o == nil {
		return nil
	}
	batches := o.batches()
	if n.observed.looked(site, batches, o.told, now, min(max(o.next, now+1000), now+minuteMs)) {
		return nil
	}
	return batches
}

// observedSlots is when each site is looked at next, and what was told of it last.
type observedSlots struct {
	mu    sync.Mutex
	sites map[string]observedSite
}

type observedSite struct {
	due         int64 // Unix ms of the site's clock
	told        int
	first, last slotSpan
}

func (s *observedSlots) due(site string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sites[site].due
}

// looked notes a look. It says whether the same was told the last time: then the Book did not take it, and it waits for a minute.
func (s *observedSlots) looked(site string, batches []pricing.ObservationBatch, told int, now, next int64) (again bool) {
	fresh := observedSite{due: next}
	if told > 0 {
		first, last := &batches[0], &batches[len(batches)-1]
		fresh = observedSite{now, told, slotSpan{first.Slot, first.Ms}, slotSpan{last.Slot, last.Ms}}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sites == nil {
		s.sites = map[string]observedSite{}
	}
	was := s.sites[site]
	again = told > 0 && was.told == told && was.first == fresh.first && was.last == fresh.last
	if again {
		fresh = observedSite{due: now + minuteMs}
	}
	s.sites[site] = fresh
	return again
}

// observer gathers what is to be told of a site at a time; nil if there can be nothing.
//
// A slot is told with the price that was in force during all of it: the price now, if it is at least as old as the slot. Of the slot in
// which it changed, the whole hours after the change are told (whole minutes of slots under two hours) if they are a quarter of it or
// more; what lay before is not known any more. A line is clean if the item could be bought all the time.
func (n *node) observer(site string, now int64) *observer {
	s, ok := n.shop.Site(site)
	since := n.demand.Since(site)
	if !ok || since == 0 || !n.folds.book.Active(site) {
		return nil
	}
	o := &observer{
		n: n, site: s, since: since, clock: n.demandClock(&s, now), next: math.MaxInt64,
		lines: map[slotSpan][]pricing.Observation{}, counts: map[slotSpan]map[string]demand.Counts{},
	}
	for _, it := range n.shop.AllItems(site) {
		if it.Currency == "" || it.Public <= 0 {
			continue
		}
		set := n.folds.book.Of(site, it.ID, it.Category)
		if set.Mode == pricing.ModeOff {
			continue
		}
		if o.item(it, set.Slot); o.told >= maxObserved {
			break
		}
	}
	return o
}

// demandClock is up to when the demand fold has applied everything: for a shop that lives by the wall's clock now, less what the fold is
// behind; for another the clock of its facts.
func (n *node) demandClock(s *shop.Site, now int64) int64 {
	if s.Clock == shop.WallClock {
		return now - n.runner.LagTime("demand").Milliseconds()
	}
	return min(n.demand.Clock(s.ID), now)
}

// slotSpan is a stretch of time, Unix ms.
type slotSpan struct{ at, ms int64 }

// observer gathers one site's lines.
type observer struct {
	n      *node
	site   shop.Site
	since  int64 // of the first counted event
	clock  int64
	next   int64 // when the next slot closes
	told   int
	lines  map[slotSpan][]pricing.Observation
	counts map[slotSpan]map[string]demand.Counts // of slots that only minutes tell: all items at once
}

// closed says whether nothing of a slot of this length that ends at end can come any more: what is later than the site's sessions allow
// is not counted. Short slots wait a quarter of their length only, for whoever watches a demo.
func (o *observer) closed(end, length int64) bool {
	grace := o.site.Lateness
	if length < hourMs {
		grace = min(grace, max(length/4, 10_000))
	}
	if end+grace > o.clock {
		o.next = min(o.next, end+grace)
		return false
	}
	return true
}

// item tells an item's slots of a length in ms.
func (o *observer) item(it *shop.Item, length int64) {
	length = max(length-length%minuteMs, minuteMs)
	last := o.n.folds.book.Observed(o.site.ID, it.ID)
	if changed := it.PriceAt % length; changed != 0 {
		unit := hourMs
		if length < 2*hourMs {
			unit = minuteMs
		}
		rest := slotSpan{at: (it.PriceAt + unit - 1) / unit * unit}
		rest.ms = it.PriceAt - changed + length - rest.at
		if rest.at > last && rest.ms >= length/4 && o.closed(rest.at+rest.ms, length) {
			o.tell(it, rest)
		}
	}
	first := max(it.PriceAt, last+1, o.since-length+1, o.clock-maxCatchUp*length)
	for at := (first + length - 1) / length * length; o.closed(at+length, length); at += length {
		o.tell(it, slotSpan{at, length})
	}
}

// tell adds a line, if the slot's counts are kept.
func (o *observer) tell(it *shop.Item, s slotSpan) {
	end := s.at + s.ms
	if !o.n.demand.Tells(o.site.ID, s.at, end) {
		return
	}
	var c demand.Counts
	if s.at%hourMs == 0 && end%hourMs == 0 {
		c = o.n.demand.Sum(o.site.ID, it.ID, s.at, end)
	} else {
		c = o.minutes(s)[it.ID]
	}
	o.lines[s] = append(o.lines[s], pricing.Observation{
		Item: it.ID, Price: it.Public, Views: float64(max(c.Views, 0)), Units: float64(max(c.Units, 0)),
		Season: o.n.demand.Season(o.site.ID, it.ID, s.at, end),
		Clean:  it.Stock == shop.Unset || it.FreeStock() > 0 && it.LastOut <= s.at,
	})
	o.told++
}

func (o *observer) minutes(s slotSpan) map[string]demand.Counts {
	known, ok := o.counts[s]
	if !ok {
		known = map[string]demand.Counts{}
		for _, c := range o.n.demand.Slot(nil, o.site.ID, s.at, s.at+s.ms) {
			known[c.Item] = c.Counts
		}
		o.counts[s] = known
	}
	return known
}

// batches is the lines in order: an item's slots follow each other in time.
func (o *observer) batches() []pricing.ObservationBatch {
	spans := make([]slotSpan, 0, len(o.lines))
	for s := range o.lines {
		spans = append(spans, s)
	}
	slices.SortFunc(spans, func(a, b slotSpan) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.ms, b.ms)) })
	var out []pricing.ObservationBatch
	for _, s := range spans {
		for lines := range slices.Chunk(o.lines[s], linesPerBatch) { // items came in order of their ids
			out = append(out, pricing.ObservationBatch{Slot: s.at, Ms: s.ms, Lines: lines})
		}
	}
	return out
}

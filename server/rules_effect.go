package main

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"beckon/clickstream"
	"beckon/recommender"
)

// ruleEffects counts what became of the items that rules moved: how often they were shown to whom, and how often that shopper looked at
// them after. It is in memory only, since this process started; what is older is known to nobody. It is bounded: of the newest
// shownKept items shown a click is still known to be a rule's.
type ruleEffects struct {
	seed   maphash.Seed
	some   atomic.Bool // rules moved anything yet
	shards [16]ruleEffectShard
}

type ruleEffectShard struct {
	mu     sync.Mutex
	counts map[ruleKey]*ruleEffect
	shown  map[uint64]ruleKey // by hash of site, visitor and item
	order  []uint64           // of shown, a ring
	next   int
}

type ruleKey struct{ site, rule string }

// ruleEffect is what became of the items that a rule moved.
type ruleEffect struct {
	Shown  int64 `json:"shown"`  // items in answers
	Clicks int64 `json:"clicks"` // of them, looked at by that shopper after
}

// Bounds of each shard.
const (
	shownKept  = 1 << 14
	countsKept = 10_000
)

func newRuleEffects() *ruleEffects {
	e := &ruleEffects{seed: maphash.MakeSeed()}
	for i := range e.shards {
		e.shards[i].counts, e.shards[i].shown = map[ruleKey]*ruleEffect{}, map[uint64]ruleKey{}
	}
	return e
}

// showed counts the items of an answer that rules moved.
func (e *ruleEffects) showed(site, visitor string, got *recommender.Answer) {
	if visitor == "" {
		return
	}
	for i := range got.Items {
		s := &got.Items[i]
		if s.Rule == nil {
			continue
		}
		e.some.Store(true)
		name := maphash.Comparable(e.seed, [3]string{site, visitor, s.Item})
		e.shards[name%uint64(len(e.shards))].showed(name, ruleKey{site, s.Rule.ID})
	}
}

func (s *ruleEffectShard) showed(name uint64, key ruleKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts[key]
	if c == nil {
		if len(s.counts) >= countsKept { // rules come and go; what is counted anew is said to be young
			clear(s.counts)
			clear(s.shown)
			s.order, s.next = s.order[:0], 0
		}
		c = new(ruleEffect)
		s.counts[key] = c
	}
	c.Shown++
	if _, ok := s.shown[name]; !ok {
		if len(s.order) < shownKept {
			s.order = append(s.order, name)
		} else {
			delete(s.shown, s.order[s.next])
			s.order[s.next] = name
			s.next = (s.next + 1) % shownKept
		}
	}
	s.shown[name] = key
}

// acted counts a shopper's look at an item that a rule moved, once.
func (e *ruleEffects) acted(ev *clickstream.Event) {
	if ev.Kind != clickstream.ViewItem && ev.Kind != clickstream.SelectItem || !e.some.Load() {
		return
	}
	for i := range ev.Items {
		name := maphash.Comparable(e.seed, [3]string{ev.Site, ev.Visitor, ev.Items[i].ID})
		e.shards[name%uint64(len(e.shards))].clicked(name)
	}
}

func (s *ruleEffectShard) clicked(name uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key, ok := s.shown[name]; ok && key != (ruleKey{}) {
		s.counts[key].Clicks++
		s.shown[name] = ruleKey{} // its place in order stays
	}
}

// of is a rule's effect, nil before it moved anything.
func (e *ruleEffects) of(site, rule string) *ruleEffect {
	var sum ruleEffect
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		if c := s.counts[ruleKey{site, rule}]; c != nil {
			sum.Shown += c.Shown
			sum.Clicks += c.Clicks
		}
		s.mu.Unlock()
	}
	if sum.Shown == 0 {
		return nil
	}
	return &sum
}

package offers

import (
	"cmp"
	"slices"
	"sync"
)

// siteLive is a site's live offers by shopper. One goroutine writes; any may read, under a lock that is held for one map access.
type siteLive struct{ shards [64]liveShard }

type liveShard struct {
	mu     sync.RWMutex // the writer needs it for changes only
	offers map[[16]byte]*liveOffer
}

// liveOffer is a live offer as readers find it. It is never changed.
type liveOffer struct {
	campaign *campaign
	item     string
	terms
}

func (s *siteLive) put(who [16]byte, o *liveOffer) {
	shard := &s.shards[shardOf(who)]
	shard.mu.Lock()
	if shard.offers == nil {
		shard.offers = map[[16]byte]*liveOffer{}
	}
	shard.offers[who] = o
	shard.mu.Unlock()
}

func (s *siteLive) remove(who [16]byte) {
	shard := &s.shards[shardOf(who)]
	shard.mu.Lock()
	delete(shard.offers, who)
	shard.mu.Unlock()
}

// has is the writer's own question.
func (s *siteLive) has(who [16]byte) bool {
	_, ok := s.shards[shardOf(who)].offers[who]
	return ok
}

func (s *siteLive) of(who [16]byte) *liveOffer {
	shard := &s.shards[shardOf(who)]
	shard.mu.RLock()
	defer shard.mu.RUnlock()
	return shard.offers[who]
}

func (l *Ledger) liveOffer(c *campaign, e *entry) *liveOffer {
	return &liveOffer{c, l.items[e.item], e.terms}
}

// offer is o as its shopper sees it.
func (o *liveOffer) offer() Offer { return offerOf(&o.terms, o.campaign.shown.Load(), o.item) }

func (s *siteLive) len() int {
	n := 0
	for i := range s.shards {
		n += len(s.shards[i].offers)
	}
	return n
}

// newest adds to found the offers of campaign, of which at most limit are kept: those granted last.
func (s *siteLive) newest(found []Offer, campaign string, limit int) []Offer {
	later := func(a, b Offer) int {
		return cmp.Or(cmp.Compare(b.Granted, a.Granted), cmp.Compare(b.Number, a.Number))
	}
	for i := range s.shards {
		shard := &s.shards[i]
		shard.mu.RLock()
		for _, o := range shard.offers {
			if o.campaign.shown.Load().ID == campaign {
				found = append(found, o.offer())
			}
		}
		shard.mu.RUnlock()
		if len(found) > 4*limit {
			slices.SortFunc(found, later)
			found = found[:limit]
		}
	}
	slices.SortFunc(found, later)
	return found[:min(len(found), limit)]
}

package main

import (
	"hash/maphash"
	"sync"
	"time"
)

// limiter is a rate limit per key by the generic cell rate algorithm (ITU-T I.371): each key owns one number, the theoretical
// arrival time of its next conforming event. Memory is fixed: 16,384 sets of 4 keys; the most idle key of a full set is
// forgotten, which gives it a fresh burst and nothing more.
type limiter struct {
	interval time.Duration // between conforming events
	burst    time.Duration // how far ahead of now a key may run
	seed     maphash.Seed
	shards   [limiterShards]limiterShard
}

const (
	limiterShards = 64
	limiterSets   = 256
	limiterWays   = 4
	burstSeconds  = 10
)

type limiterShard struct {
	mu   sync.Mutex
	sets [limiterSets][limiterWays]arrival
}

type arrival struct {
	key  uint64
	next int64 // theoretical arrival time, ns
}

// newLimiter allows perSecond events per key and second with a burst of ten seconds' worth; nil, which allows all, for 0.
func newLimiter(perSecond int) *limiter {
	if perSecond <= 0 {
		return nil
	}
	return &limiter{
		interval: time.Second / time.Duration(perSecond),
		burst:    burstSeconds * time.Second,
		seed:     maphash.MakeSeed(),
	}
}

// take charges n events to key at now. When that is over the limit nothing is charged and it returns how long to wait. More events
// at once than the burst are let through by a full burst, and paid for afterwards: otherwise they could never pass.
func (l *limiter) take(key string, n int, now time.Time) (wait time.Duration) {
	if l == nil || n == 0 {
		return 0
	}
	h := maphash.String(l.seed, key)
	s := &l.shards[h%limiterShards]
	set := &s.sets[h/limiterShards%limiterSets]
	at := now.UnixNano()
	s.mu.Lock()
	defer s.mu.Unlock()
	slot := &set[0]
	for i := range set {
		if set[i].key == h {
			slot = &set[i]
			break
		}
		if set[i].next < slot.next {
			slot = &set[i]
		}
	}
	if slot.key != h {
		*slot = arrival{key: h}
	}
	next, cost := max(slot.next, at), int64(n)*int64(l.interval)
	if over := next + min(cost, int64(l.burst)) - at - int64(l.burst); over > 0 {
		return time.Duration(over)
	}
	slot.next = next + cost
	return 0
}

package main

import (
	"hash/maphash"
	"sync"
	"time"
)

// waitsConfig is how long failures make one wait: free of them nothing, then first, and twice as long with each more, up to most. A key
// that has not failed for forget begins anew.
type waitsConfig struct {
	free                int
	first, most, forget time.Duration
}

var (
	accountWaits = waitsConfig{free: 5, first: 2 * time.Second, most: 5 * time.Minute, forget: time.Hour}
	addressWaits = waitsConfig{free: 20, first: 2 * time.Second, most: 15 * time.Minute, forget: time.Hour}
)

// waits makes guessing slow, per key. An attempt is charged before its outcome is known, so that many at once are no way round it, and given
// back when it succeeds. Memory is fixed: 1,024 sets of 4 keys; a full set forgets the key with the fewest failures, of those the one
// that failed first, so that who fails most is remembered.
type waits struct {
	cfg  waitsConfig
	seed maphash.Seed

	mu   sync.Mutex
	sets [1024][4]failures
}

type failures struct {
	key   uint64
	count int
	last  time.Time
	until time.Time
}

func newWaits(cfg waitsConfig) *waits { return &waits{cfg: cfg, seed: maphash.MakeSeed()} }

// attempt charges key with a failure at now, or says how long it has to wait first: nothing is charged then.
func (w *waits) attempt(key string, now time.Time) (wait time.Duration) {
	h := maphash.String(w.seed, key)
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.slotLocked(h, now)
	if wait := f.until.Sub(now); wait > 0 {
		return wait
	}
	f.count, f.last = f.count+1, now
	if over := f.count - w.cfg.free; over >= 0 {
		f.until = now.Add(min(w.cfg.most, w.cfg.first<<min(over, 20)))
	}
	return 0
}

// giveBack takes one charge of attempt back.
func (w *waits) giveBack(key string, now time.Time) {
	h := maphash.String(w.seed, key)
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.slotLocked(h, now)
	f.count, f.until = max(0, f.count-1), time.Time{}
}

// forgive takes all of key's failures back.
func (w *waits) forgive(key string, now time.Time) {
	h := maphash.String(w.seed, key)
	w.mu.Lock()
	defer w.mu.Unlock()
	*w.slotLocked(h, now) = failures{}
}

// slotLocked is the key's place, emptied if it is another's or old.
func (w *waits) slotLocked(h uint64, now time.Time) *failures {
	set := &w.sets[h%uint64(len(w.sets))]
	least := &set[0]
	for i := range set {
		f := &set[i]
		if now.Sub(f.last) > w.cfg.forget {
			*f = failures{}
		}
		if f.key == h && f.count > 0 {
			return f
		}
		if f.count < least.count || f.count == least.count && f.last.Before(least.last) {
			least = f
		}
	}
	*least = failures{key: h}
	return least
}

// failedLogins bounds how many failed logins are written to the log: failedBurst at once, then one each failedEvery. Those between are
// counted, and the next record carries their number.
type failedLogins struct {
	mu      sync.Mutex
	skipped int64
	room    float64
	at      time.Time
}

const (
	failedBurst = 20
	failedEvery = 10 * time.Second
)

// take is how many attempts a record made now should stand for, 0 for no record.
func (f *failedLogins) take(now time.Time) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at.IsZero() {
		f.room = failedBurst
	} else if passed := now.Sub(f.at); passed > 0 {
		f.room = min(failedBurst, f.room+passed.Seconds()/failedEvery.Seconds())
	}
	f.at = now
	f.skipped++
	if f.room < 1 {
		return 0
	}
	f.room--
	count := f.skipped
	f.skipped = 0
	return count
}

// lastSeen is when users were here last, as this node knows since it started. It holds as many as there are users.
type lastSeen struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (l *lastSeen) note(user string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil {
		l.at = map[string]time.Time{}
	}
	l.at[user] = now
}

// of is when user was here, zero if not since the start.
func (l *lastSeen) of(user string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at[user]
}

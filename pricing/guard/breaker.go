package guard

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

const (
	dayMs   = 24 * 3600_000
	billion = 1_000_000_000
)

// Breaker watches how far the prices of a whole catalog moved in one day, in UTC: the sum of what each change moved, |after-before| times
// its weight, as a share of the sum of all prices times theirs. Beyond the limit it opens: what may wait waits until the next day
// or until a person closes it. One damaged feed that sends every price to its limit is stopped by it, where each change alone looked
// harmless.
//
// It is a state machine over the times of the log and its own JSON; the zero value is closed. It is not for concurrent use.
type Breaker struct {
	Day    int64  `json:"day"`             // Unix ms at which the day that is counted began
	Moved  int64  `json:"moved"`           // billionths of the catalog
	Since  int64  `json:"since,omitzero"`  // Unix ms at which it opened, 0: closed
	Reason string `json:"reason,omitzero"` // why, for people
}

// Movement is one change of a price.
type Movement struct {
	Time          int64 // Unix ms, of the log
	Before, After int64 // minor units
	Weight        int64 // of the item, such as the pieces it sells a day; 0 counts as 1
	Catalog       int64 // Σ price·weight over the site's catalog in the same currency before the change
}

// Try takes a change that may wait. ok says that it may go on, and it is counted then; opened that this one opened the breaker, and
// Reason says why. limit is the fraction of the catalog that may move in a day; 0 is no limit.
func (b *Breaker) Try(m Movement, limit float64) (ok, opened bool) {
	b.turn(m.Time)
	if b.Since != 0 {
		return false, false
	}
	next := add(b.Moved, m.share())
	if limit > 0 && next > limitOf(limit) {
		b.open(m.Time, next, limit)
		return false, true
	}
	b.Moved = next
	return true, false
}

// Count takes a change that may not wait, a price that left a hard limit. It is counted, and opens the breaker
// for the others where it is too much.
func (b *Breaker) Count(m Movement, limit float64) (opened bool) {
	b.turn(m.Time)
	b.Moved = add(b.Moved, m.share())
	if limit > 0 && b.Since == 0 && b.Moved > limitOf(limit) {
		b.open(m.Time, b.Moved, limit)
		return true
	}
	return false
}

// Open says whether it is open at now.
func (b *Breaker) Open(now int64) bool { return b.Since != 0 && dayOf(now) <= b.Day }

// Close is a person's word that what moved is right: the day is counted anew from here. It says whether the breaker was open.
func (b *Breaker) Close(now int64) (was bool) {
	was = b.Open(now)
	*b = Breaker{Day: max(b.Day, dayOf(now))}
	return was
}

// turn begins the next day when now is in it. Times that fall belong to the day that is counted.
func (b *Breaker) turn(now int64) {
	if day := dayOf(now); day > b.Day {
		*b = Breaker{Day: day}
	}
}

func (b *Breaker) open(now, moved int64, limit float64) {
	b.Since = now
	b.Reason = fmt.Sprintf("prices would have moved %.2f%% of the catalog on %s, and %.2f%% is the limit",
		percent(moved), time.UnixMilli(b.Day).UTC().Format(time.DateOnly), percent(limitOf(limit)))
}

// share is the movement in billionths of the catalog, rounded up. A catalog that is not known is all of it.
func (m *Movement) share() int64 {
	moved := distance(m.After, m.Before)
	if moved == 0 {
		return 0
	}
	if m.Catalog <= 0 {
		return billion
	}
	hi, lo := bits.Mul64(uint64(moved), uint64(max(m.Weight, 1)))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	hi, lo = bits.Mul64(lo, billion)
	if hi >= uint64(m.Catalog) {
		return math.MaxInt64
	}
	q, r := bits.Div64(hi, lo, uint64(m.Catalog))
	if r > 0 {
		q++
	}
	return int64(min(q, math.MaxInt64))
}

func add(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

func dayOf(t int64) int64 { return t - ((t%dayMs)+dayMs)%dayMs }

// limitOf is the limit in billionths of the catalog.
func limitOf(fraction float64) int64 {
	if fraction >= 1e6 {
		return math.MaxInt64
	}
	return int64(math.Round(fraction * billion))
}

func percent(billionths int64) float64 { return float64(billionths) / (billion / 100) }

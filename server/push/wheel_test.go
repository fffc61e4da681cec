package push

import (
	"math/rand/v2"
	"testing"
)

func TestWheelIsNeverEarlyAndAtMostTwoTicksLate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	now := int64(1_790_000_000_000)
	w := newWheel(now)
	due := map[*conn]int64{}
	for i := range 500 {
		c := &conn{}
		due[c] = now + rng.Int64N(30_000)
		w.set(c, due[c])
		if i%3 == 0 { // moved, sooner or later
			due[c] = now + rng.Int64N(30_000)
			w.set(c, due[c])
		}
		if i%10 == 0 {
			w.remove(c)
			delete(due, c)
		}
	}
	tick := wheelTick.Milliseconds()
	for len(due) > 0 {
		now += rng.Int64N(3 * tick)
		for _, c := range w.advance(now, nil) {
			want, ok := due[c]
			if !ok {
				t.Fatal("a removed connection came")
			}
			if now < want || now > want+5*tick { // two ticks, and the three this test may jump
				t.Errorf("came at %+d ms of its time", now-want)
			}
			delete(due, c)
		}
		if now > 1_790_000_060_000 {
			t.Fatalf("%d connections never came", len(due))
		}
	}
}

func TestWheelServesEverySlotAfterAJumpOfTheClock(t *testing.T) {
	now := int64(1_790_000_000_000)
	w := newWheel(now)
	for i := range int64(100) {
		w.set(&conn{}, now+i*300)
	}
	if got := len(w.advance(now+24*3600*1000, nil)); got != 100 {
		t.Errorf("%d connections came after a day, want 100", got)
	}
}

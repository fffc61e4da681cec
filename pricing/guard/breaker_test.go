package guard

import (
	"encoding/json"
	"strings"
	"testing"
)

// noon is inside a day, so that an hour more is in the same.
const noon = 1_790_000_000_000 - 1_790_000_000_000%dayMs + 12*hour

func move(at, before, after int64) Movement {
	return Movement{Time: at, Before: before, After: after, Catalog: 100_000}
}

func TestBreakerOpensWhenTheCatalogMovedTooFar(t *testing.T) {
	var b Breaker
	for i := range int64(10) { // ten times 1 %
		if ok, opened := b.Try(move(noon+i, 10_000, 11_000-i%2*2000), 0.10); !ok || opened {
			t.Fatalf("change %d: ok %v, opened %v: %+v", i, ok, opened, b)
		}
	}
	if ok, opened := b.Try(move(noon+20, 10_000, 10_001), 0.10); ok || !opened {
		t.Fatalf("beyond the limit: ok %v, opened %v: %+v", ok, opened, b)
	}
	if !b.Open(noon+20) || !strings.Contains(b.Reason, "10.00%") || b.Since != noon+20 {
		t.Errorf("open breaker %+v", b)
	}
	if ok, opened := b.Try(move(noon+21, 10_000, 10_001), 0.10); ok || opened {
		t.Errorf("an open breaker says ok %v, opened again %v", ok, opened)
	}
}

func TestBreakerClosesTheNextDay(t *testing.T) {
	var b Breaker
	b.Try(move(noon, 10_000, 90_000), 0.10)
	midnight := int64(noon + 12*hour)
	if !b.Open(midnight - 1) {
		t.Error("closed before midnight")
	}
	if b.Open(midnight) {
		t.Error("open on the next day")
	}
	if ok, _ := b.Try(move(midnight, 10_000, 10_100), 0.10); !ok || b.Since != 0 || b.Moved != billion/1000 {
		t.Errorf("first change of the next day: ok %v, %+v", ok, b)
	}
}

func TestBreakerIsClosedByAPerson(t *testing.T) {
	var b Breaker
	b.Try(move(noon, 10_000, 90_000), 0.10)
	if !b.Close(noon + 1) {
		t.Error("it was not open")
	}
	if b.Close(noon + 2) {
		t.Error("it was open twice")
	}
	if ok, _ := b.Try(move(noon+3, 10_000, 19_000), 0.10); !ok {
		t.Errorf("the day does not begin anew: %+v", b)
	}
}

func TestBreakerCountsWhatMayNotWait(t *testing.T) {
	var b Breaker
	if opened := b.Count(move(noon, 10_000, 15_000), 0.10); opened {
		t.Error("opened by half of the limit")
	}
	if opened := b.Count(move(noon+1, 10_000, 16_000), 0.10); !opened {
		t.Errorf("not opened beyond the limit: %+v", b)
	}
	if opened := b.Count(move(noon+2, 10_000, 16_000), 0.10); opened {
		t.Error("opened again")
	}
	if ok, _ := b.Try(move(noon+3, 10_000, 10_001), 0.10); ok {
		t.Error("a change that may wait went on")
	}
}

func TestBreakerWeighs(t *testing.T) {
	var b Breaker
	m := move(noon, 100, 110)
	m.Weight = 50
	b.Try(m, 1)
	if b.Moved != 10*50*billion/100_000 {
		t.Errorf("moved %d", b.Moved)
	}
}

func TestBreakerAtTheEdges(t *testing.T) {
	for _, c := range []struct {
		name  string
		m     Movement
		limit float64
		ok    bool
	}{
		{"no limit", move(noon, 1, MaxAmount), 0, true},
		{"no movement", Movement{Time: noon, Before: 5, After: 5}, 0.01, true},
		{"a catalog that is not known", Movement{Time: noon, Before: 5, After: 6}, 0.99, false},
		{"exactly the limit", move(noon, 0, 10_000), 0.10, true},
		{"more than fits", Movement{Time: noon, Before: 0, After: MaxAmount, Weight: 1 << 40, Catalog: 1}, 0.5, false},
		{"more than fits, weight", Movement{Time: noon, Before: 0, After: MaxAmount, Weight: 1 << 62, Catalog: 1}, 0.5, false},
		{"before 1970", Movement{Time: -1, Before: 0, After: 1, Catalog: 1000}, 0.5, true},
	} {
		var b Breaker
		if ok, _ := b.Try(c.m, c.limit); ok != c.ok {
			t.Errorf("%s: %v, want %v: %+v", c.name, ok, c.ok, b)
		}
	}
}

// The same log gives the same state, also through its JSON, and times that fall change no day back.
func TestBreakerIsItsJSON(t *testing.T) {
	var straight, stored Breaker
	for i := range int64(400) {
		m := move(noon+i*hour/2-(i%7)*hour, 1000, 1000+(i*37)%700)
		a, b := straight.Try(m, 0.05)
		c, d := stored.Try(m, 0.05)
		if a != c || b != d {
			t.Fatalf("change %d: %v %v, through JSON %v %v", i, a, b, c, d)
		}
		text, err := json.Marshal(stored)
		if err != nil {
			t.Fatal(err)
		}
		stored = Breaker{}
		if err := json.Unmarshal(text, &stored); err != nil {
			t.Fatal(err)
		}
		if straight != stored {
			t.Fatalf("change %d: %+v, through JSON %+v", i, straight, stored)
		}
	}
	if straight.Day <= noon {
		t.Errorf("days did not pass: %+v", straight)
	}
}

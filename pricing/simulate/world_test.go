package simulate

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"beckon/pricing/guard"
)

// small is a scenario that runs in milliseconds.
func small(change func(*Scenario)) *Scenario {
	sc := Truths()[0]
	sc.Name, sc.Items, sc.Days = "small", 6, 30
	if change != nil {
		change(&sc)
	}
	return &sc
}

// script asks prices that were written down before, by day and item.
type script struct {
	prices [][]int64
	seen   []sales
}

func (s *script) price(i, day int, _ shelf) (price int64, violations int) { return s.prices[day][i], 0 }

func (s *script) learn(_ int, x sales) { s.seen = append(s.seen, x) }
func (s *script) endDay(int)           {}

func scripted(w *world, price func(i, day int) int64) *script {
	s := &script{}
	for day := range w.scenario.Days {
		var row []int64
		for i := range w.items {
			row = append(row, price(i, day))
		}
		s.prices = append(s.prices, row)
	}
	return s
}

func TestTheSamePricesSellTheSameUnderEveryPolicy(t *testing.T) {
	sc := small(func(sc *Scenario) { sc.Dispersion = 4; sc.Season = [7]float64{1, 1, 1, 1, 1, 1.5, 1.2} })
	w := newWorld(sc, 7)
	own := func(i, _ int) int64 { return w.items[i].start }
	a, b := scripted(w, own), scripted(newWorld(sc, 7), own)
	first := play(w, a, 2)
	if again := play(newWorld(sc, 7), b, 2); !reflect.DeepEqual(first, again) || !reflect.DeepEqual(a.seen, b.seen) {
		t.Error("the same world drawn twice sells differently")
	}
	if got := play(w, newPricer(Fixed, w), 2); !reflect.DeepEqual(got, first) {
		t.Errorf("fixed: %+v, the same prices by hand: %+v", got, first)
	}
}

func TestOtherPricesElsewhereChangeNothing(t *testing.T) {
	w := newWorld(small(nil), 3)
	a := scripted(w, func(i, _ int) int64 { return w.items[i].start })
	b := scripted(w, func(i, day int) int64 {
		if i == 0 || day < 10 {
			return w.items[i].start
		}
		return w.items[i].start * 9 / 10
	})
	play(w, a, 0)
	play(w, b, 0)
	for n := range a.seen {
		x, y := a.seen[n], b.seen[n]
		x.season, y.season = 1, 1 // what is learned of the week may differ
		if i := n % len(w.items); (i == 0 || x.day < 10) && x != y {
			t.Fatalf("item %d day %d: %+v and %+v", i, x.day, x, y)
		}
		if x.views != y.views || x.units > y.units {
			t.Fatalf("day %d: a lower price sells %d of %d views, the higher one %d of %d", x.day, y.units, y.views, x.units, x.views)
		}
	}
}

func TestAlreadyOptimalStartsAtTheBestPrice(t *testing.T) {
	sc := Truths()[3]
	w := newWorld(&sc, 5)
	for i := range w.items {
		it := &w.items[i]
		if off := math.Abs(float64(it.start - it.days[0].best)); off > 2 {
			t.Errorf("item %d starts at %d, best is %d", i, it.start, it.days[0].best)
		}
		best, own := it.days[0].curve, float64(it.start)
		if lost := 1 - (own-float64(it.cost))*best.conversion(own)/((float64(it.days[0].best)-float64(it.cost))*best.conversion(float64(it.days[0].best))); lost > 1e-5 {
			t.Errorf("item %d loses %g by starting where it does", i, lost)
		}
	}
}

func TestShareOfThePricesIsOffAsSaid(t *testing.T) {
	sc := Truths()[0]
	off, items := 0, 0
	for seed := range uint64(20) {
		w := newWorld(&sc, seed+1)
		for i := range w.items {
			it := &w.items[i]
			items++
			d := float64(it.start)/float64(it.reference) - 1
			switch {
			case math.Abs(d) < 1e-3:
			case d > 0.149 && d < 0.401, d < 0 && d > -0.401:
				off++
			default:
				t.Errorf("off by %g", d)
			}
			if it.start < floorOf(it.limits) {
				t.Errorf("starts at %d below its floor %d", it.start, floorOf(it.limits))
			}
			if share := float64(it.cost) / float64(it.reference); share < 0.4 || share > 0.71 {
				t.Errorf("cost is %g of the price", share)
			}
		}
	}
	if share := float64(off) / float64(items); math.Abs(share-0.5) > 0.06 {
		t.Errorf("%g of the prices are off, want 0.5", share)
	}
}

func floorOf(l guard.Limits) int64 {
	lo, _ := l.Window()
	return lo
}

func TestPhasesChangeTheTruthWhenTheySay(t *testing.T) {
	sc := small(func(sc *Scenario) {
		sc.Days = 40
		sc.Phases = []Phase{
			{Day: 10, Level: 0.5, CostFactor: 1.2},
			{Day: 20, Ramp: 10, ElasticityFactor: 2, Traffic: 3},
		}
	})
	for _, tc := range []struct {
		day  int
		want state
	}{
		{9, state{2, 0.03, 1, 1, 1}},
		{10, state{2, 0.03, 0.5, 1, 1.2}},
		{24, state{3, 0.03, 0.5, 2, 1.2}},
		{35, state{4, 0.03, 0.5, 3, 1.2}},
	} {
		if got := sc.stateAt(tc.day, 2, 0.03); got != tc.want {
			t.Errorf("day %d: %+v, want %+v", tc.day, got, tc.want)
		}
	}
	w := newWorld(sc, 1)
	it := &w.items[0]
	if it.days[9].cost != it.cost || it.days[10].cost != it.costAt(1.2) || it.days[10].best <= it.days[9].best {
		t.Errorf("costs %d, %d, best %d, %d", it.days[9].cost, it.days[10].cost, it.days[9].best, it.days[10].best)
	}
}

func TestStockIsNeverOversoldAndTheLeftoversAreCharged(t *testing.T) {
	sc := small(func(sc *Scenario) { sc.Stock = Exactly(20); sc.Perishes = true; sc.Salvage = 0.5 })
	w := newWorld(sc, 2)
	s := scripted(w, func(i, _ int) int64 { return w.items[i].start })
	out := play(w, s, 0)
	var want int64
	left := make([]int64, len(w.items))
	for i := range left {
		left[i] = 20
	}
	for n, x := range s.seen {
		i := n % len(w.items)
		left[i] -= int64(x.units)
		want += int64(x.units) * (x.price - w.items[i].cost)
		if left[i] < 0 {
			t.Fatalf("item %d sold more than it had", i)
		}
		if x.clean != (left[i] > 0) {
			t.Fatalf("item %d day %d: %d left, clean %v", i, x.day, left[i], x.clean)
		}
	}
	if slices.Max(left) == 20 || slices.Min(left) > 0 {
		t.Fatalf("left %v: the case is not interesting", left)
	}
	for i, n := range left {
		want -= n * (w.items[i].cost - w.items[i].salvage)
	}
	if out.profit != want || out.cumulated[len(out.cumulated)-1] != want {
		t.Errorf("profit %d, last mark %d, want %d", out.profit, out.cumulated[len(out.cumulated)-1], want)
	}
}

package shop

import (
	"math/rand/v2"
	"testing"
)

const day = 24 * 3600_000

// priced gives an item a run of prices and returns it.
func priced(prices ...[2]int64) *Item {
	var it *Item
	for _, p := range prices {
		next := &Item{Currency: "EUR", Price: p[1]}
		next.setPrices(it, 0, t0+p[0])
		it = next
	}
	return it
}

func TestLowestPriceOfThirtyDays(t *testing.T) {
	f := func(name string, want int64, prices ...[2]int64) {
		t.Helper()
		if got := priced(prices...).Lowest30d; got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	f("the first price is its own lowest", 1000, [2]int64{0, 1000})
	f("a reduction is measured against what was before", 1000, [2]int64{0, 1000}, [2]int64{day, 800})
	f("a price raised before a sale does not count", 1000, [2]int64{0, 1000}, [2]int64{20 * day, 1500}, [2]int64{25 * day, 900})
	f("the price in force at the window's start counts", 700, [2]int64{0, 700}, [2]int64{20 * day, 1500}, [2]int64{49 * day, 1200})
	f("what ended 30 days before is forgotten", 1500, [2]int64{0, 700}, [2]int64{20 * day, 1500}, [2]int64{50 * day, 1200})
	f("a second reduction is measured against the first", 800, [2]int64{0, 1000}, [2]int64{day, 800}, [2]int64{2 * day, 600})
	f("the same price again changes nothing", 1000, [2]int64{0, 1000}, [2]int64{day, 800}, [2]int64{60 * day, 800})
	f("a price replaced at once was never in force", 1000, [2]int64{0, 1000}, [2]int64{day, 10}, [2]int64{day, 900})
	f("a clock that was set back", 1000, [2]int64{0, 1000}, [2]int64{day, 900}, [2]int64{day / 2, 800})
	f("two replaced at once", 1000, [2]int64{0, 1000}, [2]int64{day, 10}, [2]int64{day, 1000}, [2]int64{2 * day, 900})
}

func TestAnotherCurrencyStartsAnotherHistory(t *testing.T) {
	it := priced([2]int64{0, 1000}, [2]int64{day, 800})
	next := &Item{Currency: "USD", Price: 900}
	next.setPrices(it, 0, t0+2*day)
	if next.Lowest30d != 900 || next.history != nil {
		t.Errorf("lowest %d, history %v", next.Lowest30d, next.history)
	}
}

func TestLowestPriceMatchesTheWholeHistory(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		type period struct{ price, from, to int64 }
		var all []period
		var it *Item
		now := int64(t0)
		for range 200 {
			now += rng.Int64N(3 * day)
			price := 100 + rng.Int64N(20)
			if it == nil || price != it.Price {
				if len(all) > 0 {
					all[len(all)-1].to = now
				}
				all = append(all, period{price, now, 0})
			}
			next := &Item{Currency: "EUR", Price: price}
			next.setPrices(it, 0, now)
			it = next
			want := int64(-1)
			for _, p := range all[:len(all)-1] {
				if p.to > it.PriceAt-priceWindow && (want < 0 || p.price < want) {
					want = p.price
				}
			}
			if want < 0 {
				want = it.Price
			}
			if it.Lowest30d != want {
				t.Fatalf("round %d: lowest %d, want %d of %v", round, it.Lowest30d, want, all)
			}
		}
	}
}

func TestPriceHistoryIsBoundedAndNeverTooHigh(t *testing.T) {
	var it *Item
	for i := range int64(1000) {
		next := &Item{Currency: "EUR", Price: 1000 + i}
		next.setPrices(it, 0, t0+i*60_000)
		it = next
		if len(it.history) > maxPeriods {
			t.Fatalf("%d periods, want at most %d", len(it.history), maxPeriods)
		}
		if it.Lowest30d > 1000 {
			t.Fatalf("lowest %d, want at most 1000", it.Lowest30d)
		}
	}
}

func TestLowestUntilNow(t *testing.T) {
	it := priced([2]int64{0, 1000}, [2]int64{day, 700}, [2]int64{2 * day, 900})
	f := func(name string, at, want int64) {
		t.Helper()
		if got := it.LowestUntil(t0 + at); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	f("a lower price of yesterday counts", 3*day, 700)
	f("it counts until 30 days after its end", 32*day-1, 700)
	f("then the present one is the lowest", 32*day, 900)
}

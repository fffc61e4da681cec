package demand

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"beckon/clickstream"
)

// stream is facts as a shop's logs have them: of ten events six are views of items, one each a cart, a page view, an impression with
// four items and, once in five, a purchase; 40 a second, out of order by up to a minute.
func stream(n, items int) []clickstream.Fact {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 8, uint64(items-1))
	names := make([]string, items)
	for i := range names {
		names[i] = fmt.Sprint("sku-", i)
	}
	kinds := []clickstream.Kind{
		clickstream.ViewItem, clickstream.ViewItem, clickstream.ViewItem, clickstream.ViewItem, clickstream.ViewItem, clickstream.ViewItem,
		clickstream.AddToCart, clickstream.PageView, clickstream.Impression, clickstream.ViewItem,
	}
	out := make([]clickstream.Fact, n)
	for i := range out {
		at := start + int64(i)*25
		kind := kinds[r.IntN(len(kinds))]
		if r.IntN(50) == 0 {
			kind = clickstream.Purchase
		}
		e := &clickstream.Event{Site: "s", Kind: kind, Visitor: fmt.Sprint("v", r.IntN(1000)), Time: at - int64(r.IntN(60_000)), Currency: "EUR"}
		if kind == clickstream.Purchase {
			e.Transaction = fmt.Sprint("t", i)
		}
		of := int(zipf.Uint64())
		e.Items = []clickstream.Item{{ID: names[of], Quantity: 1, Price: 999, Category: names[of%30]}}
		out[i] = clickstream.Fact{Site: "s", Clock: at, Event: e}
	}
	return out
}

func BenchmarkApplyFacts(b *testing.B) {
	for _, items := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(items, "-items"), func(b *testing.B) {
			facts := stream(1<<15, items)
			span := facts[len(facts)-1].Clock - facts[0].Clock
			f := New(Config{})
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; n < b.N; n += 256 {
				batch := facts[n%len(facts):][:256]
				_ = f.ApplyFacts(batch)
				for i := range batch { // comes again later
					batch[i].Clock += span
					batch[i].Event.Time += span
				}
			}
		})
	}
}

// BenchmarkMemory fills 100,000 items, each looked at once or more in every hour of ten days and every day of the fifty before: the
// most that a shop of this size can hold.
func BenchmarkMemory(b *testing.B) {
	for range b.N {
		f := New(Config{})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		const items = 100_000
		names := make([]string, items)
		for i := range names {
			names[i] = fmt.Sprint("sku-", i)
		}
		r := rand.New(rand.NewPCG(3, 3))
		facts := make([]clickstream.Fact, 1)
		fill := func(at int64) {
			for i := range names {
				facts[0] = viewed(names[i], at)
				if r.IntN(50) == 0 {
					facts[0] = bought("", names[i], 1, at)
				}
				_ = f.ApplyFacts(facts)
			}
		}
		for day := range int64(50) {
			fill(start + day*dayMs)
		}
		for hour := range int64(240) {
			fill(start + 50*dayMs + hour*hourMs)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/items, "B/item")
		runtime.KeepAlive(f)
	}
}

func BenchmarkSurges(b *testing.B) {
	facts := stream(1_000_000, 10_000)
	f := New(Config{})
	_ = f.ApplyFacts(facts)
	now := facts[len(facts)-1].Clock
	for b.Loop() {
		f.Surges("s", now, 20, nil)
	}
}

func BenchmarkScored(b *testing.B) {
	facts := stream(1_000_000, 10_000)
	f := New(Config{})
	_ = f.ApplyFacts(facts)
	now := facts[len(facts)-1].Clock
	items := []string{"sku-1", "sku-5", "sku-10", "sku-100", "sku-1000", "sku-2", "sku-3", "sku-4", "sku-6", "sku-7"}
	var dst []Scored
	for b.Loop() {
		dst = f.Scored(dst[:0], "s", items, Recent(now), now)
	}
}

package now

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"beckon/clickstream"
)

// shopping makes the facts of many shoppers a round at a time, as the runner does: each acts about every 25 s, a dozen times, and is
// followed by another. Mostly views, pages and heartbeats, one add in 33, one purchase in 100.
type shopping struct {
	r        *rand.Rand
	names    []string
	sessions []clickstream.Session
	ever     int
	clock    float64 // ms
	seq      uint64
	round    [1024]clickstream.Fact
	event    [1024]clickstream.Event
	item     [1024]clickstream.Item
	change   [1024][1]clickstream.SessionChange
	session  [1024]clickstream.Session
}

func newShopping(shoppers int) *shopping {
	s := &shopping{r: rand.New(rand.NewPCG(6, 6)), clock: noon, names: make([]string, shoppers), sessions: make([]clickstream.Session, shoppers)}
	for i := range s.names {
		s.follow(i)
	}
	return s
}

func (s *shopping) follow(i int) {
	s.ever++
	s.names[i] = fmt.Sprintf("v_01J%016d", s.ever)
	s.sessions[i] = clickstream.Session{Key: clickstream.SessionKey{Visitor: s.names[i], Start: int64(s.clock)}}
}

var mix = []struct {
	share int
	kind  clickstream.Kind
}{
	{46, clickstream.ViewItem},
	{27, clickstream.PageView},
	{14, clickstream.Heartbeat},
	{6, clickstream.Search},
	{3, clickstream.AddToCart},
	{1, clickstream.ViewCart},
	{1, clickstream.RemoveFromCart},
	{1, clickstream.BeginCheckout},
	{1, clickstream.Purchase},
}

func (s *shopping) next(spacing float64) []clickstream.Fact {
	for i := range s.round {
		s.seq++
		s.clock += spacing
		clock := int64(s.clock)
		who := s.r.IntN(len(s.names))
		f, e := &s.round[i], &s.event[i]
		changes := s.change[i][:]
		if s.r.IntN(12) == 0 { // the visit before is over some time
			s.follow(who)
		}
		visit := &s.sessions[who]
		visit.End = clock
		visit.Events++
		s.session[i] = *visit
		changes[0] = clickstream.SessionChange{Session: &s.session[i]}
		*f = clickstream.Fact{Seq: s.seq, Site: "shop", Event: e, Clock: clock, Changes: changes}
		*e = clickstream.Event{
			Site: "shop", Visitor: s.names[who], Time: clock, Consent: 3, Currency: "EUR", URL: "https://shop.example/p/some-kettle-of-steel",
			UserAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
		}
		roll := s.r.IntN(100)
		for _, m := range mix {
			if roll -= m.share; roll < 0 {
				e.Kind = m.kind
				break
			}
		}
		if e.Kind != clickstream.PageView && e.Kind != clickstream.Heartbeat {
			s.item[i] = of("sku-some-item", 1999, 1)
			e.Items = s.item[i : i+1]
			if e.Kind == clickstream.Purchase {
				f.Money, f.Currency = 1999, "EUR"
			}
		}
	}
	return s.round[:]
}

func BenchmarkApplyFacts(b *testing.B) {
	for _, shoppers := range []int{5_000, 50_000, 500_000} {
		b.Run(fmt.Sprint(shoppers), func(b *testing.B) {
			s := newShopping(shoppers)
			f := New(Config{})
			for range 3 * shoppers / len(s.round) {
				_ = f.ApplyFacts(s.next(25_000 / float64(shoppers)))
			}
			var spent time.Duration
			b.ResetTimer()
			n := 0
			for n < b.N {
				facts := s.next(25_000 / float64(shoppers))
				begin := time.Now()
				_ = f.ApplyFacts(facts)
				spent += time.Since(begin)
				n += len(facts)
			}
			b.ReportMetric(float64(spent)/float64(n), "ns/fact")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkMemory is a million visitors within half an hour, one in thirty with a cart.
func BenchmarkMemory(b *testing.B) {
	for range b.N {
		f := New(Config{})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range 1_000_000 {
			who := fmt.Sprintf("v_01J%016d", i)
			clock := noon + int64(i)*1800/1000
			e := clickstream.Event{Site: "shop", Visitor: who, Time: clock, Kind: clickstream.ViewItem, Currency: "EUR", Items: []clickstream.Item{of("sku", 1999, 1)}}
			if i%30 == 0 {
				e.Kind = clickstream.AddToCart
			}
			session := clickstream.Session{Key: clickstream.SessionKey{Visitor: who, Start: clock}, End: clock, Events: 1}
			_ = f.ApplyFacts([]clickstream.Fact{{Seq: uint64(i), Site: "shop", Clock: clock, Event: &e, Changes: []clickstream.SessionChange{{Session: &session}}}})
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
		b.ReportMetric(float64(f.Live("shop", noon+1_800_000).Visits), "visits")
		begin := time.Now()
		b.ReportMetric(float64(len(saved(b, f)))/1e6, "MB-snapshot")
		b.ReportMetric(float64(time.Since(begin).Milliseconds()), "ms-snapshot")
	}
}

func BenchmarkRead(b *testing.B) {
	s := newShopping(50_000)
	f := New(Config{})
	for range 500 {
		_ = f.ApplyFacts(s.next(0.5))
	}
	now := int64(s.clock)
	b.Run("live", func(b *testing.B) {
		for b.Loop() {
			f.Live("shop", now)
		}
	})
	b.Run("day", func(b *testing.B) {
		for b.Loop() {
			f.Sum("shop", "EUR", now-dayMs, now)
		}
	})
	b.Run("events", func(b *testing.B) {
		for b.Loop() {
			f.Events("shop", false, 100, nil)
		}
	})
	b.Run("visits", func(b *testing.B) {
		for b.Loop() {
			f.Visits("shop", now, false, 100)
		}
	})
}

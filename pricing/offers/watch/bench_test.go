package watch

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
)

// shopping makes the facts of many shoppers a round at a time, as the runner does: each acts about every 25 s, a dozen times, and is
// followed by another. Mostly views, pages and heartbeats, one add in 33, one purchase in 100, an exposure in 500 and now and then a tick
// in 64 partitions.
type shopping struct {
	r     *rand.Rand
	names []string
	ever  int
	clock float64 // ms
	seq   uint64
	round [1024]clickstream.Fact
	event [1024]clickstream.Event
	item  [1024]clickstream.Item
}

func newShopping(shoppers int) *shopping {
	s := &shopping{r: rand.New(rand.NewPCG(6, 6)), clock: float64(noon), names: make([]string, shoppers)}
	for i := range s.names {
		s.follow(i)
	}
	return s
}

func (s *shopping) follow(i int) {
	s.ever++
	s.names[i] = fmt.Sprintf("v_01J%016d", s.ever)
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

func (s *shopping) next() []clickstream.Fact {
	for i := range s.round {
		s.seq++
		s.clock += 25_000 / float64(len(s.names))
		clock := int64(s.clock)
		who := s.r.IntN(len(s.names))
		if s.r.IntN(12) == 0 {
			s.follow(who)
		}
		f, e := &s.round[i], &s.event[i]
		*f = clickstream.Fact{Seq: s.seq, Site: "shop", Event: e, Clock: clock}
		*e = clickstream.Event{Site: "shop", Visitor: strings.Clone(s.names[who]), Time: clock, Consent: 3, Currency: "EUR"}
		roll := s.r.IntN(100)
		for _, m := range mix {
			if roll -= m.share; roll < 0 {
				e.Kind = m.kind
				break
			}
		}
		switch {
		case s.seq%10_000 < 64:
			f.Event = nil
		case s.seq%500 == 77:
			x := Exposure{Campaign: "c", Arm: Arm(s.seq / 500 % 2), Offer: fmt.Sprint("o_", s.seq), Until: clock + 3600*second}
			e.Kind, e.Name, e.Generated, e.Props = clickstream.Custom, ExposureName, true, x.Props()
		case e.Kind != clickstream.PageView && e.Kind != clickstream.Heartbeat:
			s.item[i] = piece("i" + strconv.Itoa(s.r.IntN(1000)))
			e.Items = s.item[i : i+1]
			e.Transaction = "t" + strconv.FormatUint(s.seq, 10)
		}
	}
	return s.round[:]
}

// measure times the fold alone, once as many shoppers are known as there will be.
func measure(b *testing.B, shoppers int, apply func([]clickstream.Fact)) {
	s := newShopping(shoppers)
	for range 30 * shoppers / len(s.round) {
		apply(s.next())
	}
	var spent time.Duration
	b.ResetTimer()
	n := 0
	for n < b.N {
		facts := s.next()
		begin := time.Now()
		apply(facts)
		spent += time.Since(begin)
		n += len(facts)
	}
	b.ReportMetric(float64(spent)/float64(n), "ns/fact")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkCarts(b *testing.B) {
	for _, shoppers := range []int{5_000, 50_000} {
		b.Run(fmt.Sprint(shoppers), func(b *testing.B) {
			c := carts(b, CartsConfig{})
			triggers := 0
			var got []Trigger
			measure(b, shoppers, func(facts []clickstream.Fact) {
				if err := c.ApplyFacts(facts); err != nil {
					b.Fatal(err)
				}
				got, _ = c.Take(got[:0], 1<<20)
				triggers += len(got)
			})
			if triggers == 0 {
				b.Fatal("nothing came due")
			}
		})
	}
}

func BenchmarkUplift(b *testing.B) {
	u, err := NewUplift(UpliftConfig{})
	if err != nil {
		b.Fatal(err)
	}
	measure(b, 50_000, func(facts []clickstream.Fact) {
		if err := u.ApplyFacts(facts); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkLookup is the least that following so many shoppers can cost: finding each and looking at it.
func BenchmarkLookup(b *testing.B) {
	known := map[uint64]*shopper{}
	measure(b, 50_000, func(facts []clickstream.Fact) {
		for i := range facts {
			if e := facts[i].Event; e != nil {
				hash := clickstream.VisitorHash(e.Visitor)
				if s := known[hash]; s != nil {
					s.last = e.Time
				} else {
					known[hash] = &shopper{hash: hash}
				}
			}
		}
	})
}

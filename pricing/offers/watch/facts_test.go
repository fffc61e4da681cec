package watch

import (
	"bytes"
	"testing"
	"time"

	"beckon/clickstream"
)

const (
	second = int64(1000)
	minute = 60 * second
	noon   = int64(1_790_000_000_000)
)

// script is the facts of one site, as a shard would make them: the clock is the newest event time.
type script struct {
	site  string
	clock int64
	seq   uint64
	facts []clickstream.Fact
}

func newScript() *script { return &script{site: "shop", clock: noon} }

// do is one event of a visitor at so many seconds after noon.
func (s *script) do(at float64, visitor string, kind clickstream.Kind, items ...clickstream.Item) *clickstream.Fact {
	e := &clickstream.Event{
		Site: s.site, Visitor: visitor, Kind: kind, Name: kind.String(), Time: noon + int64(at*1000), Currency: "EUR",
		Consent: clickstream.Analytics | clickstream.Personalization, Items: items,
	}
	return s.add(e)
}

func (s *script) add(e *clickstream.Event) *clickstream.Fact {
	if !e.Generated {
		s.clock = max(s.clock, e.Time)
	}
	s.seq++
	s.facts = append(s.facts, clickstream.Fact{Seq: s.seq, Event: e, Site: s.site, Clock: s.clock})
	return &s.facts[len(s.facts)-1]
}

// generate is an event of the server's.
func (s *script) generate(at float64, visitor, name, props string) {
	s.add(&clickstream.Event{
		Site: s.site, Visitor: visitor, Name: name, Time: noon + int64(at*1000), Generated: true, Props: props,
		Consent: clickstream.Analytics | clickstream.Personalization,
	})
}

func (s *script) expose(at float64, visitor, campaign string, arm Arm, offer string, ttl float64) {
	x := Exposure{Campaign: campaign, Arm: arm, Offer: offer, Until: noon + int64((at+ttl)*1000), Currency: "EUR"}
	s.generate(at, visitor, ExposureName, x.Props())
}

// tick says that it is so many seconds after noon.
func (s *script) tick(at float64) {
	s.clock = max(s.clock, noon+int64(at*1000))
	s.seq++
	s.facts = append(s.facts, clickstream.Fact{Seq: s.seq, Site: s.site, Clock: s.clock})
}

func (s *script) erase(visitor string) {
	s.seq++
	s.facts = append(s.facts, clickstream.Fact{
		Seq: s.seq, Site: s.site, Clock: s.clock, Erase: &clickstream.Erase{Site: s.site, Visitor: clickstream.VisitorHash(visitor)},
	})
}

// shop is the usual way to a cart at risk: search, two views, add at the given second.
func (s *script) shop(at float64, visitor string) {
	s.do(at-3, visitor, clickstream.Search)
	s.do(at-2, visitor, clickstream.ViewItem, piece("kettle"))
	s.do(at-1, visitor, clickstream.ViewItem, piece("mug"))
	s.do(at, visitor, clickstream.AddToCart, piece("mug"))
}

func piece(id string) clickstream.Item { return clickstream.Item{ID: id, Price: 1000, Quantity: 1} }

func carts(t testing.TB, cfg CartsConfig, idles ...time.Duration) *Carts {
	t.Helper()
	c, err := NewCarts(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(idles) == 0 {
		idles = []time.Duration{90 * time.Second}
	}
	c.Watch("shop", idles)
	return c
}

// run applies the facts and takes what triggers.
func run(t testing.TB, c *Carts, s *script) []Trigger {
	t.Helper()
	if err := c.ApplyFacts(s.facts); err != nil {
		t.Fatal(err)
	}
	s.facts = nil
	got, _ := c.Take(nil, 1<<20)
	return got
}

type fold interface {
	clickstream.FactFold
}

func bytesOf(t testing.TB, f fold) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

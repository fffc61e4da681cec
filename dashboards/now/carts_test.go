package now

import (
	"fmt"
	"testing"

	"beckon/clickstream"
)

// script is what shoppers do, in order; times in seconds after noon.
type script struct{ events []clickstream.Event }

func (s *script) do(at float64, who string, kind clickstream.Kind, items ...clickstream.Item) *clickstream.Event {
	ms := noon + int64(at*1000)
	s.events = append(s.events, clickstream.Event{
		Site: "shop", Visitor: who, ID: fmt.Sprint(len(s.events)), Kind: kind, Name: kind.String(), Time: ms, Received: ms, Consent: 3, Currency: "EUR", Items: items,
	})
	return &s.events[len(s.events)-1]
}

func (s *script) fold(t testing.TB) *Fold {
	t.Helper()
	f := New(Config{})
	if err := f.ApplyFacts(factsOf(t, s.events, nil)); err != nil {
		t.Fatal(err)
	}
	return f
}

func of(id string, price, quantity int64) clickstream.Item {
	return clickstream.Item{ID: id, Price: price, Quantity: quantity}
}

func TestOpenCartsAndWhatTheyAreWorth(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(s *script)
		at   float64
		want string // carts worth currency
	}{
		{"put in", func(s *script) { s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 2)) }, 1, "1 1000 EUR"},
		{"twice is more of it", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 2))
			s.do(1, "ann", clickstream.AddToCart, of("mug", 500, 1))
		}, 2, "1 1500 EUR"},
		{"taken out", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 2), of("pot", 900, 1))
			s.do(1, "ann", clickstream.RemoveFromCart, of("mug", clickstream.NoPrice, 1))
		}, 2, "1 1400 EUR"},
		{"emptied", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 2))
			s.do(1, "ann", clickstream.RemoveFromCart, of("mug", 500, 2))
		}, 2, ""},
		{"the page of the cart states all of it", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 2))
			s.do(1, "ann", clickstream.ViewCart, of("pot", 900, 3))
		}, 2, "1 2700 EUR"},
		{"bought", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 2), of("pot", 900, 1))
			s.do(1, "ann", clickstream.Purchase, of("mug", 500, 1))
		}, 2, "1 900 EUR"},
		{"bought without saying what", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 2), of("pot", 900, 1))
			s.do(1, "ann", clickstream.Purchase)
		}, 2, ""},
		{"of several", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 2))
			s.do(1, "bob", clickstream.AddToCart, of("pot", 900, 1))
		}, 2, "2 1900 EUR"},
		{"open for half an hour after the last event", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 1))
			s.do(20*60, "ann", clickstream.PageView)
			s.do(45*60, "bob", clickstream.PageView)
		}, 50 * 60, "1 500 EUR"},
		{"and not longer", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 1))
			s.do(31*60, "bob", clickstream.PageView)
		}, 31 * 60, ""},
		{"a machine has none", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 1))
			s.do(1, "ann", clickstream.PageView).Bot = clickstream.BotAgent
		}, 2, ""},
		{"in two currencies", func(s *script) {
			s.do(0, "ann", clickstream.AddToCart, of("mug", 500, 1))
			s.do(1, "bob", clickstream.AddToCart, of("mug", 600, 1)).Currency = "USD"
			s.do(2, "cid", clickstream.AddToCart, of("mug", 700, 1)).Currency = "USD"
		}, 3, "2 1300 USD 1 500 EUR"},
		{"an event out of order joins the visits and keeps the cart", func(s *script) {
			s.do(40*60, "ann", clickstream.AddToCart, of("mug", 500, 1))
			s.do(38*60, "bob", clickstream.PageView)
			s.do(39*60, "ann", clickstream.PageView)
		}, 41 * 60, "1 500 EUR"},
	} {
		s := &script{}
		c.play(s)
		got := ""
		for i, open := range s.fold(t).Live("shop", noon+int64(c.at*1000)).Carts {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprint(open.Carts, " ", open.Value, " ", open.Currency)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestVisitsInProgressSayWhereTheyAre(t *testing.T) {
	s := &script{}
	e := s.do(0, "ann", clickstream.PageView)
	e.URL, e.UserAgent = "https://shop.example/?utm_source=mail", "Mozilla/5.0 (iPhone) Mobile"
	s.do(5, "ann", clickstream.ViewItem, of("mug", 500, 1))
	s.do(9, "ann", clickstream.AddToCart, of("mug", 500, 2))
	s.do(8, "bob", clickstream.Search).SearchTerm = "Kettle "
	s.do(12, "eve", clickstream.ViewItem, of("pot", 1, 1)).Bot = clickstream.BotAgent
	s.do(13, "ann", clickstream.Heartbeat)
	f := s.fold(t)
	got := f.Visits("shop", noon+20_000, false, 10)
	if len(got) != 2 || got[0].Visitor != "ann" || got[1].Visitor != "bob" {
		t.Fatalf("%+v", got)
	}
	want := Visit{
		Visitor: "ann", Start: noon, Last: noon + 13_000, Events: 4, Stage: Carted, Device: clickstream.Mobile, Source: "mail", Item: "mug",
		Page: "https://shop.example/?utm_source=mail", Cart: 1000, CartLines: 1, Currency: "EUR",
	}
	if got[0] != want {
		t.Errorf("%+v\nwant %+v", got[0], want)
	}
	if all := f.Visits("shop", noon+20_000, true, 10); len(all) != 3 || !all[1].Machine {
		t.Errorf("with machines %+v", all)
	}
	if events := f.Events("shop", false, 10, nil); len(events) != 4 || events[0].Kind != clickstream.Search || events[0].Search != "Kettle " || events[1].Value != 1000 {
		t.Errorf("events %+v", events)
	}
	if events := f.Events("shop", true, 2, func(e *Event) bool { return e.Item != "" }); len(events) != 2 || !events[0].Machine {
		t.Errorf("events about items %+v", events)
	}
	if top := f.Searches("shop", noon, 5); len(top) != 1 || top[0] != (Search{"kettle", 1}) {
		t.Errorf("searches %+v", top)
	}
	if got := f.Visits("shop", noon+40*minuteMs, true, 10); len(got) != 0 {
		t.Errorf("after forty minutes %+v", got)
	}
}

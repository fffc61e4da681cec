package watch

import (
	"fmt"
	"testing"
	"time"

	"beckon/clickstream"
)

func TestCartsAtRiskByEventTime(t *testing.T) {
	const ann = "ann"
	for _, c := range []struct {
		name string
		play func(s *script)
		want string // visitor at last act, in seconds after noon; "" for no trigger
	}{
		{"search, two views, add, 90 s of nothing", func(s *script) { s.shop(10, ann); s.tick(100) }, "ann@10"},
		{"a millisecond less is not idle", func(s *script) { s.shop(10, ann); s.tick(99.999) }, ""},
		{"others' events move the clock as ticks do", func(s *script) { s.shop(10, ann); s.do(100, "bob", clickstream.PageView) }, "ann@10"},
		{"any act is activity", func(s *script) {
			s.shop(10, ann)
			s.do(60, ann, clickstream.PageView)
			s.tick(149)
		}, ""},
		{"and idleness counts from it", func(s *script) {
			s.shop(10, ann)
			s.do(60, ann, clickstream.PageView)
			s.tick(150)
		}, "ann@60"},
		{"in several tabs too", func(s *script) {
			s.shop(10, ann)
			s.do(61, ann, clickstream.ViewItemList)
			s.do(60, ann, clickstream.PageView)
			s.tick(150.5)
			s.tick(151)
		}, "ann@61"},
		{"what a page does by itself is no activity", func(s *script) {
			s.shop(10, ann)
			s.do(60, ann, clickstream.Heartbeat)
			s.do(61, ann, clickstream.Leave)
			s.do(62, ann, clickstream.Impression)
			s.do(62, ann, clickstream.Identify)
			s.tick(100)
		}, "ann@10"},
		{"nor what the server generated", func(s *script) {
			s.shop(10, ann)
			s.generate(60, ann, "something", "")
			s.tick(100)
		}, "ann@10"},
		{"late events do not count", func(s *script) {
			s.shop(10, ann)
			s.do(60, ann, clickstream.PageView).Late = true
			s.tick(100)
		}, "ann@10"},
		{"events may come in another order", func(s *script) {
			s.do(10, ann, clickstream.AddToCart, piece("mug"))
			s.do(8, ann, clickstream.ViewItem, piece("kettle"))
			s.do(7, ann, clickstream.Search)
			s.do(9, ann, clickstream.ViewItem, piece("mug"))
			s.tick(100)
		}, "ann@10"},
		{"an act that comes late but in time is activity", func(s *script) {
			s.shop(10, ann)
			s.do(80, "bob", clickstream.PageView)
			s.do(50, ann, clickstream.PageView)
			s.tick(139)
		}, ""},
		{"one view is not two", func(s *script) {
			s.do(1, ann, clickstream.Search)
			s.do(2, ann, clickstream.ViewItem, piece("mug"))
			s.do(3, ann, clickstream.AddToCart, piece("mug"))
			s.tick(100)
		}, ""},
		{"views before the search do not count where one is needed", func(s *script) {
			s.do(1, ann, clickstream.ViewItem, piece("kettle"))
			s.do(2, ann, clickstream.ViewItem, piece("mug"))
			s.do(3, ann, clickstream.Search)
			s.do(4, ann, clickstream.AddToCart, piece("mug"))
			s.tick(100)
		}, ""},
		{"views after the add do not count until the next add", func(s *script) {
			s.do(1, ann, clickstream.Search)
			s.do(2, ann, clickstream.AddToCart, piece("mug"))
			s.do(3, ann, clickstream.ViewItem, piece("kettle"))
			s.do(4, ann, clickstream.ViewItem, piece("mug"))
			s.tick(95)
			s.do(96, ann, clickstream.AddToCart, piece("kettle"))
			s.tick(186)
		}, "ann@96"},
		{"a cart that was only looked at was not filled here", func(s *script) {
			s.do(1, ann, clickstream.Search)
			s.do(2, ann, clickstream.ViewItem, piece("kettle"))
			s.do(3, ann, clickstream.ViewItem, piece("mug"))
			s.do(4, ann, clickstream.ViewCart, piece("mug"))
			s.tick(100)
		}, ""},
		{"silent in the checkout", func(s *script) {
			s.shop(10, ann)
			s.do(11, ann, clickstream.BeginCheckout)
			s.tick(150)
			s.do(160, ann, clickstream.AddShippingInfo)
			s.tick(300)
			s.do(301, ann, clickstream.PageView)
			s.tick(500)
		}, ""},
		{"the payment's step alone is the checkout too", func(s *script) {
			s.shop(10, ann)
			s.do(11, ann, clickstream.AddPaymentInfo)
			s.tick(150)
		}, ""},
		{"until the next episode after a long idle time", func(s *script) {
			s.shop(10, ann)
			s.do(11, ann, clickstream.BeginCheckout)
			s.tick(3000)
			s.shop(3010, ann)
			s.tick(3100)
		}, "ann@3010"},
		{"what was done before a long idle time does not count", func(s *script) {
			s.shop(10, ann)
			s.do(10+31*60, ann, clickstream.AddToCart, piece("mug"))
			s.tick(100 + 31*60)
		}, ""},
		{"who stays for hours is not forgotten", func(s *script) {
			s.shop(10, ann)
			for i := range 20 {
				s.do(float64(i)*900, "bob", clickstream.ViewItem, piece("mug"))
				s.do(float64(i)*900+1, ann, clickstream.PageView)
			}
			s.tick(19*900 + 91)
		}, "ann@17101"},
		{"what is older than the acts that are remembered changes nothing", func(s *script) {
			s.do(1, ann, clickstream.Search)
			for i := range 100 {
				s.do(2+float64(i), ann, clickstream.ViewItem, piece("mug"))
			}
			s.do(110, ann, clickstream.AddToCart, piece("mug"))
			s.do(3.5, ann, clickstream.Purchase, piece("mug"))
			s.tick(200)
		}, "ann@110"},
		{"a purchase ends the episode", func(s *script) {
			s.shop(10, ann)
			s.do(20, ann, clickstream.Purchase, piece("mug"))
			s.tick(200)
		}, ""},
		{"a purchase that comes out of order ends what was before it", func(s *script) {
			s.shop(10, ann)
			s.do(30, "bob", clickstream.PageView)
			s.do(20, ann, clickstream.Purchase, piece("mug"))
			s.tick(200)
		}, ""},
		{"and not what came after it", func(s *script) {
			s.shop(30, ann)
			s.do(5, ann, clickstream.Purchase, piece("mug"))
			s.tick(200)
		}, "ann@30"},
		{"a purchase seen before is only activity", func(s *script) {
			s.shop(10, ann)
			s.do(20, ann, clickstream.Purchase, piece("mug")).Repeat = true
			s.tick(110)
		}, "ann@20"},
		{"shopping again after the purchase", func(s *script) {
			s.shop(10, ann)
			s.do(20, ann, clickstream.Purchase, piece("mug"))
			s.shop(60, ann)
			s.tick(150)
		}, "ann@60"},
		{"an emptied cart ends the episode", func(s *script) {
			s.shop(10, ann)
			s.do(20, ann, clickstream.RemoveFromCart, piece("mug"))
			s.tick(200)
		}, ""},
		{"one that still has something does not", func(s *script) {
			s.shop(10, ann)
			s.do(15, ann, clickstream.AddToCart, piece("kettle"))
			s.do(20, ann, clickstream.RemoveFromCart, piece("mug"))
			s.tick(110)
		}, "ann@20"},
		{"machines are out", func(s *script) {
			s.shop(10, ann)
			s.do(11, ann, clickstream.ViewItem, piece("mug")).Bot = true
			s.tick(110)
		}, ""},
		{"without consent to personalization nothing is followed", func(s *script) {
			s.shop(10, ann)
			for i := range s.facts {
				s.facts[i].Event.Consent = clickstream.Analytics
			}
			s.tick(110)
		}, ""},
		{"who takes consent back is forgotten", func(s *script) {
			s.shop(10, ann)
			s.do(11, ann, clickstream.ConsentChange).Event.Consent = clickstream.Analytics
			s.tick(110)
		}, ""},
		{"also when the server says so", func(s *script) {
			s.shop(10, ann)
			s.add(&clickstream.Event{Site: "shop", Visitor: ann, Kind: clickstream.ConsentChange, Time: noon + 11*second, Generated: true})
			s.tick(110)
		}, ""},
		{"what was consented to before is not forgotten for an older event", func(s *script) {
			s.shop(10, ann)
			s.do(1, ann, clickstream.PageView).Event.Consent = clickstream.Analytics
			s.tick(100)
		}, "ann@10"},
		{"an erased visitor is forgotten", func(s *script) { s.shop(10, ann); s.erase(ann); s.tick(110) }, ""},
		{"also when the trigger waits already", func(s *script) { s.shop(10, ann); s.tick(110); s.erase(ann) }, ""},
		{"an answered episode stays answered", func(s *script) {
			s.shop(10, ann)
			s.expose(101, ann, "c", OfferArm, "o_1", 600)
			s.do(150, ann, clickstream.PageView)
			s.tick(300)
		}, ""},
		{"held out is answered too", func(s *script) {
			s.shop(10, ann)
			s.expose(90, ann, "c", HoldoutArm, "o_1", 600)
			s.tick(300)
		}, ""},
		{"a shop's own event of that name answers nothing", func(s *script) {
			s.shop(10, ann)
			x := Exposure{Campaign: "c", Offer: "o"}
			s.add(&clickstream.Event{
				Site: "shop", Visitor: ann, Name: ExposureName, Time: noon + 9*second, Props: x.Props(),
				Consent: clickstream.Analytics | clickstream.Personalization,
			})
			s.tick(100)
		}, "ann@10"},
		{"what came due long ago gives nothing", func(s *script) { s.shop(10, ann); s.tick(701) }, ""},
		{"what came due a little while ago does", func(s *script) { s.shop(10, ann); s.tick(700) }, "ann@10"},
		{"two shoppers", func(s *script) { s.shop(10, ann); s.shop(11, "bob"); s.tick(101) }, "ann@10 bob@11"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScript()
			c.play(s)
			got := ""
			for _, x := range run(t, carts(t, CartsConfig{}), s) {
				if !x.Fits(2, true) {
					continue
				}
				if got != "" {
					got += " "
				}
				got += fmt.Sprintf("%s@%d", x.Visitor, (x.Last-noon)/second)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTriggerSaysWhatTheCartHolds(t *testing.T) {
	s := newScript()
	s.shop(10, "ann")
	s.do(11, "ann", clickstream.AddToCart, clickstream.Item{ID: "mug", Price: 900, Quantity: 2}, clickstream.Item{ID: "tea", Price: clickstream.NoPrice})
	s.tick(101)
	got := run(t, carts(t, CartsConfig{}), s)
	if len(got) != 1 {
		t.Fatalf("%d triggers, want 1", len(got))
	}
	x := got[0]
	want := Trigger{
		ID: episodeID("shop", "ann", noon+7*second), Site: "shop", Visitor: "ann", Idle: 90 * second, Start: noon + 7*second, Last: noon + 11*second,
		Due: noon + 101*second, Searched: true, Views: 2, ViewsAfterSearch: 2, Value: 2700, Currency: "EUR",
		Lines: []Line{{"mug", 3, 900}, {"tea", 1, clickstream.NoPrice}},
	}
	if fmt.Sprint(x) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", x, want)
	}
	if !x.Fits(2, true) || !x.Fits(2, false) || x.Fits(3, false) {
		t.Error("two views after a search fit two, not three")
	}
}

func TestViewCartStatesTheCart(t *testing.T) {
	s := newScript()
	s.shop(10, "ann")
	s.do(12, "ann", clickstream.ViewCart, piece("tea"), piece("pot"))
	s.do(11, "ann", clickstream.AddToCart, piece("cup")) // before it: the statement knows
	s.do(13, "ann", clickstream.AddToCart, piece("pot"))
	s.do(14, "ann", clickstream.ViewCart) // tells no items: says nothing
	s.tick(200)
	got := run(t, carts(t, CartsConfig{}), s)
	if want := "[{tea 1 1000} {pot 2 1000}]"; len(got) != 1 || fmt.Sprint(got[0].Lines) != want {
		t.Errorf("got %+v, want lines %s", got, want)
	}
}

func TestEachIdleTimeTriggersOnce(t *testing.T) {
	c := carts(t, CartsConfig{}, 90*time.Second, 5*time.Minute, 31*time.Minute)
	s := newScript()
	s.shop(0, "ann")
	var idles []int64
	ids := map[uint64]bool{}
	for at := 5.0; at <= 2400; at += 5 {
		s.tick(at)
		for _, x := range run(t, c, s) {
			idles = append(idles, x.Idle/second)
			ids[x.ID] = true
		}
	}
	if fmt.Sprint(idles) != "[90 300]" || len(ids) != 1 {
		t.Errorf("idle times %v with %d ids, want 90 and 300 of one episode", idles, len(ids))
	}
}

func TestAnEpisodeThatHasEndedIsNotDue(t *testing.T) {
	c := carts(t, CartsConfig{}, 29*time.Minute)
	s := newScript()
	s.shop(0, "ann")
	s.tick(31 * 60)
	if got := run(t, c, s); len(got) > 0 {
		t.Errorf("after the gap: %+v", got)
	}
}

func TestTheClockIsThatOfThePartitionFurthestAhead(t *testing.T) {
	c := carts(t, CartsConfig{})
	s := newScript()
	s.shop(10, "ann")
	s.do(99, "bob", clickstream.PageView)
	s.do(60, "cid", clickstream.PageView).Clock = noon + 60*second
	run(t, c, s)
	if got := c.sites["shop"].clock; got != noon+99*second {
		t.Errorf("clock at %d s, want 99", (got-noon)/second)
	}
}

package watch

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
)

func uplift(t testing.TB) *Uplift {
	t.Helper()
	u, err := NewUplift(UpliftConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (s *script) buy(at float64, visitor, transaction string, value int64) *clickstream.Fact {
	f := s.do(at, visitor, clickstream.Purchase, clickstream.Item{ID: "mug", Price: value, Quantity: 1})
	f.Event.Transaction, f.Event.Value = transaction, value
	return f
}

func (s *script) refund(at float64, transaction string, value int64, items ...clickstream.Item) {
	f := s.do(at, "the shop", clickstream.Refund, items...)
	f.Event.Transaction, f.Event.Value = transaction, value
}

// twoArms exposes 100 shoppers "o0…" to the offer and 100 "h0…" to the holdout at noon.
func twoArms(s *script) {
	for i := range 100 {
		s.expose(0, fmt.Sprint("o", i), "c", OfferArm, fmt.Sprint("offer", i), 600)
		s.expose(0, fmt.Sprint("h", i), "c", HoldoutArm, fmt.Sprint("hold", i), 600)
	}
}

func apply(t testing.TB, u *Uplift, s *script) {
	t.Helper()
	if err := u.ApplyFacts(s.facts); err != nil {
		t.Fatal(err)
	}
	s.facts = nil
}

func TestWhatFollowsExposureCounts(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(s *script)
		want string // conversions and revenue: offer, holdout
	}{
		{"a purchase of each arm", func(s *script) { s.buy(10, "o1", "t1", 500); s.buy(10, "h1", "t2", 700) }, "1 500, 1 700"},
		{"two purchases of a shopper", func(s *script) { s.buy(10, "o1", "t1", 500); s.buy(20, "o1", "t2", 300) }, "1 800, 0 0"},
		{"at the exposure's instant is not after it", func(s *script) { s.buy(0, "o1", "t1", 500) }, "0 0, 0 0"},
		{"before it", func(s *script) { s.buy(-5, "o1", "t1", 500) }, "0 0, 0 0"},
		{"at the window's end", func(s *script) { s.buy(24*hour, "o1", "t1", 500) }, "1 500, 0 0"},
		{"after it", func(s *script) { s.buy(24*hour+1, "o1", "t1", 500) }, "0 0, 0 0"},
		{"late, but of the window", func(s *script) { s.tick(30 * hour); s.buy(hour, "o1", "t1", 500).Late = true }, "1 500, 0 0"},
		{"a transaction seen before", func(s *script) { s.buy(10, "o1", "t1", 500); s.buy(20, "o1", "t1", 500).Repeat = true }, "1 500, 0 0"},
		{"machines", func(s *script) { s.buy(10, "o1", "t1", 500).Bot = true }, "0 0, 0 0"},
		{"nobody exposed", func(s *script) { s.buy(10, "x", "t1", 500) }, "0 0, 0 0"},
		{"its lines where it says no value", func(s *script) { s.buy(10, "o1", "t1", 500).Event.Value = 0 }, "1 500, 0 0"},
		{"another currency", func(s *script) { s.buy(10, "o1", "t1", 500).Event.Currency = "CHF" }, "1 0, 0 0"},
		{"only the first exposure", func(s *script) {
			s.expose(hour, "o1", "c", OfferArm, "again", 600)
			s.buy(24*hour+10, "o1", "t1", 500)
		}, "0 0, 0 0"},
		{"a whole refund", func(s *script) { s.buy(10, "o1", "t1", 500); s.refund(20, "t1", 0) }, "0 0, 0 0"},
		{"a refund twice", func(s *script) {
			s.buy(10, "o1", "t1", 500)
			s.buy(11, "o1", "t2", 100)
			s.refund(20, "t1", 0)
			s.refund(21, "t1", 0)
		}, "1 100, 0 0"},
		{"a part of it", func(s *script) { s.buy(10, "o1", "t1", 500); s.refund(20, "t1", 200) }, "1 300, 0 0"},
		{"items of it", func(s *script) {
			s.buy(10, "o1", "t1", 500)
			s.refund(20, "t1", 0, clickstream.Item{ID: "mug", Price: clickstream.NoPrice, Quantity: 3})
		}, "0 0, 0 0"},
		{"items at a price of their own", func(s *script) {
			s.buy(10, "o1", "t1", 500)
			s.refund(20, "t1", 0, clickstream.Item{ID: "mug", Price: 100, Quantity: 1})
		}, "1 400, 0 0"},
		{"a refund after the window", func(s *script) { s.buy(10, "o1", "t1", 500); s.refund(24*hour+1, "t1", 0) }, "1 500, 0 0"},
		{"a refund of an unknown transaction", func(s *script) { s.buy(10, "o1", "t1", 500); s.refund(20, "t9", 0) }, "1 500, 0 0"},
		{"an erased shopper within the window", func(s *script) { s.buy(10, "o1", "t1", 500); s.erase("o1"); s.refund(20, "t1", 0) }, "0 0, 0 0"},
		{"and after it", func(s *script) { s.buy(10, "o1", "t1", 500); s.tick(25 * hour); s.erase("o1") }, "1 500, 0 0"},
		{"a shop's own event of that name", func(s *script) {
			x := Exposure{Campaign: "c", Arm: OfferArm, Offer: "o"}
			s.add(&clickstream.Event{Site: "shop", Visitor: "x", Name: ExposureName, Time: noon, Props: x.Props()})
			s.buy(10, "x", "t1", 500)
		}, "0 0, 0 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, s := uplift(t), newScript()
			twoArms(s)
			c.play(s)
			apply(t, u, s)
			r := u.Report("shop", "c", Settings{Holdout: 0.5})
			if r.Results == nil {
				t.Fatalf("hidden: %s", r.Hidden)
			}
			o, h := r.Results.Offer, r.Results.Holdout
			if got := fmt.Sprintf("%d %d, %d %d", o.Conversions, o.Revenue, h.Conversions, h.Revenue); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestErasedInAnOpenWindowIsNotExposedAnyMore(t *testing.T) {
	u, s := uplift(t), newScript()
	twoArms(s)
	s.tick(hour)
	s.erase("o1")
	s.tick(25 * hour)
	s.erase("o2")
	apply(t, u, s)
	if r := u.Report("shop", "c", Settings{Holdout: 0.5}); r.Exposed.Offer != 99 || r.Exposed.Holdout != 100 {
		t.Errorf("exposed %+v, want 99 and 100", r.Exposed)
	}
}

func TestShoppersOfBothArmsAreLeftOut(t *testing.T) {
	u, s := uplift(t), newScript()
	twoArms(s)
	s.buy(10, "o1", "t1", 500)
	s.expose(20, "o1", "c", HoldoutArm, "x", 600)
	s.buy(30, "o1", "t2", 500)
	s.expose(40, "o1", "c", OfferArm, "y", 600)
	apply(t, u, s)
	r := u.Report("shop", "c", Settings{Holdout: 0.5})
	if r.Exposed.Mixed != 1 || r.Exposed.Offer != 99 || r.Results == nil || r.Results.Offer.Conversions != 0 || r.Results.Offer.Revenue != 0 {
		t.Fatalf("%+v: want one mixed shopper, counted in no arm", r)
	}
	for i := range 2 {
		s.expose(50, fmt.Sprint("h", i), "c", OfferArm, "z", 600)
	}
	apply(t, u, s)
	if r = u.Report("shop", "c", Settings{Holdout: 0.5}); r.Hidden != "mixed" || r.Results != nil {
		t.Errorf("3 of 200 mixed: %+v, want no results", r)
	}
}

func TestWrongArmSizesHideTheResults(t *testing.T) {
	u, s := uplift(t), newScript()
	twoArms(s)
	apply(t, u, s)
	r := u.Report("shop", "c", Settings{Holdout: 0.1})
	if !r.SRM.Alarm || r.SRM.P > 1e-10 || r.Hidden != "sample_ratio" || r.Results != nil {
		t.Errorf("half held out where a tenth should be: %+v", r)
	}
	if r = u.Report("shop", "c", Settings{}); !r.SRM.Alarm || r.Results != nil {
		t.Errorf("held out where nobody should be: %+v", r)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}

func TestReportOfNothing(t *testing.T) {
	u, s := uplift(t), newScript()
	if r := u.Report("shop", "c", Settings{Holdout: 0.1}); r.Hidden != "nobody" || r.Results != nil {
		t.Errorf("of no facts: %+v", r)
	}
	for i := range 10 {
		s.expose(0, fmt.Sprint("o", i), "c", OfferArm, "x", 600)
	}
	apply(t, u, s)
	if r := u.Report("shop", "c", Settings{}); r.Hidden != "no_holdout" || r.Exposed.Offer != 10 {
		t.Errorf("without a holdout: %+v", r)
	}
	if r := u.Report("shop", "other", Settings{Holdout: 0.1}); r.Hidden != "nobody" {
		t.Errorf("of another campaign: %+v", r)
	}
}

func TestReportFindsWhatTheOfferBrought(t *testing.T) {
	u, s := uplift(t), newScript()
	for i := range 4000 {
		s.expose(0, fmt.Sprint("o", i), "c", OfferArm, "x", 600)
		s.expose(0, fmt.Sprint("h", i), "c", HoldoutArm, "x", 600)
		if i%5 == 0 {
			s.buy(10, fmt.Sprint("o", i), fmt.Sprint("to", i), 1000)
		}
		if i%10 == 0 {
			s.buy(10, fmt.Sprint("h", i), fmt.Sprint("th", i), 1000)
		}
	}
	s.buy(11, "h0", "whale", 90_000_000) // one order above all others
	apply(t, u, s)
	r := u.Report("shop", "c", Settings{Holdout: 0.5})
	if r.Results == nil {
		t.Fatalf("hidden: %s", r.Hidden)
	}
	x := r.Results
	if x.Offer.Rate != 0.2 || x.Holdout.Rate != 0.1 {
		t.Errorf("rates %v and %v, want 0.2 and 0.1", x.Offer.Rate, x.Holdout.Rate)
	}
	if d := x.Difference; d == nil || math.Abs(d.Estimate-0.1) > 1e-12 || !d.Excludes(0) || d.Excludes(0.1) || d.High > 0.15 {
		t.Errorf("difference %+v", d)
	}
	if d := x.Relative; d == nil || math.Abs(d.Estimate-1) > 1e-9 || !d.Excludes(0) {
		t.Errorf("relative %+v", d)
	}
	if d := x.Rescued; d == nil || math.Abs(d.Estimate-400) > 1e-9 || d.Low <= 0 {
		t.Errorf("rescued %+v, want 400", d)
	}
	if d := x.Revenue; d == nil || d.Low <= 0 || x.Cut < 1000 || x.Cut > 1300 {
		t.Errorf("revenue %+v, cut at %d: one order must not hide what the offer brings", d, x.Cut)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{`"window_s":86400`, `"exposed":{"offer":4000,"holdout":4000,"mixed":0}`, `"sample_ratio":{"share":0.5`, `"rescued":{"estimate":400`} {
		if !strings.Contains(string(text), field) {
			t.Errorf("no %s in %s", field, text)
		}
	}
}

func TestForgottenShoppersLeaveWhatTheyBrought(t *testing.T) {
	u, err := NewUplift(UpliftConfig{Exposed: 10, Window: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	s := newScript()
	for i := range 50 {
		s.expose(0, fmt.Sprint("o", i), "c", OfferArm, "x", 600)
		s.buy(1, fmt.Sprint("o", i), fmt.Sprint("t", i), 100)
	}
	s.refund(2, "t1", 0) // its buyer is not known any more
	s.refund(2, "t49", 0)
	apply(t, u, s)
	tr := u.trials["shop"]
	if c := &tr.tallies[0]; c.exposed[OfferArm] != 50 || c.bought[OfferArm] != 49 || len(tr.people) != 10 {
		t.Errorf("%d exposed, %d bought, %d known; want 50, 49, 10", c.exposed[OfferArm], c.bought[OfferArm], len(tr.people))
	}
	s.tick(26 * hour)
	apply(t, u, s)
	if len(tr.orders) != 0 || len(tr.queue) != 0 {
		t.Errorf("%d orders and %d in the queue after their time", len(tr.orders), len(tr.queue))
	}
}

package pricing

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

func (w *world) whatIf(id, market string, amount int64) Simulation {
	w.t.Helper()
	it, ok := w.shelf.Item(site, id)
	if !ok {
		w.t.Fatalf("no item %s", id)
	}
	t, err := w.book.Trial(site, id, market, it, amount, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return WhatIf(t)
}

// Whatever the limits and the amount are, the simulation says what applying it then does.
func TestASimulationSaysWhatApplyingThePriceDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 2026))
	one := func(of ...int64) int64 { return of[r.IntN(len(of))] }
	refused, forced, plain := 0, 0, 0
	for range 4000 {
		w := newWorld(t)
		w.item("kettle", func(it *Item) {
			it.Cost, it.Floor, it.Ceiling = one(Unset, 400, 900), one(Unset, 700, 1050), one(Unset, 1200, 1600)
			it.Markets = map[string]Price{"ch": {Currency: "CHF", List: 1100}}
		})
		w.mode(ModeSuggest, func(s *Settings) {
			s.MaxStep, s.Deadband, s.Dwell = ptr(float64(one(0, 5, 10, 30))/100), ptr(float64(one(0, 2, 4))/100), ptr(one(0, day, 3*day))
			if r.IntN(2) == 0 {
				s.Rounding = &guard.Rounding{Step: 100, Ending: 99}
			}
		})
		w.now += one(minute, 2*day)
		if r.IntN(8) == 0 {
			w.must(DoFreeze, "", Freeze{Target: Target{Scope: ScopeItem, Key: "kettle"}, On: true})
		}
		if r.IntN(8) == 0 {
			w.do("anna", DoMarkdown, "m", Announce{Items: []string{"kettle"}, Percent: 5, Until: w.now + day})
		}
		market := []string{"", "ch"}[r.IntN(2)]
		amount := one(0, 600, 699, 700, 899, 950, 999, 1000, 1001, 1030, 1099, 1100, 1199, 1300, 1700, guard.MaxAmount+1, 900+r.Int64N(300))
		said := w.whatIf("kettle", market, amount)
		if again := w.whatIf("kettle", market, amount); !reflect.DeepEqual(again, said) {
			t.Fatalf("asked twice: %+v and %+v", said, again)
		}
		if amount > 0 && amount <= guard.MaxAmount {
			it, _ := w.shelf.Item(site, "kettle")
			trial, _ := w.book.Trial(site, "kettle", market, it, amount, w.now)
			in := guard.Input{Current: trial.Price.Public, Proposed: amount, Now: w.now, LastChange: trial.Price.PriceAt, Limits: trial.Limits}
			if rule := guard.Violation(in, said.Engine.Price); rule != "" {
				t.Fatalf("the engine is said to publish %d, which breaks %s: %+v", said.Engine.Price, rule, in)
			}
			if said.Refused == nil && (len(said.Over) == 0) != (guard.Violation(in, amount) == "") {
				t.Fatalf("%d overrides %v, and the judge says %q of %+v", amount, said.Over, guard.Violation(in, amount), in)
			}
		}
		set := SetPrice{Item: "kettle", Market: market, Amount: amount}
		_, err := w.do("anna", DoSet, "", set)
		var why *Refusal
		errors.As(err, &why)
		switch {
		case said.Refused != nil:
			refused++
			if why == nil || why.Code != said.Refused.Code {
				t.Fatalf("%d in %q is said to be refused as %v, and set says %v", amount, market, said.Refused, err)
			}
			set.Force = true
			if _, err := w.do("anna", DoSet, "", set); err == nil {
				t.Fatalf("%d was forced past %v", amount, said.Refused)
			}
		case len(said.Over) > 0:
			forced++
			if why == nil || why.Code != "needs_force" {
				t.Fatalf("%d is said to override %v, and set says %v", amount, said.Over, err)
			}
			set.Force = true
			answer, err := w.do("anna", DoSet, "", set)
			if err != nil || !slices.Equal(answer.(Published).Over, said.Over) {
				t.Fatalf("%d is said to override %v, and forced it says %+v, %v", amount, said.Over, answer, err)
			}
		default:
			plain++
			if err != nil {
				t.Fatalf("%d is said to be free, and set says %v", amount, err)
			}
		}
	}
	if refused < 400 || forced < 400 || plain < 200 {
		t.Errorf("the inputs are one-sided: %d refused, %d forced, %d plain", refused, forced, plain)
	}
}

func TestASimulationTellsADayWithItsIntervals(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", func(it *Item) { it.Cost = 600 })
	w.mode(ModeSuggest, func(s *Settings) { s.Slot = ptr(day / 2) })
	falling := func(_ string, price int64) (float64, float64) {
		return 100, math.Round(10 * math.Pow(float64(price)/1000, -2))
	}
	for range 20 {
		w.slot(falling, "kettle")
	}
	s := w.whatIf("kettle", "", 1100)
	if !s.Known || s.Beyond {
		t.Fatalf("%+v", s)
	}
	for _, d := range []Daily{s.Now, s.Then} {
		for _, i := range []policy.Interval{d.Units, d.Revenue, d.Profit} {
			if !(0 < i.Lo && i.Lo < i.Mean && i.Mean < i.Hi) {
				t.Errorf("interval %+v of %+v", i, d)
			}
		}
	}
	it, _ := w.shelf.Item(site, "kettle")
	v := w.book.Item(site, "kettle", it, w.now)
	if got := v.Proposal.Rate.Mean * 2; v.Proposal.Price == 1000 && math.Abs(got-s.Now.Units.Mean) > 1e-9 {
		t.Errorf("now sells %g a day, the view says %g", s.Now.Units.Mean, got)
	}
	for _, x := range []struct{ change, now, then policy.Interval }{
		{s.Change.Units, s.Now.Units, s.Then.Units}, {s.Change.Revenue, s.Now.Revenue, s.Then.Revenue}, {s.Change.Profit, s.Now.Profit, s.Then.Profit},
	} {
		if math.Abs(x.change.Mean-(x.then.Mean-x.now.Mean)) > 1e-6*math.Abs(x.now.Mean) {
			t.Errorf("change %+v from %+v to %+v", x.change, x.now, x.then)
		}
		if apart := (x.then.Hi - x.now.Lo) - (x.then.Lo - x.now.Hi); x.change.Hi-x.change.Lo > apart {
			t.Errorf("the change %+v is less sure than both prices apart", x.change)
		}
	}
	if s.Share.Mean >= 0 || s.Share.Lo < -1 || math.Abs(s.Share.Mean*s.Now.Units.Mean-s.Change.Units.Mean) > 0.05*s.Now.Units.Mean {
		t.Errorf("%+v of the units", s.Share)
	}
	below := w.whatIf("kettle", "", 500)
	if below.Then.Profit.Hi >= 0 || below.Then.Profit.Lo > below.Then.Profit.Hi || below.Better != 0 || !below.Beyond {
		t.Errorf("below cost %+v", below)
	}
}

func TestASimulationNamesTheLowestPriceOfThirtyDays(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.mode(ModeSuggest, nil)
	w.now += 2 * day
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 920, Force: true})
	w.now += 2 * day
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1000, Force: true})
	w.now += 2 * day
	for amount, reduced := range map[int64]bool{1050: false, 950: false, 920: false, 910: true} {
		if s := w.whatIf("kettle", "", amount); s.Reference != 920 || s.Reduced != reduced || s.Known {
			t.Errorf("%d: %+v", amount, s)
		}
	}
	w.now += 31 * day
	w.clock()
	if s := w.whatIf("kettle", "", 950); s.Reference != 1000 || !s.Reduced {
		t.Errorf("a month later %+v", s)
	}
}

func TestASimulationPlacesAPriceAmongFreshRivals(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.mode(ModeSuggest, nil)
	for source, price := range map[string]int64{"a": 900, "b": 1000, "c": 1100, "d": 1200} {
		w.must(DoCompetitor, "", CompetitorBatch{source, []CompetitorPrice{{"kettle", price, "EUR", 0}}})
	}
	w.must(DoCompetitor, "", CompetitorBatch{"stale", []CompetitorPrice{{"kettle", 100, "EUR", w.now - 20*day}}})
	if got, want := w.whatIf("kettle", "", 1000).Rivals, (Rivals{4, 900, 1000, 1200, 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := w.whatIf("kettle", "", 1300).Rivals.Below; got != 4 {
		t.Errorf("%d ask less, want all", got)
	}
}

func TestOfAnUnknownMarketNothingIsSimulated(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	it, _ := w.shelf.Item(site, "kettle")
	_, err := w.book.Trial(site, "kettle", "mars", it, 1000, w.now)
	wantCode(t, err, "unknown_market")
	if s := w.whatIf("kettle", "", 1050); s.Known || s.Refused != nil || s.Engine.Price == 0 {
		t.Errorf("of an item that nothing is known of: %+v", s)
	}
}

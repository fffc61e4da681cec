package pricing

import (
	"strings"
	"testing"
)

func TestAPriceIsExplainedStepByStep(t *testing.T) {
	w := learned(t, ModeSuggest, func(s *Settings) { s.Rounding = nil })
	before := w.now
	w.now += day
	d := w.moved("kettle", 1050)
	d.Proposal.Price, d.Proposal.Reason = 1080, "better"
	answer, err := w.do(Engine, DoDecide, "", d)
	if err != nil {
		t.Fatal(err)
	}
	w.now += minute
	w.must(DoApprove, "", OnSuggestion{answer.(Outcome).Suggestion})
	approved := w.now
	w.now += 2 * day
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1500, Force: true, Note: "spring"})
	set := w.now
	w.now += day
	it := must(w.shelf.Item(site, "kettle"))
	for _, c := range []struct {
		at     int64
		kind   Kind
		amount int64
		whole  bool
		says   []string
	}{
		{before, KindList, 1000, false, []string{"the price was 10.00 EUR"}},
		{approved + 1, KindApproved, 1050, true, []string{"user anna approved", "from 10.00 EUR to 10.50 EUR", "Elasticity", "for the reason better", "Another price followed"}},
		{set, KindManual, 1500, true, []string{"user anna set it", "The note says: spring", "The rule step would have stopped it at 11.55 EUR and was overridden"}},
		{w.now, KindManual, 1500, true, []string{"in force since"}},
	} {
		x, err := w.book.Explain(site, "kettle", "", it, c.at)
		if err != nil || x.Kind != c.kind || x.Amount != c.amount || x.Complete != c.whole {
			t.Fatalf("at %d: %+v, %v, want %s of %d", c.at, x, err, c.kind, c.amount)
		}
		all := strings.Join(x.Words, "\n")
		t.Log(all)
		for _, s := range c.says {
			if !strings.Contains(all, s) {
				t.Errorf("at %d it does not say %q:\n%s", c.at, s, all)
			}
		}
	}
	if _, err := w.book.Explain(site, "kettle", "mars", it, w.now); err == nil {
		t.Error("a market that it does not have was explained")
	}
}

func TestHistoryIsBoundedAndSaysSo(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	for i := range 70 {
		w.now += day
		w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1000 + int64(i%2+1)*10, Force: true})
	}
	it := must(w.shelf.Item(site, "kettle"))
	v := w.book.Item(site, "kettle", it, w.now)
	if len(v.History) != 64 || !v.Cut {
		t.Fatalf("%d lines, cut %t", len(v.History), v.Cut)
	}
	x, err := w.book.Explain(site, "kettle", "", it, t0+3*day)
	if err != nil || x.Complete {
		t.Fatalf("%+v, %v: it says that it knows what it has forgotten", x, err)
	}
	// The same question to a Book that was folded up to then.
	var until int
	for until = range w.log {
		if w.log[until].Time > t0+3*day {
			break
		}
	}
	catalog := newShelf()
	book, _, err := ReplayLog(each(w.log[:until]), catalog, Config{})
	if err != nil {
		t.Fatal(err)
	}
	then := must(catalog.Item(site, "kettle"))
	if x, err = book.Explain(site, "kettle", "", then, t0+3*day); err != nil || !x.Complete || x.Amount != 1010 || x.From != t0+3*day {
		t.Fatalf("%+v, %v", x, err)
	}
}

func TestDecisionsAreKeptWholeForAWhile(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.mode(ModeAuto, nil)
	for i := range 12 {
		w.slot(steady, "kettle")
		price := w.public("kettle") + []int64{50, -50}[i%2]
		if _, err := w.do(Engine, DoDecide, "", w.moved("kettle", price)); err != nil {
			t.Fatal(err)
		}
	}
	it := must(w.shelf.Item(site, "kettle"))
	whole := 0
	for _, e := range w.book.Item(site, "kettle", it, w.now).History {
		if e.Decision != nil {
			whole++
		}
	}
	if whole != 8 {
		t.Fatalf("%d kept whole, want 8", whole)
	}
	x, err := w.book.Explain(site, "kettle", "", it, t0+2*day)
	if err != nil || x.Kind != KindEngine || x.Decision != nil || x.Complete {
		t.Fatalf("%+v, %v: want the log to be asked for the decision", x, err)
	}
	if x, err = w.book.Explain(site, "kettle", "", it, w.now); err != nil || !x.Complete || x.Decision == nil {
		t.Fatalf("%+v, %v", x, err)
	}
}

func TestMoneyIsWrittenInItsOwnUnits(t *testing.T) {
	for _, c := range []struct {
		amount         int64
		currency, want string
	}{{1999, "EUR", "19.99 EUR"}, {5, "EUR", "0.05 EUR"}, {1999, "JPY", "1999 JPY"}, {1999, "KWD", "1.999 KWD"}} {
		if got := (money{c.currency}).of(c.amount); got != c.want {
			t.Errorf("%d %s is written %q, want %q", c.amount, c.currency, got, c.want)
		}
	}
}

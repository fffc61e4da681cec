package policy

import "testing"

func TestCompetitorsMedianLeavesOutliersAndOldPricesOut(t *testing.T) {
	at := func(prices ...int64) (out []Competitor) {
		for _, p := range prices {
			out = append(out, Competitor{p, 900})
		}
		return out
	}
	for _, c := range []struct {
		all  []Competitor
		want int64
	}{
		{nil, 0},
		{at(1000), 0},
		{at(1000, 1100), 1050},
		{at(1000, 1010, 1020, 5), 1010},
		{at(1000, 1010, 1020, 99_999), 1010},
		{at(1000, 0, -5), 0},
		{append(at(1000, 1100), Competitor{2000, 1001}, Competitor{3000, 99}), 1050}, // from the future, and stale
	} {
		if got := market(c.all, 1000, 900); got != c.want {
			t.Errorf("market(%v) = %d, want %d", c.all, got, c.want)
		}
	}
}

func TestCompetitorsBringThePriceDownAStepADayAndNotThroughTheFloor(t *testing.T) {
	in := Input{State: sold(1000, 60, 400, 0.03), Ref: 1000, Current: 1000, Cost: 600, Floor: 850, Stock: -1, Now: 60 * testDay}
	in.Competitors = []Competitor{{500, in.Now}, {520, in.Now - testDay}, {510, in.Now}}
	o := Propose(in)
	if o.Reason != Matched || o.Price != 900 || o.Market != 510 {
		t.Errorf("%+v", o)
	}
	in.Current = o.Price
	if o = Propose(in); o.Price != 850 {
		t.Errorf("%+v, want the floor", o)
	}
	in.Current = 1000
	in.Competitors = []Competitor{{950, in.Now}, {990, in.Now}}
	if o = Propose(in); o.Reason == Matched {
		t.Errorf("within the allowance: %+v", o)
	}
	in.Competitors = in.Competitors[:1]
	in.Competitors[0].Price = 100
	if o = Propose(in); o.Reason == Matched {
		t.Errorf("one price is no market: %+v", o)
	}
}

package prices

import (
	"math"
	"testing"

	"beckon/web/text"
)

// The quiet line of the history's chart is what the law asks for: at each moment the lowest price in force in the 30 days up to it.
func TestTheLowestOfThirtyDaysFollowsThePrice(t *testing.T) {
	moves := []Line{
		{At: now - 60*day, Before: 1000, After: 800, Moved: true},
		{At: now - 50*day, Before: 800, After: 1200, Moved: true},
		{At: now - 5*day, Before: 1200, After: 1100, Moved: true},
	}
	got := steps(moves, ItemView{Now: now, Price: 1100})
	at := func(when int64) (price, lowest int64) {
		for _, s := range got {
			if s.at <= when {
				price, lowest = s.price, s.lowest
			}
		}
		return price, lowest
	}
	for _, c := range []struct{ when, price, lowest int64 }{
		{now - 61*day, 1000, 1000},
		{now - 60*day, 800, 800},
		{now - 50*day, 1200, 800},
		{now - 21*day, 1200, 800},
		{now - 20*day, 1200, 1200}, // the 800 ended 30 days ago
		{now - 5*day, 1100, 1100},
		{now, 1100, 1100},
	} {
		if price, lowest := at(c.when); price != c.price || lowest != c.lowest {
			t.Errorf("%d days ago: %d, lowest %d, want %d and %d", (now-c.when)/day, price, lowest, c.price, c.lowest)
		}
	}
	for i := 1; i < len(got); i++ {
		if got[i].at <= got[i-1].at {
			t.Errorf("step %d is not after the one before: %+v", i, got)
		}
	}
	if one := steps(nil, ItemView{Now: now, At: now - day, Price: 500}); len(one) != 2 || one[0].price != 500 || one[1].lowest != 500 {
		t.Errorf("of a price that never changed: %+v", one)
	}
}

func TestChartsMarkThePricesThatMatter(t *testing.T) {
	p, v := frame("en"), itemView()
	c := moneyChart(p, v)
	if len(c.XF) != len(v.Curve) || math.Abs(c.XF[1]-19.99) > 1e-9 || len(c.Series) != 3 {
		t.Fatalf("%+v", c)
	}
	labels := map[string]float64{}
	for _, m := range c.Marks {
		labels[m.Label] = m.X
	}
	for label, x := range map[string]float64{"Now": 19.99, "Lowest allowed": 12.6, "Best": 22.9} {
		if labels[label] != x {
			t.Errorf("mark %s at %g, want %g (%v)", label, labels[label], x, labels)
		}
	}
	if _, ok := labels["Highest allowed"]; ok {
		t.Error("a ceiling beyond the curve is marked on it")
	}
	v.Cost = -1
	if c := moneyChart(p, v); len(c.Series) != 1 {
		t.Errorf("profit is drawn without a cost: %d series", len(c.Series))
	}
}

func TestBeliefsAreToldInPlainWords(t *testing.T) {
	said := beliefWords(text.For("en"), itemView().Belief, 1999, "EUR")
	for i, want := range []string{
		"A 10 % higher price loses about 14% to 22% of sales.",
		"A 10 % lower price adds about 15% to 26%.",
		"At the present price 9.0 pieces a day are expected (8.0 to 10).",
		"Evidence: 3 weeks of observed sales. Ranges hold the truth in eight of ten cases.",
		"The price of highest expected profit is €22.90: better than the present one with a chance of 81%, 3.4% more profit expected.",
	} {
		if i >= len(said) || said[i] != want {
			t.Errorf("got %q, want %q", said[min(i, len(said)-1)], want)
		}
	}
}

package guard

import "testing"

func TestRoundingPatternsOfCurrencies(t *testing.T) {
	for _, c := range []struct {
		pattern  string
		decimals int
		want     Rounding
	}{
		{"", 2, Rounding{}},
		{"x", 0, Rounding{1, 0}},
		{"x.99", 2, Rounding{100, 99}},
		{"x.95", 2, Rounding{100, 95}},
		{"x.00", 2, Rounding{100, 0}},
		{"x.x9", 2, Rounding{10, 9}},
		{"x.x0", 2, Rounding{10, 0}},
		{"x9.99", 2, Rounding{1000, 999}},
		{"x.990", 3, Rounding{1000, 990}},
		{"x.xx5", 3, Rounding{10, 5}},
		{"x80", 0, Rounding{100, 80}},
		{"x000", 0, Rounding{1000, 0}},
	} {
		got, err := ParseRounding(c.pattern, c.decimals)
		if err != nil || got != c.want {
			t.Errorf("%q with %d decimals: %+v, %v; want %+v", c.pattern, c.decimals, got, err, c.want)
		}
	}
	for _, c := range []struct {
		pattern  string
		decimals int
	}{
		{"x.99", 0}, {"x.99", 3}, {"x99", 2}, {"99", 0}, {".99", 2}, {"9.99", 2}, {"x.9x", 2}, {"x.-9", 2}, {"x1234567890", 0}, {"x9x.99", 2}, {"é", 0},
	} {
		if got, err := ParseRounding(c.pattern, c.decimals); err == nil {
			t.Errorf("%q with %d decimals is %+v, want an error", c.pattern, c.decimals, got)
		}
	}
}

func FuzzParseRounding(f *testing.F) {
	f.Add("x.99", 2)
	f.Add("x80", 0)
	f.Fuzz(func(t *testing.T, pattern string, decimals int) {
		r, err := ParseRounding(pattern, decimals)
		if err != nil {
			return
		}
		in := Input{Current: 1000, Proposed: 1100, Now: now, Limits: Limits{Rounding: r}}
		if err := in.Check(); err != nil {
			t.Fatalf("%q: %+v is no rounding: %v", pattern, r, err)
		}
		if v := Apply(in); v.Moved && !r.has(v.Price) {
			t.Fatalf("%q: %d has not its ending", pattern, v.Price)
		}
	})
}

package simulate

import (
	"fmt"
	"math"
	"slices"

	"beckon/pricing/guard"
)

// Bounds of a scenario: what a run of it may cost.
const (
	maxItems    = 1000
	maxDays     = 3650
	maxItemDays = 1_000_000
	maxTraffic  = 1_000_000 // views a day
	maxTicks    = 1_000_000_000
	maxStock    = 1_000_000_000
)

// Curves are the kinds of demand curves.
func Curves() []string { return []string{Isoelastic, Logit, Linear, Exponential} }

// field is an error that names the field of a scenario it is about, as the file spells it.
type field struct{ name, problem string }

func (f field) Error() string { return f.name + ": " + f.problem }

func wrong(name, format string, args ...any) error {
	return field{name, fmt.Sprintf(format, args...)}
}

// check says which field of the scenario cannot be run.
func (sc *Scenario) check() error {
	d := &sc.Demand
	switch {
	case d.Shift.set() && d.Elasticity.Lo+d.Shift.Lo < 0.01:
		return wrong("elasticity_shift", "%g below the lowest elasticity, %g", d.Shift.Lo, d.Elasticity.Lo)
	case sc.Name == "" || len(sc.Name) > 64:
		return wrong("name", "%d characters, want 1 to 64", len(sc.Name))
	case sc.Items < 1 || sc.Items > maxItems:
		return wrong("items", "%d, want 1 to %d", sc.Items, maxItems)
	case sc.Days < 1 || sc.Days > maxDays:
		return wrong("days", "%d, want 1 to %d", sc.Days, maxDays)
	case sc.Days*sc.Items > maxItemDays:
		return wrong("days", "%d days of %d items, want at most %d item days", sc.Days, sc.Items, maxItemDays)
	case !slices.Contains(Curves(), d.Curve):
		return wrong("curve", "%q is not one of %v", d.Curve, Curves())
	}
	for _, r := range [...]struct {
		name   string
		r      Range
		lo, hi float64
		needed bool
	}{
		{"traffic", sc.Traffic, 0.01, maxTraffic, true},
		{"elasticity", d.Elasticity, 0.01, 20, !d.Explicit},
		{"elasticity_shift", d.Shift, -20, 20, false},
		{"conversion", d.Conversion, 1e-6, 1, !d.Explicit},
		{"price", sc.Price, 1, maxTicks, false},
		{"start_price", sc.Start, 1, maxTicks, false},
		{"cost", sc.Cost, 0, maxTicks, false},
		{"cost_share", sc.CostShare, 0, 1, false},
		{"stock", sc.Stock, 1, maxStock, false},
		{"stock_share", sc.StockOf, 0.001, 1000, false},
	} {
		if err := r.r.check(r.name, r.lo, r.hi, r.needed); err != nil {
			return err
		}
	}
	if err := sc.checkMoney(); err != nil {
		return err
	}
	return sc.checkRest()
}

func (r Range) check(name string, lo, hi float64, needed bool) error {
	switch {
	case !r.set() && !needed:
		return nil
	case !r.set():
		return wrong(name, "missing")
	case !(r.Lo <= r.Hi) || r.SD < 0 || math.IsNaN(r.SD+r.Mean):
		return wrong(name, "from %g to %g is no range", r.Lo, r.Hi)
	case !(r.Lo >= lo && r.Hi <= hi):
		return wrong(name, "%g to %g, want within %g to %g", r.Lo, r.Hi, lo, hi)
	}
	return nil
}

// checkMoney says whether price, cost and curve fit together.
func (sc *Scenario) checkMoney() error {
	d, givenCost := &sc.Demand, sc.Cost.set() || sc.CostShare.set()
	switch {
	case sc.Start.set() && sc.Mispriced != Mispriced{}:
		return wrong("start_price", "given beside mispriced")
	case sc.Cost.set() && sc.CostShare.set():
		return wrong("cost_share", "given beside cost")
	case !sc.Price.set() && !sc.Cost.set():
		return wrong("price", "missing")
	case !sc.Price.set() && d.Explicit:
		return wrong("price", "missing")
	case !givenCost && d.Explicit:
		return wrong("cost", "missing")
	case (!givenCost || !sc.Price.set()) && d.Elasticity.Lo+d.Shift.Lo <= 1.02:
		missing := "cost"
		if givenCost {
			missing = "price"
		}
		return wrong(missing, "missing, and with an elasticity of %g or less no price is the best one that it could follow from", 1.02)
	}
	if d.Curve == Logit && !d.Explicit && !(d.Most > d.Conversion.Hi && d.Most <= 1) {
		return wrong("max_conversion", "%g, want above the conversion (%g) and at most 1", d.Most, d.Conversion.Hi)
	}
	if d.Explicit {
		switch {
		case d.Curve == Isoelastic:
			return wrong("intercept", "an isoelastic curve has none, it has elasticity and conversion")
		case !(d.Slope > 0) || math.IsInf(d.Slope, 0):
			return wrong("slope", "%g, want above 0", d.Slope)
		case d.Curve != Logit && !(d.Intercept > 0) || math.IsInf(d.Intercept, 0) || math.IsNaN(d.Intercept):
			return wrong("intercept", "%g, want above 0", d.Intercept)
		case d.Curve == Logit && !(d.Most > 0 && d.Most <= 1):
			return wrong("max_conversion", "%g, want above 0 and at most 1", d.Most)
		}
	}
	return nil
}

// checkRest checks everything else.
func (sc *Scenario) checkRest() error {
	m, l := sc.Mispriced, sc.Rails
	for _, n := range [...]struct {
		name      string
		v, lo, hi float64
	}{
		{"mispriced.share", m.Share, 0, 1},
		{"mispriced.from", m.From, -0.95, 10},
		{"mispriced.to", m.To, -0.95, 10},
		{"dispersion", sc.Dispersion, 0, 1e6},
		{"salvage", sc.Salvage, 0, 1},
		{"margin", l.Margin, 0, 10},
		{"floor", float64(l.Floor), 0, maxTicks},
		{"ceiling", float64(l.Ceiling), 0, maxTicks},
		{"ceiling_share", l.CeilingOf, 0.01, 100},
		{"max_step", l.MaxStep, 0, 1},
		{"dwell_hours", l.DwellHours, 0, 24 * maxDays},
		{"deadband", l.Deadband, 0, 1},
		{"rounding.step", float64(l.Rounding.Step), 0, maxTicks},
	} {
		if !(n.v >= n.lo && n.v <= n.hi) {
			return wrong(n.name, "%g, want %g to %g", n.v, n.lo, n.hi)
		}
	}
	if m.From > m.To {
		return wrong("mispriced.to", "%g is below from, %g", m.To, m.From)
	}
	for w, name := range [...]string{"season", "traffic_season"} {
		week := [...][7]float64{sc.Season, sc.Visits}[w]
		for day, f := range week {
			if week != ([7]float64{}) && !(f > 0 && f <= 100) {
				return wrong(fmt.Sprintf("%s[%d]", name, day), "%g, want above 0 and at most 100", f)
			}
		}
	}
	if sc.Stock.set() && sc.StockOf.set() {
		return wrong("stock_share", "given beside stock")
	}
	in := guard.Input{Limits: guard.Limits{Rounding: l.Rounding}}
	if err := in.Check(); err != nil {
		return wrong("rounding", "%v", err)
	}
	return sc.checkPhases()
}

func (sc *Scenario) checkPhases() error {
	last := -1
	for i, p := range sc.Phases {
		at := fmt.Sprintf("phases[%d].", i)
		switch {
		case p.Day <= last || p.Day >= sc.Days:
			return wrong(at+"day", "%d, want above %d and below the days, %d", p.Day, last, sc.Days)
		case p.Ramp < 0 || p.Ramp > sc.Days:
			return wrong(at+"ramp_days", "%d, want 0 to the days, %d", p.Ramp, sc.Days)
		case sc.Demand.Explicit && p.Elasticity+p.ElasticityFactor != 0:
			return wrong(at+"elasticity", "the curve is given by slope and intercept: a phase can change its level")
		case p.Elasticity != 0 && p.ElasticityFactor != 0:
			return wrong(at+"elasticity_factor", "given beside elasticity")
		}
		last = p.Day
		for _, f := range [...]struct {
			name  string
			v, hi float64
		}{
			{"level", p.Level, 100},
			{"traffic", p.Traffic, 1000},
			{"elasticity", p.Elasticity, 20},
			{"elasticity_factor", p.ElasticityFactor, 20},
			{"cost_factor", p.CostFactor, 20},
		} {
			if !(f.v >= 0 && f.v <= f.hi) {
				return wrong(at+f.name, "%g, want above 0 and at most %g", f.v, f.hi)
			}
		}
	}
	return nil
}

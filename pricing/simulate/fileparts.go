package simulate

import (
	"encoding/json"
	"fmt"
	"math"

	"beckon/pricing/guard"
)

// demand reads the curve: "demand" is an object, or the name of the curve with its parameters beside it or in "parameters".
// reference is the price that the parameters hold at, where it is not the scenario's own.
func (o object) demand(per float64) (d Demand, reference Range) {
	at := o
	if raw, name := o.take("demand"); raw != nil {
		switch raw[0] {
		case '{':
			at = newObject(o.path+name+".", raw, o.err)
			defer at.end()
		default:
			var kind string
			if json.Unmarshal(raw, &kind) != nil {
				o.fail(name, "want an object or the name of a curve")
			}
			o.fields["curve"] = raw
		}
	}
	d.Curve = at.text("curve", "type", "kind")
	if raw, name := at.take("parameters", "params"); raw != nil {
		at = newObject(at.path+name+".", raw, o.err)
		defer at.end()
	}
	if d.Curve == "" {
		d.Curve = Isoelastic
	}
	d.Elasticity, d.Conversion = at.span("elasticity", "epsilon"), at.span("conversion", "base_conversion")
	d.Shift = at.orNothing("elasticity_shift")
	reference = at.span("reference_price").times(per)
	d.Most = at.number(0, "max_conversion")
	_, slope := at.fields["slope"]
	_, rate := at.fields["rate"]
	_, b := at.fields["b"]
	if slope || rate || b {
		d.Explicit = true
		d.Slope = at.above("slope", "rate", "b") / per
		d.Intercept = at.number(0, "intercept", "scale", "a")
		for _, r := range []struct {
			name string
			Range
		}{{"elasticity", d.Elasticity}, {"conversion", d.Conversion}} {
			if r.set() {
				at.fail(r.name, "given beside a slope, which says it already")
			}
		}
	} else if !d.Conversion.set() {
		d.Conversion = Exactly(0.03)
	}
	if d.Curve == Logit && d.Most == 0 {
		d.Most = 1
		if !d.Explicit {
			d.Most = min(1, 4*d.Conversion.Hi)
		}
	}
	return d, reference
}

// mispriced is a number, by which every item starts off its reference price, or {"share","from","to","direction"}.
func (o object) mispriced() Mispriced {
	raw, name := o.take("mispriced")
	switch {
	case raw == nil:
		return Mispriced{}
	case raw[0] != '{':
		by := o.parse(name, raw)
		return Mispriced{Share: 1, From: by, To: by, Direction: 1}
	}
	in := newObject(o.path+name+".", raw, o.err)
	defer in.end()
	m := Mispriced{Share: in.number(1, "share")}
	if by := in.number(0, "by"); by != 0 {
		m.From, m.To = by, by
	} else {
		m.From = in.number(0, "from")
		m.To = in.number(m.From, "to")
	}
	switch side := in.text("direction"); side {
	case "", "both":
	case "up":
		m.Direction = 1
	case "down":
		m.Direction = -1
	default:
		in.fail("direction", "%q is not one of up, down, both", side)
	}
	return m
}

// phases reads the list of changes.
func (o object) phases() []Phase {
	raw, name := o.take("phases")
	if raw == nil {
		return nil
	}
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil || len(elements) > maxDays {
		o.fail(name, "want an array of up to %d objects", maxDays)
		return nil
	}
	out := make([]Phase, 0, len(elements))
	for i, e := range elements {
		in := newObject(fmt.Sprintf("%s%s[%d].", o.path, name, i), e, o.err)
		out = append(out, Phase{
			Day: in.whole(0, "day", "from_day"), Ramp: in.whole(0, "ramp_days"),
			Level: in.above("level"), Traffic: in.above("traffic"),
			Elasticity: in.above("elasticity"), ElasticityFactor: in.above("elasticity_factor"), CostFactor: in.above("cost_factor"),
		})
		in.end()
	}
	return out
}

// week is seven factors, Monday first, or an object of mon to sun, where a day that is missing has 1.
func (o object) week(names ...string) (week [7]float64) {
	raw, name := o.take(names...)
	switch {
	case raw == nil:
	case raw[0] == '{':
		in := newObject(o.path+name+".", raw, o.err)
		for d, day := range [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
			week[d] = in.number(1, day)
		}
		in.end()
	default:
		copy(week[:], o.list(name, raw, 7))
	}
	return week
}

// rails reads the guardrails.
func (o object) rails(per float64) Rails {
	r := defaultRails()
	r.Margin = o.number(r.Margin, "margin")
	r.Floor = o.ticks(per, "floor")
	r.Ceiling = o.ticks(per, "ceiling")
	r.CeilingOf = o.number(r.CeilingOf, "ceiling_share")
	r.MaxStep = o.number(r.MaxStep, "max_step")
	r.DwellHours = o.number(r.DwellHours, "dwell_hours")
	r.Deadband = o.number(r.Deadband, "deadband")
	if raw, name := o.take("rounding"); raw != nil {
		in := newObject(o.path+name+".", raw, o.err)
		r.Rounding = guard.Rounding{Step: in.ticks(per, "step"), Ending: in.ticks(per, "ending")}
		in.end()
	}
	return r
}

// ticks is an amount.
func (o object) ticks(per float64, name string) int64 {
	t := math.Round(o.number(0, name) * per)
	if !(t >= 0 && t <= maxTicks) {
		o.fail(name, "%g, want 0 to %g", t/per, maxTicks/per)
		return 0
	}
	return int64(t)
}

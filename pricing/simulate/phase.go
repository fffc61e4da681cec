package simulate

// state is what the phases have made of an item's truth on a day.
type state struct {
	elasticity, conversion float64
	level, traffic, cost   float64 // factors on the start's
}

// stateAt is the state on a day of an item that began with this elasticity and conversion. A phase with a ramp moves there in equal
// steps; the cost changes at once.
func (sc *Scenario) stateAt(day int, elasticity, conversion float64) state {
	s := state{elasticity: elasticity, conversion: conversion, level: 1, traffic: 1, cost: 1}
	for i := range sc.Phases {
		p := &sc.Phases[i]
		if day < p.Day {
			break
		}
		share := 1.0
		if p.Ramp > 0 {
			share = min(1, float64(day-p.Day+1)/float64(p.Ramp))
		}
		towards := func(now *float64, to float64) {
			if to > 0 {
				*now += share * (to - *now)
			}
		}
		towards(&s.level, p.Level)
		towards(&s.traffic, p.Traffic)
		towards(&s.elasticity, p.Elasticity)
		towards(&s.elasticity, p.ElasticityFactor*elasticity)
		if p.CostFactor > 0 {
			s.cost = p.CostFactor
		}
	}
	return s
}

// curve is the item's demand in that state.
func (d *Demand) curve(reference int64, s state) curve {
	if d.Explicit {
		c := curve{kind: d.Curve, a: d.Intercept, b: d.Slope, m: d.Most, reference: float64(reference)}
		return c.times(s.level)
	}
	return newCurve(d.Curve, float64(reference), s.conversion, s.elasticity, d.Most).times(s.level)
}

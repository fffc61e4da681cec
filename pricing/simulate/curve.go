package simulate

import "math"

// Kinds of demand curves: how the share of views that buy falls with the price.
const (
	Isoelastic  = "isoelastic"  // conversion · (p/ref)^-elasticity
	Logit       = "logit"       // max_conversion / (1 + e^(slope·p - intercept))
	Linear      = "linear"      // intercept - slope·p, never below 0
	Exponential = "exponential" // scale · e^(-rate·p)
)

// curve is one item's conversion at a price, ready to be evaluated. What a, b and m are depends on the kind.
type curve struct {
	kind      string
	a, b, m   float64
	reference float64
}

// newCurve makes the curve of that kind that has this conversion and this local elasticity -dlnD/dlnp at the reference price. most is
// what a logit curve approaches at a price of 0.
func newCurve(kind string, reference, conversion, elasticity, most float64) curve {
	c := curve{kind: kind, reference: reference}
	switch kind {
	case Logit:
		share := conversion / most
		c.m = most
		c.b = elasticity / (reference * (1 - share))
		c.a = math.Log(share/(1-share)) + c.b*reference
	case Linear:
		c.a = conversion * (1 + elasticity)
		c.b = conversion * elasticity / reference
	case Exponential:
		c.a = conversion * math.Exp(elasticity)
		c.b = elasticity / reference
	default:
		c.a, c.b = conversion, elasticity
	}
	return c
}

// conversion is the expected pieces per view at a price, 0 to 1.
func (c *curve) conversion(price float64) float64 {
	var q float64
	switch c.kind {
	case Logit:
		q = c.m / (1 + math.Exp(c.b*price-c.a))
	case Linear:
		q = c.a - c.b*price
	case Exponential:
		q = c.a * math.Exp(-c.b*price)
	default:
		q = c.a * math.Pow(price/c.reference, -c.b)
	}
	return min(max(q, 0), 1)
}

// times is the curve with every conversion multiplied by level.
func (c curve) times(level float64) curve {
	switch c.kind {
	case Logit:
		c.m *= level
	case Linear:
		c.a, c.b = c.a*level, c.b*level
	default:
		c.a *= level
	}
	return c
}

// best is the price within [floor, ceiling] that earns most per view when a piece costs cost. On all four kinds the profit has one peak
// (demand is log-concave, or isoelastic), so that a golden-section search finds it; the neighbours decide the last unit.
func (c *curve) best(cost float64, floor, ceiling int64) int64 {
	if floor >= ceiling {
		return floor
	}
	profit := func(p float64) float64 { return (p - cost) * c.conversion(p) }
	const golden = 0.6180339887498949
	lo, hi := float64(floor), float64(ceiling)
	a, b := hi-golden*(hi-lo), lo+golden*(hi-lo)
	fa, fb := profit(a), profit(b)
	for hi-lo > 0.25 {
		if fa >= fb {
			hi, b, fb = b, a, fa
			a = hi - golden*(hi-lo)
			fa = profit(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + golden*(hi-lo)
			fb = profit(b)
		}
	}
	middle := int64(math.Round((lo + hi) / 2))
	best, most := floor, profit(float64(floor))
	for _, p := range [...]int64{middle - 1, middle, middle + 1, ceiling} {
		if p < floor || p > ceiling {
			continue
		}
		if f := profit(float64(p)); f > most {
			best, most = p, f
		}
	}
	return best
}

// at is the price within [floor, ceiling] at which conversion falls to want.
func (c *curve) at(want float64, floor, ceiling int64) int64 {
	for floor < ceiling {
		middle := floor + (ceiling-floor)/2
		if c.conversion(float64(middle)) <= want {
			ceiling = middle
		} else {
			floor = middle + 1
		}
	}
	return floor
}

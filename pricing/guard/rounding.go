package guard

import (
	"fmt"
	"strings"
)

// Rounding wants prices of one ending: k·Step+Ending minor units. {100, 99} is x.99 of a currency with cents, {1000, 990} is x.990 of
// the dinar, {100, 80} is x80 yen, {5, 0} is cash in steps of 0.05. A Step of 0 or 1 wants none.
type Rounding struct {
	Step   int64 `json:"step,omitzero"`
	Ending int64 `json:"ending,omitzero"` // 0 to Step-1
}

// ParseRounding reads a pattern as shops write it for a currency with decimals (0, 2 or 3) after the point: x stands for any digits, what
// follows it is kept. "x.99" is {100, 99}, "x9.95" {1000, 995}, "x.x5" {10, 5}, "x80" of yen {100, 80}; "" is none.
func ParseRounding(pattern string, decimals int) (Rounding, error) {
	if pattern == "" {
		return Rounding{}, nil
	}
	wrong := func(why string) (Rounding, error) {
		return Rounding{}, fmt.Errorf("rounding %q: %s", pattern, why)
	}
	whole, fraction, point := strings.Cut(pattern, ".")
	if decimals == 0 && point {
		return wrong("this currency has no decimals")
	}
	if decimals > 0 && len(fraction) != decimals {
		return wrong(fmt.Sprintf("this currency has %d decimals", decimals))
	}
	kept := strings.TrimLeft(whole+fraction, "x")
	if !strings.HasPrefix(whole, "x") {
		return wrong("it begins with x, which stands for any digits")
	}
	if len(kept) > 9 {
		return wrong("more than 9 digits")
	}
	r := Rounding{Step: 1}
	for _, d := range []byte(kept) {
		if d < '0' || d > '9' {
			return wrong("digits follow the x, and nothing else")
		}
		r.Step *= 10
		r.Ending = r.Ending*10 + int64(d-'0')
	}
	return r, nil
}

// has says whether amount has the ending.
func (r Rounding) has(amount int64) bool { return r.Step <= 1 || amount%r.Step == r.Ending }

// nearest is the price of the ending nearest to amount within [lo, hi], which holds amount; the lower of two as near. lo is above 0.
func (r Rounding) nearest(amount, lo, hi int64) (price int64, ok bool) {
	if r.has(amount) {
		return amount, true
	}
	below := amount - (amount-r.Ending)%r.Step
	if amount < r.Ending {
		below = r.Ending - r.Step
	}
	above := below + r.Step
	switch {
	case below >= lo && (above > hi || amount-below <= above-amount):
		return below, true
	case above <= hi:
		return above, true
	}
	return 0, false
}

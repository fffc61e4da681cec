package guard

import (
	"errors"
	"fmt"
	"math"
)

// Bounds of an input. What is beyond them is no limit and no price: Apply freezes the item instead of calculating with it.
const (
	MaxAmount   = 1_000_000_000_000 // minor units
	MaxTime     = 1 << 50           // Unix ms
	MaxFraction = 100               // of Margin, MaxStep and Deadband
)

// Input is everything a guardrail may look at. Amounts are minor units of one currency, times Unix ms; 0 is an absent one.
type Input struct {
	Current    int64  `json:"current"`     // the public price in force, 0: none yet
	Proposed   int64  `json:"proposed"`    // 0: nothing is proposed, the limits alone are applied
	Now        int64  `json:"now"`         // the log's clock
	LastChange int64  `json:"last_change"` // when Current came into force, 0: never changed
	Limits     Limits `json:"limits"`
}

// Limits are an item's guardrails. The zero value limits nothing.
type Limits struct {
	Frozen bool `json:"frozen,omitzero"` // this item's price stays
	Kill   bool `json:"kill,omitzero"`   // all prices of the site stay

	MAP     int64   `json:"map,omitzero"`     // minimum advertised or legal price
	Cost    int64   `json:"cost,omitzero"`    // what a piece costs the shop
	Margin  float64 `json:"margin,omitzero"`  // fraction of Cost that a price must bring on top of it, 0.05 is 5 %
	Floor   int64   `json:"floor,omitzero"`   // the shop's minimum
	Ceiling int64   `json:"ceiling,omitzero"` // 0: none

	MaxStep  float64 `json:"max_step,omitzero"` // largest change as a fraction of Current, 0: any
	Dwell    int64   `json:"dwell,omitzero"`    // ms that a price stays at least
	Deadband float64 `json:"deadband,omitzero"` // smallest change as a fraction of Current

	Rounding Rounding `json:"rounding,omitzero"`
}

// Hard is l without what only an algorithm is held to: the largest step, dwell, deadband and rounding. It is what guards a price that
// a person sets.
func (l Limits) Hard() Limits {
	l.MaxStep, l.Dwell, l.Deadband, l.Rounding = 0, 0, 0, Rounding{}
	return l
}

// ErrInput is wrapped by what Check says.
var ErrInput = errors.New("guard: no price and no limit")

// Check says which field is outside its bounds.
func (in *Input) Check() error {
	l := &in.Limits
	for _, a := range [...]struct {
		name      string
		v, atMost int64
	}{
		{"current", in.Current, MaxAmount},
		{"proposed", in.Proposed, MaxAmount},
		{"now", in.Now, MaxTime},
		{"last_change", in.LastChange, MaxTime},
		{"map", l.MAP, MaxAmount},
		{"cost", l.Cost, MaxAmount},
		{"floor", l.Floor, MaxAmount},
		{"ceiling", l.Ceiling, MaxAmount},
		{"dwell", l.Dwell, MaxTime},
		{"rounding.step", l.Rounding.Step, MaxAmount},
	} {
		if a.v < 0 || a.v > a.atMost {
			return fmt.Errorf("%w: %s is %d, want 0 to %d", ErrInput, a.name, a.v, a.atMost)
		}
	}
	for _, f := range [...]struct {
		name string
		v    float64
	}{{"margin", l.Margin}, {"max_step", l.MaxStep}, {"deadband", l.Deadband}} {
		if !(f.v >= 0 && f.v <= MaxFraction) {
			return fmt.Errorf("%w: %s is %g, want 0 to %d", ErrInput, f.name, f.v, MaxFraction)
		}
	}
	if r := l.Rounding; r.Ending < 0 || r.Ending > 0 && r.Ending >= r.Step {
		return fmt.Errorf("%w: rounding.ending is %d, want 0 to below the step, %d", ErrInput, r.Ending, r.Step)
	}
	return nil
}

// millionths is the fraction as the guardrails calculate with it; 0.05 is 50,000. math.Round of one product is the same everywhere.
func millionths(fraction float64) uint64 { return uint64(math.Round(fraction * 1e6)) }

package pricing

import (
	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// Mode says what the engine may do with an item.
type Mode string

const (
	ModeOff     Mode = "off"     // nothing: the price is the shop's. Demand is not learned either
	ModeSuggest Mode = "suggest" // it proposes, a person publishes
	ModeAuto    Mode = "auto"    // it publishes within the guardrails
)

// Settings are what a person sets for a site, a category or an item. A nil field is not set there: it comes from the next wider
// scope, and in the end from Defaults. Fractions are of 1: 0.05 is 5 %.
type Settings struct {
	Mode     *Mode           `json:"mode,omitzero"`
	Margin   *float64        `json:"margin,omitzero"`   // fraction of the cost, 0-10
	MaxStep  *float64        `json:"max_step,omitzero"` // largest change, fraction of the price, 0-1; 0: any
	Dwell    *int64          `json:"dwell_ms,omitzero"` // ms a price stays at least, 0 to 90 days
	Deadband *float64        `json:"deadband,omitzero"` // smallest change, fraction of the price, 0-1
	Rounding *guard.Rounding `json:"rounding,omitzero"` // prices of the base market end like this
	MAP      *int64          `json:"map,omitzero"`      // minimum advertised or legal price, minor units; of an item only. 0 takes it away
	Slot     *int64          `json:"slot_ms,omitzero"`  // length of one observation, ms, a minute to 7 days

	PBetter *float64 `json:"p_better,omitzero"` // move only if the new price is better with this probability, 0.5-0.999
	MinGain *float64 `json:"min_gain,omitzero"` // … and promises this fraction of profit more, 0-1
	Explore *float64 `json:"explore,omitzero"`  // exploration budget, fraction of expected profit, 0-0.2; 0 explores never

	Competitors *bool    `json:"competitors,omitzero"`      // whether competitors' prices clamp proposals
	Fresh       *int64   `json:"competitor_ms,omitzero"`    // how long a competitor's price is fresh, ms, a minute to 30 days
	Above       *float64 `json:"competitor_above,omitzero"` // how far above their median a proposal may be, 0-1

	SellBy  *int64 `json:"sell_by,omitzero"` // clearance: Unix ms by which the stock is to be sold, 0: none; of a category or item
	Salvage *int64 `json:"salvage,omitzero"` // clearance: what a piece is worth after that, minor units; of an item only

	Breaker *float64 `json:"breaker,omitzero"` // largest movement of the whole catalog in a day, fraction of its value, 0-1; of a site only
}

// Effective are settings with every field decided.
type Effective struct {
	Mode        Mode           `json:"mode"`
	Margin      float64        `json:"margin"`
	MaxStep     float64        `json:"max_step"`
	Dwell       int64          `json:"dwell_ms"`
	Deadband    float64        `json:"deadband"`
	Rounding    guard.Rounding `json:"rounding"`
	MAP         int64          `json:"map"`
	Slot        int64          `json:"slot_ms"`
	PBetter     float64        `json:"p_better"`
	MinGain     float64        `json:"min_gain"`
	Explore     float64        `json:"explore"`
	Competitors bool           `json:"competitors"`
	Fresh       int64          `json:"competitor_ms"`
	Above       float64        `json:"competitor_above"`
	SellBy      int64          `json:"sell_by"`
	Salvage     int64          `json:"salvage"`
}

const (
	minute = int64(60_000)
	day    = 24 * 60 * minute

	// DefaultBreaker is one largest step of the whole catalog: a lower one would stop a shop of few items for good.
	DefaultBreaker = 0.1
)

// Defaults are the settings of a site of which nothing was said: the engine is off. How it learns and chooses are policy's defaults.
func Defaults() Effective {
	p := policy.Defaults()
	return Effective{
		Mode: ModeOff, Margin: 0.05, MaxStep: p.MaxStep, Dwell: day, Deadband: p.Deadband, Slot: p.Slot,
		PBetter: p.PBetter, MinGain: p.Gain, Explore: p.Budget, Competitors: true, Fresh: p.CompetitorAge, Above: p.CompetitorAbove,
	}
}

// over lays what s sets over e.
func (s *Settings) over(e *Effective) {
	if s == nil {
		return
	}
	put(&e.Mode, s.Mode)
	put(&e.Margin, s.Margin)
	put(&e.MaxStep, s.MaxStep)
	put(&e.Dwell, s.Dwell)
	put(&e.Deadband, s.Deadband)
	put(&e.Rounding, s.Rounding)
	put(&e.MAP, s.MAP)
	put(&e.Slot, s.Slot)
	put(&e.PBetter, s.PBetter)
	put(&e.MinGain, s.MinGain)
	put(&e.Explore, s.Explore)
	put(&e.Competitors, s.Competitors)
	put(&e.Fresh, s.Fresh)
	put(&e.Above, s.Above)
	put(&e.SellBy, s.SellBy)
	put(&e.Salvage, s.Salvage)
}

func put[V any](to, from *V) {
	if from != nil {
		*to = *from
	}
}

// check names the first field that is outside its bounds or does not belong to the scope.
func (s *Settings) check(scope Scope) *Refusal {
	if s.Mode != nil && *s.Mode != ModeOff && *s.Mode != ModeSuggest && *s.Mode != ModeAuto {
		return refuse("bad_settings", "mode: %q is none of off, suggest, auto", *s.Mode)
	}
	for _, f := range [...]struct {
		name     string
		v        *float64
		min, max float64
	}{
		{"margin", s.Margin, 0, 10},
		{"max_step", s.MaxStep, 0, 1},
		{"deadband", s.Deadband, 0, 1},
		{"p_better", s.PBetter, 0.5, 0.999},
		{"min_gain", s.MinGain, 0, 1},
		{"explore", s.Explore, 0, 0.2},
		{"competitor_above", s.Above, 0, 1},
		{"breaker", s.Breaker, 0, 1},
	} {
		if f.v != nil && !(*f.v >= f.min && *f.v <= f.max) {
			return refuse("bad_settings", "%s: %g, want %g to %g", f.name, *f.v, f.min, f.max)
		}
	}
	for _, f := range [...]struct {
		name     string
		v        *int64
		min, max int64
	}{
		{"dwell_ms", s.Dwell, 0, 90 * day},
		{"slot_ms", s.Slot, minute, 7 * day},
		{"competitor_ms", s.Fresh, minute, 30 * day},
		{"map", s.MAP, 0, guard.MaxAmount},
		{"salvage", s.Salvage, 0, guard.MaxAmount},
		{"sell_by", s.SellBy, 0, guard.MaxTime},
	} {
		if f.v != nil && (*f.v < f.min || *f.v > f.max) {
			return refuse("bad_settings", "%s: %d, want %d to %d", f.name, *f.v, f.min, f.max)
		}
	}
	if r := s.Rounding; r != nil && (r.Step < 0 || r.Step > guard.MaxAmount || r.Ending < 0 || r.Ending > 0 && r.Ending >= r.Step) {
		return refuse("bad_settings", "rounding: a step of 0 or more and an ending from 0 to below it are wanted")
	}
	return s.checkScope(scope)
}

func (s *Settings) checkScope(scope Scope) *Refusal {
	for _, f := range [...]struct {
		name string
		set  bool
		ok   bool
	}{
		{"map", s.MAP != nil, scope == ScopeItem},
		{"salvage", s.Salvage != nil, scope == ScopeItem},
		{"sell_by", s.SellBy != nil, scope != ScopeSite},
		{"breaker", s.Breaker != nil, scope == ScopeSite},
	} {
		if f.set && !f.ok {
			return refuse("bad_settings", "%s: cannot be set for a %s", f.name, scope)
		}
	}
	return nil
}

// Scope is what a setting or a freeze is about.
type Scope string

const (
	ScopeItem     Scope = "item"
	ScopeCategory Scope = "category"
	ScopeSite     Scope = "site"
	ScopeAll      Scope = "all" // freezes only: every site of the installation
)

// Target names what a setting or freeze is about: a scope and, within a site, the category's name or the item's id.
type Target struct {
	Scope Scope  `json:"scope"`
	Key   string `json:"key,omitempty"`
}

const maxKey = 256 // bytes of a category's name or an item's id

func (t Target) check() *Refusal {
	switch t.Scope {
	case ScopeItem, ScopeCategory:
		if t.Key == "" || len(t.Key) > maxKey {
			return refuse("bad_scope", "key: the %s's name is needed, at most %d bytes", t.Scope, maxKey)
		}
	case ScopeSite:
		if t.Key != "" {
			return refuse("bad_scope", "key: none is taken for a site")
		}
	default:
		return refuse("bad_scope", "scope: %q is none of site, category, item", t.Scope)
	}
	return nil
}

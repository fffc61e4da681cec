package guard

// The rules, as a trace and Violation name them.
const (
	RuleKill     = "kill"
	RuleFreeze   = "freeze"
	RuleMAP      = "map"
	RuleFloor    = "floor"
	RuleCeiling  = "ceiling"
	RuleStep     = "step"
	RuleDwell    = "dwell"
	RuleDeadband = "deadband"
	RuleEdge     = "edge"
	RuleRounding = "rounding"
	RuleHard     = "hard"  // floor, minimum and ceiling after rounding
	RuleInput    = "input" // the limits are none, or leave no price
)

// What a person is told. Alerts are about a price or limits that someone has to look at, not about a proposal that was cut.
const (
	AlertBelowMAP      = "below_map"      // the price in force was below the minimum advertised price
	AlertBelowFloor    = "below_floor"    // … below cost and margin, or the shop's minimum
	AlertAboveCeiling  = "above_ceiling"  // … above the ceiling
	AlertFrozenOutside = "frozen_outside" // … outside a hard limit, and frozen there
	AlertInfeasible    = "infeasible"     // the limits leave no price: the item is to be frozen
	AlertBadInput      = "bad_input"      // a limit is none (Input.Check says which): the item is to be frozen
)

// Verdict is what may be published.
type Verdict struct {
	Price      int64  `json:"price"`         // minor units; Current where nothing may change, 0 only where there is no price at all
	Moved      bool   `json:"moved"`         // Price is not Current
	Edge       bool   `json:"edge,omitzero"` // step, dwell or deadband were broken to leave what a hard limit forbids
	Alert      string `json:"alert,omitzero"`
	Infeasible bool   `json:"infeasible,omitzero"` // no price obeys the limits: freeze the item
	Trace      []Step `json:"trace"`
}

// Step is one rule's part in a verdict.
type Step struct {
	Rule   string `json:"rule"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
	Limit  int64  `json:"limit,omitzero"` // the amount or, for dwell, the Unix ms that the rule compared with, where it has one
}

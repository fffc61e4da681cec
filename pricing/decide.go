package pricing

import (
	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// Algorithm is the version of Decide, policy.Observe and the encoding of Input. It stands in every decision; it is raised when the same
// log would give other decisions.
const Algorithm = 1

// Input is everything a decision depends on. There is no field for a shopper. Amounts are minor units, times Unix ms.
type Input struct {
	At      int64 // the decision's time
	Site    string
	Item    string
	Market  string // "" is the base market, the only one that is learned
	Version uint64 // of the price in force
	// Revision is the place of the log that the rest comes from: the offset of the last record that changed any of it.
	Revision uint64
	Seed     uint64 // chance: the item's own number, the same at every call

	Ref        int64 // the shop's own list price when learning began; elasticity is stated at it
	Current    int64 // the price in force
	LastChange int64 // when it came into force
	Limits     guard.Limits

	State       *policy.State // what was learned; read only
	Pool        policy.Pool
	Stock       int64 // free pieces, Unset if not tracked
	SellBy      int64 // 0: no clearance
	Salvage     int64
	Competitors []policy.Competitor // fresh ones
	Explore     bool
	Params      policy.Params
}

// Decision is what Decide makes of an Input: the whole content of a price.decide record.
type Decision struct {
	Algorithm int             `json:"algorithm"`
	At        int64           `json:"at"`
	Item      string          `json:"item"`
	Market    string          `json:"market,omitempty"`
	Version   uint64          `json:"version"` // of the price it was made against
	Revision  uint64          `json:"revision"`
	Input     Hash            `json:"input"`
	Current   int64           `json:"current"`
	Proposal  policy.Proposal `json:"proposal"`
	Guard     []guard.Step    `json:"guard,omitempty"` // none where nothing was proposed and nothing forced
	Price     int64           `json:"price"`
	Publish   bool            `json:"publish"` // Price is not Current and may be published
	Reason    string          `json:"reason"`
	Alert     string          `json:"alert,omitempty"`
}

// ReasonEdge is the reason of a price that a hard limit moved.
const ReasonEdge = guard.RuleEdge

// Decide chooses a price: what policy proposes, through the guardrails. It is pure, and the same on every machine.
//
// Reason is the policy's where its price is the outcome, and the name of the guard's rule where that stopped or moved it.
func Decide(in Input) Decision {
	d := Decision{
		Algorithm: Algorithm, At: in.At, Item: in.Item, Market: in.Market, Version: in.Version, Revision: in.Revision,
		Input:   in.Hash(),
		Current: in.Current, Proposal: policy.Propose(in.policy()),
	}
	d.Reason = string(d.Proposal.Reason)
	proposed := in.Current
	if d.Proposal.Move {
		proposed = d.Proposal.Price
	}
	verdict := guard.Apply(in.guard(proposed))
	d.Guard, d.Price, d.Publish, d.Alert = verdict.Trace, verdict.Price, verdict.Moved, verdict.Alert
	switch {
	case verdict.Edge:
		d.Reason = ReasonEdge
	case !verdict.Moved && (d.Proposal.Move || verdict.Infeasible):
		d.Reason = stoppedBy(verdict.Trace, in.Current)
	case !verdict.Moved:
		d.Guard = nil // nothing was proposed and nothing forced: every step says the price in force
	}
	return d
}

// stoppedBy is the rule that brought a proposal back to the price in force.
func stoppedBy(trace []guard.Step, current int64) string {
	for _, s := range trace {
		if s.After == current && s.Before != current {
			return s.Rule
		}
	}
	return guard.RuleInput
}

func (in *Input) policy() policy.Input {
	lo, hi := in.Limits.Window()
	if hi == guard.MaxAmount {
		hi = 0
	}
	return policy.Input{
		State: in.State, Pool: in.Pool, Ref: in.Ref, Current: in.Current, Cost: in.Limits.Cost, Floor: lo, Ceiling: hi,
		Stock: in.Stock, SellBy: in.SellBy, Salvage: in.Salvage, Competitors: in.Competitors,
		Now: in.At, Seed: in.Seed, Explore: in.Explore, Params: in.Params,
	}
}

func (in *Input) guard(proposed int64) guard.Input {
	return guard.Input{Current: in.Current, Proposed: proposed, Now: in.At, LastChange: in.LastChange, Limits: in.Limits}
}

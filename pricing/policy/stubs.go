package policy

// Observe adds one slot to the state.
func Observe(st *State, o Observation, p Params) {}

// Estimate re-estimates a category's prior from its items, in their order.
func Estimate(members []Member, p Params) Pool { return Pool{} }

// Propose chooses a price.
func Propose(in Input) Proposal { return Proposal{Price: in.Current, Reason: Hold} }

// Curve gives the demand curve of the input's item at n prices from lowest to highest.
func Curve(in Input, from, to int64, n int) []Point { return nil }

package policy

// Pool is what a category's items say about one another: the prior of each. The zero Pool stands for
// Params.PriorMean, PriorSD and Right.
type Pool struct {
	Mean  float64 `json:"mean,omitempty"`  // elasticity
	SD    float64 `json:"sd,omitempty"`    // spread of elasticities between items, at least 0.25
	Right float64 `json:"right,omitempty"` // share of items whose price fits their elasticity
	Items int     `json:"items,omitempty"` // items it was estimated from
}

// Member is one item of a category. State is only read.
type Member struct {
	State *State
	Ref   int64 // the shop's own price, minor units
	Cost  int64 // unit cost, minor units; 0 unknown
}

package policy

// State is what has been learned of one item. The zero State knows nothing.
// It is plain JSON, about a kilobyte, and reads back to the same bits.
type State struct {
	Bins    []Bin   `json:"bins,omitempty"`
	Last    int64   `json:"last,omitempty"`    // start of the latest slot seen, Unix ms
	Slots   float64 `json:"slots,omitempty"`   // clean slots that had views
	Views   float64 `json:"views,omitempty"`   // running mean of a slot's views
	Up      float64 `json:"up,omitempty"`      // CUSUM of demand above what was expected
	Down    float64 `json:"down,omitempty"`    // CUSUM of demand below it
	Spread  float64 `json:"spread,omitempty"`  // running mean of squared residuals; 1 under Poisson noise
	Changes int     `json:"changes,omitempty"` // shifts found so far
	Changed int64   `json:"changed,omitempty"` // slot of the latest shift, Unix ms
}

// Bin is what was seen at one price, or at prices too close to be kept apart.
type Bin struct {
	Price    float64 `json:"p"`           // minor units, mean weighted by exposure
	Exposure float64 `json:"x"`           // views times season, faded by age
	Units    float64 `json:"y"`           // units sold, faded alike
	Before   bool    `json:"b,omitempty"` // seen before the latest shift: its level says nothing of today's
}

// Observation is one closed slot of one item in its base market.
type Observation struct {
	Slot   int64   `json:"slot"`            // start, Unix ms
	Price  int64   `json:"price"`           // in force for the whole slot, minor units
	Views  float64 `json:"views"`           // item views in the slot, bots left out
	Units  float64 `json:"units"`           // units sold in the slot
	Season float64 `json:"season"`          // expected conversion relative to an average slot; 0 means 1
	Clean  bool    `json:"clean,omitempty"` // in stock, free of offers, one price: only such slots teach
}

// weight is what a unit sold counts for: less than one where demand is noisier than Poisson.
func (st *State) weight() float64 {
	if st.Spread <= 1.5 {
		return 1
	}
	return 1 / (st.Spread - 0.5)
}

// sound says whether the state is one that Observe can have made: finite, no negative counts, bins in order.
func (st *State) sound() bool {
	if len(st.Bins) > mostBins+mostBefore+1 || !(st.Slots >= 0) || !(st.Views >= 0) ||
		st.Views > mostCount || st.Slots > mostCount || !(st.Spread >= 0) || st.Spread > mostCount {
		return false
	}
	for i := range st.Bins {
		b := &st.Bins[i]
		if !(b.Price > 0) || !(b.Exposure > 0) || !(b.Units >= 0) || b.Price > mostCount || b.Exposure > mostCount || b.Units > mostCount {
			return false
		}
	}
	return true
}

// mostCount bounds every amount learned from, so that sums and squares stay finite.
const mostCount = 1e15

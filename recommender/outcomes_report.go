package recommender

// Outcome is how a kind of recommendation does at a placement: Shown and Taken fade as the weights' own counters do, so they are about
// the newest 20,000 items of the placement.
type Outcome struct {
	Placement, Kind string
	Shown, Taken    float64
	Weight          float64 // what the kind counts for there now
	Start           float64 // what it began with
}

// Outcomes is what became of what was shown at a site, placements and kinds in their own order. Those that were never shown are left out.
func (e *Engine) Outcomes(site string) []Outcome {
	f := e.outcomes
	f.mu.RLock()
	defer f.mu.RUnlock()
	u := f.sites[site]
	if u == nil {
		return nil
	}
	var list []Outcome
	for at := range placements {
		weights := u.weights(at)
		for source := range sources {
			if u.shown[at][source] < 0.5 { // faded away
				continue
			}
			list = append(list, Outcome{
				Placement: placements[at].name, Kind: sourceKinds[source], Shown: u.shown[at][source], Taken: u.taken[at][source],
				Weight: float64(weights[source]), Start: float64(placements[at].weights[source]),
			})
		}
	}
	return list
}

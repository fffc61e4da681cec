package main

import (
	"beckon/recommender/drift"
)

// When the share of shown recommendations that is taken has fallen enough to tell a merchandiser: by driftFall of what it was, over
// driftLeast answers since.
const (
	driftFall  = 0.15
	driftLeast = 1000
)

// drift is where shoppers take clearly fewer recommendations than before. One alert a placement, called by its name.
func (f *finding) drift() {
	report := f.n.drift.Report(f.site.ID)
	for _, s := range report.Placements {
		if !fallen(&s) {
			continue
		}
		f.total["recommendations"]++
		f.alerts = append(f.alerts, alert{
			Kind: "recommendations", Title: s.Name, Severity: warning, Since: s.At,
			Numbers: map[string]float64{"taken": round(s.Share), "taken_before": round(s.From), "shown": float64(s.N)},
			Do:      "Shoppers take fewer of the recommendations shown here: see what changed at that time, new items, a rule, prices or the page itself.",
		})
	}
}

func fallen(s *drift.Stream) bool {
	return s.Changed && s.N >= driftLeast && s.Share < s.From*(1-driftFall)
}

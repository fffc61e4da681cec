package simulate

import "slices"

// worstSeeds is how many seeds a Loss names.
const worstSeeds = 5

// report adds up the outcomes, scenario by scenario and seed by seed, always in the same order.
func (r *run) report() *Report {
	rep := &Report{
		Seeds: r.cfg.Seeds, First: r.cfg.First, Results: []Result{}, Losing: []Loss{},
		Scenarios: r.cfg.Scenarios, Policies: r.cfg.Policies,
	}
	fixed, best := slices.Index(r.cfg.Policies, Fixed), slices.Index(r.cfg.Policies, Clairvoyant)
	for s := range r.cfg.Scenarios {
		cells := r.cells[s]
		for p := range cells {
			res := r.result(s, cells[p], cells[fixed], cells[best])
			res.Policy = r.cfg.Policies[p]
			rep.Violations += res.Violations
			rep.Results = append(rep.Results, res)
		}
		rep.Losing = append(rep.Losing, r.losses(s)...)
		rep.Plots = append(rep.Plots, r.plot(s, fixed))
	}
	return rep
}

func (r *run) result(s int, of, fixed, best cell) Result {
	sc := &r.cfg.Scenarios[s]
	res := Result{Name: sc.Name}
	profits, revenues := make([]float64, 0, len(of)), make([]float64, 0, len(of))
	var earned, possible float64
	changes := 0
	for n := range of {
		profits = append(profits, uplift(of[n].profit, fixed[n].profit))
		revenues = append(revenues, uplift(of[n].revenue, fixed[n].revenue))
		earned += float64(of[n].profit)
		possible += float64(best[n].profit)
		changes += of[n].changes
		res.Violations += of[n].violations
	}
	res.ProfitUplift, res.RevenueUplift = spread(profits), spread(revenues)
	if possible != 0 {
		res.Regret = (possible - earned) / max(possible, -possible)
	}
	res.Changes = float64(changes) / float64(len(of)*sc.Items)
	return res
}

// losses lists beckon against fixed and against the greedy policies.
func (r *run) losses(s int) []Loss {
	ours := slices.Index(r.cfg.Policies, Beckon)
	if ours < 0 {
		return nil
	}
	var out []Loss
	for p, name := range r.cfg.Policies {
		if name == Fixed || name == Greedy || name == GreedyPooled {
			if l := r.loss(s, ours, p); len(l.Worst) > 0 {
				out = append(out, l)
			}
		}
	}
	return out
}

func (r *run) loss(s, ours, other int) Loss {
	l := Loss{Name: r.cfg.Scenarios[s].Name, Policy: r.cfg.Policies[ours], Against: r.cfg.Policies[other], Worst: []Seed{}}
	for n := range r.cfg.Seeds {
		mine, theirs := r.cells[s][ours][n].profit, r.cells[s][other][n].profit
		up := uplift(mine, theirs)
		l.Mean += up / float64(r.cfg.Seeds)
		if mine < theirs {
			l.Worst = append(l.Worst, Seed{Seed: r.cfg.First + uint64(n), Uplift: up, Profit: mine, Other: theirs})
		}
	}
	l.Share = float64(len(l.Worst)) / float64(r.cfg.Seeds)
	l.Average = l.Mean < 0
	slices.SortStableFunc(l.Worst, func(a, b Seed) int {
		switch {
		case a.Uplift < b.Uplift:
			return -1
		case a.Uplift > b.Uplift:
			return 1
		}
		return 0
	})
	l.Worst = l.Worst[:min(worstSeeds, len(l.Worst))]
	return l
}

func (r *run) plot(s, fixed int) Plot {
	days := r.cfg.Scenarios[s].Days
	p := Plot{Examples: r.examples[s]}
	for d := range days {
		if isMark(d, days) {
			p.Days = append(p.Days, d+1)
		}
	}
	for _, of := range r.cells[s] {
		ups := make([]float64, len(of))
		for n := range of {
			ups[n] = uplift(of[n].profit, r.cells[s][fixed][n].profit)
		}
		slices.Sort(ups)
		p.Uplifts = append(p.Uplifts, ups)
		gain := make([]Spread, len(p.Days))
		values := make([]float64, len(of))
		for m := range gain {
			for n := range of {
				whole := r.cells[s][fixed][n]
				values[n] = uplift(of[n].cumulated[m]-whole.cumulated[m]+whole.profit, whole.profit)
			}
			gain[m] = spread(values)
		}
		p.Gain = append(p.Gain, gain)
	}
	return p
}

package simulate

import (
	"math"
	"slices"
)

// Report is what a run found. What is exported with a JSON name is what --json prints.
type Report struct {
	Violations int        `json:"violations"` // guardrails broken by prices published through the guard, over all runs: 0
	Seeds      int        `json:"seeds"`
	First      uint64     `json:"first_seed"`
	Results    []Result   `json:"scenarios"` // by scenario, then policy
	Losing     []Loss     `json:"losing"`
	Scenarios  []Scenario `json:"-"`
	Policies   []string   `json:"-"`
	Plots      []Plot     `json:"-"` // by scenario
}

// Result is one policy in one scenario, over all seeds.
type Result struct {
	Name          string  `json:"name"` // of the scenario
	Policy        string  `json:"policy"`
	ProfitUplift  Spread  `json:"profit_uplift"`  // against fixed in the same seed; 0.1 is 10 % more
	RevenueUplift Spread  `json:"revenue_uplift"` // likewise
	Regret        float64 `json:"regret"`         // 1 - profit / clairvoyant's, of the sums over all seeds
	Changes       float64 `json:"changes_per_item"`
	Violations    int     `json:"violations"`
}

// Spread is a distribution over seeds: quantiles by linear interpolation, and the mean.
type Spread struct {
	P5   float64 `json:"p5"`
	Mean float64 `json:"mean"`
	P95  float64 `json:"p95"`
}

// Loss says in how many seeds of a scenario a policy of ours earned less than another one did. Every pair with a seed lost is listed.
type Loss struct {
	Name    string  `json:"name"` // of the scenario
	Policy  string  `json:"policy"`
	Against string  `json:"against"`
	Share   float64 `json:"share"`   // of seeds lost
	Mean    float64 `json:"mean"`    // profit against the other's, over all seeds; below 0: it loses on the whole
	Average bool    `json:"average"` // it loses on the whole
	Worst   []Seed  `json:"worst"`   // the seeds lost by most
}

// Seed is one world and how much more than the other policy was earned there.
type Seed struct {
	Seed   uint64  `json:"seed"`
	Uplift float64 `json:"uplift"`
	Profit int64   `json:"profit"` // ticks
	Other  int64   `json:"other"`  // the other policy's, ticks
}

// Plot is what the report draws of one scenario.
type Plot struct {
	Days     []int       // of the marks, counted from 1
	Gain     [][]Spread  // by policy and mark: profit so far minus fixed's, as a share of fixed's whole profit
	Uplifts  [][]float64 // by policy: profit uplift of each seed, ascending
	Examples []Example
}

// Example is one item of the first seed and what each policy asked for it, by day.
type Example struct {
	Item        int
	Start, Cost int64
	Paths       [][]int64
}

// uplift is how much more a is than b, as a share of b. Where b is a loss it is a share of that loss.
func uplift(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a-b) / math.Abs(float64(b))
}

// spread sorts values and describes them.
func spread(values []float64) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	slices.Sort(values)
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return Spread{P5: quantile(values, 0.05), Mean: sum / float64(len(values)), P95: quantile(values, 0.95)}
}

// quantile interpolates between the two nearest of the sorted values (type 7 of Hyndman and Fan, Sample quantiles in statistical
// packages, 1996).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	below := int(at)
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}

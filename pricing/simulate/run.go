package simulate

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Config says what to run.
type Config struct {
	Scenarios []Scenario // default Truths
	Policies  []string   // default DefaultPolicies; fixed and clairvoyant are always run, uplift and regret need them
	Seeds     int        // default 200
	First     uint64     // the first seed, default 1
	Workers   int        // goroutines, default one a core
	Paths     bool       // keep price paths of example items for the report

	Progress func(done, total int) // after each world; called from one goroutine at a time
}

// DefaultSeeds is how many worlds of each scenario are run.
const DefaultSeeds = 200

// examples is how many items' price paths the report shows, of the first seed.
const examples = 4

// cell is one policy's outcomes in one scenario, by seed.
type cell []outcome

// job is one world: all policies are run in it by one goroutine.
type job struct{ scenario, seed int }

// Run plays every scenario with every seed and policy. It returns early, with ctx's error, when ctx ends.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	r := &run{cfg: cfg, cells: make([][]cell, len(cfg.Scenarios)), examples: make([][]Example, len(cfg.Scenarios))}
	for s := range r.cells {
		r.cells[s] = make([]cell, len(cfg.Policies))
		for p := range r.cells[s] {
			r.cells[s][p] = make(cell, cfg.Seeds)
		}
	}
	r.all(ctx)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("simulate prices: %w", err)
	}
	return r.report(), nil
}

func (c *Config) fill() error {
	if len(c.Scenarios) == 0 {
		c.Scenarios = Truths()
	}
	if len(c.Policies) == 0 {
		c.Policies = DefaultPolicies()
	}
	if c.Seeds == 0 {
		c.Seeds = DefaultSeeds
	}
	if c.First == 0 {
		c.First = 1
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	seen := map[string]bool{}
	for i := range c.Scenarios {
		if err := c.Scenarios[i].check(); err != nil {
			return fmt.Errorf("scenario %q: %w", c.Scenarios[i].Name, err)
		}
		if seen[c.Scenarios[i].Name] {
			return fmt.Errorf("scenario %q: name: there are two of it", c.Scenarios[i].Name)
		}
		seen[c.Scenarios[i].Name] = true
	}
	chosen := slices.Concat(c.Policies, []string{Fixed, Clairvoyant})
	c.Policies = nil
	for _, name := range AllPolicies() {
		if slices.Contains(chosen, name) {
			c.Policies = append(c.Policies, name)
		}
	}
	for _, name := range chosen {
		if !slices.Contains(AllPolicies(), name) {
			return fmt.Errorf("policy %q is not one of %v", name, AllPolicies())
		}
	}
	return nil
}

// run is a Run on its way. Every job writes to places of its own, so that the order of jobs does not show.
type run struct {
	cfg      Config
	cells    [][]cell    // by scenario, policy
	examples [][]Example // by scenario
}

// all plays every world on cfg.Workers goroutines and waits for them. The queue is the list of jobs itself.
func (r *run) all(ctx context.Context) {
	total := len(r.cfg.Scenarios) * r.cfg.Seeds
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0 // under mu
	for range min(r.cfg.Workers, total) {
		wg.Go(func() {
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= total {
					return
				}
				r.world(job{scenario: n % len(r.cfg.Scenarios), seed: n / len(r.cfg.Scenarios)})
				if r.cfg.Progress != nil {
					mu.Lock()
					done++
					r.cfg.Progress(done, total)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
}

func (r *run) world(j job) {
	sc := &r.cfg.Scenarios[j.scenario]
	w := newWorld(sc, r.cfg.First+uint64(j.seed))
	paths := 0
	if r.cfg.Paths && j.seed == 0 {
		paths = examples
	}
	for p, name := range r.cfg.Policies {
		r.cells[j.scenario][p][j.seed] = play(w, newPricer(name, w), paths)
	}
	if paths > 0 {
		r.examples[j.scenario] = r.examplesOf(w, j.scenario)
	}
}

// examplesOf takes the price paths of the first items of the first seed out of the outcomes.
func (r *run) examplesOf(w *world, scenario int) []Example {
	out := make([]Example, min(examples, len(w.items)))
	for i := range out {
		it := &w.items[i]
		e := Example{Item: i + 1, Start: it.start, Cost: it.cost, Paths: make([][]int64, len(r.cfg.Policies))}
		for p := range r.cfg.Policies {
			e.Paths[p] = r.cells[scenario][p][0].paths[i]
		}
		out[i] = e
	}
	return out
}

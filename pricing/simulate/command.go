package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Exit codes of Command.
const (
	exitDone = iota
	exitFailed
	exitUsage
)

// exampleFile ends the help.
const exampleFile = `
A scenario file is an array of truths; all fields are in docs/PRICE-SIMULATION.md. Values may be a number or [from, to]:
  [{"name": "steep", "demand": {"curve": "isoelastic", "elasticity": 3, "conversion": 0.03},
    "price": 1999, "cost": 950, "traffic": 200, "days": 120, "items": 40,
    "mispriced": {"share": 0.5, "from": 0.15, "to": 0.4}, "phases": [{"day": 60, "level": 0.7, "elasticity": 4}]}]
Curves: isoelastic, logit, linear, exponential.
`

// errUsage is wrapped by what is wrong with the arguments, the scenario file's content included.
var errUsage = errors.New("bad usage")

const maxSeeds = 100_000

// Command runs `evaluate --kind prices` and returns the exit code: 0 done, 1 failed, 2 bad usage. Guardrails that were broken are a
// failure too, after everything is printed. The result goes to stdout, as a table or with --json as one object. bar is asked for a
// progress bar of so many steps, whose function is told how many are done; nil shows none.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer, bar func(total int) func(done int)) int {
	c := command{}
	flags := c.flags(stderr)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return exitUsage
	}
	err := c.run(ctx, flags.Args(), stdout, bar)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errUsage):
		fmt.Fprintln(stderr, "evaluate:", err)
		return exitUsage
	}
	fmt.Fprintln(stderr, "evaluate:", err)
	return exitFailed
}

type command struct {
	kind, scenarios, policies, only, report string
	seeds, workers                          int
	first                                   uint64
	extra, json, quiet                      bool
}

func (c *command) flags(stderr io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("evaluate --kind prices", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&c.kind, "kind", "prices", "what to measure")
	f.IntVar(&c.seeds, "seeds", DefaultSeeds, "worlds drawn of each scenario")
	f.Uint64Var(&c.first, "first-seed", 1, "the first seed")
	f.StringVar(&c.scenarios, "scenarios", "", "JSON `file` of truths to run instead of the five (docs/PRICE-SIMULATION.md)")
	f.BoolVar(&c.extra, "extra", false, "run the scenarios that are hard for the policy as well")
	f.StringVar(&c.only, "only", "", "run only these scenarios, `names` separated by commas")
	f.StringVar(&c.policies, "policies", strings.Join(DefaultPolicies(), ","), "of "+strings.Join(AllPolicies(), ", "))
	f.StringVar(&c.report, "report", "", "write an HTML report with plots to this `file`")
	f.IntVar(&c.workers, "workers", 0, "worlds played at the same time, 0: one a core; the result is the same")
	f.BoolVar(&c.json, "json", false, "print one JSON object")
	f.BoolVar(&c.quiet, "quiet", false, "no progress on stderr")
	f.Usage = func() {
		fmt.Fprintln(stderr, "Usage of evaluate --kind prices:")
		f.PrintDefaults()
		fmt.Fprint(stderr, exampleFile)
	}
	return f
}

func (c *command) run(ctx context.Context, rest []string, stdout io.Writer, bar func(total int) func(done int)) error {
	cfg, err := c.config(rest)
	if err != nil {
		return err
	}
	if bar != nil && !c.quiet {
		step := bar(len(cfg.Scenarios) * cfg.Seeds)
		cfg.Progress = func(done, _ int) { step(done) }
	}
	rep, err := Run(ctx, cfg)
	if err != nil {
		return err
	}
	if c.report != "" {
		if err := writeFile(c.report, rep); err != nil {
			return err
		}
	}
	if err := c.print(stdout, rep); err != nil {
		return err
	}
	if rep.Violations > 0 {
		return fmt.Errorf("%d published prices break a guardrail", rep.Violations)
	}
	return nil
}

// config turns the flags into what to run.
func (c *command) config(rest []string) (Config, error) {
	cfg := Config{Seeds: c.seeds, First: c.first, Workers: c.workers, Paths: c.report != ""}
	bad := func(format string, args ...any) (Config, error) {
		return Config{}, fmt.Errorf("%w: "+format, append([]any{errUsage}, args...)...)
	}
	switch {
	case len(rest) > 0:
		return bad("unexpected argument %q", rest[0])
	case c.seeds < 1 || c.seeds > maxSeeds:
		return bad("--seeds %d, want 1 to %d", c.seeds, maxSeeds)
	case c.first < 1 || c.first > 1<<53:
		return bad("--first-seed %d, want 1 to 2^53", c.first)
	case c.workers < 0 || c.workers > 1024:
		return bad("--workers %d, want 0 to 1024", c.workers)
	}
	for name := range strings.SplitSeq(c.policies, ",") {
		if name = strings.TrimSpace(name); !slices.Contains(AllPolicies(), name) {
			return bad("--policies %q is not one of %s", name, strings.Join(AllPolicies(), ", "))
		}
		cfg.Policies = append(cfg.Policies, name)
	}
	cfg.Scenarios = Truths()
	if c.scenarios != "" {
		var err error
		if cfg.Scenarios, err = readFile(c.scenarios); err != nil {
			return Config{}, err
		}
	}
	if c.extra {
		cfg.Scenarios = append(cfg.Scenarios, Extra()...)
	}
	if c.only == "" {
		return cfg, nil
	}
	var chosen []Scenario
	for name := range strings.SplitSeq(c.only, ",") {
		at := slices.IndexFunc(cfg.Scenarios, func(s Scenario) bool { return s.Name == strings.TrimSpace(name) })
		if at < 0 {
			return bad("--only %q: no such scenario", name)
		}
		chosen = append(chosen, cfg.Scenarios[at])
	}
	cfg.Scenarios = chosen
	return cfg, nil
}

// readFile reads the scenarios of a file. What is wrong inside it is bad usage; a file that cannot be read is a failure.
func readFile(name string) ([]Scenario, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: --scenarios: %w", errUsage, err)
	}
	defer f.Close()
	list, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%w: --scenarios %s: %w", errUsage, name, err)
	}
	return list, nil
}

// writeFile writes the HTML report beside its place and moves it there, so that a reader never sees half of it.
func writeFile(name string, rep *Report) error {
	tmp, err := os.CreateTemp(filepath.Dir(name), ".report-*")
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	err = WriteHTML(tmp, rep)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write report: %w", errors.Join(err, os.Remove(tmp.Name())))
	}
	return nil
}

func (c *command) print(w io.Writer, rep *Report) error {
	if !c.json {
		return WriteTable(w, rep)
	}
	line, err := json.Marshal(rep)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// benchRow is one measurement of the product on this machine. Ratios compare two things in the same run, in turns, because
// machines are noisy; every figure is a median of the turns unless it says otherwise.
type benchRow struct {
	id      int
	name    string
	how     string
	long    bool // measured only when named
	measure func(ctx context.Context, b *bench) ([]figure, error)
}

// figure is one number of a row, with the floor it must hold: at least when higher is better, at most otherwise.
type figure struct {
	Row    int     `json:"row"`
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Floor  float64 `json:"floor,omitempty"`
	Higher bool    `json:"higher_is_better"`
	OK     bool    `json:"ok"`
	Note   string  `json:"note,omitempty"`
}

// atLeast and atMost make figures with their floor; a floor of 0 is none.
func atLeast(name string, value float64, unit string, floor float64) figure {
	return figure{Name: name, Value: value, Unit: unit, Floor: floor, Higher: true, OK: floor == 0 || value >= floor}
}

func atMost(name string, value float64, unit string, floor float64) figure {
	return figure{Name: name, Value: value, Unit: unit, Floor: floor, OK: floor == 0 || value <= floor}
}

// bench is what rows share: a folder for their data, sizes, and where evaluation data lies, if it does.
type bench struct {
	e     env
	dir   string
	short bool
	eval  string
	say   func(format string, args ...any)

	shoppers *shoppers // of the rows about recommendations, once made
}

// scale and count are the sizes of a row, a tenth with --short.
func (b *bench) scale(d time.Duration) time.Duration {
	if b.short {
		return d / 10
	}
	return d
}

func (b *bench) count(n int) int {
	if b.short {
		return n / 10
	}
	return n
}

func benchRows() []benchRow {
	return []benchRow{
		{1, "collector, durable ack", "POSTs of 5 events on 64 connections against the same Fiber app discarding the body", false, benchCollector},
		{2, "ingest, whole path", "/v1/import to applied by every fold", false, benchImport},
		{3, "log", "append + group commit against raw write + fdatasync of the same bytes", false, benchLog},
		{4, "recovery", "kill -9 with a tenth of the events after the snapshot, then process start to ready", false, benchRecovery},
		{5, "event to push", "POST sent to frame received on the shopper's own socket, 2,000 sockets, 10 k events/s beside", false, benchPush},
		{6, "recommend", "GET /v1/recommendations on 16 connections for shoppers in a running session", false, benchRecommend},
		{7, "recommend, in process", "one thread, top 20", false, benchEngine},
		{8, "sockets", "10 k idle connections with a subscription each; stock to 2,000 sockets, 8 in flight", false, benchSockets},
		{9, "memory", "1 M visitors active in 30 minutes, 100 k items", true, benchMemory},
		{10, "history", "the writer into the embedded engine, alone; questions on 50 M events there", true, benchHistory},
		{11, "decisions", "a price and an offer decided on one thread; 1,000 callers claim one budget through the synced control log", false, benchDecisions},
		{13, "start", "empty folder to ready; sizes", false, benchStart},
		{15, "dashboard", "each page as a browser gets it, beside 50 M events of history, 20,000 items and 40,000 shoppers", true, benchPages},
	}
}

func benchCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("bench", "[--json] [--only 1,3] [--short]")
	asJSON := fs.Bool("json", false, "print JSON")
	only := fs.String("only", "", "rows to measure, comma separated (default: all but 9, 10 and 15, which take long)")
	short := fs.Bool("short", false, "a tenth of the work: to see that it runs, not to quote")
	dir := fs.String("dir", "", "folder for the benchmarks' data (default: a temporary one)")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("bench: %q is not understood", rest[0])
	}
	rows, err := chooseRows(*only)
	if err != nil {
		return err
	}
	if *dir == "" {
		if *dir, err = os.MkdirTemp("", "beckon-bench-*"); err != nil {
			return err
		}
		defer os.RemoveAll(*dir)
	}
	b := &bench{e: e, dir: *dir, short: *short, eval: e.getenv("BECKON_EVAL_DATA"), say: func(format string, args ...any) {
		fmt.Fprintf(e.stderr, format+"\n", args...)
	}}
	var all []figure
	for _, r := range rows {
		b.say("%2d %s: %s", r.id, r.name, r.how)
		start := time.Now()
		figures, err := r.measure(ctx, b)
		if err != nil {
			return fmt.Errorf("row %d, %s: %w", r.id, r.name, err)
		}
		for i := range figures {
			figures[i].Row = r.id
		}
		b.say("   %v", time.Since(start).Round(time.Second))
		all = append(all, figures...)
	}
	if *asJSON {
		enc := json.NewEncoder(e.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(map[string]any{"cpus": runtime.NumCPU(), "go": runtime.Version(), "figures": all})
	}
	return printFigures(e.stdout, rows, all)
}

func chooseRows(only string) ([]benchRow, error) {
	rows := benchRows()
	if only == "" {
		return slices.DeleteFunc(rows, func(r benchRow) bool { return r.long }), nil
	}
	var chosen []benchRow
	for _, s := range strings.Split(only, ",") {
		i := slices.IndexFunc(rows, func(r benchRow) bool { return strconv.Itoa(r.id) == strings.TrimSpace(s) })
		if i < 0 {
			return nil, usagef("bench: no row %q", s)
		}
		chosen = append(chosen, rows[i])
	}
	return chosen, nil
}

func printFigures(w io.Writer, rows []benchRow, all []figure) error {
	fmt.Fprintf(w, "%d cores, %s\n", runtime.NumCPU(), runtime.Version())
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "ROW\tWHAT\tMEASURED\tFLOOR\t")
	for _, f := range all {
		floor, mark := "", ""
		if f.Floor != 0 {
			floor = "≤ " + number(f.Floor) + " " + f.Unit
			if f.Higher {
				floor = "≥ " + number(f.Floor) + " " + f.Unit
			}
			mark = "ok"
			if !f.OK {
				mark = "below"
				if !f.Higher {
					mark = "above"
				}
			}
		}
		fmt.Fprintf(tw, "%d\t%s\t%s %s\t%s\t%s %s\n", f.Row, f.Name, number(f.Value), f.Unit, floor, mark, f.Note)
	}
	return tw.Flush()
}

// number prints three significant digits or whole thousands.
func number(v float64) string {
	if v >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// processorTime is what this process has used of the processors. Unlike a rate it hardly depends on what else runs.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// quantile is the q-th quantile of values, which it sorts; 0 for none.
func quantile[T int64 | float64 | time.Duration](values []T, q float64) T {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(q*float64(len(values))))]
}

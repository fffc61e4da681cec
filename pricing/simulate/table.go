package simulate

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTable prints the report for people: uplifts in percent against fixed, as mean and (p5 to p95).
func WriteTable(w io.Writer, rep *Report) error {
	var text bytes.Buffer
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "scenario\tpolicy\tprofit\tp5\tp95\trevenue\tp5\tp95\tregret\tchanges/item\t")
	last := ""
	for _, r := range rep.Results {
		name := r.Name
		if name == last {
			name = ""
		}
		last = r.Name
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.1f\t\n", name, r.Policy,
			percent(r.ProfitUplift.Mean), percent(r.ProfitUplift.P5), percent(r.ProfitUplift.P95),
			percent(r.RevenueUplift.Mean), percent(r.RevenueUplift.P5), percent(r.RevenueUplift.P95), strings.TrimPrefix(percent(r.Regret), "+"), r.Changes)
	}
	_ = t.Flush() // into memory
	fmt.Fprintf(&text, "\n%d seeds from %d; against fixed in the same seed; %d guardrails broken\n", rep.Seeds, rep.First, rep.Violations)
	if len(rep.Losing) > 0 {
		fmt.Fprintln(&text, "\nwhere it loses")
		t = tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(t, "scenario\tpolicy\tagainst\tseeds lost\tmean\tworst\tof seed\t")
		for _, l := range rep.Losing {
			worst := l.Worst[0]
			fmt.Fprintf(t, "%s\t%s\t%s\t%.1f%%\t%s\t%s\t%d\t\n", l.Name, l.Policy, l.Against, 100*l.Share, percent(l.Mean), percent(worst.Uplift), worst.Seed)
		}
		_ = t.Flush()
	}
	_, err := w.Write(text.Bytes())
	return err
}

// percent is a share with its sign, +16.10%; what rounds to nothing has none.
func percent(x float64) string {
	if s := fmt.Sprintf("%+.2f%%", 100*x); s != "+0.00%" && s != "-0.00%" {
		return s
	}
	return "0.00%"
}

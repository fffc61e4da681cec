package funnels

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	"beckon/web/text"
)

func stepName(i int) string { return "step" + strconv.Itoa(i+1) }

// FunnelCSV is a funnel as rows, one a step, first of all visitors and then of each part.
func FunnelCSV(p *text.Printer, v *Funnel) (head []string, rows iter.Seq[[]string]) {
	head = []string{
		p.T("funnels.csv.part"), p.T("funnels.csv.step"), p.T("funnels.csv.event"), p.T("funnels.visitors"), p.T("funnels.csv.lost"),
		p.T("funnels.csv.rate"), p.T("funnels.csv.first_rate"), p.T("funnels.csv.then"), p.T("funnels.csv.one_in"),
	}
	return head, func(yield func([]string) bool) {
		all := make([]int64, len(v.Steps))
		for i := range v.Steps {
			all[i] = v.Steps[i].Visitors
		}
		for _, part := range append([]Part{{Visitors: all}}, v.Parts...) {
			for i, n := range part.Visitors {
				before, then := part.Visitors[max(i-1, 0)], ""
				if part.Value == "" && v.Then != "" {
					then = strconv.FormatInt(v.Steps[i].Then, 10)
				}
				row := []string{
					part.Value, StepWord(p, v.Steps[i].Name), v.Steps[i].Name, strconv.FormatInt(n, 10), strconv.FormatInt(before-n, 10),
					fmt.Sprintf("%.6f", rate(n, before)), fmt.Sprintf("%.6f", rate(n, part.Visitors[0])), then, strconv.FormatInt(max(v.OneIn, 1), 10),
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}

// PathsCSV is the most frequent paths, one a row.
func PathsCSV(p *text.Printer, v *Paths) (head []string, rows iter.Seq[[]string]) {
	head = []string{p.T("paths.path"), p.T("paths.csv.ids"), p.T("paths.orders"), p.T("paths.share"), p.T("funnels.csv.one_in")}
	return head, func(yield func([]string) bool) {
		for _, path := range v.Paths {
			var titles, ids []string
			for _, it := range path.Items {
				titles, ids = append(titles, itemWord(it)), append(ids, it.ID)
			}
			row := []string{
				strings.Join(titles, " → "), strings.Join(ids, " "), strconv.FormatInt(path.Orders, 10), fmt.Sprintf("%.6f", rate(path.Orders, v.Orders)),
				strconv.FormatInt(max(v.OneIn, 1), 10),
			}
			if !yield(row) {
				return
			}
		}
	}
}

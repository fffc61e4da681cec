package history

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// FunnelAsk asks how many visitors take steps in this order.
//
// A visitor reaches step k when there are events of the first k steps, each not before the one of the step before it and all within
// Window of the first; both ends count. Events of one millisecond count as having come in the order of the steps. Other events may stand
// between them. This is ClickHouse's windowFunnel without modes. On two devices a visitor walks twice if the ask is split by device.
type FunnelAsk struct {
	Scope
	Steps  []string      // 2-16 different event names
	Window time.Duration // from the first step's event to the last's; 24 h, at most 90 days
	By     Breakdown     // parts are ordered by the visitors of their first step; Limit counts them
}

// FunnelAnswer is the funnel, and its parts if the ask was split.
type FunnelAnswer struct {
	OneIn int64
	Steps []FunnelStep
	Parts []FunnelPart
}

// FunnelPart is the funnel of one device or source.
type FunnelPart struct {
	Value string
	Steps []FunnelStep
}

// FunnelStep is how many visitors came this far.
type FunnelStep struct {
	Name     string
	Visitors int64
	Lost     int64   // visitors of the step before that did not come here; 0 at the first
	Rate     float64 // of the first step's visitors
	StepRate float64 // of the visitors of the step before; 1 at the first
}

const (
	maxFunnelSteps  = 16
	maxFunnelWindow = 90 * 24 * time.Hour
)

// Funnel answers a FunnelAsk.
func (q *Questions) Funnel(ctx context.Context, ask FunnelAsk) (FunnelAnswer, error) {
	in, err := q.ask("funnel", ask.Scope)
	if err != nil {
		return FunnelAnswer{}, err
	}
	ask.Window = cmp.Or(ask.Window, 24*time.Hour)
	sorted := slices.Sorted(slices.Values(ask.Steps))
	switch {
	case len(sorted) < 2 || len(sorted) > maxFunnelSteps || len(slices.Compact(sorted)) < len(ask.Steps):
		return FunnelAnswer{}, in.refuse("Steps", fmt.Sprintf("must be 2-%d different names", maxFunnelSteps))
	case ask.Window < time.Millisecond || ask.Window > maxFunnelWindow:
		return FunnelAnswer{}, in.refuse("Window", "must be in 1ms-"+maxFunnelWindow.String())
	case ask.By != Whole && ask.By != ByDevice && ask.By != BySource:
		return FunnelAnswer{}, in.refuse("By", "is neither device nor source")
	}
	if err := in.thin(ctx, 0, ask.Steps...); err != nil {
		return FunnelAnswer{}, err
	}
	answer := FunnelAnswer{OneIn: in.oneIn}
	parts, err := in.funnel(ctx, &ask, ask.By)
	if err != nil {
		return FunnelAnswer{}, err
	}
	whole := parts
	if ask.By == ByDevice { // a visitor may have several
		if whole, err = in.funnel(ctx, &ask, Whole); err != nil {
			return FunnelAnswer{}, err
		}
	}
	sums := make([]int64, len(ask.Steps))
	for _, visitors := range whole {
		for i, n := range visitors {
			sums[i] += n
		}
	}
	answer.Steps = funnelSteps(ask.Steps, sums)
	if ask.By == Whole {
		return answer, nil
	}
	for value, levels := range parts {
		answer.Parts = append(answer.Parts, FunnelPart{value, funnelSteps(ask.Steps, levels)})
	}
	slices.SortFunc(answer.Parts, func(a, b FunnelPart) int {
		return cmp.Or(cmp.Compare(b.Steps[0].Visitors, a.Steps[0].Visitors), strings.Compare(a.Value, b.Value))
	})
	answer.Parts = answer.Parts[:min(len(answer.Parts), in.scope.Limit)]
	return answer, nil
}

// funnel counts visitors by the part they are of and the steps they reached. Most visitors take the first step only, and those are counted
// without windowFunnel, which keeps every event of a visitor in memory.
func (in *inquiry) funnel(ctx context.Context, ask *FunnelAsk, by Breakdown) (map[string][]int64, error) {
	in.params["steps"], in.params["window"] = ask.Steps, uint64(ask.Window.Milliseconds())
	conditions := make([]string, len(ask.Steps))
	for i, name := range ask.Steps {
		param := fmt.Sprintf("step%d", i)
		in.params[param] = name
		conditions[i] = "name = {" + param + ":String}"
	}
	key, part, join := "visitor_hash", "''", ""
	switch by {
	case ByDevice:
		key, part = "visitor_hash, device", "toString(device)"
	case BySource:
		part = "if(touch = '', '" + direct + "', toString(touch))"
		join = " GLOBAL LEFT JOIN (" + in.touches() + ") AS t ON v.visitor_hash = t.visitor_hash"
	}
	where := append(in.rows(), "NOT repeat")
	with := func(condition string) string { return where.String() + " AND " + condition }
	parts := map[string][]int64{}
	count := func(rows driver.Rows) error {
		var part string
		var level uint8
		var visitors uint64
		if err := rows.Scan(&part, &level, &visitors); err != nil {
			return err
		}
		if parts[part] == nil {
			parts[part] = make([]int64, len(ask.Steps))
		}
		for i := min(1, level-1); i < level; i++ { // who reached a step took those before it; the first are counted by themselves
			parts[part][i] += int64(visitors) * in.oneIn
		}
		return nil
	}
	first := "SELECT " + part + " AS part, toUInt8(1) AS level, uniqExact(v.visitor_hash) FROM (" +
		"SELECT " + key + " FROM " + in.events() + " WHERE " + with(conditions[0]) + ") AS v" + join + " GROUP BY part"
	if err := in.each(ctx, first, count); err != nil {
		return nil, err
	}
	text := "SELECT " + part + " AS part, level, count() FROM (" +
		"SELECT " + key + ", windowFunnel({window:UInt64})(toUInt64(" + millis + "), " + strings.Join(conditions, ", ") + ") AS level " +
		"FROM " + in.events() + " WHERE " + with("name IN {steps:Array(String)}") +
		" AND visitor_hash GLOBAL IN (SELECT visitor_hash FROM " + in.events() + " WHERE " + with(conditions[1]) + ")" +
		" GROUP BY " + key + ") AS v" + join + " WHERE level > 1 GROUP BY part, level"
	err := in.each(ctx, text, count)
	return parts, err
}

func funnelSteps(names []string, visitors []int64) []FunnelStep {
	steps := make([]FunnelStep, len(names))
	for i, name := range names {
		s := FunnelStep{Name: name, Visitors: visitors[i], Rate: ratio(visitors[i], visitors[0]), StepRate: ratio(visitors[i], visitors[max(i-1, 0)])}
		s.Lost = visitors[max(i-1, 0)] - s.Visitors
		steps[i] = s
	}
	return steps
}

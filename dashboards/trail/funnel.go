package trail

import (
	"cmp"
	"slices"
	"strings"

	"beckon/clickstream"
)

// FunnelAsk asks how many visitors took steps in this order, each not before the one before it and all within Window ms of the first.
type FunnelAsk struct {
	Scope
	Steps  []clickstream.Kind // different ones
	Window int64              // ms
	By     Breakdown
}

// Breakdown splits a funnel.
type Breakdown string

// Breakdowns. On two devices a visitor walks twice.
const (
	Whole    Breakdown = ""
	ByDevice Breakdown = "device"
	BySource Breakdown = "source"
)

// FunnelAnswer is how many visitors came to each step.
type FunnelAnswer struct {
	Visitors []int64
	Parts    []FunnelPart // the most visitors of the first step first
}

// FunnelPart is the funnel of a device or source.
type FunnelPart struct {
	Value    string
	Visitors []int64
}

// Funnel answers a FunnelAsk.
func (f *Fold) Funnel(site string, ask FunnelAsk) FunnelAnswer {
	place := map[clickstream.Kind]int{}
	for i, k := range ask.Steps {
		place[k] = i
	}
	wanted := func(k clickstream.Kind) bool { _, ok := place[k]; return ok }
	answer := FunnelAnswer{Visitors: make([]int64, len(ask.Steps))}
	parts := map[string][]int64{}
	part := func(value string) []int64 {
		if parts[value] == nil {
			parts[value] = make([]int64, len(ask.Steps))
		}
		return parts[value]
	}
	w := walker{place: place, window: ask.Window, began: make([]int64, len(ask.Steps))}
	for _, v := range visits(f.blocks(site), &ask.Scope, 0, wanted) {
		w.walk(v.acts, nil, answer.Visitors)
		switch ask.By {
		case BySource:
			w.walk(v.acts, nil, part(v.source))
		case ByDevice:
			for _, d := range devicesOf(v.acts) {
				w.walk(v.acts, &d, part(d.String()))
			}
		}
	}
	for value, visitors := range parts {
		if visitors[0] > 0 {
			answer.Parts = append(answer.Parts, FunnelPart{value, visitors})
		}
	}
	slices.SortFunc(answer.Parts, func(a, b FunnelPart) int {
		return cmp.Or(cmp.Compare(b.Visitors[0], a.Visitors[0]), strings.Compare(a.Value, b.Value))
	})
	return answer
}

func devicesOf(acts []act) []clickstream.Device {
	var list []clickstream.Device
	for i := range acts {
		if !slices.Contains(list, acts[i].device) {
			list = append(list, acts[i].device)
		}
	}
	return list
}

// walker finds how far visitors came.
type walker struct {
	place  map[clickstream.Kind]int
	window int64
	began  []int64 // by step: 1 + when the latest chain of steps that reaches it began, 0 for none
}

// walk counts a visitor in every step reached, by what was done on one device or on all. Of several chains that reach a step the one that
// began last is kept, since it has the most time left; that is the greedy walk of ClickHouse's windowFunnel.
func (w *walker) walk(acts []act, only *clickstream.Device, visitors []int64) {
	clear(w.began)
	level := 0
	for i := 0; i < len(acts) && level < len(w.began); {
		same := i // events of one millisecond count as having come in the order of the steps
		for same < len(acts) && acts[same].at == acts[i].at {
			same++
		}
		at := acts[i].at
		for step := range w.began {
			if !did(acts[i:same], w.place, step, only) {
				continue
			}
			switch {
			case step == 0:
				w.began[0] = at + 1
			case w.began[step-1] > 0 && at-(w.began[step-1]-1) <= w.window:
				w.began[step] = w.began[step-1]
			default:
				continue
			}
			level = max(level, step+1)
		}
		i = same
	}
	for i := range level {
		visitors[i]++
	}
}

// did says whether one of acts is of a step.
func did(acts []act, place map[clickstream.Kind]int, step int, only *clickstream.Device) bool {
	for i := range acts {
		if place[acts[i].kind] == step && (only == nil || acts[i].device == *only) {
			return true
		}
	}
	return false
}

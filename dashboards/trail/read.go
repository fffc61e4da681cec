package trail

import (
	"cmp"
	"slices"

	"beckon/clickstream"
)

// Scope is what an answer counts.
type Scope struct {
	From, To int64 // Unix ms of the site's clock: From counts, To does not

	Device  string                    // only what was done on it: desktop, mobile, tablet, other; "" is all
	Source  string                    // only visitors who came from there: the source of their first step in the window that was not direct; "" is all
	Visitor func(visitor string) bool // only visitors of whom it is true; nil is all. Called once for each, without a lock held.
}

// act is a step of a visitor.
type act struct {
	at     int64
	item   string
	kind   clickstream.Kind
	device clickstream.Device
}

// visit is what one visitor did in a window, in order of time.
type visit struct {
	source   string
	sourceAt int64 // when they came from there
	acts     []act
}

// visits gathers a window of blocks by visitor, with what was done lookBack ms before it. What device and kinds leave out is not in it.
func visits(blocks []*block, s *Scope, lookBack int64, wanted func(clickstream.Kind) bool) []visit {
	numbers := map[string]int{}
	var list []visit
	var left []bool // by visitor: not of the scope
	from := s.From - lookBack
	for _, b := range blocks {
		if b.to < from || b.from >= s.To {
			continue
		}
		local := make([]int, len(b.visitors.list)) // 1 + the visitor's number
		for _, st := range b.steps {
			if st.at < from || st.at >= s.To {
				continue
			}
			i := local[st.visitor] - 1
			if i < 0 {
				name := b.visitors.list[st.visitor]
				var ok bool
				if i, ok = numbers[name]; !ok {
					i = len(list)
					numbers[name] = i
					list = append(list, visit{source: clickstream.Direct})
					left = append(left, s.Visitor != nil && !s.Visitor(name))
				}
				local[st.visitor] = i + 1
			}
			v := &list[i]
			if st.source != 0 && st.at >= s.From && (v.source == clickstream.Direct || st.at < v.sourceAt) { // the log is nearly in order of time
				v.source, v.sourceAt = b.sources.list[st.source], st.at
			}
			if !left[i] && wanted(st.kind) && (s.Device == "" || s.Device == st.device.String()) {
				v.acts = append(v.acts, act{st.at, b.items.list[st.item], st.kind, st.device})
			}
		}
	}
	list = slices.DeleteFunc(list, func(v visit) bool { return len(v.acts) == 0 || s.Source != "" && s.Source != v.source })
	for i := range list {
		slices.SortStableFunc(list[i].acts, func(a, b act) int { return cmp.Compare(a.at, b.at) })
	}
	return list
}

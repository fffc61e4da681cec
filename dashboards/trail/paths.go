package trail

import (
	"cmp"
	"slices"
	"strings"

	"beckon/clickstream"
)

// PathsAsk asks what visitors looked at before the purchases of a window, at most LookBack ms before.
type PathsAsk struct {
	Scope
	Item     string // only purchases of this item; "" is all
	LookBack int64  // ms
	Length   int    // the most items in a path
	Limit    int    // of Items, of Paths, and of the ends of each length in Tree
}

// PathsAnswer is ordered by orders, the most first, then by items.
type PathsAnswer struct {
	Orders int64
	Items  []Path // one item each: looked at some time before
	Paths  []Path
	Tree   []Path // ends of paths, shorter ones first; what one is made longer from is always there
}

// Path is the last items before a purchase, the last one last; the same item twice in a row counts once.
type Path struct {
	Items  []string
	Orders int64
}

// Paths answers a PathsAsk.
func (f *Fold) Paths(site string, ask PathsAsk) PathsAnswer {
	wanted := func(k clickstream.Kind) bool { return k == clickstream.ViewItem || k == clickstream.Purchase }
	var answer PathsAnswer
	items, paths, ends := tally{}, tally{}, tally{}
	for _, v := range visits(f.blocks(site), &ask.Scope, ask.LookBack, wanted) {
		for i := 0; i < len(v.acts); i++ {
			if v.acts[i].kind != clickstream.Purchase {
				continue
			}
			order := i // its lines stand side by side
			for i+1 < len(v.acts) && v.acts[i+1].kind == clickstream.Purchase && v.acts[i+1].at == v.acts[order].at {
				i++
			}
			if v.acts[order].at < ask.From || ask.Item != "" && !holds(v.acts[order:i+1], ask.Item) {
				continue
			}
			answer.Orders++
			seen := viewed(v.acts[:order], v.acts[order].at-ask.LookBack)
			path := slices.Compact(slices.Clone(seen))
			path = path[max(0, len(path)-ask.Length):]
			if len(path) > 0 {
				paths.add(path)
			}
			for k := range path {
				ends.add(path[k:])
			}
			slices.Sort(seen)
			for _, item := range slices.Compact(seen) {
				items.add([]string{item})
			}
		}
	}
	answer.Items, answer.Paths = items.top(ask.Limit), paths.top(ask.Limit)
	answer.Tree = ends.tree(ask.Limit, ask.Length)
	return answer
}

func holds(lines []act, item string) bool {
	return slices.ContainsFunc(lines, func(a act) bool { return a.item == item })
}

// viewed is the items of views from an instant on, in order of time.
func viewed(acts []act, from int64) (list []string) {
	for i := range acts {
		if a := &acts[i]; a.kind == clickstream.ViewItem && a.item != "" && a.at >= from {
			list = append(list, a.item)
		}
	}
	return list
}

// tally counts paths, by their items with a zero byte between.
type tally map[string]*Path

func (t tally) add(items []string) {
	key := strings.Join(items, "\x00")
	p := t[key]
	if p == nil {
		p = &Path{Items: slices.Clone(items)}
		t[key] = p
	}
	p.Orders++
}

func (t tally) top(limit int) []Path {
	list := make([]Path, 0, len(t))
	for _, p := range t {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b Path) int { return cmp.Or(cmp.Compare(b.Orders, a.Orders), slices.Compare(a.Items, b.Items)) })
	return list[:min(len(list), limit)]
}

// tree is the most frequent ends of each length of which what they hang on is among them.
func (t tally) tree(limit, length int) []Path {
	byLength := make([]tally, length)
	for key, p := range t {
		if n := len(p.Items) - 1; byLength[n] == nil {
			byLength[n] = tally{key: p}
		} else {
			byLength[n][key] = p
		}
	}
	var list []Path
	there := map[string]bool{"": true}
	for _, of := range byLength {
		for _, p := range of.top(limit) {
			if there[strings.Join(p.Items[1:], "\x00")] {
				there[strings.Join(p.Items, "\x00")] = true
				list = append(list, p)
			}
		}
	}
	return list
}

package history

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"
)

func (w *world) paths(ask PathsAsk) PathsAnswer {
	back := ask.LookBack.Milliseconds()
	views := pick(w.of(ask.Scope, back, 0), "view_item")
	a := PathsAnswer{OneIn: 1}
	items, paths, ends := map[string]int64{}, map[string]int64{}, map[string]int64{}
	for _, order := range pick(w.of(ask.Scope, 0, 0), "purchase") {
		if ask.Item != "" && !order.has(ask.Item) {
			continue
		}
		a.Orders++
		var seen []string
		for _, v := range views {
			if v.Visitor == order.Visitor && v.before(order) && v.Time >= order.Time-back {
				for _, it := range v.Items {
					seen = append(seen, it.ID)
				}
			}
		}
		path := slices.Compact(slices.Clone(seen))
		if len(path) > 0 {
			path = path[max(0, len(path)-ask.Length):]
			paths[strings.Join(path, " ")]++
			for i := range path {
				ends[strings.Join(path[i:], " ")]++
			}
		}
		slices.Sort(seen)
		for _, item := range slices.Compact(seen) {
			items[item]++
		}
	}
	for path, n := range paths {
		a.Paths = append(a.Paths, Path{strings.Split(path, " "), n, ratio(n, a.Orders)})
	}
	for item, n := range items {
		a.Items = append(a.Items, PathItem{item, n, ratio(n, a.Orders)})
	}
	for end, n := range ends {
		if ask.Tree {
			a.Tree = append(a.Tree, Path{strings.Split(end, " "), n, ratio(n, a.Orders)})
		}
	}
	slices.SortFunc(a.Tree, func(a, b Path) int {
		return cmp.Or(cmp.Compare(len(a.Items), len(b.Items)), cmp.Compare(b.Orders, a.Orders), slices.Compare(a.Items, b.Items))
	})
	a.Paths = top(a.Paths, ask.Limit, func(a, b Path) int {
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), slices.Compare(a.Items, b.Items))
	})
	a.Items = top(a.Items, ask.Limit, func(a, b PathItem) int {
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), strings.Compare(a.Item, b.Item))
	})
	return a
}

func (h *hit) has(item string) bool {
	for _, it := range h.Items {
		if it.ID == item {
			return true
		}
	}
	return false
}

func TestPathsAreTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		for _, ask := range []PathsAsk{
			{Scope: scope, LookBack: 10 * time.Minute, Length: 3, Tree: true},
			{Scope: scope, LookBack: 20 * 24 * time.Hour, Length: 1},
			{Scope: scope, Item: "i3", LookBack: 24 * time.Hour, Length: 2},
		} {
			got, err := w.PathsBeforePurchase(t.Context(), ask)
			if err != nil {
				t.Fatal(name, err)
			}
			same(t, name+ask.Item+ask.LookBack.String(), got, w.paths(ask))
		}
	}
	short := PathsAsk{Scope: scopes()["all"], LookBack: time.Hour, Length: 8}
	short.Limit = 3
	got, err := w.PathsBeforePurchase(t.Context(), short)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "limit 3", got, w.paths(short))
}

func TestEndsOfPathsHangOnShorterEnds(t *testing.T) {
	w := askWorld(t)
	ask := PathsAsk{Scope: scopes()["all"], LookBack: 28 * 24 * time.Hour, Length: 4, Tree: true}
	ask.Limit = 5
	got, err := w.PathsBeforePurchase(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	there, longest := map[string]int64{}, 0
	for _, end := range got.Tree {
		there[strings.Join(end.Items, " ")] = end.Orders
		longest = max(longest, len(end.Items))
		if shorter := there[strings.Join(end.Items[1:], " ")]; len(end.Items) > 1 && shorter < end.Orders {
			t.Errorf("%v has %d orders, what it hangs on %d", end.Items, end.Orders, shorter)
		}
	}
	if longest < 3 {
		t.Errorf("got ends of at most %d items", longest)
	}
}

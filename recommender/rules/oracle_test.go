package rules

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// The oracle says what rules do in the plainest way: every rule is looked at for every item.

func oracleHolds(r *Rule, c *Context) bool {
	if r.State != Running {
		return false
	}
	w := &r.When
	if len(w.Placements) > 0 && !slices.Contains(w.Placements, c.Placement) || len(w.Items) > 0 && !slices.Contains(w.Items, c.Item) {
		return false
	}
	if len(w.Segments) > 0 && !slices.ContainsFunc(w.Segments, func(s string) bool { return slices.Contains(c.Segments, s) }) {
		return false
	}
	if len(w.Categories) > 0 && !slices.ContainsFunc(w.Categories, func(s string) bool { return oraclePath(s, c.Category) }) {
		return false
	}
	s := &w.Schedule
	if c.Now < s.Starts || s.Ends != 0 && c.Now >= s.Ends {
		return false
	}
	if len(s.Weekly) == 0 {
		return true
	}
	loc, err := time.LoadLocation(s.Zone)
	if err != nil {
		panic(err)
	}
	t := time.UnixMilli(c.Now).In(loc)
	for _, h := range s.Weekly {
		for back := range 2 { // it may have begun yesterday
			day := strings.ToLower(t.AddDate(0, 0, -back).Weekday().String()[:3])
			if len(h.Days) > 0 && !slices.Contains(h.Days, day) {
				continue
			}
			at := fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute())
			over := h.To < h.From
			if back == 0 && at >= h.From && (over || at < h.To) || back == 1 && over && at < h.To {
				return true
			}
		}
	}
	return false
}

func oraclePath(category string, path []string) bool {
	return strings.Contains(" > "+strings.Join(path, " > ")+" > ", " > "+category+" > ")
}

func oracleMatches(w *Where, it *Item, now int64) bool {
	has := func(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }
	within := func(r *Range, v int64) bool {
		return r == nil || v != Unset && (r.Min == nil || v >= *r.Min) && (r.Max == nil || v <= *r.Max)
	}
	if !has(w.Items, it.ID) || !has(w.Brands, it.Brand) || !has(w.Groups, it.Group) || !within(w.Price, it.Price) || !within(w.Stock, it.Stock) {
		return false
	}
	if len(w.Tags) > 0 && !slices.ContainsFunc(w.Tags, func(t string) bool { return slices.Contains(it.Tags, t) }) {
		return false
	}
	if len(w.Categories) > 0 && !slices.ContainsFunc(w.Categories, func(c string) bool { return oraclePath(c, it.Category) }) {
		return false
	}
	if m := w.Margin; m != nil {
		if it.Price <= 0 || it.Cost == Unset {
			return false
		}
		margin := float64(it.Price-it.Cost) / float64(it.Price)
		if m.Min != nil && margin < *m.Min || m.Max != nil && margin > *m.Max {
			return false
		}
	}
	return w.NewDays == 0 || it.Created > 0 && now-it.Created <= int64(w.NewDays)*24*3600_000
}

func oracleEffect(all []Rule, c *Context, it *Item) (excluded bool, factor float64) {
	factor = 1
	for i := range all {
		r := &all[i]
		if !oracleHolds(r, c) || !oracleMatches(&r.Where, it, c.Now) {
			continue
		}
		switch r.Action {
		case Exclude:
			excluded = true
		case Boost:
			factor *= r.Strength
		case Bury:
			factor /= r.Strength
		}
	}
	return excluded, min(max(factor, 1.0/MaxFactor), MaxFactor)
}

// world draws rules, items and contexts from small vocabularies, so that they meet often.
type world struct{ *rand.Rand }

func (w world) some(of string, n, most int) (out []string) {
	for range w.IntN(most + 1) {
		out = append(out, fmt.Sprintf("%s%d", of, w.IntN(n)))
	}
	return out
}

func (w world) maybe(p float64) bool { return w.Float64() < p }

func (w world) span(top int64) *Range {
	if !w.maybe(0.2) {
		return nil
	}
	low := w.Int64N(top)
	high := low + w.Int64N(top)
	r := &Range{Min: &low, Max: &high}
	if w.maybe(0.3) {
		r.Min = nil
	} else if w.maybe(0.3) {
		r.Max = nil
	}
	return r
}

const worldNow = int64(1_700_000_000_000)

func (w world) rule(i int) Rule {
	r := Rule{
		ID: fmt.Sprint("r", i), Title: "t", Action: []Action{Pin, Boost, Bury, Exclude}[w.IntN(4)], Priority: w.IntN(3), Created: int64(w.IntN(4)),
		Where: Where{Items: w.some("i", 40, 6), Price: w.span(100), Stock: w.span(20)},
	}
	if w.maybe(0.1) {
		r.State = Paused
	}
	if w.maybe(0.3) {
		r.Where.Categories = []string{[]string{"c0", "c1", "c0 > c2", "c2 > c3", "c3"}[w.IntN(5)]}
	}
	if w.maybe(0.2) {
		r.Where.Brands = w.some("b", 5, 2)
	}
	if w.maybe(0.2) {
		r.Where.Tags = w.some("t", 6, 3)
	}
	if w.maybe(0.1) {
		r.Where.Groups = w.some("g", 6, 2)
	}
	if w.maybe(0.1) {
		share := w.Float64()
		r.Where.Margin = &ShareRange{Min: &share}
	}
	if w.maybe(0.1) {
		r.Where.NewDays = 1 + w.IntN(30)
	}
	if r.Action == Boost || r.Action == Bury {
		r.Strength = 1.1 + 20*w.Float64()
	}
	if r.Action == Pin {
		r.Position = 1 + w.IntN(12)
		r.Where.Items = append(r.Where.Items, fmt.Sprint("i", w.IntN(40)))
	}
	if w.maybe(0.3) {
		r.When.Placements = []string{Placements[w.IntN(3)]}
	}
	if w.maybe(0.1) {
		r.When.Segments = w.some("s", 3, 2)
	}
	if w.maybe(0.1) {
		r.When.Categories = []string{[]string{"c0", "c2", "c0 > c2"}[w.IntN(3)]}
	}
	if w.maybe(0.1) {
		r.When.Items = w.some("i", 40, 3)
	}
	if w.maybe(0.2) {
		r.When.Schedule.Starts = worldNow - 1000*w.Int64N(10_000_000)
		r.When.Schedule.Ends = worldNow + 1000*w.Int64N(10_000_000) + 1
	}
	if w.maybe(0.2) {
		r.When.Schedule.Zone = []string{"", "Europe/Berlin", "America/New_York", "Asia/Kolkata"}[w.IntN(4)]
		r.When.Schedule.Weekly = []Weekly{{
			Days: []string{Days[w.IntN(7)], Days[w.IntN(7)]},
			From: fmt.Sprintf("%02d:%02d", w.IntN(12), w.IntN(60)), To: fmt.Sprintf("%02d:%02d", 12+w.IntN(12), w.IntN(60)),
		}}
		if w.maybe(0.3) {
			h := &r.When.Schedule.Weekly[0]
			h.From, h.To = h.To, h.From
		}
	}
	r.Normalize()
	if r.Where.empty() {
		r.Where.Brands = []string{"b0"}
	}
	return r
}

func (w world) item(i int) Item {
	it := Item{
		ID: fmt.Sprint("i", i), Category: []string{"c0", "c2", "c3"}[:w.IntN(4)], Brand: fmt.Sprint("b", w.IntN(5)), Tags: w.some("t", 6, 4), Price: w.Int64N(120),
		Cost: w.Int64N(100), Stock: w.Int64N(25), Created: worldNow - w.Int64N(40)*24*3600_000, Published: true,
	}
	for _, v := range []*int64{&it.Price, &it.Cost, &it.Stock} {
		if w.maybe(0.1) {
			*v = Unset
		}
	}
	if w.maybe(0.3) {
		it.Group = fmt.Sprint("g", w.IntN(6))
	}
	return it
}

func (w world) context() Context {
	return Context{
		Placement: Placements[w.IntN(4)], Category: []string{"c0", "c2"}[:w.IntN(3)], Item: fmt.Sprint("i", w.IntN(40)), Segments: w.some("s", 3, 2),
		Now: worldNow + w.Int64N(14*24*3600_000) - 7*24*3600_000,
	}
}

func TestIndexedRulesDoWhatLookingAtEveryRuleSays(t *testing.T) {
	w := world{rand.New(rand.NewPCG(1, 2))}
	var active Active
	met := 0
	for round := range 400 {
		var all []Rule
		for i := range w.IntN(60) {
			r := w.rule(i)
			if err := r.Validate(); err != nil {
				t.Fatalf("%+v: %v", r, err)
			}
			all = append(all, r)
		}
		set := Compile(all)
		for range 5 {
			c := w.context()
			set.At(&active, &c)
			for i := range 40 {
				it := w.item(i)
				excluded, factor := oracleEffect(all, &c, &it)
				got := active.Effect(&it)
				if got.Excluded != excluded || !excluded && math.Abs(got.Factor-factor) > 1e-9*factor {
					t.Fatalf("round %d, item %+v in %+v: %+v, want excluded %v and factor %v", round, it, c, got, excluded, factor)
				}
				if excluded || factor != 1 {
					met++
				}
				checkTouches(t, &active, &it, got)
			}
			checkPins(t, all, &active, &c)
		}
	}
	if met < 10_000 {
		t.Errorf("only %d items met a rule", met)
	}
}

// checkTouches: they are in order of precedence, and lead from the score without rules to the one with them.
func checkTouches(t *testing.T, a *Active, it *Item, e Effect) {
	t.Helper()
	touches := a.Touches(nil, it, 0.5)
	last := 0.5
	for _, touch := range touches {
		if touch.Rule.Action == Exclude {
			continue
		}
		if math.Abs(touch.Before-last) > 1e-12 {
			t.Fatalf("touched from %v, it was %v", touch.Before, last)
		}
		last = touch.After
	}
	if math.Abs(last-0.5*e.Factor) > 1e-9 {
		t.Fatalf("touches lead to %v, the effect to %v", last, 0.5*e.Factor)
	}
}

// checkPins: each pin that holds, by priority, then the newer, then the lower id.
func checkPins(t *testing.T, all []Rule, a *Active, c *Context) {
	t.Helper()
	var want []string
	pins := slices.DeleteFunc(slices.Clone(all), func(r Rule) bool { return r.Action != Pin || !oracleHolds(&r, c) })
	slices.SortFunc(pins, func(x, y Rule) int {
		switch {
		case x.Priority != y.Priority:
			return y.Priority - x.Priority
		case x.Created != y.Created:
			return int(y.Created - x.Created)
		}
		return strings.Compare(x.ID, y.ID)
	})
	for _, r := range pins {
		for _, item := range r.Where.Items {
			want = append(want, fmt.Sprint(r.ID, " ", r.Position, " ", item))
		}
	}
	var got []string
	a.Pins(func(number, position int, item string) bool {
		got = append(got, fmt.Sprint(a.Rule(number).ID, " ", position, " ", item))
		return true
	})
	if !slices.Equal(got, want) {
		t.Fatalf("pins %v\nwant %v", got, want)
	}
}

func TestEffectAllocatesNothing(t *testing.T) {
	w := world{rand.New(rand.NewPCG(3, 4))}
	var all []Rule
	for i := range 200 {
		all = append(all, w.rule(i))
	}
	set, c := Compile(all), w.context()
	items := make([]Item, 300)
	for i := range items {
		items[i] = w.item(i)
	}
	var active Active
	allocs := testing.AllocsPerRun(20, func() {
		set.At(&active, &c)
		for i := range items {
			active.Effect(&items[i])
		}
		active.Pins(func(int, int, string) bool { return true })
	})
	if allocs != 0 {
		t.Errorf("%v allocations an answer", allocs)
	}
}

// BenchmarkAnswer is 200 rules over 300 candidates, the work of one answer.
func BenchmarkAnswer(b *testing.B) {
	w := world{rand.New(rand.NewPCG(5, 6))}
	var all []Rule
	for i := range 200 {
		r := w.rule(i)
		r.When = When{}
		if len(r.Where.Items) == 0 && i%4 != 0 {
			r.Where.Categories = []string{fmt.Sprint("d", i)}
		}
		all = append(all, r)
	}
	set, c := Compile(all), w.context()
	items := make([]Item, 300)
	for i := range items {
		items[i] = w.item(i)
		items[i].Category = []string{"c0", fmt.Sprint("d", i)}
	}
	var active Active
	b.ReportAllocs()
	for b.Loop() {
		set.At(&active, &c)
		for i := range items {
			active.Effect(&items[i])
		}
	}
}

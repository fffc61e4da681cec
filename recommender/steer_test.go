package recommender

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"beckon/recommender/rules"
)

// factsOfShop is what rules may ask of the test shop's items: sku-7 has brand b2, tag t1 and stock 7.
func factsOfShop(id string, dst *rules.Item) bool {
	var n int
	if _, err := fmt.Sscanf(id, "sku-%d", &n); err != nil {
		return false
	}
	*dst = rules.Item{
		ID: id, Brand: fmt.Sprint("b", n%5), Tags: []string{fmt.Sprint("t", n%3)}, Category: []string{"all", fmt.Sprint("shelf-", n%4)},
		Price: int64(100 * n), Cost: 50, Stock: int64(n), Group: groupOfShop(id), Published: true,
	}
	return true
}

// groupOfShop has two variants in each group of the first twenty items.
func groupOfShop(id string) string {
	var n int
	if _, err := fmt.Sscanf(id, "sku-%d", &n); err != nil || n >= 20 {
		return ""
	}
	return fmt.Sprint("g", n/2)
}

func randomRules(r *rand.Rand) (all []rules.Rule) {
	for i := range r.IntN(12) {
		rule := rules.Rule{ID: fmt.Sprint("r", i), Title: fmt.Sprint("Rule ", i), State: rules.Running, Priority: r.IntN(2), Created: int64(r.IntN(3))}
		rule.Action = []rules.Action{rules.Pin, rules.Boost, rules.Bury, rules.Exclude}[r.IntN(4)]
		switch rule.Action {
		case rules.Pin:
			rule.Position = 1 + r.IntN(12)
			for range 1 + r.IntN(4) {
				rule.Where.Items = append(rule.Where.Items, fmt.Sprint("sku-", r.IntN(70)))
			}
		default:
			rule.Strength = 1.5 + 20*r.Float64()
			switch r.IntN(3) {
			case 0:
				rule.Where.Brands = []string{fmt.Sprint("b", r.IntN(5))}
			case 1:
				rule.Where.Tags = []string{fmt.Sprint("t", r.IntN(3))}
			case 2:
				low := int64(r.IntN(60))
				rule.Where.Stock = &rules.Range{Min: &low}
			}
			if rule.Action == rules.Exclude {
				rule.Strength = 0
				rule.Where.Categories = []string{fmt.Sprint("shelf-", r.IntN(4))}
			}
		}
		if r.IntN(4) == 0 {
			rule.When.Placements = []string{Home, Cart}
		}
		all = append(all, rule)
	}
	return all
}

// pinsWanted is, by place, what pins show where the answer is long enough.
func pinsWanted(q *Query, active *rules.Active, limit int) map[int]string {
	want, groups := map[int]string{}, map[string]bool{}
	active.Pins(func(number, place int, item string) bool {
		for want[place] != "" {
			place++
		}
		it := rules.Unknown(item)
		q.Facts(item, &it)
		group := q.Group(item)
		shown := false
		for _, other := range want {
			shown = shown || other == item
		}
		switch {
		case place > limit, shown, item == q.Item, slices.Contains(q.Cart, item), slices.Contains(q.Bought, item), !q.Eligible(item),
			active.Effect(&it).Excluded, group != "" && groups[group]:
		default:
			want[place], groups[group] = item, true
		}
		return len(want) < rules.MaxPins && len(want) < limit
	})
	return want
}

func TestAnswersKeepToTheRules(t *testing.T) {
	e, now := learned(t, 31, 8000)
	r := rand.New(rand.NewPCG(9, 9))
	some := func(n int) (out []string) {
		for range r.IntN(n) {
			out = append(out, fmt.Sprint("sku-", r.IntN(60)))
		}
		return out
	}
	var a Answer
	var active rules.Active
	pinned, moved := 0, 0
	for range 3000 {
		banned := fmt.Sprint(r.IntN(10))
		q := Query{
			Site: "north", Visitor: fmt.Sprint("v", r.IntN(40)), Placement: placements[r.IntN(len(placements))].name,
			Session: some(6), History: some(9), Cart: some(4), Bought: some(3), Limit: 1 + r.IntN(24), Now: now, Seed: r.Uint64(), Personal: true,
			Eligible: func(item string) bool { return !strings.HasSuffix(item, banned) }, Group: groupOfShop, Facts: factsOfShop,
			Rules: rules.Compile(randomRules(r)), Explain: r.IntN(2) == 0,
		}
		if r.IntN(2) == 0 {
			q.Item = fmt.Sprint("sku-", r.IntN(60))
		}
		e.Recommend(&a, &q)
		q.Rules.At(&active, &rules.Context{Placement: q.Placement, Item: q.Item, Now: now})
		want := pinsWanted(&q, &active, q.Limit)
		if len(a.Items) > q.Limit {
			t.Fatalf("%d items, want at most %d", len(a.Items), q.Limit)
		}
		seen, groups := map[string]bool{}, map[string]bool{}
		for i := range a.Items {
			s := &a.Items[i]
			it := rules.Unknown(s.Item)
			factsOfShop(s.Item, &it)
			effect := active.Effect(&it)
			group := groupOfShop(s.Item)
			switch {
			case seen[s.Item] || group != "" && groups[group]:
				t.Fatalf("%s or a variant of it twice", s.Item)
			case effect.Excluded:
				t.Fatalf("%s is shown, which a rule excludes", s.Item)
			case !q.Eligible(s.Item) || s.Item == q.Item || slices.Contains(q.Cart, s.Item) || slices.Contains(q.Bought, s.Item):
				t.Fatalf("%s may not be shown", s.Item)
			case s.Propensity <= 0 || s.Propensity > 1:
				t.Fatalf("propensity %v", s.Propensity)
			case (s.Kind == Pinned) != (want[i+1] == s.Item) && len(a.Items) == q.Limit:
				t.Fatalf("place %d has %s of kind %s, want the pin %q of %v", i+1, s.Item, s.Kind, want[i+1], want)
			case s.Kind == Pinned && (s.Propensity != 1 || s.Rule == nil || s.Rule.Action != rules.Pin || s.Drawn):
				t.Fatalf("pinned as %+v", s)
			case s.Kind != Pinned && (s.Rule != nil) != (effect.Mover >= 0):
				t.Fatalf("%s says rule %v, the effect is %+v", s.Item, s.Rule, effect)
			case q.Explain && s.Kind != Pinned && (len(s.Touches) > 0) != (effect.Mover >= 0):
				t.Fatalf("%s was touched by %v, the effect is %+v", s.Item, s.Touches, effect)
			}
			seen[s.Item], groups[group] = true, true
			if s.Kind == Pinned {
				pinned++
			} else if effect.Factor != 1 {
				moved++
			}
		}
		for place, item := range want {
			if !seen[item] {
				t.Fatalf("pin %s for place %d is missing in %v", item, place, items(&a))
			}
		}
	}
	if pinned < 1000 || moved < 1000 {
		t.Errorf("%d pins and %d moved items: too few to say anything", pinned, moved)
	}
}

func TestPropensitiesHoldWithRules(t *testing.T) {
	e, now := learned(t, 32, 4000)
	set := rules.Compile([]rules.Rule{
		{ID: "p", Action: rules.Pin, Position: 2, State: rules.Running, Where: rules.Where{Items: []string{"sku-59", "never-seen"}}},
		{ID: "m", Action: rules.Boost, Strength: 8, State: rules.Running, Where: rules.Where{Brands: []string{"b1"}}},
		{ID: "l", Action: rules.Bury, Strength: 8, State: rules.Running, Where: rules.Where{Brands: []string{"b2"}}},
		{ID: "x", Action: rules.Exclude, State: rules.Running, Where: rules.Where{Tags: []string{"t0"}}},
	})
	const draws = 20_000
	shown, said := map[string]int{}, map[string]float64{}
	var a Answer
	for seed := range uint64(draws) {
		e.Recommend(&a, &Query{
			Site: "north", Placement: Home, Session: []string{"sku-5"}, Personal: true, Limit: 10, Now: now, Seed: seed + 1, Rules: set, Facts: factsOfShop,
		})
		if a.Items[1].Item != "sku-59" || a.Items[2].Item != "never-seen" {
			t.Fatalf("pins are not at their places: %v", items(&a))
		}
		for _, s := range a.Items {
			shown[s.Item]++
			if p, ok := said[s.Item]; ok && p != s.Propensity {
				t.Fatalf("%s: propensity %v and %v", s.Item, p, s.Propensity)
			}
			said[s.Item] = s.Propensity
		}
	}
	sum := 0.0
	for item, p := range said {
		sum += p
		got := float64(shown[item]) / draws
		if allowed := 4.5 * math.Sqrt(p*(1-p)/draws); math.Abs(got-p) > allowed+1e-12 {
			t.Errorf("%s: shown in %.4f of the answers, propensity %.4f", item, got, p)
		}
	}
	if math.Abs(sum-10) > 1e-9 {
		t.Errorf("propensities sum to %v, want 10", sum)
	}
}

func TestBoostedScoresAreTheScoreTimesTheFactor(t *testing.T) {
	e, now := learned(t, 33, 4000)
	q := Query{Site: "north", Placement: ItemPage, Item: "sku-5", Limit: 20, Now: now, Plain: true, Facts: factsOfShop}
	var before, after Answer
	e.Recommend(&before, &q)
	q.Explain = true
	q.Rules = rules.Compile([]rules.Rule{
		{ID: "m", Title: "More", Action: rules.Boost, Strength: 4, State: rules.Running, Where: rules.Where{Brands: []string{"b1"}}},
		{ID: "n", Title: "Less", Action: rules.Bury, Strength: 2, State: rules.Running, Where: rules.Where{Tags: []string{"t1"}}},
	})
	e.Recommend(&after, &q)
	compared := 0
	for _, s := range after.Items {
		it := rules.Unknown(s.Item)
		factsOfShop(s.Item, &it)
		want := 1.0
		if it.Brand == "b1" {
			want *= 4
		}
		if it.Tags[0] == "t1" {
			want /= 2
		}
		at := slices.IndexFunc(before.Items, func(o Scored) bool { return o.Item == s.Item })
		if at < 0 {
			continue
		}
		compared++
		if math.Abs(s.Score-before.Items[at].Score*want) > 1e-6 {
			t.Errorf("%s: score %v, before %v, want times %v", s.Item, s.Score, before.Items[at].Score, want)
		}
		if n := len(s.Touches); n > 0 && (math.Abs(s.Touches[0].Before-before.Items[at].Score) > 1e-6 || math.Abs(s.Touches[n-1].After-s.Score) > 1e-6) {
			t.Errorf("%s: touches %+v do not lead from %v to %v", s.Item, s.Touches, before.Items[at].Score, s.Score)
		}
	}
	if compared < 10 {
		t.Errorf("only %d items are in both answers", compared)
	}
}

func TestRankKeepsToTheRules(t *testing.T) {
	e, now := learned(t, 34, 4000)
	list := []string{"sku-3", "sku-4", "unknown", "sku-5", "sku-6", "sku-7", "sku-8", "sku-9"}
	q := Query{Site: "north", Placement: Category, Now: now, Facts: factsOfShop, Rules: rules.Compile([]rules.Rule{
		{ID: "p", Action: rules.Pin, Position: 2, State: rules.Running, Where: rules.Where{Items: []string{"sku-50", "unknown", "sku-6"}}},
		{ID: "x", Action: rules.Exclude, State: rules.Running, Where: rules.Where{Items: []string{"sku-4", "sku-6"}}},
	})}
	var a Answer
	e.Rank(&a, &q, list)
	got := items(&a)
	if len(got) != 6 || got[1] != "unknown" || a.Items[1].Kind != Pinned || slices.Contains(got, "sku-4") || slices.Contains(got, "sku-6") || slices.Contains(got, "sku-50") {
		t.Errorf("got %v: want the six that are left, unknown second, and nothing that was not asked about", got)
	}
	for _, s := range a.Items {
		if s.Propensity != 1 {
			t.Errorf("%s: propensity %v", s.Item, s.Propensity)
		}
	}
}

func TestWhyNotNamesTheReason(t *testing.T) {
	e, now := learned(t, 35, 6000)
	q := Query{
		Site: "north", Placement: Home, Session: []string{"sku-5"}, Cart: []string{"sku-30"}, Bought: []string{"sku-31"}, Item: "sku-32", Personal: true, Limit: 5, Now: now, Plain: true,
		Eligible: func(item string) bool { return item != "sku-33" }, Facts: factsOfShop,
	}
	var a Answer
	e.Recommend(&a, &q)
	first, second, hidden := a.Items[0].Item, a.Items[1].Item, a.Items[4].Item
	q.Group = func(item string) string {
		if item == first || item == "sku-34" {
			return "same"
		}
		return ""
	}
	q.Rules = rules.Compile([]rules.Rule{{ID: "x", Title: "Not this", Action: rules.Exclude, State: rules.Running, Where: rules.Where{Items: []string{hidden}}}})
	q.Why = []string{second, "sku-30", "sku-31", "sku-32", "sku-33", "sku-34", hidden, "no-such-item"}
	e.Recommend(&a, &q)
	shown := items(&a)
	for i, want := range []Reason{Shown, InCart, JustBought, OwnItem, NotEligible, SameProduct, ExcludedByRule, NoCandidate} {
		w := a.Why[i]
		if w.Item != q.Why[i] || w.Reason != want {
			t.Errorf("%s: %s, want %s", w.Item, w.Reason, want)
		}
	}
	if w := a.Why[0]; w.Place < 1 || shown[w.Place-1] != second {
		t.Errorf("%s is said to be in place %d of %v", second, w.Place, shown)
	}
	if w := a.Why[5]; w.Other != first {
		t.Errorf("a variant of %q, want of %q", w.Other, first)
	}
	if w := a.Why[6]; w.Rule == nil || w.Rule.ID != "x" {
		t.Errorf("excluded by %v, want x", w.Rule)
	}

	q.Why, q.Rules, q.Group = nil, nil, nil
	for i := range 60 {
		q.Why = append(q.Why, fmt.Sprint("sku-", i))
	}
	e.Recommend(&a, &q)
	byRank := map[int]float64{}
	for _, w := range a.Why {
		switch w.Reason {
		case Shown, BelowCut:
			if byRank[w.Place] != 0 || (w.Reason == Shown) != (w.Place <= 5) || w.Score <= 0 {
				t.Errorf("%s: %s at %d with score %v", w.Item, w.Reason, w.Place, w.Score)
			}
			byRank[w.Place] = w.Score
		}
	}
	for rank := 1; rank <= len(byRank); rank++ {
		if byRank[rank] == 0 || rank > 1 && byRank[rank] > byRank[rank-1] {
			t.Errorf("rank %d has score %v after %v", rank, byRank[rank], byRank[rank-1])
		}
	}
	if len(byRank) < 20 {
		t.Errorf("only %d items have a rank", len(byRank))
	}
}

func TestAskingWhyChangesNothingThatIsDrawn(t *testing.T) {
	e, now := learned(t, 36, 4000)
	var a, b Answer
	for seed := range uint64(200) {
		q := Query{Site: "north", Placement: Home, Limit: 10, Now: now, Seed: seed + 1}
		e.Recommend(&a, &q)
		q.Why = []string{"sku-1", "sku-50"}
		e.Recommend(&b, &q)
		if !slices.Equal(items(&a), items(&b)) {
			t.Fatalf("seed %d: %v, and asked why %v", seed+1, items(&a), items(&b))
		}
	}
}

func TestWithoutRulesNothingMoreIsAllocated(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	e, now := learned(t, 37, 4000)
	var a Answer
	set := rules.Compile([]rules.Rule{
		{ID: "m", Action: rules.Boost, Strength: 4, State: rules.Running, Where: rules.Where{Brands: []string{"b1"}}},
		{ID: "p", Action: rules.Pin, Position: 1, State: rules.Running, Where: rules.Where{Items: []string{"sku-9"}}},
	})
	facts := func(id string, dst *rules.Item) bool {
		*dst = rules.Item{ID: id, Brand: "b1", Published: true}
		return true
	}
	for _, with := range []*rules.Set{nil, set} {
		q := Query{Site: "north", Placement: Home, Limit: 10, Now: now, Seed: 1, Rules: with, Facts: facts}
		if allocs := testing.AllocsPerRun(100, func() { e.Recommend(&a, &q) }); allocs >= 1 {
			t.Errorf("%v allocations an answer with %d rules", allocs, with.Len())
		}
	}
}

func TestRulesThatHoldElsewhereChangeNothing(t *testing.T) {
	e, now := learned(t, 38, 4000)
	set := rules.Compile([]rules.Rule{
		{ID: "x", Action: rules.Exclude, State: rules.Running, Where: rules.Where{Brands: []string{"b1"}}, When: rules.When{Placements: []string{Cart}}},
		{ID: "p", Action: rules.Pin, Position: 1, State: rules.Running, Where: rules.Where{Items: []string{"sku-9"}}, When: rules.When{Segments: []string{"vip"}}},
	})
	var with, without Answer
	for seed := range uint64(100) {
		q := Query{Site: "north", Placement: Home, Session: []string{"sku-5"}, Personal: true, Limit: 12, Now: now, Seed: seed + 1, Facts: factsOfShop}
		e.Recommend(&without, &q)
		q.Rules = set
		e.Recommend(&with, &q)
		if fmt.Sprint(with) != fmt.Sprint(without) {
			t.Fatalf("%v\nwithout rules %v", with, without)
		}
	}
}

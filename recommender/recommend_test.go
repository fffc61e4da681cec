package recommender

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"beckon/clickstream"
)

func learned(t testing.TB, seed uint64, n int) (*Engine, int64) {
	t.Helper()
	e := New(Config{})
	s := newShop(seed)
	apply(t, e, s.facts(n), 256)
	return e, s.clock
}

func items(a *Answer) (out []string) {
	for i := range a.Items {
		out = append(out, a.Items[i].Item)
	}
	return out
}

var kinds = []string{BoughtTogether, ViewedTogether, InSession, SimilarShoppers, Trending, Recent, Bestseller}

func TestAnswersKeepTheirPromises(t *testing.T) {
	e, now := learned(t, 21, 8000)
	r := rand.New(rand.NewPCG(1, 1))
	some := func(n int) (out []string) {
		for range r.IntN(n) {
			out = append(out, fmt.Sprint("sku-", r.IntN(60)))
		}
		return out
	}
	var a Answer
	for range 3000 {
		banned := int(r.Uint32() % 7)
		q := Query{
			Site: "north", Visitor: fmt.Sprint("v", r.IntN(40)), Placement: placements[r.IntN(len(placements))].name,
			Session: some(6), History: some(9), Cart: some(4), Bought: some(3), Category: fmt.Sprint("shelf-", r.IntN(4)),
			Limit: r.IntN(30), Now: now, Seed: r.Uint64(), Explain: r.IntN(2) == 0, Personal: r.IntN(4) > 0,
			Eligible: func(item string) bool { return !strings.HasSuffix(item, fmt.Sprint(banned)) },
		}
		if r.IntN(2) == 0 {
			q.Item = fmt.Sprint("sku-", r.IntN(60))
		}
		e.Recommend(&a, &q)
		limit := q.Limit
		if limit == 0 {
			limit = 10
		}
		if len(a.Items) > limit || len(a.Items) < min(limit, 20) {
			t.Fatalf("%d items, want %d (the shop has 60)", len(a.Items), limit)
		}
		seen := map[string]bool{}
		for i, s := range a.Items {
			switch {
			case seen[s.Item]:
				t.Fatalf("%s twice", s.Item)
			case !q.Eligible(s.Item):
				t.Fatalf("%s is not eligible", s.Item)
			case s.Item == q.Item || slices.Contains(q.Cart, s.Item) || slices.Contains(q.Bought, s.Item):
				t.Fatalf("%s is on the page, in the cart or bought", s.Item)
			case !slices.Contains(kinds, s.Kind):
				t.Fatalf("kind %q", s.Kind)
			case s.Propensity <= 0 || s.Propensity > 1:
				t.Fatalf("propensity %v", s.Propensity)
			case s.Score <= 0 || math.IsNaN(s.Score) || i > 0 && s.Propensity == 1 && s.Score > a.Items[i-1].Score:
				t.Fatalf("score %v after %v", s.Score, a.Items[max(i-1, 0)].Score)
			case q.Explain != (len(s.Trace) > 0):
				t.Fatalf("trace of %d parts with explain=%v", len(s.Trace), q.Explain)
			case s.Kind == Recent && !slices.Contains(q.History, s.Item):
				t.Fatalf("%s is called recent and was never looked at", s.Item)
			}
			seen[s.Item] = true
			for _, cause := range s.Because {
				known := cause == q.Item
				if q.Personal {
					known = known || slices.Contains(q.Session, cause) || slices.Contains(q.Cart, cause) || slices.Contains(q.Bought, cause)
				}
				if !known {
					t.Fatalf("because of %s, which the shopper has nothing to do with", cause)
				}
			}
		}
	}
}

func TestWithoutPersonalizationTheShopperChangesNothing(t *testing.T) {
	e, now := learned(t, 22, 4000)
	var a, b Answer
	e.Recommend(&a, &Query{Site: "north", Placement: ItemPage, Item: "sku-5", Now: now, Seed: 1})
	e.Recommend(&b, &Query{Site: "north", Placement: ItemPage, Item: "sku-5", Now: now, Seed: 1, Session: []string{"sku-40"}, History: []string{"sku-41"}})
	if got, want := fmt.Sprint(b), fmt.Sprint(a); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestUnknownShopperItemAndSiteAreAnswered(t *testing.T) {
	e, now := learned(t, 23, 4000)
	var a Answer
	for _, q := range []Query{
		{Site: "north", Visitor: "nobody", Placement: Home, Personal: true},
		{Site: "north", Placement: ItemPage, Item: "never-seen"},
		{Site: "north", Placement: "moon", Session: []string{"never-seen"}, Personal: true},
		{Site: "north", Placement: Category, Category: "never-seen"},
	} {
		q.Now, q.Limit = now, 10
		e.Recommend(&a, &q)
		if len(a.Items) != 10 {
			t.Errorf("%+v: %d items, want 10", q, len(a.Items))
		}
		for _, s := range a.Items {
			if s.Kind != Trending && s.Kind != Bestseller {
				t.Errorf("%s: kind %s for somebody unknown", s.Item, s.Kind)
			}
		}
	}
	e.Recommend(&a, &Query{Site: "elsewhere", Placement: Home})
	if len(a.Items) != 0 || a.Model == "" {
		t.Errorf("a site without facts: %d items by model %q", len(a.Items), a.Model)
	}
	if got := e.Trending("elsewhere", now, time.Hour, 5, nil); len(got) != 0 {
		t.Errorf("a site without facts trends %v", got)
	}
}

func TestSitesShareNothing(t *testing.T) {
	both, one := New(Config{}), New(Config{})
	facts := newShop(24).facts(6000)
	apply(t, both, facts, 100)
	apply(t, one, slices.DeleteFunc(facts, func(f clickstream.Fact) bool { return f.Site != "north" }), 100)
	var a, b Answer
	for p := range placements {
		q := Query{
			Site: "north", Placement: placements[p].name, Item: "sku-7", Session: []string{"sku-1", "sku-2"}, History: []string{"sku-3"},
			Cart: []string{"sku-4"}, Personal: true, Limit: 30, Explain: true,
		}
		both.Recommend(&a, &q)
		one.Recommend(&b, &q)
		if got, want := fmt.Sprint(a), fmt.Sprint(b); got != want {
			t.Errorf("%s: with another site beside it %s\nwant %s", q.Placement, got, want)
		}
	}
}

func TestPropensityIsHowOftenAnItemIsShown(t *testing.T) {
	e, now := learned(t, 25, 4000)
	const draws = 20_000
	shown, said := map[string]int{}, map[string]float64{}
	var a Answer
	for seed := range uint64(draws) {
		e.Recommend(&a, &Query{Site: "north", Placement: Home, Session: []string{"sku-5"}, Personal: true, Limit: 10, Now: now, Seed: seed + 1})
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
	if len(said) != 16 || math.Abs(sum-10) > 1e-9 {
		t.Errorf("%d items with propensities that sum to %v, want 16 (8 fixed, 8 in the pool) and 10", len(said), sum)
	}
}

func TestSameShopperSeesTheSameForAnHour(t *testing.T) {
	e, _ := learned(t, 26, 4000)
	const hour = int64(1_700_000_000_000 / 3600_000 * 3600_000)
	var a, b Answer
	lists := map[string]bool{}
	for visitor := range 200 {
		q := Query{Site: "north", Visitor: fmt.Sprint("v", visitor), Placement: Home, Now: hour}
		e.Recommend(&a, &q)
		q.Now += 3599_999
		e.Recommend(&b, &q)
		if !slices.Equal(items(&a), items(&b)) {
			t.Fatalf("within an hour %v and %v", items(&a), items(&b))
		}
		lists[fmt.Sprint(items(&a))] = true
	}
	if len(lists) < 5 {
		t.Errorf("200 shoppers saw %d different lists", len(lists))
	}
}

func TestVariantsAreShownOnce(t *testing.T) {
	e, now := learned(t, 27, 4000)
	group := func(item string) string { return item[:min(len(item), 5)] } // sku-1, sku-10 … sku-19
	var a Answer
	e.Recommend(&a, &Query{Site: "north", Placement: Home, Limit: 6, Group: group, Now: now})
	seen := map[string]bool{}
	for _, item := range items(&a) {
		if seen[group(item)] {
			t.Errorf("two variants of %s in %v", group(item), items(&a))
		}
		seen[group(item)] = true
	}
}

// What was just looked at is visible to the next answer, and a shopper's own visit is not a neighbour of itself.
func TestOwnVisitIsNoNeighbourOfItself(t *testing.T) {
	e := New(Config{Exploration: -1})
	view := func(visitor string, start int64, steps ...string) clickstream.Fact {
		s := &clickstream.Session{Key: clickstream.SessionKey{Visitor: visitor, Start: start}}
		for _, item := range steps {
			s.Steps = append(s.Steps, clickstream.NewStep(item, clickstream.ViewItem, 0))
		}
		return clickstream.Fact{Site: "s", Changes: []clickstream.SessionChange{{Session: s, Added: len(steps)}}}
	}
	apply(t, e, []clickstream.Fact{view("me", 1, "a", "b"), view("you", 2, "a", "c")}, 10)
	var a Answer
	e.Recommend(&a, &Query{Site: "s", Visitor: "me", Placement: Search, Session: []string{"a"}, Personal: true})
	if got := items(&a); !slices.Equal(got, []string{"c"}) {
		t.Errorf("to me: %v, want [c]: b is known from my own visit only", got)
	}
	e.Recommend(&a, &Query{Site: "s", Visitor: "third", Placement: Search, Session: []string{"a"}, Personal: true})
	if got := items(&a); len(got) != 2 {
		t.Errorf("to a third: %v, want b and c", got)
	}
	if a.Items[0].Kind != InSession || !slices.Equal(a.Items[0].Because, []string{"a"}) {
		t.Errorf("reason %s because of %v, want session because of a", a.Items[0].Kind, a.Items[0].Because)
	}
	e.Recommend(&a, &Query{Site: "s", Placement: ItemPage, Item: "a"})
	if a.Items[0].Kind != ViewedTogether || !slices.Equal(a.Items[0].Because, []string{"a"}) {
		t.Errorf("on the page: %s because of %v, want viewed_together because of a", a.Items[0].Kind, a.Items[0].Because)
	}
}

func TestCartIsAnsweredWithWhatIsBoughtTogether(t *testing.T) {
	e := New(Config{Exploration: -1})
	var facts []clickstream.Fact
	for i := range 20 {
		buy := &clickstream.Event{Site: "s", Kind: clickstream.Purchase, Transaction: fmt.Sprint(i), Time: 1}
		buy.Items = []clickstream.Item{{ID: "tent"}, {ID: "pegs"}}
		if i%2 == 0 {
			buy.Items[1].ID = "lamp"
		}
		if i > 15 {
			buy.Items = buy.Items[:1]
		}
		facts = append(facts, clickstream.Fact{Site: "s", Event: buy})
	}
	apply(t, e, facts, 5)
	var a Answer
	e.Recommend(&a, &Query{Site: "s", Placement: Cart, Cart: []string{"tent"}, Personal: true})
	if got := items(&a); !slices.Equal(got, []string{"lamp", "pegs"}) {
		t.Fatalf("%v, want [lamp pegs]", got)
	}
	for _, s := range a.Items {
		if s.Kind != BoughtTogether || !slices.Equal(s.Because, []string{"tent"}) {
			t.Errorf("%s: %s because of %v, want bought_together because of tent", s.Item, s.Kind, s.Because)
		}
	}
}

func TestRankOrdersAllItems(t *testing.T) {
	e, now := learned(t, 28, 5000)
	var a Answer
	in := []string{"unseen-1", "sku-50", "sku-2", "unseen-2", "sku-1", "sku-3"}
	e.Rank(&a, &Query{Site: "north", Placement: Category, Session: []string{"sku-0", "sku-1"}, Personal: true, Now: now}, in)
	got := items(&a)
	if len(got) != len(in) || !slices.Equal(got[4:], []string{"unseen-1", "unseen-2"}) {
		t.Fatalf("%v, want all of %v with the unseen ones last", got, in)
	}
	for i, s := range a.Items {
		if s.Propensity != 1 || i > 0 && s.Score > a.Items[i-1].Score || (s.Kind == "") != (s.Score == 0) {
			t.Errorf("%+v", s)
		}
	}
	if slices.Index(got, "sku-50") < slices.Index(got, "sku-2") {
		t.Errorf("%v: sku-50 stands before sku-2, which goes with the visit", got)
	}
}

// A thousand answers a second while stock flips and facts come: what an answer holds was eligible after it began to be made.
func TestFilterHoldsWhileStockFlips(t *testing.T) {
	e, now := learned(t, 29, 3000)
	var stock [60]atomic.Bool
	for i := range stock {
		stock[i].Store(true)
	}
	number := func(item string) (n int) {
		fmt.Sscanf(item, "sku-%d", &n)
		return n
	}
	more := newShop(30).facts(4000)
	var done atomic.Bool
	var wg sync.WaitGroup
	for _, fold := range e.Folds() {
		wg.Go(func() {
			for i := 0; i < len(more); i += 100 {
				if err := fold.Fold.ApplyFacts(more[i : i+100]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		r := rand.New(rand.NewPCG(5, 5))
		for !done.Load() {
			stock[r.IntN(60)].Store(r.IntN(2) == 0)
		}
	})
	var readers sync.WaitGroup
	for reader := range 3 {
		readers.Go(func() {
			var a Answer
			var said [60]bool
			for i := range 400 {
				clear(said[:])
				e.Recommend(&a, &Query{
					Site: "north", Visitor: fmt.Sprint("v", reader), Placement: placements[i%len(placements)].name, Item: fmt.Sprint("sku-", i%60),
					Session: []string{"sku-1"}, History: []string{"sku-2", "sku-3"}, Cart: []string{"sku-4"}, Personal: true, Now: now,
					Eligible: func(item string) bool {
						n := number(item)
						said[n] = stock[n].Load()
						return said[n]
					},
				})
				for _, item := range items(&a) {
					if !said[number(item)] {
						t.Errorf("%s is in the answer and was out of stock when asked", item)
					}
				}
			}
		})
	}
	readers.Wait()
	done.Store(true)
	wg.Wait()
}

func TestRecommendAllocatesNothing(t *testing.T) {
	e, now := learned(t, 31, 20_000)
	var a Answer
	eligible := func(item string) bool { return item != "sku-2" }
	for p := range placements {
		q := Query{
			Site: "north", Visitor: "v1", Placement: placements[p].name, Item: "sku-7", Session: []string{"sku-1", "sku-2"},
			History: []string{"sku-3", "sku-9"}, Cart: []string{"sku-4"}, Bought: []string{"sku-5"}, Category: "shelf-1",
			Personal: true, Limit: 20, Now: now, Eligible: eligible, Explain: true,
		}
		e.Recommend(&a, &q)
		if n := testing.AllocsPerRun(100, func() { e.Recommend(&a, &q) }); n > 0 && !raceEnabled {
			t.Errorf("%s: %v allocations an answer, want 0", q.Placement, n)
		}
	}
}

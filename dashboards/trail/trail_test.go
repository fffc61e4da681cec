package trail

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/clickstream"
)

const start = int64(1_800_000_000_000)

var (
	kindsMade = []clickstream.Kind{
		clickstream.PageView, clickstream.ViewItem, clickstream.ViewItem, clickstream.ViewItem, clickstream.AddToCart,
		clickstream.BeginCheckout, clickstream.Purchase, clickstream.Heartbeat,
	}
	agentsMade  = []string{"Mozilla/5.0 (Windows NT 10.0)", "Mozilla/5.0 (iPhone) Mobile", ""}
	sourcesMade = []string{"?utm_source=news", "", "", "?utm_source=ads"}
)

// made is facts of some visitors over so many minutes, in the order of the log.
func made(seed uint64, n, visitors int, minutes int64) []clickstream.Fact {
	r := rand.New(rand.NewPCG(seed, 2))
	facts := make([]clickstream.Fact, n)
	for i := range facts {
		at := start + minutes*60_000*int64(i)/int64(n)/50*50 // many share an instant
		e := &clickstream.Event{
			Site: "one", Visitor: fmt.Sprint("v", r.IntN(visitors)), Kind: kindsMade[r.IntN(len(kindsMade))], Time: at - r.Int64N(3)*1000,
			UserAgent: agentsMade[r.IntN(len(agentsMade))], URL: "https://shop.example/" + sourcesMade[r.IntN(len(sourcesMade))],
		}
		if e.Kind != clickstream.PageView && e.Kind != clickstream.Heartbeat {
			for range 1 + r.IntN(2) {
				e.Items = append(e.Items, clickstream.Item{ID: fmt.Sprint("i", r.IntN(6))})
			}
		}
		facts[i] = clickstream.Fact{
			Seq: uint64(i), Event: e, Site: e.Site, Clock: at,
			Late: r.IntN(30) == 0, Bot: r.IntN(30) == 0, Repeat: e.Kind == clickstream.Purchase && r.IntN(10) == 0,
		}
	}
	return facts
}

func fold(t *testing.T, cfg Config, facts []clickstream.Fact, by int) *Fold {
	t.Helper()
	f := New(cfg)
	for part := range slices.Chunk(facts, by) {
		if err := f.ApplyFacts(part); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func saved(t *testing.T, f *Fold) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// plain is what counts of facts for a scope, by visitor and in order of time, and where visitors came from.
func plain(facts []clickstream.Fact, s *Scope, lookBack int64) (by map[string][]*clickstream.Event, from map[string]string) {
	by, from = map[string][]*clickstream.Event{}, map[string]string{}
	var list []*clickstream.Event
	for i := range facts {
		f := &facts[i]
		if !f.Late && !f.Bot && !f.Repeat && f.Event.Time >= s.From-lookBack && f.Event.Time < s.To && (s.Visitor == nil || s.Visitor(f.Event.Visitor)) {
			list = append(list, f.Event)
		}
	}
	slices.SortStableFunc(list, func(a, b *clickstream.Event) int { return cmp.Compare(a.Time, b.Time) })
	for _, e := range list {
		if source := clickstream.SourceOf(e.URL, e.Ref); e.Time >= s.From && e.Kind != clickstream.Heartbeat && source != clickstream.Direct && from[e.Visitor] == "" {
			from[e.Visitor] = source
		}
	}
	for _, e := range list {
		if from[e.Visitor] == "" {
			from[e.Visitor] = clickstream.Direct
		}
		if (s.Source == "" || s.Source == from[e.Visitor]) && (s.Device == "" || s.Device == clickstream.DeviceOf(e.UserAgent).String()) {
			by[e.Visitor] = append(by[e.Visitor], e)
		}
	}
	return by, from
}

// reached is the highest step that events reach, by trying every chain.
func reached(events []*clickstream.Event, ask *FunnelAsk) int {
	best := 0
	var follow func(step int, first, at int64)
	follow = func(step int, first, at int64) {
		best = max(best, step)
		if step == len(ask.Steps) || best == len(ask.Steps) {
			return
		}
		for _, e := range events {
			if e.Kind == ask.Steps[step] && (step == 0 || e.Time >= at && e.Time <= first+ask.Window) {
				from := first
				if step == 0 {
					from = e.Time
				}
				follow(step+1, from, e.Time)
			}
		}
	}
	follow(0, 0, 0)
	return best
}

func plainFunnel(facts []clickstream.Fact, ask *FunnelAsk) FunnelAnswer {
	by, from := plain(facts, &ask.Scope, 0)
	a := FunnelAnswer{Visitors: make([]int64, len(ask.Steps))}
	parts := map[string][]int64{}
	count := func(events []*clickstream.Event, into []int64) {
		for i := range reached(events, ask) {
			into[i]++
		}
	}
	for visitor, events := range by {
		count(events, a.Visitors)
		split := map[string][]*clickstream.Event{}
		for _, e := range events {
			switch ask.By {
			case ByDevice:
				device := clickstream.DeviceOf(e.UserAgent).String()
				split[device] = append(split[device], e)
			case BySource:
				split[from[visitor]] = append(split[from[visitor]], e)
			}
		}
		for value, some := range split {
			if parts[value] == nil {
				parts[value] = make([]int64, len(ask.Steps))
			}
			count(some, parts[value])
		}
	}
	for value, visitors := range parts {
		if visitors[0] > 0 {
			a.Parts = append(a.Parts, FunnelPart{value, visitors})
		}
	}
	slices.SortFunc(a.Parts, func(a, b FunnelPart) int {
		return cmp.Or(cmp.Compare(b.Visitors[0], a.Visitors[0]), strings.Compare(a.Value, b.Value))
	})
	return a
}

func scopes(minutes int64) []Scope {
	end := start + minutes*60_000
	return []Scope{
		{From: start - 10_000, To: end + 1},
		{From: start + 7*60_000, To: start + 23*60_000},
		{From: start, To: end, Device: "mobile"},
		{From: start, To: end, Source: "news"},
		{From: start, To: end, Source: clickstream.Direct, Device: "desktop"},
		{From: start, To: end, Visitor: func(visitor string) bool { return strings.HasSuffix(visitor, "3") }},
	}
}

func TestFunnelsAreThoseOfEveryChainTried(t *testing.T) {
	facts := made(1, 9000, 300, 60)
	f := fold(t, Config{}, facts, 100)
	for i, scope := range scopes(60) {
		for _, by := range []Breakdown{Whole, ByDevice, BySource} {
			ask := FunnelAsk{scope, []clickstream.Kind{clickstream.ViewItem, clickstream.AddToCart, clickstream.BeginCheckout, clickstream.Purchase}, 10 * 60_000, by}
			if got, want := f.Funnel("one", ask), plainFunnel(facts, &ask); !reflect.DeepEqual(got, want) {
				t.Errorf("scope %d by %q: got %+v, want %+v", i, by, got, want)
			}
		}
	}
}

func TestPathsAreWhatWasViewedBefore(t *testing.T) {
	facts := made(2, 6000, 200, 60)
	f := fold(t, Config{}, facts, 64)
	for i, scope := range scopes(60) {
		ask := PathsAsk{scope, []string{"", "i3"}[i%2], 8 * 60_000, 3, 1 << 20}
		want := map[string]int64{}
		orders := int64(0)
		by, _ := plain(facts, &scope, ask.LookBack)
		for _, events := range by {
			at := int64(-1) // two orders of one visitor and instant are one
			for j, e := range events {
				if e.Kind != clickstream.Purchase || e.Time < scope.From || e.Time == at {
					continue
				}
				at = e.Time
				hit := false
				for _, o := range events {
					for _, it := range o.Items {
						hit = hit || o.Kind == clickstream.Purchase && o.Time == at && it.ID == ask.Item
					}
				}
				if ask.Item != "" && !hit {
					continue
				}
				orders++
				var seen []string
				for _, v := range events[:j] {
					for _, it := range v.Items {
						if v.Kind == clickstream.ViewItem && v.Time >= at-ask.LookBack {
							seen = append(seen, it.ID)
						}
					}
				}
				seen = slices.Compact(seen)
				if seen = seen[max(0, len(seen)-3):]; len(seen) > 0 {
					want[strings.Join(seen, " ")]++
				}
			}
		}
		got := f.Paths("one", ask)
		counts, ends := map[string]int64{}, map[string]int64{}
		for _, p := range got.Paths {
			counts[strings.Join(p.Items, " ")] = p.Orders
			for k := range p.Items {
				ends[strings.Join(p.Items[k:], " ")] += p.Orders
			}
		}
		if got.Orders != orders || !reflect.DeepEqual(counts, want) {
			t.Errorf("scope %d: got %d orders, want %d; paths %v\nwant %v", i, got.Orders, orders, counts, want)
		}
		for _, end := range got.Tree {
			if text := strings.Join(end.Items, " "); ends[text] != end.Orders {
				t.Errorf("scope %d: end %s has %d orders, its paths %d", i, text, end.Orders, ends[text])
			}
		}
		if len(got.Tree) != len(ends) {
			t.Errorf("scope %d: %d ends, want %d", i, len(got.Tree), len(ends))
		}
	}
}

func TestTreeHangsTogetherWhenItIsCut(t *testing.T) {
	f := fold(t, Config{}, made(3, 8000, 100, 60), 64)
	got := f.Paths("one", PathsAsk{Scope: scopes(60)[0], LookBack: 3_600_000, Length: 4, Limit: 5})
	there := map[string]bool{"": true}
	for _, end := range got.Tree {
		if !there[strings.Join(end.Items[1:], " ")] {
			t.Errorf("%v hangs on nothing", end.Items)
		}
		there[strings.Join(end.Items, " ")] = true
	}
	if len(got.Paths) != 5 || len(got.Items) != 5 || len(got.Tree) < 5 {
		t.Errorf("got %d paths, %d items, %d ends", len(got.Paths), len(got.Items), len(got.Tree))
	}
}

func TestStateDoesNotDependOnBatches(t *testing.T) {
	facts := made(4, 12_000, 500, 60)
	facts[7000].Erase = &clickstream.Erase{Site: "one", Visitor: clickstream.VisitorHash("v7")}
	cfg := Config{Steps: 2 * blockSteps}
	want := saved(t, fold(t, cfg, facts, 1))
	for _, by := range []int{7, 4096, len(facts)} {
		if !bytes.Equal(saved(t, fold(t, cfg, facts, by)), want) {
			t.Errorf("batches of %d give another state", by)
		}
	}
}

func TestRestoredFoldsGoOnAsIfNothingWas(t *testing.T) {
	facts := made(5, 12_000, 500, 60)
	whole := fold(t, Config{}, facts, 100)
	first := fold(t, Config{}, facts[:5000], 100)
	second := New(Config{})
	if err := second.Restore(bytes.NewReader(saved(t, first))); err != nil {
		t.Fatal(err)
	}
	if err := second.ApplyFacts(facts[5000:]); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(saved(t, second), saved(t, whole)) {
		t.Error("the state is another")
	}
}

func TestOldStepsGoAndSinceSaysSo(t *testing.T) {
	facts := made(6, 30_000, 500, 60)
	f := fold(t, Config{Steps: 2 * blockSteps, Keep: time.Hour}, facts, 100)
	if n := len(f.blocks("one")); n > 2 {
		t.Errorf("%d blocks, want at most 2", n)
	}
	since := f.Since("one")
	if since <= start || since > start+3_600_000 {
		t.Errorf("since %d", since)
	}
	ask := FunnelAsk{Scope{From: since, To: start + 3_600_000}, []clickstream.Kind{clickstream.ViewItem, clickstream.AddToCart}, 60_000, Whole}
	if got, want := f.Funnel("one", ask), plainFunnel(facts, &ask); !reflect.DeepEqual(got, want) {
		t.Errorf("after since: got %+v, want %+v", got, want)
	}
	kept := fold(t, Config{Keep: 10 * time.Minute}, facts, 100)
	if since := kept.Since("one"); since < start+40*60_000 || since > start+50*60_000 {
		t.Errorf("ten minutes kept: since %d", (since-start)/60_000)
	}
}

func TestNothingOfAnErasedVisitorStays(t *testing.T) {
	facts := made(7, 12_000, 20, 60)
	f := fold(t, Config{}, facts, 100)
	erase := clickstream.Fact{Site: "one", Erase: &clickstream.Erase{Site: "one", Visitor: clickstream.VisitorHash("v7")}, Clock: start + 3_600_000}
	if err := f.ApplyFacts([]clickstream.Fact{erase}); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(saved(t, f), []byte("\x02v7")) {
		t.Error("the name stays")
	}
	others := slices.DeleteFunc(slices.Clone(facts), func(f clickstream.Fact) bool { return f.Event.Visitor == "v7" })
	ask := FunnelAsk{scopes(60)[0], []clickstream.Kind{clickstream.ViewItem, clickstream.Purchase}, 3_600_000, BySource}
	if got, want := f.Funnel("one", ask), plainFunnel(others, &ask); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := f.ApplyFacts(facts[:100]); err != nil { // it grows on
		t.Fatal(err)
	}
}

func TestSitesShareNothing(t *testing.T) {
	f := fold(t, Config{}, made(8, 1000, 20, 60), 100)
	got := f.Funnel("two", FunnelAsk{scopes(60)[0], []clickstream.Kind{clickstream.ViewItem, clickstream.Purchase}, 1000, Whole})
	if !slices.Equal(got.Visitors, []int64{0, 0}) {
		t.Errorf("got %v", got.Visitors)
	}
}

// TestReadersDoNotDisturbTheWriter is for the race detector.
func TestReadersDoNotDisturbTheWriter(t *testing.T) {
	facts := made(9, 20_000, 50, 60)
	for i := 4000; i < len(facts); i += 4000 {
		facts[i].Erase = &clickstream.Erase{Site: "one", Visitor: clickstream.VisitorHash(fmt.Sprint("v", i%50))}
	}
	f := New(Config{Steps: 2 * blockSteps})
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					f.Funnel("one", FunnelAsk{scopes(60)[0], []clickstream.Kind{clickstream.ViewItem, clickstream.Purchase}, 60_000, BySource})
				}
			}
		})
	}
	for part := range slices.Chunk(facts, 50) {
		if err := f.ApplyFacts(part); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	wg.Wait()
}

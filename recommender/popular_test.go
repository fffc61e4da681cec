package recommender

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"beckon/clickstream"
)

func viewed(site, item string, at int64) clickstream.Fact {
	return clickstream.Fact{Site: site, Event: &clickstream.Event{
		Site: site, Kind: clickstream.ViewItem, Time: at, Items: []clickstream.Item{{ID: item}},
	}}
}

func TestTrendingCountsTheWindow(t *testing.T) {
	const start = int64(1_700_000_000_000)
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 2))
		e := New(Config{})
		type view struct {
			item string
			at   int64
		}
		var all []view
		clock := start
		for range 5000 {
			clock += int64(r.IntN(8000))
			if r.IntN(400) == 0 {
				clock += int64(r.IntN(4)) * 3600_000
			}
			v := view{fmt.Sprint(r.IntN(40)), clock - int64(r.IntN(900_000))} // up to 15 minutes out of order
			all = append(all, v)
			apply(t, e, []clickstream.Fact{viewed("s", v.item, v.at)}, 1)
		}
		now := clock + int64(r.IntN(300_000))
		for _, minutes := range []int64{1, 10, 60, 119} {
			counts := map[string]int{}
			for _, v := range all {
				if v.at/60_000 > now/60_000-minutes && v.at/60_000 <= now/60_000 {
					counts[v.item]++
				}
			}
			var want []Trend
			for item, n := range counts {
				want = append(want, Trend{item, n})
			}
			slices.SortFunc(want, func(a, b Trend) int {
				return cmp.Or(b.Views-a.Views, len(a.Item)-len(b.Item), cmp.Compare(a.Item, b.Item))
			})
			want = want[:min(len(want), 7)]
			if got := e.Trending("s", now, time.Duration(minutes)*time.Minute, 7, nil); !slices.Equal(got, want) {
				t.Fatalf("seed %d, %d minutes: %v, want %v", seed, minutes, got, want)
			}
		}
		// Beyond two hours a window is right to the hour.
		got := 0
		for _, x := range e.Trending("s", now, 6*time.Hour, 100, nil) {
			got += x.Views
		}
		within := func(from int64) (n int) {
			for _, v := range all {
				if v.at >= from && v.at <= now {
					n++
				}
			}
			return n
		}
		if least, most := within(now-5*3600_000), within(now-7*3600_000); got < least || got > most {
			t.Errorf("seed %d: %d views in 6 hours, want %d (5 hours) to %d (7 hours)", seed, got, least, most)
		}
	}
}

func TestTrendingAsksWhatIsEligible(t *testing.T) {
	e := New(Config{})
	apply(t, e, []clickstream.Fact{viewed("s", "a", 1000), viewed("s", "a", 1000), viewed("s", "b", 1000)}, 2)
	got := e.Trending("s", 2000, time.Minute, 5, func(item string) bool { return item != "a" })
	if !slices.Equal(got, []Trend{{"b", 1}}) {
		t.Errorf("%v, want b alone", got)
	}
}

// The lists are kept while counts go up, fade, go down and change shelves: they must be what a full sort gives.
func TestLeadersAreExact(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 3))
		p := newPopularity(700)
		at := int64(1_700_000_000_000)
		for range 20_000 {
			at += int64(r.IntN(40_000))
			if r.IntN(3000) == 0 {
				at += 5 * 86400_000
			}
			e := &clickstream.Event{Time: at, Items: []clickstream.Item{{
				ID: fmt.Sprint(int(r.ExpFloat64() * 100)), Category: fmt.Sprint(r.IntN(3)),
			}}}
			switch r.IntN(10) {
			case 0, 1:
				e.Kind = clickstream.Purchase
				p.event(e)
			case 2:
				p.refund(e)
			case 3:
				e.Kind = clickstream.AddToCart
				p.event(e)
			default:
				e.Kind = clickstream.ViewItem
				p.event(e)
			}
		}
		for trend := range p.leaders {
			sorted := byScore(p, &p.byTrend[trend], func(id uint32) bool { return p.stats[id].count[trend] > 0 })
			if got, want := p.leaders[trend].ids, sorted[:min(len(sorted), leaderBound)]; !slices.Equal(got, want) {
				t.Fatalf("seed %d: leaders of trend %d differ from a full sort", seed, trend)
			}
		}
		for i := range p.shelves {
			sorted := byScore(p, &p.byCategory, func(id uint32) bool { return p.stats[id].category == uint32(i+1) })
			if got, want := p.shelves[i].list.ids, sorted[:min(len(sorted), shelfBound)]; !slices.Equal(got, want) {
				t.Fatalf("seed %d: shelf %d differs from a full sort", seed, i)
			}
		}
	}
}

func byScore(p *popularity, r ranked, of func(id uint32) bool) (ids []uint32) {
	for id := range p.stats {
		if of(uint32(id)) {
			ids = append(ids, uint32(id))
		}
	}
	slices.SortFunc(ids, func(a, b uint32) int {
		if above(r, a, b) {
			return -1
		}
		return 1
	})
	return ids
}

func TestPopularForgetsTheLeastWanted(t *testing.T) {
	p := newPopularity(100)
	view := func(item string) {
		p.event(&clickstream.Event{Kind: clickstream.ViewItem, Time: 1e9, Items: []clickstream.Item{{ID: item}}})
	}
	for i := range 20 {
		for range 5 {
			view(fmt.Sprint("wanted-", i))
		}
	}
	for i := range 5000 {
		view(fmt.Sprint("passing-", i))
	}
	if len(p.stats) > 100 {
		t.Errorf("%d items, want at most 100", len(p.stats))
	}
	for i := range 20 {
		if _, ok := p.ids[fmt.Sprint("wanted-", i)]; !ok {
			t.Errorf("wanted-%d is forgotten", i)
		}
	}
}

func TestWindowIsBounded(t *testing.T) {
	var w window
	for i := range uint32(minuteItems + 1000) {
		w.add(i, 10, &windowSpot{})
	}
	if n := len(w.minutes[10].views); n != minuteItems {
		t.Errorf("%d entries in a minute, want %d", n, minuteItems)
	}
	for hour := range int64(3) {
		for i := range uint32(hourItems/2 + 1000) {
			w.addHour(pair{i, 1}, -hour/2)
		}
	}
	if n := len(w.hours[0].views); n > hourItems {
		t.Errorf("%d entries in an hour, want at most %d", n, hourItems)
	}
}

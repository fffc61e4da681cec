package pricing

import (
	"sync"
	"testing"
)

func TestReadersMayAskAtAnyTime(t *testing.T) {
	w := newWorld(t)
	w.item("i000", nil)
	it := must(w.shelf.Item(site, "i000"))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for n := int64(0); ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				at := t0 + n%100*day
				for _, id := range w.book.Undecided(site) {
					if in, err := w.book.Input(site, id, it, at); err == nil {
						Decide(in)
					}
				}
				w.book.Site(site, at)
				w.book.Item(site, "i000", it, at)
				w.book.Shown(site, "i000", "", 900, 1000)
				w.book.Suggestions(site, at, 10)
				w.book.Markdowns(site)
				w.book.Of(site, "i000", it.Category)
				w.book.Active(site)
				w.book.Observed(site, "i000")
				if _, err := w.book.Explain(site, "i000", "", it, at); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	w.season(8, 40)
	close(stop)
	wg.Wait()
}

func BenchmarkObserve(b *testing.B) {
	w := newWorld(b)
	ids := make([]string, maxLines)
	for i := range ids {
		ids[i] = string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
		w.item(ids[i], nil)
	}
	w.mode(ModeAuto, nil)
	b.ReportAllocs()
	for b.Loop() {
		w.slot(steady, ids...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/maxLines, "ns/item")
}

func BenchmarkShown(b *testing.B) {
	w := newWorld(b)
	w.item("kettle", nil)
	w.must(DoMarkdown, "m", Announce{Items: []string{"kettle"}, Percent: 12, Until: w.now + 9*day})
	b.ReportAllocs()
	for b.Loop() {
		w.book.Shown(site, "kettle", "", 880, 1000)
	}
}

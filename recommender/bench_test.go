package recommender

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
)

// visitsOf reads published sessions, or makes some of the same lengths and spread where there are none.
func visitsOf(b *testing.B) (train, test [][]string) {
	b.Helper()
	dir := os.Getenv("BECKON_EVAL_DATA")
	if dir == "" {
		b.Log("BECKON_EVAL_DATA names no folder with evaluation data: sessions are generated")
		r := rand.New(rand.NewPCG(1, 1))
		for range 130_000 {
			base, n := int(r.ExpFloat64()*8000), 2+int(r.ExpFloat64()*3.5)
			visit := make([]string, n)
			for i := range visit {
				visit[i] = fmt.Sprint((base + int(r.ExpFloat64()*6)) % 40_000)
			}
			train = append(train, visit)
		}
		return train[5000:], train[:5000]
	}
	read := func(name string) (out [][]string) {
		f, err := os.Open(filepath.Join(dir, "sessions", name))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			b.Fatal(err)
		}
		lines := bufio.NewScanner(z)
		for lines.Scan() {
			out = append(out, strings.Fields(lines.Text()))
		}
		return out
	}
	return read("retailrocket.train.txt.gz"), read("retailrocket.test.txt.gz")
}

// factsOf are the views and sessions that visits are, event by event, ten seconds apart.
func factsOf(visits [][]string) (facts []clickstream.Fact) {
	clock := int64(1_700_000_000_000)
	for i, visit := range visits {
		visitor := fmt.Sprint("v", i%(len(visits)/2+1))
		s := clickstream.Session{
			Key: clickstream.SessionKey{Visitor: visitor, Start: clock}, Consent: clickstream.Analytics | clickstream.Personalization,
		}
		steps := make([]clickstream.Step, 0, len(visit))
		for _, item := range visit {
			steps = append(steps, clickstream.NewStep(item, clickstream.ViewItem, clock))
			s.Steps, s.End = steps, clock
			version := s
			facts = append(facts, clickstream.Fact{
				Seq: uint64(len(facts)), Site: "shop", Clock: clock, Changes: []clickstream.SessionChange{{Session: &version, Added: 1}},
				Event: &clickstream.Event{
					Site: "shop", Visitor: visitor, Kind: clickstream.ViewItem, Time: clock, Items: []clickstream.Item{{ID: item}},
				},
			})
			clock += 100
		}
		s.Closed = true
		last := &facts[len(facts)-1]
		last.Changes = append(last.Changes, clickstream.SessionChange{Session: &s})
	}
	return facts
}

// BenchmarkRecommend is one thread, top 20, all sources, on a model of published sessions. It reports the slowest in a hundred.
func BenchmarkRecommend(b *testing.B) {
	train, test := visitsOf(b)
	e := New(Config{})
	facts := factsOf(train)
	apply(b, e, facts, 4096)
	now := facts[len(facts)-1].Clock
	facts = nil
	for _, placement := range []string{Home, ItemPage, Cart} {
		b.Run(placement, func(b *testing.B) {
			var a Answer
			took := make([]time.Duration, 0, 1<<20)
			r := rand.New(rand.NewPCG(2, 2))
			b.ReportAllocs()
			for b.Loop() {
				visit := test[r.IntN(len(test))]
				visit = visit[:1+r.IntN(len(visit)-1)]
				q := Query{
					Site: "shop", Visitor: "somebody", Placement: placement, Session: visit, History: visit, Limit: 20, Now: now, Personal: true,
				}
				if placement == ItemPage {
					q.Item = visit[len(visit)-1]
				}
				start := time.Now()
				e.Recommend(&a, &q)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1e3, "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "p99-µs")
		})
	}
}

// BenchmarkLearn is what a page view costs each fold.
func BenchmarkLearn(b *testing.B) {
	train, _ := visitsOf(b)
	facts := factsOf(train)
	for i := range New(Config{}).Folds() {
		b.Run(New(Config{}).Folds()[i].Name, func(b *testing.B) {
			var fold clickstream.FactFold
			n := 0
			for b.Loop() {
				if n%len(facts) == 0 {
					b.StopTimer()
					fold = New(Config{}).Folds()[i].Fold
					b.StartTimer()
				}
				at := n % len(facts)
				end := min(at+1000, len(facts))
				if err := fold.ApplyFacts(facts[at:end]); err != nil {
					b.Fatal(err)
				}
				n += end - at
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
		})
	}
}

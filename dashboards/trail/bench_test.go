package trail

import (
	"testing"
	"time"

	"beckon/clickstream"
)

func BenchmarkApply(b *testing.B) {
	facts := made(12, 100_000, 5000, 600)
	f := New(Config{})
	for b.Loop() {
		if err := f.ApplyFacts(facts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(facts)), "ns/event")
}

func BenchmarkFunnelOfFullSite(b *testing.B) {
	f := New(Config{Keep: 1000 * time.Hour})
	for i := range uint64(6) {
		if err := f.ApplyFacts(made(i, 100_000, 50_000, 600)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		f.Funnel("one", FunnelAsk{scopes(600)[0], []clickstream.Kind{clickstream.ViewItem, clickstream.AddToCart, clickstream.Purchase}, 3_600_000, BySource})
	}
}

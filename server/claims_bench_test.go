package main

import (
	"testing"
)

// BenchmarkClaims is a thousand callers on one budget, through the control log on disk with its sync.
func BenchmarkClaims(b *testing.B) {
	for b.Loop() {
		rate, cost, err := timeClaims(b.Context(), b.TempDir(), claimCount/4)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(rate, "claims/s")
		b.ReportMetric(cost, "cpu-µs/claim")
	}
}

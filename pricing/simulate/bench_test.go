package simulate

import "testing"

// BenchmarkSeed is what one seed of the five truths costs on one core, policy by policy.
func BenchmarkSeed(b *testing.B) {
	for _, name := range AllPolicies() {
		b.Run(name, func(b *testing.B) {
			truths := Truths()
			for n := range b.N {
				for s := range truths {
					w := newWorld(&truths[s], uint64(n%7+1))
					play(w, newPricer(name, w), 0)
				}
			}
		})
	}
}

func BenchmarkPoissonQuantile(b *testing.B) {
	w := newSource("bench", 1)
	for n := range b.N {
		poissonQuantile(w.uniform(streamUnits, 0, n), 8)
	}
}

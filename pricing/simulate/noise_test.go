package simulate

import (
	"math"
	"testing"
)

func TestQuantilesMakePoissonCounts(t *testing.T) {
	s := newSource("poisson", 1)
	const n = 40_000
	for _, mean := range []float64{0.05, 0.8, 6, 120, 499, 501, 4000} {
		sum, squares := 0.0, 0.0
		for i := range n {
			y := float64(poissonQuantile(s.uniform(streamUnits, 1, i), mean))
			sum += y
			squares += y * y
		}
		got := sum / n
		variance := squares/n - got*got
		if math.Abs(got-mean) > 5*math.Sqrt(mean/n) || math.Abs(variance/mean-1) > 0.06 {
			t.Errorf("mean %g: got mean %g, variance %g", mean, got, variance)
		}
	}
	if got := poissonQuantile(0.5, 0); got != 0 {
		t.Errorf("no demand sells %d", got)
	}
}

func TestPoissonQuantileRisesWithTheMean(t *testing.T) {
	for _, u := range []float64{1e-9, 0.01, 0.5, 0.99, 1 - 1e-12} {
		last := 0
		for mean := 0.01; mean < 2000; mean *= 1.01 {
			n := poissonQuantile(u, mean)
			if n < last {
				t.Fatalf("u %g: %d pieces at mean %g, %d below it", u, n, mean, last)
			}
			last = n
		}
	}
}

func TestWeatherHasMeanOneAndVarianceOneOverK(t *testing.T) {
	s := newSource("weather", 1)
	const n = 40_000
	for _, k := range []float64{0.5, 2, 10} {
		sum, squares := 0.0, 0.0
		for i := range n {
			x := s.weather(i%50, i/50, k)
			if !(x >= 0) {
				t.Fatalf("k %g: %g", k, x)
			}
			sum += x
			squares += x * x
		}
		mean := sum / n
		variance := squares/n - mean*mean
		if math.Abs(mean-1) > 0.03 || math.Abs(variance*k-1) > 0.1 {
			t.Errorf("k %g: mean %g, variance %g, want 1 and %g", k, mean, variance, 1/k)
		}
	}
}

func TestDrawsDependOnNothingButTheirName(t *testing.T) {
	a, b := newSource("x", 1), newSource("x", 2)
	seen := map[uint64]bool{}
	for _, s := range []source{a, b, newSource("y", 1)} {
		for stream := range uint64(6) {
			for item := range uint64(20) {
				for day := range uint64(50) {
					seen[s.bits(stream, item, day)] = true
				}
			}
		}
	}
	if want := 3 * 6 * 20 * 50; len(seen) != want {
		t.Errorf("%d different draws, want %d", len(seen), want)
	}
	if a.uniform(1, 2, 3) != newSource("x", 1).uniform(1, 2, 3) {
		t.Error("the same name gives two draws")
	}
}

func TestWeekdayFactorsAreFoundWhereThereAreAny(t *testing.T) {
	var flat, swing week
	s := newSource("week", 3)
	for d := range 7 * 26 {
		flat.add(d%7, 1000, float64(poissonQuantile(s.uniform(streamUnits, 0, d), 30)))
		mean := 30.0
		if d%7 == 5 {
			mean = 60
		}
		swing.add(d%7, 1000, float64(poissonQuantile(s.uniform(streamUnits, 1, d), mean)))
	}
	for d := range 7 {
		if got := flat.factor(d); math.Abs(got-1) > 0.06 {
			t.Errorf("no season: factor of day %d is %g", d, got)
		}
	}
	if got, want := swing.factor(5), 60/((6*30+60)/7.0); math.Abs(got/want-1) > 0.05 {
		t.Errorf("saturday: %g, want %g", got, want)
	}
	var empty week
	if got := empty.factor(3); got != 1 {
		t.Errorf("nothing known: %g, want 1", got)
	}
}

package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// world draws a shop's days: a mean with days of the week and growth, and its noise.
type world struct {
	name       string
	mean       float64
	weekday    [7]float64
	growth     float64 // a day, relative
	dispersion float64 // φ of a variance of μ+φμ²
}

var flatWeek = [7]float64{1, 1, 1, 1, 1, 1, 1}

var worlds = []world{
	{"flat", 12, flatWeek, 0, 0},
	{"rare", 0.7, flatWeek, 0, 0},
	{"weekly", 15, [7]float64{0.7, 0.7, 0.8, 0.9, 1.1, 1.6, 1.2}, 0, 0},
	{"overdispersed", 20, [7]float64{0.8, 0.8, 0.9, 0.9, 1.0, 1.4, 1.2}, 0, 0.2},
	{"growing", 10, [7]float64{0.8, 0.8, 0.9, 0.9, 1.0, 1.4, 1.2}, 0.012, 0},
	{"falling", 40, flatWeek, -0.015, 0.05},
}

func (w world) draw(r *rand.Rand, days int) []float64 {
	out := make([]float64, days)
	for i := range out {
		mu := w.mean * w.weekday[i%7] * math.Exp(w.growth*float64(i))
		if w.dispersion > 0 {
			mu *= gamma(r, 1/w.dispersion) * w.dispersion
		}
		out[i] = poisson(r, mu)
	}
	return out
}

func poisson(r *rand.Rand, mean float64) float64 {
	n := 0.0
	for t := r.ExpFloat64(); t < mean; t += r.ExpFloat64() {
		n++
	}
	return n
}

// gamma draws with the given shape and scale 1 (Marsaglia and Tsang, 2000).
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	for {
		x := r.NormFloat64()
		v := 1 + x/math.Sqrt(9*d)
		if v = v * v * v; v > 0 && math.Log(r.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// covered says how many of the days and run-outs fall within their 80 % intervals. A count that stands on an edge belongs to it by
// the share of its probability that lies within: whole numbers have no interval of exactly 80 %.
func covered(w world, history, ahead, series int) (days, runouts float64) {
	r := rand.New(rand.NewPCG(uint64(len(w.name)), 11))
	inDays, nDays, inRunouts, nRunouts := 0.0, 0.0, 0.0, 0.0
	for range series {
		all := w.draw(r, history+ahead)
		f := Days(all[:history], ahead)
		for h, y := range all[history:] {
			u := f.Below(h, y-1) + r.Float64()*(f.Below(h, y)-f.Below(h, y-1))
			if u >= 0.1 && u <= 0.9 {
				inDays++
			}
			nDays++
		}
		stock := math.Round(10 * mean(all[history:]))
		out := f.Runout(int64(stock), 0)
		if stock < 5 {
			continue
		}
		left, when := stock, math.Inf(1)
		for h, y := range all[history:] {
			if y >= left { // sales come evenly within the day
				when = float64(h) + left/(y+1)
				break
			}
			left -= y
		}
		if when >= out.P10 && when <= out.P90 {
			inRunouts++
		}
		nRunouts++
	}
	return inDays / nDays, inRunouts / nRunouts
}

func TestIntervalsCoverWhatTheySay(t *testing.T) {
	for _, w := range worlds {
		days, runouts := covered(w, 56, 14, 600)
		t.Logf("%-14s days %.1f %%  run-outs %.1f %%", w.name, 100*days, 100*runouts)
		if math.Abs(days-0.8) > 0.06 {
			t.Errorf("%s: %.1f %% of days in their 80 %% intervals, want 74 to 86", w.name, 100*days)
		}
		if math.Abs(runouts-0.8) > 0.06 {
			t.Errorf("%s: %.1f %% of run-outs in their 80 %% intervals, want 74 to 86", w.name, 100*runouts)
		}
	}
}

func TestErrorsAreNoLargerThanSeasonalNaives(t *testing.T) {
	for _, w := range worlds {
		r := rand.New(rand.NewPCG(uint64(len(w.name)), 12))
		var ours, naives, truth float64
		chosen := map[string]int{}
		for range 400 {
			all := w.draw(r, 63)
			past, coming := all[:56], all[56:]
			f := Days(past, 7)
			chosen[f.Method]++
			repeated := naive{}.forecast(past, 7)
			for h, y := range coming {
				ours += math.Abs(y - f.Mean[h])
				naives += math.Abs(y - repeated[h])
				truth += math.Abs(y - w.mean*w.weekday[(56+h)%7]*math.Exp(w.growth*float64(56+h)))
			}
		}
		t.Logf("%-14s error %.2f of seasonal-naive's, the truth's %.2f, %v", w.name, ours/naives, truth/naives, chosen)
		if ours > naives {
			t.Errorf("%s: error %.2f times seasonal-naive's", w.name, ours/naives)
		}
	}
}

func TestWeekThatRepeatsIsRepeated(t *testing.T) {
	week := []float64{3, 0, 5, 9, 2, 14, 1}
	var history []float64
	for range 8 {
		history = append(history, week...)
	}
	f := Days(history, 9)
	want := append(slices.Clone(week), week[:2]...)
	if f.Method != "seasonal_naive" || !slices.Equal(f.Mean, want) || f.MASE != 0 {
		t.Errorf("%s %v MASE %v, want seasonal_naive %v", f.Method, f.Mean, f.MASE, want)
	}
}

func TestShortHistoryGivesTheMeanWithWideIntervals(t *testing.T) {
	f := Days([]float64{2, 4, 3}, 30)
	if f.Method != "rate" || math.Abs(f.Mean[0]-9.5/3) > 1e-12 {
		t.Errorf("%s %v, want the mean", f.Method, f.Mean[0])
	}
	long := FromRate(95, 30, 30)
	a, b := f.Runout(30, 0), long.Runout(30, 0)
	if a.P90-a.P10 <= b.P90-b.P10 {
		t.Errorf("three days of sales give an interval of %.1f days, thirty of %.1f: want less certainty from less", a.P90-a.P10, b.P90-b.P10)
	}
	for _, none := range []Forecast{{}, Days(nil, 10), Days(make([]float64, 30), 10), FromRate(0, 0, 10)} {
		if got := none.Runout(1000, 0.5); !math.IsInf(got.P50, 1) {
			t.Errorf("a thousand pieces of what does not sell are gone in %v days", got.P50)
		}
	}
}

func TestRunoutCountsFromNow(t *testing.T) {
	f := FromRate(1e6, 1e5, 30) // ten a day, for sure
	if got := f.Runout(50, 0).P50; math.Abs(got-5) > 0.3 {
		t.Errorf("fifty pieces at ten a day last %.2f days, want 5", got)
	}
	if got := f.Runout(50, 0.75).P50; math.Abs(got-5) > 0.3 {
		t.Errorf("from a quarter to midnight they last %.2f days, want 5", got)
	}
	got := f.Runout(50, 0)
	if !(got.P10 < got.P50 && got.P50 < got.P90) {
		t.Errorf("run-out %+v, want quantiles in order", got)
	}
	if got := f.Runout(0, 0); got != (Runout{}) {
		t.Errorf("no stock runs out in %+v days, want 0", got)
	}
	if f.Runout(1000, 0) != (Runout{math.Inf(1), math.Inf(1), math.Inf(1)}) {
		t.Error("what lasts longer than the forecast is beyond it")
	}
}

// The distribution against adding up its probabilities.
func TestCountsAddUp(t *testing.T) {
	for _, c := range []counts{{0.3, 2}, {5, 0.7}, {40, 12}, {12, maxSize}, {900, 30}} {
		sum := 0.0
		lp := -c.size * math.Log1p(c.mean/c.size)
		for n := 0.0; n < 4*c.mean+40; n++ {
			sum += math.Exp(lp)
			if got := c.upTo(n); math.Abs(got-sum) > 1e-6 {
				t.Fatalf("%+v: P(≤%v) = %v, want %v", c, n, got, sum)
			}
			lp += math.Log((n+c.size)/(n+1)) + math.Log(c.mean/(c.mean+c.size))
		}
		for _, p := range []float64{0.1, 0.5, 0.9} {
			if q := c.quantile(p); c.upTo(q) < p || q > 0 && c.upTo(q-1) >= p {
				t.Errorf("%+v: the %v quantile is not %v", c, p, q)
			}
		}
	}
}

func FuzzDays(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 0, 0, 1, 5, 6, 2, 4, 8, 9, 1, 2, 3, 4, 5}, 30, int64(100))
	f.Fuzz(func(t *testing.T, days []byte, horizon int, stock int64) {
		history := make([]float64, len(days))
		for i, d := range days {
			history[i] = float64(d) * float64(d)
		}
		out := Days(history, horizon)
		for i, m := range out.Mean {
			if !(m >= 0) || math.IsInf(m, 0) {
				t.Fatalf("day %d has mean %v", i, m)
			}
			if lo, hi := out.Quantile(i, 0.1), out.Quantile(i, 0.9); !(lo >= 0 && lo <= hi) {
				t.Fatalf("day %d: quantiles %v and %v", i, lo, hi)
			}
		}
		r := out.Runout(stock, 0.3)
		if !(r.P10 >= 0 && r.P10 <= r.P50 && r.P50 <= r.P90) {
			t.Fatalf("run-out %+v", r)
		}
		if again := Days(history, horizon); fmt.Sprint(again) != fmt.Sprint(out) {
			t.Fatal("the same history gave another forecast")
		}
	})
}

func BenchmarkDays(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	history := worlds[2].draw(r, 59)
	for b.Loop() {
		f := Days(history, 60)
		f.Runout(200, 0.4)
	}
}

func BenchmarkRunoutOfRate(b *testing.B) {
	for b.Loop() {
		f := FromRate(12, 3, 30)
		f.Runout(20, 0.4)
	}
}

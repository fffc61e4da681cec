package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s: %v, want %v ± %v", what, got, want, tolerance)
	}
}

func TestHalfWidthIsTheFormula(t *testing.T) {
	// ρ² = (-2 ln 0.05 + ln(1 - 2 ln 0.05)) / 10000 = (5.991465 + 1.944690) / 10000, nρ² = 7.936155,
	// √(2 · 8.936155 / 7.936155 · ln(√8.936155 / 0.05)) = √(2.252011 · 4.090782)
	s := Sequential{}
	near(t, "n = 10000", s.HalfWidth(1, 10_000), 3.03521, 0.00001)
	if s.HalfWidth(1, 0.5) != math.Inf(1) {
		t.Error("without elements an interval has no bounds")
	}
	// It is tightest, in standard errors, about where it was planned to be.
	at := func(n float64) float64 { return s.HalfWidth(1, n) }
	if at(10_000) >= at(1000) || at(10_000) >= at(200_000) {
		t.Errorf("half widths %v, %v, %v: not tightest in the middle", at(1000), at(10_000), at(200_000))
	}
}

func TestProportionsThatNothingHappenedInStillVary(t *testing.T) {
	if p := Proportion(0, 100); p.Mean != 0 || p.Variance <= 0 {
		t.Errorf("%+v", p)
	}
	near(t, "variance", Proportion(250, 1000).Variance, 0.1875, 0.001)
}

// play runs days of an experiment with two arms and says whether some day's interval left out the truth, and whether an interval that
// is made for one look alone would have.
func play(r *rand.Rand, days, daily int, pa, pb float64) (missed, naive bool) {
	var hits, n [2]int64
	for range days {
		for i := range daily {
			arm := i % 2
			n[arm]++
			if r.Float64() < []float64{pa, pb}[arm] {
				hits[arm]++
			}
		}
		a, b := Proportion(hits[0], n[0]), Proportion(hits[1], n[1])
		i, _ := Sequential{Planned: 10_000}.Difference(a, b)
		missed = missed || i.Excludes(pb-pa)
		naive = naive || math.Abs(b.Mean-a.Mean-(pb-pa)) > 1.96*math.Sqrt(a.se2()+b.se2())
	}
	return missed, naive
}

func TestPeekingDailyFindsNothingWhereNothingIs(t *testing.T) {
	const runs = 1500
	r := rand.New(rand.NewPCG(1, 1))
	alarms, naive := 0, 0
	for range runs {
		a, b := play(r, 60, 200, 0.1, 0.1)
		if a {
			alarms++
		}
		if b {
			naive++
		}
	}
	t.Logf("false alarms in %d A/A tests peeked daily for 60 days: %.2f%%, of one-look intervals %.1f%%", runs, 100*float64(alarms)/runs, 100*float64(naive)/runs)
	if alarms > runs*5/100 {
		t.Errorf("%d of %d false alarms, want at most 5%%", alarms, runs)
	}
	if naive < runs*20/100 {
		t.Errorf("intervals for one look alarm %d of %d times: the simulation does not test peeking", naive, runs)
	}
}

// Revenue of few buyers with a heavy tail, cut where the report cuts it.
func TestPeekingDailyAtRevenueFindsNothingWhereNothingIs(t *testing.T) {
	const runs = 400
	r := rand.New(rand.NewPCG(7, 7))
	alarms := 0
	for range runs {
		var money [2]Amounts
		var n [2]int64
		alarm := false
		for range 60 {
			for i := range 200 {
				n[i%2]++
				if r.Float64() < 0.1 {
					money[i%2].Add(int64(math.Exp(8 + 1.2*r.NormFloat64())))
				}
			}
			cut := Cap(0.99, &money[0], &money[1])
			d, ok := Sequential{}.Difference(money[0].Winsorised(n[0], cut), money[1].Winsorised(n[1], cut))
			alarm = alarm || ok && d.Excludes(0)
		}
		if alarm {
			alarms++
		}
	}
	t.Logf("false alarms in %d A/A tests of revenue peeked daily for 60 days: %.2f%%", runs, 100*float64(alarms)/runs)
	if alarms > runs*5/100 {
		t.Errorf("%d of %d false alarms, want at most 5%%", alarms, runs)
	}
}

func TestEveryLookCoversTheTruth(t *testing.T) {
	const runs = 800
	r := rand.New(rand.NewPCG(2, 2))
	missed := 0
	for range runs {
		if m, _ := play(r, 60, 200, 0.1, 0.13); m {
			missed++
		}
	}
	t.Logf("truth left out at some of 60 looks: %.2f%%", 100*float64(missed)/runs)
	if missed > runs*5/100 {
		t.Errorf("%d of %d left the truth out at some look, want at most 5%%", missed, runs)
	}
}

func TestRelativeUplift(t *testing.T) {
	seq := Sequential{}
	i, ok := seq.Relative(Proportion(1000, 10_000), Proportion(1200, 10_000))
	if !ok || !i.Excludes(0) || i.Excludes(0.2) {
		t.Errorf("%+v, %t", i, ok)
	}
	near(t, "relative", i.Estimate, 0.2, 1e-9)
	if _, ok = seq.Relative(Proportion(1, 1000), Proportion(10, 1000)); ok {
		t.Error("relative to a rate that is hardly above 0")
	}
	if _, ok = seq.Difference(Proportion(0, 0), Proportion(1, 10)); ok {
		t.Error("a difference from nobody")
	}
}

func TestChiSquareTails(t *testing.T) {
	for _, c := range []struct {
		x    float64
		df   int
		want float64 // Abramowitz and Stegun, table 26.8
	}{
		{3.84146, 1, 0.05},
		{10.8276, 1, 0.001},
		{5.99146, 2, 0.05},
		{7.81473, 3, 0.05},
		{16.2662, 3, 0.001},
		{18.3070, 10, 0.05},
		{19.6751, 11, 0.05},
		{0, 4, 1},
	} {
		near(t, "tail", chiSquareAbove(c.x, c.df), c.want, 1e-6)
	}
}

func TestSampleRatioMismatch(t *testing.T) {
	for _, c := range []struct {
		name     string
		observed []int64
		shares   []float64
		alarm    bool
	}{
		{"as it should be", []int64{9020, 980}, []float64{0.9, 0.1}, false},
		{"too few held out", []int64{9200, 800}, []float64{0.9, 0.1}, true},
		{"three arms", []int64{1000, 1010, 990}, []float64{1, 1, 1}, false},
		{"three arms, one short", []int64{1000, 1000, 800}, []float64{1, 1, 1}, true},
		{"too few to tell", []int64{20, 0}, []float64{0.9, 0.1}, false},
		{"nobody", []int64{0, 0}, []float64{0.5, 0.5}, false},
		{"one arm", []int64{100, 0}, []float64{1, 0}, false},
		{"somebody where nobody should be", []int64{100, 1}, []float64{1, 0}, true},
	} {
		if _, p := SRM(c.observed, c.shares); (p < SRMAlarm) != c.alarm {
			t.Errorf("%s: p = %v, alarm should be %t", c.name, p, c.alarm)
		}
	}
}

func TestSampleRatioAlarmsRarely(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	alarms := 0
	const runs = 4000
	for range runs {
		held := int64(0)
		for range 2000 {
			if r.Float64() < 0.1 {
				held++
			}
		}
		if _, p := SRM([]int64{2000 - held, held}, []float64{0.9, 0.1}); p < SRMAlarm {
			alarms++
		}
	}
	if alarms > 14 { // 4 expected; more than 14 once in 10,000
		t.Errorf("%d alarms in %d sound samples", alarms, runs)
	}
}

func TestBucketsCoverEveryAmount(t *testing.T) {
	for i := 1; i < Buckets-1; i++ {
		if edge(i) >= edge(i+1) || bucketOf(edge(i)) != i || bucketOf(edge(i+1)-1) != i {
			t.Fatalf("bucket %d is from %d to %d", i, edge(i), edge(i+1))
		}
	}
	if bucketOf(MaxAmount) >= Buckets {
		t.Fatal("the largest amount has no bucket")
	}
}

func TestAmountsComeAndGoExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var a, b Amounts
	var kept []int64
	for range 5000 {
		x := int64(math.Exp(r.Float64()*30)) - 1
		a.Add(x)
		if r.IntN(2) == 0 {
			a.Remove(x)
		} else {
			kept = append(kept, x)
		}
	}
	r.Shuffle(len(kept), func(i, j int) { kept[i], kept[j] = kept[j], kept[i] })
	for _, x := range kept {
		b.Add(x)
	}
	if !slices.Equal(a.buckets, b.buckets) {
		t.Error("sums depend on what was there before")
	}
	var c Amounts
	a.Each(func(x Bucket) {
		if !c.Put(x) {
			t.Fatalf("bucket %+v is not taken back", x)
		}
	})
	if !slices.Equal(a.buckets, c.buckets) || c.Put(Bucket{Index: 1, N: 1, Sum: 1}) {
		t.Error("buckets do not come back as they were")
	}
	if c = (Amounts{}); c.Put(Bucket{Index: 20, N: 2, Sum: 5}) {
		t.Error("a sum below what its bucket holds is taken")
	}
}

func TestWinsorisedMomentsAreThoseOfTheCutSample(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	var a Amounts
	const n = 3000
	var all []int64
	for range n {
		x := int64(0)
		if r.IntN(4) == 0 {
			x = int64(math.Exp(r.NormFloat64()*1.5 + 8))
		}
		a.Add(x)
		all = append(all, x)
	}
	cut := Cap(0.99, &a)
	above, buyers := 0, 0
	var sum float64
	for _, x := range all {
		if x > cut {
			above++
		}
		if x > 0 {
			buyers++
		}
		sum += float64(min(x, cut))
	}
	if share := float64(above) / float64(buyers); share > 0.01 {
		t.Errorf("%.3f of buyers are above the cut, want at most 0.01", share)
	}
	got := a.Winsorised(n, cut)
	near(t, "mean", got.Mean, sum/n, 1e-6*sum/n)
	var square float64
	for _, x := range append(all, cut, 0) {
		d := float64(min(x, cut)) - (sum+float64(cut))/(n+2)
		square += d * d
	}
	near(t, "variance", got.Variance, square/(n+1), 1e-9*square/n)
	if Cap(0.99) != 0 || Cap(0.5, &Amounts{}) != 0 {
		t.Error("a cut of nothing")
	}
}

func TestNeededSizesGiveTheWantedWidth(t *testing.T) {
	s := Sequential{}
	a, b := Proportion(100, 1000), Proportion(900, 9000)
	for _, effect := range []float64{0.05, 0.01, 0.002} {
		n := s.Needed(a, b, effect)
		se := math.Sqrt((a.se2() + b.se2()) * (a.N + b.N) / n)
		near(t, "half width at the size", s.HalfWidth(se, n), effect, 0.002*effect)
	}
	if n := s.Needed(a, b, 1e-9); !math.IsInf(n, 1) {
		t.Errorf("a tiny effect needs %v", n)
	}
	if n := s.Needed(Sample{}, b, 0.1); !math.IsInf(n, 1) {
		t.Errorf("an empty arm needs %v", n)
	}
}

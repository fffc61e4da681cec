package demand

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"beckon/clickstream"
)

// busy is a shop whose evenings and Saturdays are busy, and whose lookers buy more readily on Sundays.
func busy(hour int64) (views, buys float64) {
	_, b := bin(int32(hour))
	views = 1 + 0.8*math.Sin(float64(b%24-13)/24*2*math.Pi)
	if b/24 == 5 {
		views *= 1.6
	}
	buys = 1
	if b/24 == 6 {
		buys = 1.5
	}
	return views, buys
}

func poisson(r *rand.Rand, mean float64) int64 {
	if mean > 60 {
		return int64(math.Max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	n, p, limit := int64(0), r.Float64(), math.Exp(-mean)
	for p > limit {
		p *= r.Float64()
		n++
	}
	return n
}

// shopped is a fold of some weeks of the busy shop: items sku-0 … sku-9 with perHour·(i+1)/5.5 views each, of which a share is bought.
func shopped(seed uint64, days int, perHour, share float64) (f *Fold, now int64) {
	r := rand.New(rand.NewPCG(seed, 4))
	f = New(Config{})
	order := 0
	for hour := start / hourMs; hour < start/hourMs+int64(days)*24; hour++ {
		v, b := busy(hour)
		for i := range 10 {
			name := fmt.Sprint("sku-", i)
			mean := perHour * float64(i+1) / 5.5 * v
			var facts []clickstream.Fact
			for range poisson(r, mean) {
				facts = append(facts, viewed(name, hour*hourMs+int64(r.IntN(hourMs))))
			}
			for range poisson(r, mean*share*b) {
				order++
				facts = append(facts, bought(fmt.Sprint(order), name, 1, hour*hourMs+int64(r.IntN(hourMs))))
			}
			_ = f.ApplyFacts(facts)
		}
	}
	return f, start + int64(days)*dayMs
}

func TestExpectedFollowsTheSeasonOfTheWeek(t *testing.T) {
	f, now := shopped(1, 21, 8, 0.05)
	var err, flat, n float64
	for h := range int64(36) { // each hour as expected when it began
		from := now - (h+1)*hourMs
		v, _ := busy(from / hourMs)
		for i := range 10 {
			want := 8 * float64(i+1) / 5.5 * v
			got := f.Scored(nil, "s", []string{fmt.Sprint("sku-", i)}, from, from+hourMs)[0].Expected
			err += math.Abs(got-want) / want
			flat += math.Abs(8*float64(i+1)/5.5-want) / want
			n++
		}
	}
	if err/n > 0.25 || err > flat/2 {
		t.Errorf("off by %.0f%% in the mean, a flat expectation by %.0f%%; want under 25%% and half of it", 100*err/n, 100*flat/n)
	}
}

func TestSeasonIsOfBuyingNotOfLooking(t *testing.T) {
	f, now := shopped(2, 28, 20, 0.1)
	monday := (now + mondayHours*hourMs) / (weekHours * hourMs) * (weekHours * hourMs)
	monday -= mondayHours*hourMs + weekHours*hourMs
	want := 1.5 / ((5 + 1.6 + 1.5) / 7.6) // against the looks of a week: Saturday has 1.6 times, Sunday buys 1.5 times
	if got := f.Season("s", "sku-9", monday+6*dayMs, monday+7*dayMs); math.Abs(got/want-1) > 0.12 {
		t.Errorf("Sunday's lookers buy %.2f times as readily, want %.2f", got, want)
	}
	usual := 1 / ((5 + 1.6 + 1.5) / 7.6)
	if got := f.Season("s", "sku-9", monday+5*dayMs, monday+6*dayMs); math.Abs(got/usual-1) > 0.12 {
		t.Errorf("Saturday's many lookers buy %.2f times as readily, want %.2f", got, usual)
	}
}

func TestRateFindsUnitsADay(t *testing.T) {
	f, now := shopped(3, 21, 10, 0.1)
	perDay := 0.0
	for h := range int64(weekHours) {
		v, b := busy(now/hourMs + h)
		perDay += 10 * 0.1 * v * b / 7
	}
	for i := range 10 {
		got, want := f.Rate("s", fmt.Sprint("sku-", i), 0, now), perDay*float64(i+1)/5.5
		if sd := math.Sqrt(got.Alpha) / got.Beta; math.Abs(got.PerDay()-want) > 4*sd {
			t.Errorf("sku-%d sells %.1f a day ± %.1f, want %.1f", i, got.PerDay(), sd, want)
		}
	}
	if got := f.Rate("s", "never", 0, now).PerDay(); got > perDay/4 {
		t.Errorf("an item that never sold is taken to sell %.2f a day", got)
	}
	if got := f.Rate("s", "sku-5", now-3*hourMs, now); got.Units > 40 || got.PerDay() <= 0 {
		t.Errorf("since three hours ago: %+v", got)
	}
}

func TestSurgeIsWhatIsFarAboveItsOwnPast(t *testing.T) {
	f, now := shopped(4, 14, 30, 0.05)
	now += 30 * minuteMs
	r := rand.New(rand.NewPCG(5, 5))
	v, _ := busy(now / hourMs)
	var facts []clickstream.Fact
	for i := range 10 { // half an hour as usual
		for range poisson(r, 30*float64(i+1)/5.5*v/2) {
			facts = append(facts, viewed(fmt.Sprint("sku-", i), now-int64(r.IntN(30*minuteMs))))
		}
	}
	apply(t, f, facts, 64)
	if got := f.Surges("s", now, 10, nil); len(got) != 0 {
		t.Fatalf("surges in a usual half hour: %+v", got)
	}
	facts = facts[:0]
	for range 60 {
		facts = append(facts, viewed("sku-2", now-int64(r.IntN(9*minuteMs))))
	}
	for range 30 {
		facts = append(facts, viewed("brand-new", now-int64(r.IntN(9*minuteMs))))
	}
	apply(t, f, facts, 64)
	got := f.Surges("s", now, 10, nil)
	if len(got) != 2 || got[0].Item != "sku-2" && got[0].Item != "brand-new" || got[0].Ratio < 2 {
		t.Fatalf("surges %+v, want sku-2 and brand-new", got)
	}
	if only := f.Surges("s", now, 10, func(item string) bool { return item != "sku-2" }); len(only) != 1 || only[0].Item != "brand-new" {
		t.Errorf("eligible surges %+v, want brand-new", only)
	}
	if later := f.Surges("s", now+20*minuteMs, 10, nil); len(later) != 0 {
		t.Errorf("surges twenty minutes later: %+v", later)
	}
	if most := f.MostViewed("s", now, 3, nil); len(most) != 3 || most[0].Item != "sku-2" {
		t.Errorf("most viewed %+v, want sku-2 first", most)
	}
}

func TestABusyShopIsNotASurgeOfEverything(t *testing.T) {
	f, now := shopped(6, 14, 30, 0.05)
	r := rand.New(rand.NewPCG(6, 5))
	var facts []clickstream.Fact
	for i := range 10 { // six times as busy as usual, for ten minutes
		for range poisson(r, 30*float64(i+1)/5.5) {
			facts = append(facts, viewed(fmt.Sprint("sku-", i), now+int64(r.IntN(9*minuteMs))))
		}
	}
	apply(t, f, facts, 64)
	now += 9 * minuteMs
	if plain := f.Scored(nil, "s", []string{"sku-9"}, Recent(now), now)[0]; plain.Ratio < SurgeRatio {
		t.Fatalf("%+v is usual", plain)
	}
	if got := f.Surges("s", now, 10, nil); len(got) != 0 {
		t.Errorf("surges %+v while all items are as much wanted", got)
	}
	for range 60 {
		facts = append(facts[:0], viewed("sku-2", now-int64(r.IntN(9*minuteMs))))
		apply(t, f, facts, 1)
	}
	if got := f.Surges("s", now, 10, nil); len(got) != 1 || got[0].Item != "sku-2" {
		t.Errorf("surges %+v, want sku-2", got)
	}
}

func TestNoSurgesWithoutAPast(t *testing.T) {
	f := New(Config{})
	var facts []clickstream.Fact
	for i := range int64(300) {
		facts = append(facts, viewed(fmt.Sprint("sku-", i%3), start+i*second))
	}
	apply(t, f, facts, 64)
	if got := f.Surges("s", start+300*second, 10, nil); len(got) != 0 {
		t.Errorf("a shop that is five minutes old has surges: %+v", got)
	}
}

// A question before the first event must not make the site look old afterwards.
func TestAQuestionBeforeTheFirstEventIsForgotten(t *testing.T) {
	f := New(Config{})
	apply(t, f, []clickstream.Fact{done(clickstream.PageView, "v", "", start)}, 1)
	if got := f.Scored(nil, "s", []string{"a"}, start-hourMs, start); len(got) != 1 || got[0].Known != 0 {
		t.Errorf("scored %+v, want nothing known", got)
	}
	var facts []clickstream.Fact
	for i := range int64(200) {
		facts = append(facts, viewed("a", start+i*second))
	}
	apply(t, f, facts, 64)
	if got := f.Surges("s", start+200*second, 10, nil); len(got) != 0 {
		t.Errorf("surges %+v in the shop's first minutes", got)
	}
}

func TestMeasures(t *testing.T) {
	if r, z := Score(40, 10); r != 2 || math.Abs(z-30/math.Sqrt(20)) > 1e-12 {
		t.Errorf("40 of 10 expected: ratio %v z %v, want 2 and %v", r, z, 30/math.Sqrt(20))
	}
	if got := SellThrough(30, 70); got != 0.3 {
		t.Errorf("sell-through %v, want 0.3", got)
	}
	if got := Cover(10, 4); got != 2.5 || !math.IsInf(Cover(1, 0), 1) || Cover(0, 4) != 0 {
		t.Errorf("cover %v, want 2.5", got)
	}
}

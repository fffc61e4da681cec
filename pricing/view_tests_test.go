package pricing

import (
	"math"
	"testing"

	"beckon/pricing/policy"
)

func TestPriceTestsAreListedWhileTheyRun(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.item("mug", nil)
	w.mode(ModeAuto, func(s *Settings) { s.Explore, s.Dwell = ptr(0.2), ptr(int64(0)) })
	if got := w.book.PriceTests(site, 10); got.Learning != 0 || len(got.Running)+len(got.Ended)+len(got.Waiting) != 0 {
		t.Fatalf("before anything was seen: %+v", got)
	}
	sold := func(_ string, price int64) (views, units float64) {
		return 400, math.Round(400 * 0.08 * math.Pow(float64(price)/1000, -2.5))
	}
	began := false
	for range 120 {
		w.slot(sold, "kettle")
		was := w.public("kettle")
		if _, err := w.decide("kettle"); err != nil {
			t.Fatal(err)
		}
		got := w.book.PriceTests(site, 10)
		if len(got.Running) == 1 {
			x := got.Running[0]
			if x.Item != "kettle" || x.Price != w.public("kettle") || x.Now != x.Price || x.Until != 0 || len(x.Asked) == 0 || x.Decision == nil {
				t.Fatalf("running: %+v", x)
			}
			if !began && (x.Since != w.now || x.Before != was) {
				t.Fatalf("just begun: %+v at %d, price before %d", x, w.now, was)
			}
			began = true
		}
	}
	if !began {
		t.Fatal("no price was tested: the test shows nothing")
	}
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: w.public("kettle") + 30})
	if got := w.book.PriceTests(site, 10); len(got.Running) != 0 || len(got.Ended) != 1 || got.Ended[0].Until <= got.Ended[0].Since || got.Learning != 1 {
		t.Errorf("after a person set another price: %+v", got)
	}
	if len(w.book.PriceTests("elsewhere", 10).Running) != 0 {
		t.Error("another site has tests")
	}
	if same := loaded(t, w.book).PriceTests(site, 10); len(same.Ended) != 1 {
		t.Errorf("a loaded book lists %+v", same)
	}
}

func TestAPriceTestThatWaitsForAPersonIsListed(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.mode(ModeSuggest, nil)
	w.slot(func(string, int64) (float64, float64) { return 100, 5 }, "kettle")
	d := w.moved("kettle", w.public("kettle")+50)
	d.Reason, d.Proposal.Explored = string(policy.Explore), true
	if _, err := w.do(Engine, DoDecide, "", d); err != nil {
		t.Fatal(err)
	}
	got := w.book.PriceTests(site, 10)
	if len(got.Waiting) != 1 || got.Waiting[0].Waits == "" || got.Waiting[0].Price != d.Price || len(got.Running) != 0 {
		t.Errorf("waiting: %+v", got)
	}
}

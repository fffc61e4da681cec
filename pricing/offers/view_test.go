package offers

import (
	"fmt"
	"sync"
	"testing"
)

func TestReadersSeeWholeAccountsWhileClaimsAreDecided(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Budget.Amount = 100_000; p.Caps.PerShopper = 9 })
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				for _, r := range d.Campaigns("demo") {
					got := r.Totals
					if got.Granted != got.Live+got.Redeemed+got.Expired+got.Cancelled || got.Spent+got.Reserved+got.Free != r.Campaign.Budget.Amount || got.Free < 0 {
						t.Errorf("torn account: %+v of %d", got, r.Campaign.Budget.Amount)
					}
				}
				if o, ok := d.Live("demo", whoOf(i%50)); ok && (o.Campaign != "spring" || o.Amount != 500 || o.Title == "" || o.ID == "") {
					t.Errorf("torn offer: %+v", o)
				}
				for _, c := range d.Running("demo", CartAtRisk) {
					if c.State != Active || c.ID != "spring" {
						t.Errorf("runs: %+v", c)
					}
				}
			}
		})
	}
	for i := range 2000 {
		got := d.claim("spring", i%50, fmt.Sprint(i))
		switch {
		case got.Outcome == Granted && i%3 == 0:
			d.redeem(got.Offer, "T", nil)
		case i%100 == 99:
			d.tick(700_000)
		case i%250 == 0:
			must[Campaign](d, DoState, "spring", SetState{[]State{Paused, Active}[i/250%2]})
			d.put("spring", func(p *Put) { p.Budget.Amount = 100_000 + int64(i); p.Caps.PerShopper = 9 })
		}
	}
	close(done)
	wg.Wait()
	d.same()
}

func TestReadingIsCheap(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring")
	d.granted("spring", 1, "a")
	who := whoOf(2)
	if n := testing.AllocsPerRun(100, func() { d.Running("demo", CartAtRisk); d.Live("demo", who) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	if _, ok := d.Live("demo", "nobody"); ok {
		t.Error("nobody has an offer")
	}
	if d.Running("other", CartAtRisk) != nil || d.Campaigns("other") != nil {
		t.Error("another site has campaigns")
	}
}

func TestLiveOffersOfACampaignComeNewestFirst(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Budget.Amount = 1_000_000 })
	d.put("autumn", func(p *Put) { p.Budget.Amount = 1_000_000 })
	for i := range 30 {
		d.granted("spring", i, fmt.Sprint("s", i))
	}
	other := d.granted("autumn", 40, "a")
	got := d.LiveOf("demo", "spring", 5)
	if len(got) != 5 {
		t.Fatalf("%d offers, want 5", len(got))
	}
	for i, o := range got {
		if o.Campaign != "spring" || i > 0 && o.Number > got[i-1].Number {
			t.Errorf("offer %d: %+v", i, o)
		}
	}
	if got = d.LiveOf("demo", "autumn", 5); len(got) != 1 || got[0].ID != other.ID {
		t.Errorf("autumn's: %+v", got)
	}
	if len(d.LiveOf("other", "spring", 5)) != 0 || len(d.LiveOf("demo", "spring", 0)) != 0 {
		t.Error("offers of nobody")
	}
}

func TestSegmentsOfAnAudienceAreKept(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Audience.Segments = []string{"new", "vip"} })
	if r, _ := d.Campaign("demo", "spring"); len(r.Campaign.Audience.Segments) != 2 {
		t.Errorf("segments: %+v", r.Campaign.Audience)
	}
	d.same()
	put := func(segments []string) Put {
		return spring(func(p *Put) { p.Audience.Segments = segments })
	}
	d.refused("bad_campaign", DoCampaign, "spring", put([]string{""}))
	d.refused("bad_campaign", DoCampaign, "spring", put(make([]string, 201)))
}

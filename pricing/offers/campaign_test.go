package offers

import (
	"fmt"
	"testing"

	"beckon/clickstream/record"
)

func TestHoldoutIsTheSaltedShareOfThoseWhoWouldGetIt(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Holdout, p.Budget.Amount = 0.3, 500*700 })
	held := 0
	for i := range 1000 {
		got := d.claim("spring", i, fmt.Sprint(i))
		salt := d.Running("demo", CartAtRisk)[0].Salt
		switch {
		case got.Outcome == Held:
			held++
			if !HeldOut(salt, whoOf(i), 0.3) || got.Until != d.now+600_000 {
				t.Fatalf("held %+v", got)
			}
		case got.Outcome == Granted && HeldOut(salt, whoOf(i), 0.3):
			t.Fatal("an offer for the holdout")
		}
	}
	if got := d.totals("spring"); got.Held != int64(held) || held < 220 || held > 380 || got.Granted+got.Held+got.Refusals["no_budget"] != 1000 {
		t.Errorf("%d of 1000 held, totals %+v", held, got)
	}
	d.same()
	d.tick(700_000)
	d.same()
}

func TestOnlyRunningCampaignsGrant(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Starts, p.Ends, p.State = t0+1000, t0+5000, Paused })
	state := func(s State) { must[Campaign](d, DoState, "spring", SetState{s}) }
	d.wantRefused("not_running", "spring", 1, "paused")
	if got := d.Running("demo", CartAtRisk); len(got) != 0 {
		t.Errorf("a paused campaign runs: %+v", got)
	}
	state(Active)
	if got := d.Running("demo", CartAtRisk); len(got) != 1 || got[0].Open(t0) || !got[0].Open(t0+1000) {
		t.Errorf("running %+v", got)
	}
	d.wantRefused("not_running", "spring", 1, "early")
	d.tick(1000)
	o := d.granted("spring", 1, "in time")
	d.tick(4000)
	d.wantRefused("not_running", "spring", 2, "late")
	state(Ended)
	d.refused("campaign_ended", DoState, "spring", SetState{Active})
	d.refused("campaign_ended", DoCampaign, "spring", spring())
	d.refused("bad_state", DoState, "spring", SetState{"asleep"})
	d.refused("unknown_campaign", DoState, "none", SetState{Paused})
	d.redeem(o, "T1", nil) // what was promised is kept
	d.same()
}

func TestARemovedCampaignTakesItsOffersBack(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Caps.PerShopper = 3 })
	o := d.granted("spring", 1, "a")
	done := d.granted("spring", 2, "b")
	d.redeem(done, "T1", nil)
	must[Campaign](d, DoState, "spring", SetState{Removed})
	if _, ok := d.Campaign("demo", "spring"); ok {
		t.Error("still shown")
	}
	d.refused("cancelled", DoRedeem, "", Redeem{Number: o.Number, Transaction: "T2"})
	d.refused("unknown_campaign", DoClaim, OfferID("demo", "spring", "c"), AppendClaim(nil, &Claim{Campaign: "spring", Who: whoOf(1)}))
	if got := d.redeem(done, "T1", nil); !got.Duplicate {
		t.Errorf("asked again: %+v", got)
	}
	d.same()
	d.put("spring") // another one of the same name
	if d.shoppers != 0 {
		t.Errorf("%d shoppers of the removed campaign are counted", d.shoppers)
	}
	d.granted("spring", 1, "c")
	d.same()
	d.tick(2 * dayMs)
	if len(d.campaigns) != 1 {
		t.Errorf("%d campaigns, want the new one alone", len(d.campaigns))
	}
	d.same()
}

func TestBudgetMayNotFallBelowWhatIsPromised(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.New = true })
	d.refused("campaign_exists", DoCampaign, "spring", spring(func(p *Put) { p.New = true }))
	d.redeem(d.granted("spring", 1, "a"), "T1", nil)
	d.granted("spring", 2, "b")
	d.refused("budget_below_spent", DoCampaign, "spring", spring(func(p *Put) { p.Budget.Amount = 999 }))
	d.refused("currency_fixed", DoCampaign, "spring", spring(func(p *Put) { p.Budget.Currency = "GBP" }))
	was := d.Running("demo", CartAtRisk)[0]
	now := d.put("spring", func(p *Put) { p.Budget.Amount = 1000 })
	if now.Salt != was.Salt || was.Budget.Amount != 10_000 {
		t.Errorf("salt %s became %s; the version before has %d", was.Salt, now.Salt, was.Budget.Amount)
	}
	d.wantRefused("no_budget", "spring", 3, "c")
	d.same()
}

func TestAudienceAndCurrencyAreLookedAt(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("big", func(p *Put) { p.Audience.MinCart, p.Audience.MaxCart = 4000, 6000 })
	d.put("cups", func(p *Put) { p.Audience.Categories, p.Audience.Items = []string{"cups"}, []string{"lamp"} })
	d.wantRefused("audience", "big", 1, "small", Line{"lamp", 1, 0})
	d.wantRefused("audience", "big", 1, "large", Line{"lamp", 3, 0})
	d.wantRefused("audience", "cups", 1, "other", Line{"kettle", 1, 0})
	d.wantRefused("currency", "cups", 1, "pounds", Line{"tea", 1, 0})
	c := Claim{Campaign: "cups", Who: whoOf(1), Currency: "GBP", Lines: []Line{{"mug", 1, 0}}}
	if got := must[Decision](d, DoClaim, OfferID("demo", "cups", "g"), AppendClaim(nil, &c)); got.Code != "currency" {
		t.Errorf("a cart in pounds: %+v", got)
	}
	c = Claim{Campaign: "cups", Who: whoOf(1)}
	if got := must[Decision](d, DoClaim, OfferID("demo", "cups", "e"), AppendClaim(nil, &c)); got.Code != "empty_cart" {
		t.Errorf("an empty cart: %+v", got)
	}
	d.granted("big", 1, "right", Line{"kettle", 1, 0})
	d.granted("cups", 2, "category", Line{"kettle", 1, 0}, Line{"mug", 1, 0})
	d.granted("cups", 3, "item", Line{"lamp", 1, 0})
	c = Claim{Campaign: "cups", Who: whoOf(4), Value: 1500, Max: 40, Lines: []Line{{"lamp", 1, 0}}}
	if got := must[Decision](d, DoClaim, OfferID("demo", "cups", "v"), AppendClaim(nil, &c)); got.Offer.Amount != 40 {
		t.Errorf("the caller's bound: %+v", got)
	}
	d.same()
}

func TestSettingsAreNamedThatCannotBe(t *testing.T) {
	d := newDriver(t, Config{})
	for field, change := range map[string]func(*Put){
		"title":               func(p *Put) { p.Title = " " },
		"trigger.kind":        func(p *Put) { p.Trigger.Kind = "moon" },
		"trigger.idle_s":      func(p *Put) { p.Trigger.Idle = -1 },
		"audience.max_cart":   func(p *Put) { p.Audience.MinCart, p.Audience.MaxCart = 2, 1 },
		"audience.segment":    func(p *Put) { p.Audience.Segment = "rich" },
		"audience.items":      func(p *Put) { p.Audience.Items = []string{""} },
		"discount.kind":       func(p *Put) { p.Discount.Kind = "gift" },
		"discount.value":      func(p *Put) { p.Discount.Value = 101 },
		"discount.max":        func(p *Put) { p.Discount.Max = -1 },
		"holdout":             func(p *Put) { p.Holdout = 0.91 },
		"caps.per_shopper":    func(p *Put) { p.Caps.PerShopper = -1 },
		"caps.per_day":        func(p *Put) { p.Caps.PerDay = -1 },
		"budget.amount":       func(p *Put) { p.Budget.Amount = -1 },
		"budget.currency":     func(p *Put) { p.Budget.Currency = "euro" },
		"ttl_s":               func(p *Put) { p.TTL = 59 },
		"ends":                func(p *Put) { p.Starts, p.Ends = 5, 5 },
		"disclosure":          func(p *Put) { p.Disclosure = string(make([]byte, 2000)) },
		"audience.categories": func(p *Put) { p.Audience.Categories = make([]string, maxWords+1) },
	} {
		_, err := d.do(DoCampaign, "demo", "spring", spring(change))
		if codeOfError(err) != "bad_campaign" || len(err.Error()) < len(field) || err.Error()[:len(field)] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if got := d.put("spring"); got.Disclosure != DefaultDisclosure || got.Trigger.Idle != 90 || got.Trigger.MinViews != 2 || got.Caps.PerShopper != 1 {
		t.Errorf("defaults %+v", got)
	}
	d.refused("bad_id", DoCampaign, "no spaces", spring())
	d.refused("unknown_command", "offer.guess", "", Forget{})
	if _, err := d.Apply(&record.Control{Do: DoCampaign, Site: "demo", ID: "x"}, d.shelf); codeOfError(err) != "bad_body" {
		t.Errorf("an erased record: %v", err)
	}
}

package offers

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
)

func TestBudgetIsReservedAtClaimAndSpentAtRedeem(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Budget.Amount = 1200 })
	first := d.granted("spring", 1, "a")
	if first.Amount != 500 || first.Currency != "EUR" || first.Expires != t0+600_000 || first.Item != "kettle" || first.Disclosure == "" {
		t.Fatalf("offer %+v", first)
	}
	second := d.granted("spring", 2, "b")
	d.wantRefused("no_budget", "spring", 3, "c")
	if got := d.totals("spring"); got.Reserved != 1000 || got.Spent != 0 || got.Free != 200 || got.Live != 2 {
		t.Fatalf("totals %+v", got)
	}
	if got := d.redeem(first, "T1", &Cart{Value: 3000}); got.Discount != 300 || got.Offer != first.ID || got.Campaign != "spring" || got.Currency != "EUR" {
		t.Fatalf("redemption %+v", got)
	}
	if got := d.totals("spring"); got.Reserved != 500 || got.Spent != 300 || got.Free != 400 {
		t.Fatalf("after a redemption below the reservation: %+v", got)
	}
	d.refused("other_shopper", DoCancel, second.ID, Cancel{Who: whoOf(1)})
	first = *must[Offer](d, DoCancel, second.ID, Cancel{Who: whoOf(2)})
	if again := must[Offer](d, DoCancel, second.ID, Cancel{}); *again != first {
		t.Errorf("cancelled again: %+v, want %+v", again, first)
	}
	want := Totals{Granted: 2, Redeemed: 1, Cancelled: 1, Spent: 300, Free: 900, Refusals: map[string]int64{"no_budget": 1}}
	if got := d.totals("spring"); !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
	d.same()
}

func TestAClaimAskedAgainGetsItsFirstAnswer(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Budget.Amount = 500 })
	first := d.claim("spring", 1, "a")
	d.wantRefused("no_budget", "spring", 2, "b")
	d.redeem(first.Offer, "T1", nil)
	must[Campaign](d, DoCampaign, "spring", spring(func(p *Put) { p.Budget.Amount, p.Discount.Value = 50_000, 50 }))
	again := d.claim("spring", 1, "a")
	if !again.Duplicate || again.Live || again.Offer != first.Offer || again.Outcome != Granted {
		t.Errorf("got  %+v\nwant %+v", again, first)
	}
	if again := d.claim("spring", 2, "b"); !again.Duplicate || again.Code != "no_budget" {
		t.Errorf("a refusal asked again: %+v", again)
	}
	d.tick(600_000 + dayMs - 1) // until a day after the offer's life
	if again := d.claim("spring", 1, "a"); !again.Duplicate {
		t.Error("forgotten within a day after the offer's life")
	}
	d.refused("bad_id", DoClaim, OfferID("demo", "spring", "a"), AppendClaim(nil, &Claim{Campaign: "spring", Who: whoOf(9), Lines: []Line{{"kettle", 1, 0}}}))
	d.same()
	d.tick(forgetStep + 1)
	if n := len(d.sites["demo"].ids) + len(d.numbers); n != 0 {
		t.Errorf("%d claims remembered two days later", n)
	}
	d.refused("offer_ended", DoRedeem, "", Redeem{Number: first.Offer.Number, Transaction: "T1"})
	d.same()
}

func TestOffersExpireByTheLogsClock(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring")
	o := d.granted("spring", 1, "a")
	if d.Due() != o.Expires {
		t.Errorf("due %d, want %d", d.Due(), o.Expires)
	}
	d.tick(599_999)
	if _, ok := d.Live("demo", whoOf(1)); !ok {
		t.Error("gone before its time")
	}
	d.tick(1)
	if o, ok := d.Live("demo", whoOf(1)); ok {
		t.Errorf("%+v is live after its time", o)
	}
	if got := d.totals("spring"); got.Expired != 1 || got.Reserved != 0 || got.Live != 0 {
		t.Errorf("totals %+v", got)
	}
	d.refused("expired", DoRedeem, "", Redeem{Number: o.Number, Transaction: "T1"})
	d.refused("expired", DoCancel, o.ID, Cancel{})
	d.same()
}

func TestAnOfferIsRedeemedOnce(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring")
	o := d.granted("spring", 1, "a")
	d.refused("other_shopper", DoRedeem, "", Redeem{Number: o.Number, Transaction: "T1", Who: whoOf(2)})
	d.refused("bad_transaction", DoRedeem, "", Redeem{Number: o.Number})
	d.refused("currency", DoRedeem, "", Redeem{Number: o.Number, Transaction: "T1", Cart: &Cart{Value: 1, Currency: "GBP"}})
	d.refused("currency", DoRedeem, "", Redeem{Number: o.Number, Transaction: "T1", Cart: &Cart{Lines: []Line{{"tea", 1, 0}}}})
	d.refused("no_discount", DoRedeem, "", Redeem{Number: o.Number, Transaction: "T1", Cart: &Cart{Value: 9}})
	d.refused("bad_cart", DoRedeem, "", Redeem{Number: o.Number, Transaction: "T1", Cart: &Cart{}})
	d.refused("bad_cart", DoRedeem, "", Redeem{Number: o.Number, Transaction: "T1", Cart: &Cart{Lines: []Line{{"tea", 0, 0}}}})
	d.refused("unknown_offer", DoRedeem, "", Redeem{Number: 99, Transaction: "T1"})
	d.refused("unknown_offer", DoRedeem, OfferID("demo", "spring", "none"), Redeem{Transaction: "T1"})
	d.refused("bad_id", DoRedeem, "o_x", Redeem{Transaction: "T1"})
	if _, err := d.do(DoRedeem, "other", "", Redeem{Number: o.Number, Transaction: "T1"}); codeOfError(err) != "unknown_offer" {
		t.Errorf("redeemed at another site: %v", err)
	}
	first := must[Redemption](d, DoRedeem, o.ID, Redeem{Transaction: "T1", Who: whoOf(1), Cart: &Cart{Value: 2000}})
	again := d.redeem(o, "T1", &Cart{Value: 4000})
	if first.Discount != 200 || again.Discount != 200 || !again.Duplicate || first.Duplicate {
		t.Errorf("first %+v, again %+v", first, again)
	}
	d.refused("used", DoRedeem, "", Redeem{Number: o.Number, Transaction: "T2"})
	d.refused("used", DoCancel, o.ID, Cancel{})
	d.tick(3600_000)
	if again := d.redeem(o, "T1", nil); !again.Duplicate || again.Discount != 200 {
		t.Errorf("after its time: %+v", again)
	}
	d.same()
}

func TestNoLineGoesBelowItsFloorOrCost(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("pct", func(p *Put) { p.Discount.Value = 50 })
	d.put("amt", func(p *Put) { p.Discount = Discount{Kind: Amount, Value: 2000} })
	f := func(trigger, campaign string, want int64, lines ...Line) {
		t.Helper()
		d.tick(3600_000)
		if got := d.granted(campaign, len(d.log), trigger, lines...).Amount; got != want {
			t.Errorf("%s: %d, want %d", trigger, got, want)
		}
	}
	f("half of what has no floor", "pct", 2500, Line{"kettle", 1, 0})
	f("the floor above the cost", "pct", 100, Line{"mug", 1, 0})
	f("the cost without a floor", "pct", 500, Line{"lamp", 1, 0})
	f("line by line", "pct", 2500+300, Line{"kettle", 1, 0}, Line{"mug", 3, 0})
	f("the cart's own lower price", "pct", 300, Line{"lamp", 1, 2800})
	f("not a higher one", "pct", 500, Line{"lamp", 1, 9999})
	f("an item without a catalog entry leaves nothing", "pct", 2500, Line{"kettle", 1, 0}, Line{"ghost", 1, 100_000})
	f("an amount", "amt", 2000, Line{"kettle", 1, 0})
	f("an amount within the room", "amt", 600, Line{"mug", 1, 0}, Line{"lamp", 1, 0})
	d.tick(3600_000)
	d.wantRefused("no_discount", "pct", 7000, "nothing", Line{"mug", 1, 900})
	d.wantRefused("no_discount", "pct", 7001, "nobody knows", Line{"ghost", 1, 900})

	o := d.granted("pct", 7002, "risen", Line{"lamp", 2, 0})
	d.shelf["lamp"] = Item{Price: 3000, Currency: "EUR", Floor: 2900, Cost: 2500}
	if got := d.redeem(o, "T", &Cart{Lines: []Line{{"lamp", 2, 0}}}); got.Discount != 200 {
		t.Errorf("the floor rose to 2900: %d off two, want 200", got.Discount)
	}
}

func TestCapsHold(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Caps = Caps{PerShopper: 2, PerDay: 3, Total: 5}; p.Budget.Amount = 1_000_000 })
	end := func(o Offer) { must[Offer](d, DoCancel, o.ID, Cancel{}) }
	d.now = t0/dayMs*dayMs + dayMs // midnight, UTC
	o := d.granted("spring", 1, "a")
	d.wantRefused("has_offer", "spring", 1, "b")
	end(o)
	end(d.granted("spring", 1, "c"))
	d.wantRefused("cap_shopper", "spring", 1, "d")
	end(d.granted("spring", 2, "e"))
	d.tick(dayMs - 1)
	d.wantRefused("cap_day", "spring", 3, "f")
	d.tick(1)
	end(d.granted("spring", 3, "g"))
	end(d.granted("spring", 4, "h"))
	d.wantRefused("cap_total", "spring", 5, "i")
	if got := codesOf(d.totals("spring").Refusals); !reflect.DeepEqual(got, []string{"cap_day", "cap_shopper", "cap_total", "has_offer"}) {
		t.Errorf("refusals %v", got)
	}
	d.same()
}

func TestOneLiveOfferAShopperAndSite(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("a")
	d.put("b")
	d.granted("a", 1, "x")
	d.wantRefused("has_offer", "b", 1, "y")
	if _, err := d.do(DoCampaign, "other", "b", spring()); err != nil {
		t.Fatal(err)
	}
	c := Claim{Campaign: "b", Who: whoOf(1), Lines: []Line{{"kettle", 1, 0}}}
	answer, err := d.do(DoClaim, "other", OfferID("other", "b", "y"), AppendClaim(nil, &c))
	if err != nil || answer.(*Decision).Outcome != Granted {
		t.Errorf("the other site: %+v, %v", answer, err)
	}
	if got, ok := d.Live("other", whoOf(1)); !ok || got.Campaign != "b" {
		t.Errorf("live at the other site: %+v", got)
	}
	d.same()
}

func TestAnErasedShopperLeavesNoTrace(t *testing.T) {
	d := newDriver(t, Config{})
	d.put("spring", func(p *Put) { p.Caps.PerShopper = 1 })
	redeemed := d.granted("spring", 1, "a")
	d.redeem(redeemed, "T1", nil)
	d.granted("spring", 2, "b")
	if got := must[Forgotten](d, DoForget, "", Forget{whoOf(1)}); got.Offers != 1 {
		t.Errorf("forgotten %+v", got)
	}
	if got := must[Forgotten](d, DoForget, "", Forget{whoOf(2)}); got.Offers != 1 {
		t.Errorf("forgotten %+v", got)
	}
	if _, ok := d.Live("demo", whoOf(2)); ok {
		t.Error("the erased shopper has an offer")
	}
	for _, place := range d.sites["demo"].ids {
		if who := d.entries.at(place).who; who != ([16]byte{}) {
			t.Errorf("a claim stands in the name of %x", who)
		}
	}
	if n := d.campaigns[1].shoppers.len(); n != 0 || bytes.Contains(d.image(), []byte(whoOf(1))) {
		t.Errorf("%d shoppers are counted for caps", n)
	}
	if got := d.totals("spring"); got.Redeemed != 1 || got.Cancelled != 1 || got.Spent != 500 {
		t.Errorf("totals %+v", got)
	}
	d.refused("other_shopper", DoRedeem, "", Redeem{Number: redeemed.Number, Transaction: "T1", Who: whoOf(1)})
	d.refused("bad_who", DoForget, "", Forget{"me"})
	d.same()
}

func TestMemoryIsBoundedAndKeepsWhatIsLive(t *testing.T) {
	d := newDriver(t, Config{MaxOutcomes: 10, MaxOpen: 20, MaxShoppers: 15})
	d.put("spring", func(p *Put) { p.Budget.Amount = 1_000_000 })
	for i := range 15 {
		d.granted("spring", i, fmt.Sprint("g", i))
	}
	d.wantRefused("too_many_shoppers", "spring", 50, "one more")
	d.put("other", func(p *Put) { p.Budget.Amount = 0 })
	for i := range 100 {
		d.wantRefused("no_budget", "other", 100+i, fmt.Sprint("r", i))
	}
	if got := d.claim("spring", 3, "g3"); !got.Duplicate || !got.Live {
		t.Errorf("a live offer is forgotten: %+v", got)
	}
	if d.settled.len() != 10 || len(d.sites["demo"].ids) != 25 {
		t.Errorf("%d settled, %d claims", d.settled.len(), len(d.sites["demo"].ids))
	}
	if got := d.claim("other", 100, "r0"); got.Duplicate {
		t.Error("the oldest is remembered beyond the bound")
	}
	d.same()
	must[Campaign](d, DoState, "spring", SetState{Removed})
	d.put("third", func(p *Put) { p.Budget.Amount = 1_000_000 })
	for i := range 5 {
		d.granted("third", 200+i, fmt.Sprint("t", i))
	}
	d.wantRefused("too_many_open", "third", 300, "t9") // removed offers count until their time is over
	d.same()
	d.tick(600_000)
	d.granted("third", 300, "t10")
	d.same()
}

package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
	"beckon/pricing/offers"
	"beckon/pricing/offers/watch"
	"beckon/server/shop"
)

// atRisk stores the way of visitors to a cart of sku-1 that has been idle for some seconds.
func atRisk(t *testing.T, n *node, visitors ...string) (start int64) {
	t.Helper()
	now := time.Now().UnixMilli()
	act := func(visitor, name string, ago int64) string {
		eventCount++
		return fmt.Sprintf(`{"id":"w%d","visitor":%q,"name":%q,"ts":%d,"items":[{"item_id":"sku-1","price":1999}],"currency":"EUR"}`, eventCount, visitor, name, now-ago)
	}
	var acts []string
	for _, v := range visitors {
		acts = append(acts, act(v, "view_item", 20_000), act(v, "view_item", 19_000), act(v, "add_to_cart", 18_000))
	}
	acts = append(acts, act("passer-by", "view_item", 10_000))
	src := clickstream.Source{Site: "test", Secret: true, Received: now, DefaultConsent: clickstream.Analytics | clickstream.Personalization}
	got, err := n.collector.Collect(t.Context(), &src, fmt.Appendf(nil, `{"sent_at":%d,"events":[%s]}`, now, strings.Join(acts, ",")), nil)
	if err != nil || got.Accepted != len(acts) {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := n.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	return now - 20_000
}

func campaignHere(t *testing.T, n *node, budget int64) {
	t.Helper()
	put := offers.Put{Settings: offers.Settings{
		Title: "Kettle", Trigger: offers.Trigger{Idle: 1}, Discount: offers.Discount{Kind: offers.Percent, Value: 10}, Budget: offers.Budget{Amount: budget, Currency: "EUR"},
	}}
	if _, _, err := n.shop.Submit(t.Context(), "test", shop.Command{Do: offers.DoCampaign, Site: "test", ID: "c", Body: put}); err != nil {
		t.Fatal(err)
	}
}

// offersUntil runs the offers' goroutine until it is so.
func (n *node) offersUntil(t *testing.T, what string, so func() bool) {
	t.Helper()
	var opened closers
	n.startOffers(&opened)
	deadline := time.Now().Add(30 * time.Second)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("half a minute without %s: %v", what, n.offerWatch.outcomes())
		}
		<-time.After(5 * time.Millisecond)
	}
	if err := opened.closeAll(10 * time.Second); err != nil {
		t.Fatal(err)
	}
}

// The crash that may come between a claim and its exposure: the ledger has the claim, nothing else is known.
func TestAClaimWithoutExposureIsFinished(t *testing.T) {
	n := openHere(t, 2)
	ctx := t.Context()
	campaignHere(t, n, 1e6)
	start := atRisk(t, n, "ann")
	who := n.who("test", "ann")
	id := offers.OfferID("test", "c", fmt.Sprint(who, ".", start))
	claim := offers.AppendClaim(nil, &offers.Claim{Campaign: "c", Who: who, Currency: "EUR", Lines: []offers.Line{{Item: "sku-1", Quantity: 1}}})
	if _, _, err := n.shop.Submit(ctx, "test", shop.Command{Do: offers.DoClaim, Site: "test", ID: id, Body: claim}); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	n.offersUntil(t, "an exposure", func() bool { return n.uplift.Report("test", "c", watch.Settings{}).Exposed.Offer == 1 })
	if got := n.carts.Unseen("test", start); len(got) != 1 || got[0].Offer != id {
		t.Errorf("unseen %v, want the claimed %s", got, id)
	}
	if r, _ := n.folds.offers.Campaign("test", "c"); r.Totals.Granted != 1 {
		t.Errorf("%+v, want one grant", r.Totals)
	}
	deadline := time.Now().Add(30 * time.Second)
	for runtime.NumGoroutine() > before { // the last of them end after what they were waited for
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		<-time.After(time.Millisecond)
	}
	if err := n.offerWatch.flushed(ctx); err != nil {
		t.Errorf("an erasure after the close waits: %v", err)
	}
}

func TestManyCartsAtOnceShareOneBudget(t *testing.T) {
	const carts, budget = 150, 60 // offers
	n := openHere(t, 2)
	campaignHere(t, n, budget*199+100)
	var visitors []string
	for i := range carts {
		visitors = append(visitors, fmt.Sprint("v", i))
	}
	atRisk(t, n, visitors...)
	totals := func() offers.Totals {
		r, _ := n.folds.offers.Campaign("test", "c")
		return r.Totals
	}
	n.offersUntil(t, "all answers", func() bool {
		all := n.offerWatch.outcomes()
		return all["granted"]+all["no_budget"] == carts
	})
	if got := totals(); got.Granted != budget || got.Refusals["no_budget"] != carts-budget || got.Reserved != budget*199 {
		t.Errorf("%+v, want %d granted and the others refused", got, budget)
	}
	// Another start finds those that were refused again. They get the same answer, and nobody a second one.
	n.offerWatch = newOfferWatch(n)
	n.carts.Watch("test", nil)
	n.offersUntil(t, "the same answers", func() bool { return n.offerWatch.outcomes()["no_budget"] == carts-budget })
	if got := totals(); got.Granted != budget || got.Refusals["no_budget"] != carts-budget {
		t.Errorf("%+v after another start", got)
	}
	if err := n.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e := n.uplift.Report("test", "c", watch.Settings{}).Exposed; e.Offer != budget {
		t.Errorf("%d exposed, want %d", e.Offer, budget)
	}
}

func TestReplayedSitesGetNoOffers(t *testing.T) {
	n := openHere(t, 1)
	ctx := t.Context()
	for site, clock := range map[string]shop.Clock{"old": shop.EventClock, "new": shop.WallClock} {
		if _, err := n.shop.CreateSite(ctx, "test", site, shop.Settings{Clock: clock}); err != nil {
			t.Fatal(err)
		}
		put := offers.Put{Settings: offers.Settings{
			Title: "Kettle", Trigger: offers.Trigger{Idle: 7}, Discount: offers.Discount{Kind: offers.Percent, Value: 10}, Budget: offers.Budget{Amount: 1e6, Currency: "EUR"},
		}}
		if _, _, err := n.shop.Submit(ctx, "test", shop.Command{Do: offers.DoCampaign, Site: site, ID: "c", Body: put}); err != nil {
			t.Fatal(err)
		}
	}
	w := newOfferWatch(n)
	w.follow(false)
	if len(w.watched["old"]) != 0 || !slices.Equal(w.watched["new"], idleTimes{7}) {
		t.Errorf("watched %v, want 7 s for the site with the wall's clock alone", w.watched)
	}
}

func TestWhoIsToBeErasedIsKnownAtOnce(t *testing.T) {
	p, err := openErasures(filepath.Join(t.TempDir(), "erasures.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.add(erasure{Site: "a", Visitor: "ann"}); err != nil {
		t.Fatal(err)
	}
	if !p.has("a", "ann") || p.has("b", "ann") || p.has("a", "bob") {
		t.Error("ann of site a is to be erased, and nobody else")
	}
}

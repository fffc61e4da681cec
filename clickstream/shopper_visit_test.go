package clickstream

import "testing"

// TestAShopperIsKnownByVisitsAndWhatWasSpent goes through visits on two days, an order, a repeat of it and refunds.
func TestAShopperIsKnownByVisitsAndWhatWasSpent(t *testing.T) {
	s := newShard(0, 10)
	at := func(day int64) int64 { return 1_700_000_000_000 + day*dayMs }
	send := func(e Event) {
		t.Helper()
		e.Site, e.Visitor, e.ID, e.Name, e.Consent = "shop", "v", "e", e.Kind.String(), Analytics|Personalization
		if _, err := s.apply(string(AppendEvent(nil, &e)), new(Event), new(Fact)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(visits, away int, device, source string, spent int64) {
		t.Helper()
		var v ShopperView
		if !s.view("shop", "v", &v) {
			t.Fatal("not known")
		}
		if v.Visits != visits || v.Away != away || v.Device.String() != device || v.Source != source || v.Spent != spent {
			t.Errorf("visits %d, away %d, %s, %s, spent %d; want %d %d %s %s %d", v.Visits, v.Away, v.Device, v.Source, v.Spent, visits, away, device, source, spent)
		}
	}
	send(Event{Kind: PageView, Time: at(0), URL: "https://shop.example/?utm_source=news", UserAgent: "iPhone"})
	send(Event{Kind: ViewItem, Time: at(0) + 1000, Items: []Item{{ID: "a", Price: NoPrice}}})
	check(1, 0, "mobile", "news", 0)
	send(Event{Kind: PageView, Time: at(3), URL: "https://shop.example/", UserAgent: "Windows NT"})
	check(2, 2, "desktop", "news", 0)
	order := Event{Kind: Purchase, Time: at(3) + 1000, Transaction: "t-1", Currency: "EUR", Items: []Item{{ID: "a", Price: 500, Quantity: 3}}}
	send(order)
	send(order)
	check(2, 2, "desktop", "news", 1500)
	send(Event{Kind: Refund, Time: at(3) + 2000, Transaction: "t-1", Currency: "EUR", Value: 500})
	check(2, 2, "desktop", "news", 1000)
	send(Event{Kind: Purchase, Time: at(3) + 3000, Transaction: "t-2", Currency: "EUR", Value: 700})
	send(Event{Kind: Refund, Time: at(9), Transaction: "t-2"})
	check(2, 2, "desktop", "news", 1000)

	again := newShard(0, 10)
	if err := again.restore(string(s.appendSnapshot(nil))); err != nil {
		t.Fatal(err)
	}
	s = again
	check(2, 2, "desktop", "news", 1000)
	send(Event{Kind: Refund, Time: at(9) + 1, Currency: "EUR", Value: 9999})
	check(2, 2, "desktop", "news", 0)
}

package clickstream

import (
	"fmt"
	"slices"
	"testing"
)

// shopperHarness folds one visitor's events and reads the shopper after.
func shopperHarness(t *testing.T, events ...Event) (*sessionHarness, ShopperView) {
	t.Helper()
	h := newSessionHarness(t, defaultRule)
	for _, e := range events {
		if e.Visitor == "" {
			e.Visitor = "v"
		}
		h.event(e)
	}
	var v ShopperView
	h.shard.view("s", "v", &v)
	return h, v
}

func act(kind Kind, at int64, items ...string) Event {
	e := Event{Kind: kind, Name: kind.String(), Time: at}
	for _, id := range items {
		e.Items = append(e.Items, Item{ID: id, Price: NoPrice, Quantity: 1})
	}
	return e
}

func quantityOf(e Event, n int64) Event {
	for i := range e.Items {
		e.Items[i].Quantity = n
	}
	return e
}

func names(items []ShopperItem) string {
	s := ""
	for _, it := range items {
		s += it.Item
		if it.Quantity > 1 {
			s += fmt.Sprint(it.Quantity)
		}
		s += " "
	}
	return s
}

func TestCartFollowsWhatShoppersDo(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []Event
		cart   string
	}{
		{"adding twice adds up", []Event{act(AddToCart, 1, "a"), act(AddToCart, 2, "b"), quantityOf(act(AddToCart, 3, "a"), 2)}, "a3 b "},
		{"removing takes off", []Event{quantityOf(act(AddToCart, 1, "a"), 3), act(RemoveFromCart, 2, "a")}, "a2 "},
		{"removing all removes the line", []Event{act(AddToCart, 1, "a"), quantityOf(act(RemoveFromCart, 2, "a"), 5)}, ""},
		{"removing what is not there", []Event{act(RemoveFromCart, 2, "a")}, ""},
		{"view_cart states the whole cart", []Event{act(AddToCart, 1, "a"), act(ViewCart, 2, "b", "c")}, "b c "},
		{"view_cart without items says nothing", []Event{act(AddToCart, 1, "a"), act(ViewCart, 2)}, "a "},
		{"an add that view_cart overtook", []Event{act(ViewCart, 5, "b"), act(AddToCart, 2, "a")}, "b "},
		{"purchase empties the bought lines", []Event{act(AddToCart, 1, "a", "b"), act(Purchase, 2, "a")}, "b "},
		{"an add that the purchase overtook", []Event{act(Purchase, 5, "a"), act(AddToCart, 2, "a")}, ""},
		{"an add after the purchase", []Event{act(Purchase, 5, "a"), act(AddToCart, 6, "a")}, "a "},
	} {
		if _, v := shopperHarness(t, c.events...); names(v.Cart) != c.cart {
			t.Errorf("%s: got %q, want %q", c.name, names(v.Cart), c.cart)
		}
	}
}

func TestHistoryIsDistinctNewestFirstAndSaysTheMostThatWasDone(t *testing.T) {
	_, v := shopperHarness(t, act(ViewItem, 1, "a"), act(AddToCart, 2, "b"), act(ViewItem, 4, "b"), act(ViewItem, 3, "c"),
		act(AddToWishlist, 5, "d"), act(Purchase, 6, "a"), act(Search, 7))
	want := []ShopperItem{{"a", Purchase, 0, 6}, {"d", AddToWishlist, 0, 5}, {"b", AddToCart, 0, 4}, {"c", ViewItem, 0, 3}}
	if !slices.Equal(v.Recent, want) {
		t.Errorf("recent\n got %v\nwant %v", v.Recent, want)
	}
	if names(v.Bought) != "a " || names(v.Wishlist) != "d " || v.Bought[0].Time != 6 {
		t.Errorf("bought %v, wishlist %v", v.Bought, v.Wishlist)
	}
	if v.Views != 3 || v.Carts != 1 || v.Purchases != 1 || v.Searches != 1 || v.First != 1 || v.Last != 7 {
		t.Errorf("counters %+v", v)
	}
	if len(v.Session) != 6 || v.SessionStart != 1 {
		t.Errorf("session %v", v.Session)
	}
}

func TestListsAreBounded(t *testing.T) {
	var events []Event
	for i := range 300 {
		item := fmt.Sprint("i", i)
		events = append(events, act(AddToCart, int64(i*3), item), act(AddToWishlist, int64(i*3+1), item), act(Purchase, int64(i*3+2), fmt.Sprint("p", i)))
	}
	_, v := shopperHarness(t, events...)
	if len(v.Recent) != maxRecent || len(v.Cart) != maxCart || len(v.Wishlist) != maxWishlist || len(v.Bought) != maxBought {
		t.Errorf("%d recent, %d cart, %d wishlist, %d bought", len(v.Recent), len(v.Cart), len(v.Wishlist), len(v.Bought))
	}
	if v.Cart[0].Item != "i200" || v.Wishlist[0].Item != "i299" {
		t.Errorf("cart from %v, wishlist from %v", v.Cart[0], v.Wishlist[0])
	}
}

func TestWithoutPersonalizationNothingShapesTheProfile(t *testing.T) {
	no := act(ViewItem, 2, "b")
	no.Consent = Analytics
	h, v := shopperHarness(t, act(ViewItem, 1, "a"), no)
	if v.Consent != Analytics || len(v.Recent)+len(v.Session) != 0 || v.Views != 0 {
		t.Errorf("reader sees %+v", v)
	}
	if s := h.sessions[SessionKey{"v", 1}]; s.Events != 2 || s.Consent != Analytics {
		t.Errorf("session %+v", s)
	}
	h.event(viewOf("v", 3, "c"))
	h.shard.view("s", "v", &v)
	if names(v.Recent) != "c a " || len(v.Session) != 0 {
		t.Errorf("after consent came back: %v, session %v", v.Recent, v.Session)
	}
}

func TestWithdrawalClearsTheProfileAlsoWhenItIsLate(t *testing.T) {
	withdraw := act(ConsentChange, 3)
	withdraw.Consent = Analytics
	_, v := shopperHarness(t, act(AddToCart, 1, "a"), withdraw, act(ViewItem, 2, "b"))
	if v.Consent != Analytics || len(v.Recent) != 0 {
		t.Errorf("an older event brought the profile back: %+v", v)
	}
	h, v := shopperHarness(t, act(AddToCart, 1, "a"), withdraw, act(ViewItem, 4, "b"))
	if names(v.Recent) != "b " || len(v.Cart) != 0 {
		t.Errorf("after new consent: %+v", v)
	}
	h.tick(10 * 60 * minuteMs)
	withdraw.Visitor, withdraw.Time = "v", 5
	if f := h.event(withdraw); !f.Late {
		t.Error("not late")
	}
	if h.shard.view("s", "v", &v); v.Consent != Analytics || h.shard.sites["s"].shoppers["v"].recent != nil {
		t.Errorf("after a late withdrawal: %+v", v)
	}
}

func TestLateEventsDoNotTouchTheProfile(t *testing.T) {
	h, _ := shopperHarness(t, act(AddToCart, 1, "a"))
	h.tick(10 * 60 * minuteMs)
	if f := h.event(viewOf("v", 2, "b")); !f.Late {
		t.Error("not late")
	}
	h.event(viewOf("w", 2, "b"))
	var v ShopperView
	if h.shard.view("s", "v", &v); names(v.Recent) != "a " || h.shard.view("s", "w", &v) {
		t.Errorf("recent %v", v.Recent)
	}
	if h.shard.sites["s"].late != 2 {
		t.Errorf("%d late", h.shard.sites["s"].late)
	}
}

func TestSessionEndsForReadersAtItsGap(t *testing.T) {
	h, v := shopperHarness(t, act(ViewItem, 1, "a"))
	if len(v.Session) != 1 {
		t.Fatalf("session %v", v.Session)
	}
	h.tick(31 * minuteMs) // not closed before the lateness is over
	if h.shard.view("s", "v", &v); v.Session != nil || len(v.Recent) != 1 {
		t.Errorf("session %v", v.Session)
	}
}

func TestIdleShoppersAreForgotten(t *testing.T) {
	h, _ := shopperHarness(t, act(ViewItem, 1, "a"))
	h.tick(1 + idleFor)
	if h.shard.count != 1 {
		t.Fatal("forgotten early")
	}
	h.tick(2 + idleFor)
	if h.shard.count != 0 || h.shard.sites["s"].oldest != nil {
		t.Error("not forgotten")
	}
}

func TestTooManyShoppersForgetTheLongestUnheardAndCloseItsSession(t *testing.T) {
	h := newSessionHarness(t, defaultRule)
	h.shard.maxCount = 2
	h.event(viewOf("a", 1, "x"))
	h.event(viewOf("b", 2, "x"))
	h.event(viewOf("a", 3, "x"))
	h.event(viewOf("c", 4, "x"))
	var v ShopperView
	if h.shard.view("s", "b", &v) || !h.shard.view("s", "a", &v) || h.shard.evicted != 1 || !h.sessions[SessionKey{"b", 2}].Closed {
		t.Errorf("%d shoppers, %d evicted", h.shard.count, h.shard.evicted)
	}
	h.finish()
}

func TestSitesShareNothing(t *testing.T) {
	log := newFoldLog(3)
	r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: t.TempDir()})
	r.Start()
	e := viewOf("v", 1, "a")
	e.Site = "one"
	late := viewOf("v", 1, "b")
	late.Site = "two"
	ahead := viewOf("v", 10*dayMs, "c")
	ahead.Site = "one"
	putEvents(t, log, 2, e, ahead, late)
	settled(t, r)
	var one, two ShopperView
	if !r.View("one", "v", &one) || !r.View("two", "v", &two) || names(one.Recent) != "c a " || names(two.Recent) != "b " {
		t.Errorf("one %v, two %v", one.Recent, two.Recent)
	}
	if r.Late("two") != 0 || r.Clock("two") != 1 || r.Clock("one") != 10*dayMs || r.View("three", "v", &one) {
		t.Error("one site's clock moved another's")
	}
	closeRunner(t, r)
}

func TestAnOrderCountsOncePerTransactionAndIsTakenBackOnce(t *testing.T) {
	order := func(kind Kind, at int64, transaction string, items ...string) Event {
		e := act(kind, at, items...)
		e.Transaction = transaction
		return e
	}
	for _, c := range []struct {
		name   string
		events []Event
		want   int
	}{
		{"the page that thanks is loaded again", []Event{order(Purchase, 1, "t1", "a"), order(Purchase, 2, "t1", "a")}, 1},
		{"two orders", []Event{order(Purchase, 1, "t1", "a"), order(Purchase, 2, "t2", "a")}, 2},
		{"without a transaction each counts", []Event{act(Purchase, 1, "a"), act(Purchase, 2, "a")}, 2},
		{"taken back", []Event{order(Purchase, 1, "t1", "a"), order(Purchase, 2, "t2", "a"), order(Refund, 3, "t1")}, 1},
		{"taken back twice", []Event{order(Purchase, 1, "t1", "a"), order(Purchase, 2, "t2", "a"), order(Refund, 3, "t1"), order(Refund, 4, "t1")}, 1},
		{"taken back, then told again", []Event{order(Purchase, 1, "t1", "a"), order(Refund, 3, "t1"), order(Purchase, 4, "t1", "a")}, 0},
		{"taken back in part", []Event{order(Purchase, 1, "t1", "a", "b"), order(Refund, 3, "t1", "a")}, 1},
		{"taken back without an order", []Event{order(Purchase, 1, "t1", "a"), order(Refund, 3, "t9")}, 1},
	} {
		if _, v := shopperHarness(t, c.events...); v.Purchases != c.want {
			t.Errorf("%s: got %d purchases, want %d", c.name, v.Purchases, c.want)
		}
	}
}

package watch

import (
	"fmt"
	"testing"

	"beckon/clickstream"
)

func TestWakeTellsThatSomethingCameDue(t *testing.T) {
	c := carts(t, CartsConfig{})
	s := newScript()
	s.shop(0, "ann")
	s.tick(89)
	if err := c.ApplyFacts(s.facts); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Wake():
		t.Fatal("woken before anything was due")
	default:
	}
	s.facts = nil
	s.tick(90)
	if err := c.ApplyFacts(s.facts); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Wake():
	default:
		t.Fatal("not woken")
	}
}

func TestTriggersThatNobodyTakesAreBounded(t *testing.T) {
	c := carts(t, CartsConfig{Waiting: 10})
	s := newScript()
	for i := range 25 {
		s.shop(float64(i)/100, fmt.Sprint("v", i))
	}
	s.tick(200)
	if err := c.ApplyFacts(s.facts); err != nil {
		t.Fatal(err)
	}
	got, dropped := c.Take(nil, 100)
	if len(got) != 10 || dropped != 15 || got[9].Visitor != "v24" {
		t.Errorf("%d triggers, %d dropped, the last of %q; want the newest 10 and 15 dropped", len(got), dropped, got[len(got)-1].Visitor)
	}
}

func TestOldestShoppersMakeRoom(t *testing.T) {
	c := carts(t, CartsConfig{Shoppers: 8, Remembered: 4})
	s := newScript()
	for i := range 20 {
		s.shop(float64(i)*2, fmt.Sprint("v", i))
	}
	s.tick(200)
	got := run(t, c, s)
	if len(got) != 8 || got[0].Visitor != "v12" {
		t.Errorf("%d triggers, first of %v; want those of the last 8", len(got), got)
	}
	s.tick(5000) // all carts that are known are abandoned
	run(t, c, s)
	if n := len(c.sites["shop"].histories); n != 4 {
		t.Errorf("%d histories, want 4", n)
	}
	if n := len(c.sites["shop"].shoppers); n != 0 {
		t.Errorf("%d shoppers after all left", n)
	}
}

func TestOneShopperIsBounded(t *testing.T) {
	c := carts(t, CartsConfig{})
	s := newScript()
	many := make([]clickstream.Item, 200)
	for i := range many {
		many[i] = piece(fmt.Sprint("i", i))
	}
	s.do(0, "ann", clickstream.Search)
	for i := range 500 {
		s.do(float64(i+1)/10, "ann", clickstream.ViewItem, piece("mug"))
		s.do(float64(i+1)/10, "ann", clickstream.AddToCart, many...)
	}
	s.tick(300)
	got := run(t, c, s)
	if len(got) != 1 || !got[0].Fits(500, true) || len(got[0].Lines) != maxLines || got[0].Start != noon {
		t.Fatalf("%d triggers, want 1 with all views, %d lines and the first start", len(got), maxLines)
	}
	if x := c.sites["shop"].shoppers[clickstream.VisitorHash("ann")]; len(x.acts) > maxActs || x.kept > maxKept {
		t.Errorf("%d acts with %d lines are kept", len(x.acts), x.kept)
	}
}

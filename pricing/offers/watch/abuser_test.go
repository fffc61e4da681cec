package watch

import (
	"testing"

	"beckon/clickstream"
)

const hour = 3600.0

// abuser says whether the trigger of a cart at this second calls ann an abuser.
func abuser(t *testing.T, s *script, at float64) bool {
	t.Helper()
	c := carts(t, CartsConfig{})
	s.shop(at, "ann")
	s.tick(at + 90)
	got := run(t, c, s)
	if len(got) == 0 || got[len(got)-1].Visitor != "ann" {
		t.Fatalf("no trigger of ann in %v", got)
	}
	return got[len(got)-1].Abuser
}

func TestAbusersAbandonAgainAndAgain(t *testing.T) {
	for _, c := range []struct {
		name string
		play func(s *script)
		at   float64
		want bool
	}{
		{"two carts", func(s *script) { s.shop(0, "ann"); s.shop(hour, "ann") }, 2 * hour, false},
		{"three carts", func(s *script) { s.shop(0, "ann"); s.shop(hour, "ann"); s.shop(2*hour, "ann") }, 3 * hour, true},
		{"three carts, the clock passing", func(s *script) {
			for _, i := range []float64{0, 1, 2} {
				s.shop(i*hour, "ann")
				s.tick(i*hour + 3000)
			}
		}, 3 * hour, true},
		{"three carts and a purchase", func(s *script) {
			s.shop(0, "ann")
			s.shop(hour, "ann")
			s.shop(2*hour, "ann")
			s.do(3*hour, "ann", clickstream.Purchase, piece("mug"))
		}, 4 * hour, false},
		{"a purchase before the last one only", func(s *script) {
			s.shop(0, "ann")
			s.do(60, "ann", clickstream.Purchase, piece("mug"))
			s.shop(hour, "ann")
			s.shop(2*hour, "ann")
			s.shop(3*hour, "ann")
		}, 4 * hour, true},
		{"a month ago", func(s *script) { s.shop(0, "ann"); s.shop(hour, "ann"); s.shop(2*hour, "ann") }, 31 * 24 * hour, false},
		{"two of three a month ago", func(s *script) {
			s.shop(0, "ann")
			s.shop(hour, "ann")
			s.shop(29*24*hour, "ann")
		}, 31 * 24 * hour, false},
		{"one offer left and one that lives", func(s *script) {
			s.expose(0, "ann", "c", OfferArm, "o_1", 600)
			s.expose(hour, "ann", "c", OfferArm, "o_2", 5*hour)
		}, 2 * hour, false},
		{"emptied, not abandoned", func(s *script) {
			for _, i := range []float64{0, 1, 2, 3} {
				s.shop(i*hour, "ann")
				s.do(i*hour+5, "ann", clickstream.RemoveFromCart, piece("mug"))
			}
		}, 5 * hour, false},
		{"a purchase at the offer's price does not clear", func(s *script) {
			s.shop(0, "ann")
			s.shop(hour, "ann")
			s.shop(2*hour, "ann")
			s.expose(2*hour+100, "ann", "c", OfferArm, "o_1", 600)
			s.do(2*hour+200, "ann", clickstream.Purchase, piece("mug"))
			s.shop(3*hour, "ann")
		}, 4 * hour, true},
		{"two offers left", func(s *script) {
			s.expose(0, "ann", "c", OfferArm, "o_1", 600)
			s.expose(hour, "ann", "c", OfferArm, "o_2", 600)
		}, 2 * hour, true},
		{"one offer left", func(s *script) { s.expose(0, "ann", "c", OfferArm, "o_1", 600) }, 2 * hour, false},
		{"one of three used", func(s *script) {
			s.expose(0, "ann", "c", OfferArm, "o_1", 600)
			s.do(60, "ann", clickstream.Purchase, piece("mug"))
			s.expose(hour, "ann", "c", OfferArm, "o_2", 600)
			s.expose(2*hour, "ann", "c", OfferArm, "o_3", 600)
		}, 3 * hour, false},
		{"nothing was shown to a holdout", func(s *script) {
			s.expose(0, "ann", "c", HoldoutArm, "o_1", 600)
			s.expose(hour, "ann", "c", HoldoutArm, "o_2", 600)
		}, 2 * hour, false},
		{"an exposure that is logged again is the same", func(s *script) {
			s.expose(0, "ann", "c", OfferArm, "o_1", 600)
			s.expose(1, "ann", "c", OfferArm, "o_1", 600)
		}, 2 * hour, false},
		{"forgotten with the erasure", func(s *script) {
			s.shop(0, "ann")
			s.shop(hour, "ann")
			s.shop(2*hour, "ann")
			s.tick(3 * hour)
			s.erase("ann")
		}, 4 * hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScript()
			c.play(s)
			if got := abuser(t, s, c.at); got != c.want {
				t.Errorf("abuser %t, want %t", got, c.want)
			}
		})
	}
}

func TestUnseenOffersAreThoseToShowAgain(t *testing.T) {
	c := carts(t, CartsConfig{})
	s := newScript()
	s.expose(0, "ann", "c", OfferArm, "o_1", 600)
	s.expose(1, "bob", "c", OfferArm, "o_2", 600)
	s.expose(2, "cid", "c", OfferArm, "o_3", 60)
	s.expose(3, "dee", "c", HoldoutArm, "o_4", 600)
	s.generate(4, "ann", SeenName, SeenProps("o_1"))
	s.generate(4, "bob", SeenName, SeenProps("o_1"))
	run(t, c, s)
	got := c.Unseen("shop", noon+100*second)
	if len(got) != 1 || got[0] != (LiveOffer{"bob", "o_2", noon + 601*second}) {
		t.Errorf("got %v, want bob's o_2", got)
	}
}

package demand

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"beckon/clickstream"
)

// Every count of every slot is what counting event by event gives.
func TestCountsAreExact(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 8))
		f := New(Config{})
		type key struct {
			item string
			at   int64 // minute
		}
		truth := map[key]Counts{}
		type sale struct {
			item      string
			at, units int64
		}
		var sales []sale
		clock := start
		for i := range 6000 {
			clock += int64(r.IntN(200_000))
			at := clock
			if r.IntN(8) == 0 {
				at -= int64(r.IntN(int(dayMs)))
			}
			item := fmt.Sprint("sku-", r.IntN(12))
			k := key{item, at / minuteMs}
			c := truth[k]
			var fact clickstream.Fact
			switch r.IntN(10) {
			case 0:
				fact = bought(fmt.Sprint(i), item, int64(1+i%3), at)
				c.Units += int64(1 + i%3)
				c.Revenue += 500 * int64(1+i%3)
				sales = append(sales, sale{fmt.Sprint(i), at, int64(1 + i%3)})
				sales[len(sales)-1].item = item + " " + fmt.Sprint(i)
			case 1:
				fact = done(clickstream.AddToCart, "v", item, at)
				c.Carts++
			case 2:
				if len(sales) == 0 {
					continue
				}
				s := sales[r.IntN(len(sales))]
				var of, transaction string
				fmt.Sscan(s.item, &of, &transaction)
				fact = refunded(transaction, at)
				back := key{of, s.at / minuteMs}
				b := truth[back]
				// A transaction is one line: what is left of it goes, once.
				for j := range sales {
					if sales[j].item == s.item && sales[j].units > 0 && s.at > clock-50*dayMs {
						b.Units -= sales[j].units
						b.Revenue -= 500 * sales[j].units
						sales[j].units = 0
					}
				}
				truth[back] = b
				apply(t, f, []clickstream.Fact{fact}, 1)
				continue
			default:
				fact = viewed(item, at)
				c.Views++
			}
			truth[k] = c
			apply(t, f, []clickstream.Fact{fact}, 1)
		}
		want := func(item string, from, to int64) (sum Counts) {
			for k, c := range truth {
				if k.item == item && k.at*minuteMs >= from && k.at*minuteMs < to {
					sum.Add(c)
				}
			}
			return sum
		}
		newest := clock / minuteMs
		for range 300 {
			item := fmt.Sprint("sku-", r.IntN(12))
			var from, to int64
			minutes := false
			switch r.IntN(3) {
			case 0: // minutes of the last two hours
				from = (newest - int64(r.IntN(110))) * minuteMs
				to = from + int64(1+r.IntN(60))*minuteMs
				minutes = from%hourMs != 0 || to%hourMs != 0
			case 1: // hours of ten days
				from = clock/hourMs*hourMs - int64(r.IntN(235))*hourMs
				to = from + int64(1+r.IntN(60))*hourMs
			default: // days
				from = clock/dayMs*dayMs - int64(r.IntN(40))*dayMs
				to = from + int64(1+r.IntN(20))*dayMs
			}
			w := want(item, from, to)
			if minutes {
				w.Revenue = 0
			}
			if got := f.Sum("s", item, from, to); got != w {
				t.Fatalf("seed %d: %s from %d to %d before the end: %+v, want %+v", seed, item, (clock-from)/minuteMs, (clock-to)/minuteMs, got, w)
			}
			for _, c := range f.Slot(nil, "s", from, to) {
				if c.Item == item && c.Counts != w {
					t.Fatalf("seed %d: slot has %+v, want %+v", seed, c, w)
				}
			}
		}
		days := f.Days(nil, "s", "sku-3", clock, 30)
		for i, got := range days {
			from := clock/dayMs*dayMs - int64(len(days)-i)*dayMs
			if w := want("sku-3", from, from+dayMs); got != w {
				t.Fatalf("seed %d: day %d before is %+v, want %+v", seed, len(days)-i, got, w)
			}
		}
	}
}

func TestWhatIsNobodysWishIsLeftOut(t *testing.T) {
	bot, late, repeat, generated := viewed("a", start), viewed("a", start), bought("t", "a", 1, start), viewed("a", start)
	bot.Bot, late.Late, repeat.Repeat, generated.Event.Generated = true, true, true, true
	f := New(Config{})
	apply(t, f, []clickstream.Fact{bot, late, repeat, generated, viewed("a", start)}, 10)
	if got := f.Sum("s", "a", start, start+hourMs); got != (Counts{Views: 1}) {
		t.Errorf("%+v, want the one view of a shopper", got)
	}
}

func TestWhatVisitorsDoUnderAnOfferIsLeftOut(t *testing.T) {
	view := func(visitor string, at int64) clickstream.Fact { return done(clickstream.ViewItem, visitor, "a", at) }
	forged := exposedTo("offer", "forger", start, start+1000*second)
	forged.Event.Generated = false
	f := New(Config{})
	apply(t, f, []clickstream.Fact{
		exposedTo("offer", "one", start+10*second, start+100*second), exposedTo("holdout", "held", start+10*second, start+100*second), forged,
		view("one", start+5*second), view("one", start+10*second), view("one", start+99*second), view("one", start+100*second),
		view("held", start+50*second), view("two", start+50*second), view("forger", start+50*second),
		exposedTo("offer", "one", start+90*second, start+200*second), view("one", start+50*second), view("one", start+150*second),
	}, 3)
	// one at 5 s and at 100 s, held, two, forger
	if got := f.Sum("s", "a", start, start+hourMs).Views; got != 5 {
		t.Errorf("%d views, want 5: those not under an offer", got)
	}
}

func TestExposedVisitorsAreBounded(t *testing.T) {
	f := New(Config{Exposed: 100})
	for i := range 5000 {
		at := start + int64(i)*second
		apply(t, f, []clickstream.Fact{exposedTo("offer", fmt.Sprint("v", i%700), at, at+int64(i%50)*hourMs)}, 1)
	}
	x := &f.sites["s"].exposed
	if len(x.visitors) > 100 || len(x.noted) > 500 {
		t.Errorf("%d visitors and %d notes, want at most 100 and 500", len(x.visitors), len(x.noted))
	}
	later := viewed("a", start+100*dayMs)
	apply(t, f, []clickstream.Fact{later, exposedTo("offer", "last", start+100*dayMs, start+101*dayMs)}, 1)
	if n := len(x.visitors); n != 1 {
		t.Errorf("%d visitors long after their offers ended, want the new one", n)
	}
}

func TestRefundTakesBackWhatIsLeft(t *testing.T) {
	buy := bought("t", "a", 5, start)
	buy.Event.Items = append(buy.Event.Items, clickstream.Item{ID: "b", Quantity: 2, Price: 300})
	f := New(Config{})
	sum := func(item string) Counts { return f.Sum("s", item, start, start+hourMs) }
	later := start + 3*hourMs
	apply(t, f, []clickstream.Fact{buy, refunded("t", later, clickstream.Item{ID: "a", Quantity: 2})}, 1)
	if got, want := sum("a"), (Counts{Units: 3, Revenue: 1500}); got != want {
		t.Errorf("after two of five came back: %+v, want %+v", got, want)
	}
	apply(t, f, []clickstream.Fact{refunded("t", later, clickstream.Item{ID: "a", Quantity: 9}), refunded("none", later), refunded("t", later, clickstream.Item{ID: "c", Quantity: 1})}, 1)
	if got := sum("a"); got != (Counts{}) {
		t.Errorf("after more came back than was bought: %+v, want none", got)
	}
	amount := refunded("t", later)
	amount.Event.Value = 100
	apply(t, f, []clickstream.Fact{amount}, 1)
	if got := sum("b").Units; got != 2 {
		t.Errorf("%d units of b after some money went back, want 2: they stay sold", got)
	}
	apply(t, f, []clickstream.Fact{refunded("t", later)}, 1)
	if got := sum("b"); got != (Counts{}) {
		t.Errorf("after the whole order came back: %+v, want none", got)
	}
}

func TestErasureLeavesNothingUnderTheVisitor(t *testing.T) {
	f := New(Config{})
	apply(t, f, []clickstream.Fact{
		exposedTo("offer", "v", start, start+dayMs), exposedTo("offer", "w", start, start+dayMs), bought("t", "a", 3, start+2*dayMs),
		{Site: "s", Clock: start, Erase: &clickstream.Erase{Site: "s", Visitor: clickstream.VisitorHash("v")}},
		refunded("t", start+2*dayMs), viewed("a", start+2*dayMs),
	}, 2)
	if got, want := f.Sum("s", "a", start, start+3*dayMs), (Counts{Views: 1, Units: 3, Revenue: 1500}); got != want {
		t.Errorf("%+v, want %+v: counts stay, a refund of an erased order finds nothing", got, want)
	}
	hash := clickstream.VisitorHash("v")
	var id [8]byte
	for i := range id {
		id[i] = byte(hash >> (8 * i))
	}
	if bytes.Contains(bytesOf(t, f), id[:]) {
		t.Error("the snapshot still holds the hash of the erased visitor")
	}
}

func TestItemsAreBounded(t *testing.T) {
	f := New(Config{Items: 100})
	for i := range 20 {
		for j := range int64(5) {
			apply(t, f, []clickstream.Fact{viewed(fmt.Sprint("wanted-", i), start+j*minuteMs)}, 1)
		}
	}
	for i := range 5000 {
		apply(t, f, []clickstream.Fact{viewed(fmt.Sprint("passing-", i), start+10*minuteMs)}, 1)
	}
	if n := len(f.sites["s"].items); n > 100 {
		t.Errorf("%d items, want at most 100", n)
	}
	for i := range 20 {
		if got := f.Sum("s", fmt.Sprint("wanted-", i), start, start+5*minuteMs).Views; got != 5 {
			t.Errorf("wanted-%d has %d views, want 5", i, got)
		}
	}
}

func TestAMinuteIsBounded(t *testing.T) {
	var r minutes
	for i := range uint32(minuteItems + 1000) {
		r.add(i, 10, Counts{Views: 1}, &spot{})
	}
	var sp spot
	r.add(7, 11, Counts{Views: 1}, &sp)
	r.add(7, 10, Counts{Views: 1}, &sp)
	if n := len(r.ring[10].entries); n > minuteItems {
		t.Errorf("%d entries in a minute, want at most %d", n, minuteItems)
	}
}

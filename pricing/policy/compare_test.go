package policy

import (
	"math"
	"testing"
)

// compared is an item that sold ten of a hundred views a day at 2000 and fewer at dearer prices, with an elasticity of two.
func compared() Input {
	st := State{}
	slot := int64(1_790_000_000_000)
	for i := range int64(40) {
		price := int64(2000)
		if i%4 == 3 {
			price = 2200
		}
		units := math.Round(10 * math.Pow(float64(price)/2000, -2))
		Observe(&st, Observation{Slot: slot + i*86_400_000, Price: price, Views: 100, Units: units, Season: 1, Clean: true}, Params{})
	}
	return Input{State: &st, Ref: 2000, Current: 2000, Cost: 1000, Stock: -1, Now: slot + 41*86_400_000}
}

func TestAComparisonAgreesWithTheCurve(t *testing.T) {
	in := compared()
	for price := int64(1400); price <= 2800; price += 20 {
		c, ok := Compare(in, price)
		if !ok {
			t.Fatalf("nothing is said of %d", price)
		}
		now, then := Curve(in, in.Current, in.Current, 1)[0], Curve(in, price, price, 1)[0]
		for _, x := range []struct {
			name      string
			got, want float64
		}{
			{"units", c.Units.Mean, then.Rate - now.Rate},
			{"revenue", c.Revenue.Mean, then.Rate*float64(price) - now.Rate*2000},
			{"profit", c.Profit.Mean, then.Rate*float64(price-1000) - now.Rate*1000},
		} {
			if math.Abs(x.got-x.want) > 1e-6*(1+math.Abs(x.want)) {
				t.Errorf("%d: %s change by %g, the curve says %g", price, x.name, x.got, x.want)
			}
		}
		for _, i := range []Interval{c.Units, c.Revenue, c.Profit, c.Share} {
			if !(i.Lo <= i.Mean && i.Mean <= i.Hi) {
				t.Errorf("%d: interval %+v", price, i)
			}
		}
		if price > 2000 != (c.Units.Hi < 0) && price != 2000 {
			t.Errorf("%d: units change by %+v", price, c.Units)
		}
		if (c.Profit.Lo > 0 && c.Better < 0.85) || (c.Profit.Hi < 0 && c.Better > 0.15) {
			t.Errorf("%d: profit changes by %+v, and it is better with probability %g", price, c.Profit, c.Better)
		}
	}
}

func TestComparedWithItselfAPriceChangesNothing(t *testing.T) {
	c, ok := Compare(compared(), 2000)
	if want := (Compared{}); !ok || c != want {
		t.Errorf("%+v, want nothing", c)
	}
}

func TestAFarPriceIsSaidToBeBeyondWhatWasSeen(t *testing.T) {
	in := compared()
	for price, want := range map[int64]bool{1500: true, 1600: false, 2000: false, 2800: false, 2900: true} {
		if c, _ := Compare(in, price); c.Beyond != want {
			t.Errorf("%d: beyond %v, want %v", price, c.Beyond, want)
		}
	}
}

func TestNothingIsSaidOfWhatIsUnknown(t *testing.T) {
	in := compared()
	in.State = nil
	if c, ok := Compare(in, 2100); ok {
		t.Errorf("%+v of an item that was never observed", c)
	}
	if c, ok := Compare(compared(), 0); ok {
		t.Errorf("%+v of no price", c)
	}
}

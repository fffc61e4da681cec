package policy

import (
	"math"
	"testing"
)

func TestRunOutPriceSellsTheStockInTime(t *testing.T) {
	for _, c := range []struct{ ref, rate, slots, stock, elasticity, want float64 }{
		{1000, 10, 20, 200, 2, 1000},
		{1000, 10, 20, 50, 2, 2000}, // a quarter of the demand
		{1000, 10, 20, 400, 2, 707.1067811865476},
		{1000, 10, 20, 0, 2, 0},
		{1000, 0, 20, 5, 2, 0},
		{1000, 10, 0, 5, 2, 0},
		{0, 10, 20, 5, 2, 0},
		{1000, 10, 20, 5, 0, 0},
	} {
		got := RunOut(c.ref, c.rate, c.slots, c.stock, c.elasticity)
		if math.Abs(got-c.want) > 1e-9*c.want {
			t.Errorf("RunOut(%+v) = %g", c, got)
		}
		if got > 0 {
			if sells := c.slots * c.rate * math.Pow(got/c.ref, -c.elasticity); math.Abs(sells/c.stock-1) > 1e-9 {
				t.Errorf("at %g the stock of %g sells %g", got, c.stock, sells)
			}
		}
	}
}

func TestCoverIsStockOverRate(t *testing.T) {
	if got := Cover(30, 4); got != 7.5 {
		t.Errorf("cover %g", got)
	}
	if Cover(-1, 4) != -1 || Cover(5, 0) != -1 || Cover(0, 4) != 0 {
		t.Error("cover of the unknown")
	}
}

// dated is an item with a right price of 1000 that sells 12 a day there.
func datedItem(stock int64) Input {
	return Input{
		State: sold(1000, 60, 400, 0.03), Ref: 1000, Current: 1000, Cost: 600, Floor: 300, Ceiling: 3000, Stock: stock, Now: 60 * testDay,
	}
}

func TestScarceStockIsNotSoldTooCheaply(t *testing.T) {
	in := datedItem(60)
	in.Supplied = in.Now + 10*testDay // 120 would be sold
	o := Propose(in)
	if o.Reason != Scarce || !o.Move || o.Price != 1100 {
		t.Errorf("%+v", o)
	}
	if want := 1000 * math.Pow(2, 1/o.Elasticity.Mean); math.Abs(float64(o.RunOut)/want-1) > 0.02 {
		t.Errorf("runs out at %d, want %.0f", o.RunOut, want)
	}
	in.Stock = 400
	if o := Propose(in); o.Reason == Scarce || o.Move {
		t.Errorf("plenty: %+v", o)
	}
	in.Stock, in.Supplied = 60, 0
	if o := Propose(in); o.Reason == Scarce {
		t.Errorf("no date: %+v", o)
	}
}

func TestClearanceCountsSalvageInPlaceOfCost(t *testing.T) {
	in := datedItem(500)
	in.SellBy, in.Salvage = in.Now+20*testDay, 100 // 240 would be sold at 1000
	o := Propose(in)
	if o.Reason != Clearance || o.Price != 900 {
		t.Errorf("%+v", o)
	}
	in.Stock = 250
	in.Current = 1000
	if o := Propose(in); o.Price < 950 || o.RunOut < 900 || o.RunOut > 1100 {
		t.Errorf("stock that lasts just as long: %+v", o)
	}
	in.Stock, in.Salvage = 500, 600
	if o := Propose(in); o.Reason == Clearance {
		t.Errorf("nothing is lost by keeping it: %+v", o)
	}
}

func TestClearanceOfWhatNobodyBuysGoesDown(t *testing.T) {
	st := &State{}
	for d := range int64(20) {
		Observe(st, Observation{Slot: d * testDay, Price: 1000, Views: 50, Clean: true}, Params{})
	}
	in := Input{State: st, Ref: 1000, Current: 1000, Cost: 600, Floor: 300, Stock: 40, Now: 20 * testDay, SellBy: 30 * testDay}
	if o := Propose(in); o.Reason != Clearance || o.Price != 900 {
		t.Errorf("%+v", o)
	}
}

package clickstream

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

func sale(kind Kind, transaction string, value int64, items ...Item) Event {
	return Event{Site: "s", Kind: kind, Transaction: transaction, Value: value, Currency: "EUR", Items: items}
}

func TestOrdersCountOnceAndRefundsTakeBack(t *testing.T) {
	lines := []Item{{ID: "a", Price: 100, Quantity: 2}, {ID: "b", Price: 50, Quantity: 1}}
	buy := sale(Purchase, "t1", 250, lines...)
	for _, c := range []struct {
		name   string
		events []Event
		want   OrderTotals
		a      OrderTotals
	}{
		{"once", []Event{buy}, OrderTotals{"EUR", 250, 1, 3, 0}, OrderTotals{"EUR", 200, 1, 2, 0}},
		{"sent twice", []Event{buy, buy}, OrderTotals{"EUR", 250, 1, 3, 0}, OrderTotals{"EUR", 200, 1, 2, 0}},
		{"value from the lines", []Event{sale(Purchase, "t1", 0, lines...)}, OrderTotals{"EUR", 250, 1, 3, 0}, OrderTotals{"EUR", 200, 1, 2, 0}},
		{"whole refund", []Event{buy, sale(Refund, "t1", 0)}, OrderTotals{"EUR", 0, 0, 0, 250}, OrderTotals{"EUR", 0, 0, 0, 200}},
		{"whole refund twice", []Event{buy, sale(Refund, "t1", 250), sale(Refund, "t1", 250)}, OrderTotals{"EUR", 0, 0, 0, 250}, OrderTotals{"EUR", 0, 0, 0, 200}},
		{
			"one of two",
			[]Event{buy, sale(Refund, "t1", 0, Item{ID: "a", Price: NoPrice, Quantity: 1})},
			OrderTotals{"EUR", 150, 1, 2, 100},
			OrderTotals{"EUR", 100, 1, 1, 100},
		},
		{
			"more than was bought",
			[]Event{buy, sale(Refund, "t1", 0, Item{ID: "a", Price: NoPrice, Quantity: 9})},
			OrderTotals{"EUR", 50, 1, 1, 200},
			OrderTotals{"EUR", 0, 0, 0, 200},
		},
		{
			"at a price above what is left",
			[]Event{buy, sale(Refund, "t1", 0, Item{ID: "a", Price: 1000, Quantity: 1})},
			OrderTotals{"EUR", 0, 0, 2, 250},
			OrderTotals{"EUR", 100, 1, 1, 100},
		},
		{"an amount", []Event{buy, sale(Refund, "t1", 30)}, OrderTotals{"EUR", 220, 1, 3, 30}, OrderTotals{"EUR", 200, 1, 2, 0}},
		{"of an unknown order", []Event{buy, sale(Refund, "t2", 0)}, OrderTotals{"EUR", 250, 1, 3, 0}, OrderTotals{"EUR", 200, 1, 2, 0}},
		{"without a transaction each counts", []Event{sale(Purchase, "", 10), sale(Purchase, "", 10)}, OrderTotals{"EUR", 20, 2, 0, 0}, OrderTotals{Currency: "EUR"}},
	} {
		o := NewOrders(100)
		for i := range c.events {
			facts := []Fact{{Event: &c.events[i]}}
			o.apply(facts)
			if repeat := c.name == "sent twice" && i == 1; facts[0].Repeat != repeat {
				t.Errorf("%s: event %d: repeat %v", c.name, i, facts[0].Repeat)
			}
		}
		if got := o.Totals(nil, "s"); !slices.Equal(got, []OrderTotals{c.want}) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
		if got := o.Item("s", "a", "EUR"); got != c.a {
			t.Errorf("%s: item a %+v, want %+v", c.name, got, c.a)
		}
	}
}

func TestTransactionCountsOnceAcrossPartitions(t *testing.T) {
	log := newFoldLog(9)
	var repeats []bool
	fold := foldFunc(func(facts []Fact) error {
		for i := range facts {
			repeats = append(repeats, facts[i].Repeat)
		}
		return nil
	})
	r := startable(t, RunnerConfig{Log: log, Partitions: 8, Dir: t.TempDir(), Folds: []NamedFold{{"repeats", fold}}})
	r.Start()
	for i := range 5 {
		e := sale(Purchase, "t1", 100)
		e.Visitor, e.Time = fmt.Sprint("v", i), 1
		putEvents(t, log, 8, e)
	}
	settled(t, r)
	closeRunner(t, r)
	if want := []bool{false, true, true, true, true}; !slices.Equal(repeats, want) {
		t.Errorf("repeats %v", repeats)
	}
	if got := r.Orders().Totals(nil, "s"); len(got) != 1 || got[0].Orders != 1 || got[0].Revenue != 100 {
		t.Errorf("totals %+v", got)
	}
}

func TestOrdersRememberABoundedNumber(t *testing.T) {
	o := NewOrders(10)
	for i := range 100 {
		e := sale(Purchase, fmt.Sprint("t", i), 1, Item{ID: fmt.Sprint("i", i%3), Price: 1, Quantity: 1})
		o.apply([]Fact{{Event: &e}})
	}
	if len(o.orders) != 10 || o.Totals(nil, "s")[0].Orders != 100 {
		t.Errorf("%d remembered, %+v", len(o.orders), o.Totals(nil, "s"))
	}
	b := o.appendSnapshot(nil)
	other := NewOrders(10)
	if err := other.restore(string(b)); err != nil || !bytes.Equal(other.appendSnapshot(nil), b) {
		t.Errorf("snapshots differ, %v", err)
	}
	refund := sale(Refund, "t99", 0)
	other.apply([]Fact{{Event: &refund}})
	if other.Totals(nil, "s")[0].Orders != 99 {
		t.Errorf("refund after restore: %+v", other.Totals(nil, "s"))
	}
	for n := range b {
		if err := other.restore(string(b[:n])); err == nil {
			t.Fatalf("took the first %d bytes for a snapshot", n)
		}
	}
}

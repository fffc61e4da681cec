package main

import (
	"fmt"
	"reflect"
	"testing"

	"beckon/clickstream"
	"beckon/pricing"
	"beckon/server/shop"
)

// wanted makes the demand fold count views and purchases of an item in [from, to), evenly. The node's own folds are idle.
func wanted(tb testing.TB, n *node, item string, from, to int64, views, bought int) {
	tb.Helper()
	var facts []clickstream.Fact
	for i := range views + bought {
		at := from + (to-from)*int64(i)/int64(views+bought)
		e := &clickstream.Event{
			Site: "test", Visitor: "v", Kind: clickstream.ViewItem, Time: at, Currency: "EUR",
			Items: []clickstream.Item{{ID: item, Quantity: 1, Price: 1999}},
		}
		if (i+1)*bought/(views+bought) > i*bought/(views+bought) {
			e.Kind = clickstream.Purchase
		}
		facts = append(facts, clickstream.Fact{Site: "test", Clock: at, Event: e})
	}
	if err := n.demand.ApplyFacts(facts); err != nil {
		tb.Fatal(err)
	}
}

func setEngine(tb testing.TB, n *node, settings string) {
	tb.Helper()
	body := fmt.Sprintf(`{"scope":"site","settings":%s}`, settings)
	if _, _, err := n.shop.Submit(tb.Context(), "test", shop.Command{Do: pricing.DoSettings, Site: "test", Body: []byte(body)}); err != nil {
		tb.Fatal(err)
	}
}

func TestClosedSlotsAreObservedWithTheirPrice(t *testing.T) {
	n := openHere(t, 3)
	setEngine(t, n, `{"mode":"suggest"}`)
	it, _ := n.shop.Item("test", "sku-0")
	midnight := (it.PriceAt + dayMs - 1) / dayMs * dayMs
	for d := range int64(3) {
		wanted(t, n, "sku-0", midnight+d*dayMs, midnight+(d+1)*dayMs, 40, 4)
	}
	wanted(t, n, "sku-1", midnight+dayMs, midnight+2*dayMs, 10, 0)
	lateness := int64(shop.DefaultLateness)
	if got := n.observer("test", midnight+dayMs+lateness-1).lines; len(got) > 1 || len(got[slotSpan{midnight, dayMs}]) > 0 {
		t.Errorf("a slot that can still get events was told: %v", got)
	}
	got := n.observer("test", midnight+3*dayMs+lateness).batches()
	// The rest of the day in which the price began may be told too, if it is long enough.
	for len(got) > 0 && got[0].Ms != dayMs {
		if got[0].Slot < it.PriceAt || got[0].Slot+got[0].Ms != midnight {
			t.Errorf("the first day is told from %d for %d ms, price since %d", got[0].Slot, got[0].Ms, it.PriceAt)
		}
		got = got[1:]
	}
	if len(got) != 3 {
		t.Fatalf("%d slots, want 3", len(got))
	}
	for d, b := range got {
		var views, units []float64
		for i, l := range b.Lines {
			if l.Item != fmt.Sprint("sku-", i) || l.Price != 1999 || !l.Clean || !(l.Season > 0.5 && l.Season < 2) {
				t.Errorf("day %d: line %+v", d, l)
			}
			views, units = append(views, l.Views), append(units, l.Units)
		}
		wantViews := []float64{40, 0, 0}
		if d == 1 {
			wantViews[1] = 10
		}
		if b.Slot != midnight+int64(d)*dayMs || b.Ms != dayMs || !reflect.DeepEqual(views, wantViews) || !reflect.DeepEqual(units, []float64{4, 0, 0}) {
			t.Errorf("day %d: slot %d ms %d views %v units %v", d, b.Slot, b.Ms, views, units)
		}
	}
}

func TestOnlyWhatTheEngineMayPriceIsObserved(t *testing.T) {
	n := openHere(t, 3)
	it, _ := n.shop.Item("test", "sku-0")
	midnight := (it.PriceAt + dayMs - 1) / dayMs * dayMs
	wanted(t, n, "sku-0", midnight, midnight+dayMs, 40, 4)
	later := midnight + 2*dayMs
	if got := n.observations("test", later); got != nil {
		t.Errorf("observed with the engine off: %v", got)
	}
	body := `{"scope":"item","key":"sku-0","settings":{"mode":"auto"}}`
	if _, _, err := n.shop.Submit(t.Context(), "test", shop.Command{Do: pricing.DoSettings, Site: "test", ID: "sku-0", Body: []byte(body)}); err != nil {
		t.Fatal(err)
	}
	got := n.observations("test", later)
	if len(got) == 0 {
		t.Fatal("nothing observed")
	}
	for _, b := range got {
		if len(b.Lines) != 1 || b.Lines[0].Item != "sku-0" {
			t.Errorf("%+v, want sku-0 alone", b)
		}
	}
	if again := n.observations("test", later+1000); again != nil {
		t.Errorf("what the Book did not take is told again at once: %v", again)
	}
}

func TestObservedSlotsAreNotToldAgain(t *testing.T) {
	n := openHere(t, 2)
	// The control log's clock is the wall's: only slots that it has passed are taken. So the demand lies in the past, before the price,
	// and minutes are what is told.
	setEngine(t, n, `{"mode":"suggest","slot_ms":3600000}`)
	it, _ := n.shop.Item("test", "sku-0")
	hour := (it.PriceAt + hourMs - 1) / hourMs * hourMs
	wanted(t, n, "sku-0", hour, hour+3*hourMs, 30, 3)
	o := n.observer("test", hour+3*hourMs)
	for _, b := range o.batches() {
		if b.Slot < it.PriceAt || b.Slot+b.Ms+int64(shop.DefaultLateness) > hour+3*hourMs {
			t.Errorf("slot %d for %d ms: price since %d, now %d", b.Slot, b.Ms, it.PriceAt, hour+3*hourMs)
		}
	}
	if o.next != hour+3*hourMs+int64(shop.DefaultLateness) {
		t.Errorf("the next slot closes at %d, want %d", o.next, hour+3*hourMs+int64(shop.DefaultLateness))
	}
}

func TestSlotsWithoutStockTeachNothing(t *testing.T) {
	n := openHere(t, 2)
	setEngine(t, n, `{"mode":"suggest"}`)
	setStock(t, n, `{"item_id":"sku-0","stock":0}`+"\n"+`{"item_id":"sku-1","stock":7}`)
	it, _ := n.shop.Item("test", "sku-0")
	midnight := (it.PriceAt + dayMs - 1) / dayMs * dayMs
	wanted(t, n, "sku-0", midnight, midnight+dayMs, 40, 4)
	for _, b := range n.observer("test", midnight+2*dayMs).batches() {
		if len(b.Lines) != 2 || b.Lines[0].Clean || !b.Lines[1].Clean {
			t.Errorf("%+v: want sku-0, which is out, not clean and sku-1 clean", b.Lines)
		}
	}
	setStock(t, n, `{"item_id":"sku-0","stock":5}`)
	back, _ := n.shop.Item("test", "sku-0")
	for _, b := range n.observer("test", midnight+2*dayMs).batches() {
		if want := b.Slot >= back.LastOut; b.Lines[0].Clean != want {
			t.Errorf("slot at %d: clean is %v, back since %d", b.Slot, b.Lines[0].Clean, back.LastOut)
		}
	}
}

func TestShortSlotsAreToldByTheMinute(t *testing.T) {
	n := openHere(t, 2)
	setEngine(t, n, `{"mode":"suggest","slot_ms":300000}`)
	it, _ := n.shop.Item("test", "sku-0")
	const slot = 5 * minuteMs
	from := (it.PriceAt/slot + 1) * slot
	for i := range int64(4) {
		wanted(t, n, "sku-0", from+i*slot, from+(i+1)*slot, 10+int(i), 1)
	}
	got := n.observer("test", from+4*slot+slot/4).batches()
	for len(got) > 0 && got[0].Ms != slot {
		got = got[1:]
	}
	if len(got) != 4 {
		t.Fatalf("%d slots, want 4", len(got))
	}
	for i, b := range got {
		if b.Slot != from+int64(i)*slot || b.Lines[0].Views != float64(10+i) || b.Lines[0].Units != 1 {
			t.Errorf("slot %d: %+v, want %d views and a unit", i, b, 10+i)
		}
	}
}

func TestLinesOfManyItemsAreCutIntoRecords(t *testing.T) {
	n := openHere(t, 1203)
	setEngine(t, n, `{"mode":"suggest"}`)
	it, _ := n.shop.Item("test", "sku-0")
	midnight := (it.PriceAt + dayMs - 1) / dayMs * dayMs
	wanted(t, n, "sku-0", midnight, midnight+dayMs, 40, 4)
	last, lines := "", 0
	for _, b := range n.observer("test", midnight+dayMs+int64(shop.DefaultLateness)).batches() {
		if len(b.Lines) > linesPerBatch {
			t.Errorf("%d lines in a record", len(b.Lines))
		}
		if b.Slot != midnight {
			continue
		}
		for _, l := range b.Lines {
			if l.Item <= last {
				t.Fatalf("%s follows %s", l.Item, last)
			}
			last = l.Item
			lines++
		}
	}
	if lines != 1203 {
		t.Errorf("%d lines of the day, want 1203", lines)
	}
}

package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"beckon/pricing"
	"beckon/pricing/guard"
	"beckon/web/text"
)

func TestSettingsAreTypedAndInherited(t *testing.T) {
	d := priceDesk(t)
	mia := d.as("mia")
	const path = "/admin/pricing/settings"
	mia.says(mia.see(path), 200, "Settings of the whole shop", "Stop when the catalog moved by")
	mia.says(mia.see(path+"?scope=item&key=none"), 422, "The catalog has no such item")
	mia.follow(mia.post(path+"?site=test", "scope", "category", "key", "kettles", "max_step", "7,5", "rounding", "x.99", "dwell_ms", "12"), "Settings of the category kettles", `value="7.5"`)
	item := mia.see(path + "?scope=item&key=sku-0")
	mia.says(item, 200, "Empty: 7.5%, as the category kettles says.", "Empty: x.99, as the category kettles says.", "as the category kettles says.", "Empty: 5%, unless you say otherwise.")
	mia.says(mia.post(path+"?site=test", "scope", "item", "key", "sku-0", "margin", "lots", "map", "15.00"), 422, `value="lots"`, `value="15.00"`, "Type a number of percent from 0% to 1,000.0%")
	mia.follow(mia.post(path+"?site=test", "scope", "item", "key", "sku-0", "map", "15.00", "mode", "auto", "competitors", "no", "sell_by", "2027-01-31", "salvage", "1"))
	set := d.n.folds.book.Of("test", "sku-0", []string{"kitchen", "kettles"})
	sellBy := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	if set.Mode != pricing.ModeAuto || set.MAP != 1500 || set.Competitors || set.MaxStep != 0.075 || set.Rounding != (guard.Rounding{Step: 100, Ending: 99}) || set.Dwell != 12*hourMs || set.SellBy != sellBy || set.Salvage != 100 {
		t.Fatalf("%+v", set)
	}
	mia.says(mia.see(path+"?scope=item&key=sku-0"), 200, `value="2027-01-31"`, `value="15.00"`)
	mia.follow(mia.post(path+"?site=test", "scope", "item", "key", "sku-0"))
	if set := d.n.folds.book.Of("test", "sku-0", []string{"kitchen", "kettles"}); set.MAP != 0 || set.Mode != pricing.ModeSuggest {
		t.Fatalf("emptied, and still %+v", set)
	}
	german := mia.see(path + "?scope=item&key=sku-0&lang=de")
	mia.says(german, 200, "Leer: 7,5", "wie die Kategorie kettles sagt")
}

// Every setting of the engine can be typed, and what is written into a field is read back as what it was.
func TestEverySettingHasItsField(t *testing.T) {
	known := map[string]bool{}
	for _, g := range settingGroups {
		for _, f := range g.fields {
			known[f.name] = true
		}
	}
	of := reflect.TypeFor[pricing.Settings]()
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		if !known[name] {
			t.Errorf("the form has no field %s", name)
		}
	}
	share, ms, amount, yes := 0.125, int64(90*minuteMs), int64(1234), false
	sellBy := int64(20_500) * dayMs
	mode := pricing.ModeAuto
	for _, c := range []struct {
		currency string
		rounding guard.Rounding
	}{{"EUR", guard.Rounding{Step: 100, Ending: 99}}, {"EUR", guard.Rounding{Step: 10, Ending: 5}}, {"JPY", guard.Rounding{Step: 100, Ending: 80}}, {"KWD", guard.Rounding{Step: 1000, Ending: 990}}, {"EUR", guard.Rounding{Step: 1000, Ending: 995}}, {"EUR", guard.Rounding{Step: 5}}, {"EUR", guard.Rounding{}}} {
		p := 0.9
		set := pricing.Settings{
			Mode: &mode, Margin: &share, MaxStep: &share, Dwell: &ms, Deadband: &share, Rounding: &c.rounding, MAP: &amount, Slot: &ms, PBetter: &p, MinGain: &share,
			Explore: &share, Competitors: &yes, Fresh: &ms, Above: &share, SellBy: &sellBy, Salvage: &amount, Breaker: &share,
		}
		w := &settingWords{text: text.For("de"), currency: c.currency}
		var again pricing.Settings
		for _, g := range settingGroups {
			for _, f := range g.fields {
				typed := f.typed(&set, w)
				if why := f.read(&again, typed, w); why != "" {
					t.Errorf("%s: %q is not read: %s", f.name, typed, why)
				}
			}
		}
		if !reflect.DeepEqual(again, set) {
			t.Errorf("%+v in %s is read back as %+v", set, c.currency, again)
		}
	}
}

package pricing

import "testing"

func TestTheEnginesStateIsThatOfTheSite(t *testing.T) {
	w, _ := suggested(t)
	w.must(DoFreeze, "", Freeze{Target: Target{Scope: ScopeItem, Key: "pan"}, On: true})
	w.must(DoFreeze, "", Freeze{Target: Target{Scope: ScopeCategory, Key: "kettles"}, On: true})
	w.must(DoFreeze, "", Freeze{Target: Target{Scope: ScopeCategory, Key: "kettles"}})
	w.must(DoMarkdown, "m", Announce{Items: []string{"kettle"}, Percent: 20, From: w.now + day, Until: w.now + 2*day})
	check := func(b *Book) {
		t.Helper()
		v, s := b.Engine(site, w.now), b.Site(site, w.now)
		if v.Mode != ModeSuggest || v.Frozen || v.FrozenItems != len(s.FrozenItems) || v.FrozenItems != 1 || len(v.FrozenCats) != 0 || v.Breaker != s.Breaker ||
			v.Known != s.Known || v.Suggestions != 1 || v.Running != 0 || v.Scheduled != 1 {
			t.Errorf("%+v, the site is %+v", v, s)
		}
	}
	check(w.book)
	w.must(DoFreeze, "", Freeze{Target: Target{Scope: ScopeItem, Key: "kettle"}, On: true})
	w.must(DoFreeze, "", Freeze{Target: Target{Scope: ScopeItem, Key: "kettle"}})
	check(w.book)
	if v := w.book.Engine("nowhere", w.now); v.Mode != ModeOff || v.Known != 0 {
		t.Errorf("%+v", v)
	}
}

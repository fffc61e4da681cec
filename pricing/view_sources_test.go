package pricing

import "testing"

func TestAScopeSaysWhereEachSettingComesFrom(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.mode(ModeSuggest, func(s *Settings) { s.Margin = ptr(0.2); s.MaxStep = ptr(0.05) })
	w.must(DoSettings, "", PutSettings{Target{ScopeCategory, "kettles"}, Settings{MaxStep: ptr(0.2)}})
	w.must(DoSettings, "", PutSettings{Target{ScopeItem, "kettle"}, Settings{Margin: ptr(0.3), MAP: ptr(int64(900))}})
	w.must(DoFreeze, "", Freeze{Target: Target{Scope: ScopeCategory, Key: "kettles"}, On: true})

	s := w.book.Scoped(site, Target{ScopeItem, "kettle"}, []string{"kitchen", "kettles"})
	if s.Own == nil || *s.Own.Margin != 0.3 || s.Inherited.Margin != 0.2 || s.Inherited.MaxStep != 0.2 || s.Inherited.MAP != 0 || s.Frozen {
		t.Errorf("item %+v", s)
	}
	for field, want := range map[string]Source{"mode": {Scope: ScopeSite}, "margin": {Scope: ScopeSite}, "max_step": {ScopeCategory, "kettles"}, "dwell_ms": {}} {
		if got := s.From[field]; got != want {
			t.Errorf("%s comes from %+v, want %+v", field, got, want)
		}
	}
	s = w.book.Scoped(site, Target{ScopeCategory, "kettles"}, nil)
	if s.Own == nil || *s.Own.MaxStep != 0.2 || s.Inherited.MaxStep != 0.05 || !s.Frozen {
		t.Errorf("category %+v", s)
	}
	s = w.book.Scoped(site, Target{Scope: ScopeSite}, nil)
	if s.Own == nil || s.Inherited != Defaults() || len(s.From) != 0 {
		t.Errorf("site %+v", s)
	}
	if s := w.book.Scoped("nowhere", Target{Scope: ScopeSite}, nil); s.Own != nil || s.Inherited != Defaults() {
		t.Errorf("unknown site %+v", s)
	}
}

func TestABriefSaysWhatATableShows(t *testing.T) {
	w, _ := suggested(t)
	b := w.book.Brief(site, "kettle", []string{"kitchen", "kettles"})
	if b.Mode != ModeSuggest || !b.Known || b.Slots != 2 || b.Suggested != 1050 || b.Kind != KindList || !(b.Elasticity.Mean > 0) {
		t.Errorf("%+v", b)
	}
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1030, Note: "spring"})
	if b := w.book.Brief(site, "kettle", nil); b.Kind != KindManual || b.By != "user anna" || b.Reason != "spring" || b.Suggested != 0 {
		t.Errorf("after a person's price %+v", b)
	}
	if b := w.book.Brief("nowhere", "kettle", nil); b.Mode != ModeOff || b.Known {
		t.Errorf("%+v", b)
	}
}

package rules

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
)

func rule(id string, action Action, change func(r *Rule)) Rule {
	r := Rule{ID: id, Title: id, Action: action, State: Running}
	change(&r)
	r.Normalize()
	return r
}

func shelf() (items []Item) {
	for i := range 100 {
		it := Item{ID: fmt.Sprint("i", i), Brand: fmt.Sprint("b", i%10), Category: []string{"c", fmt.Sprint("d", i%2)}, Price: 100, Cost: 50, Stock: 5, Published: true}
		items = append(items, it)
	}
	items[9].Stock, items[8].Published = 0, false
	return items
}

func TestConflictsAreFound(t *testing.T) {
	pin := func(id string, position int, items ...string) Rule {
		return rule(id, Pin, func(r *Rule) { r.Position, r.Where.Items = position, items })
	}
	brand := func(id string, action Action, brands ...string) Rule {
		return rule(id, action, func(r *Rule) { r.Where.Brands = brands })
	}
	at := func(r Rule, placements ...string) Rule {
		r.When.Placements = placements
		return r
	}
	between := func(r Rule, from, to int64) Rule {
		r.When.Schedule.Starts, r.When.Schedule.Ends = from, to
		return r
	}
	wide := rule("wide", Exclude, func(r *Rule) { r.Where.Categories = []string{"c"} })
	for _, c := range []struct {
		name  string
		rules []Rule
		want  []string // kind and rules
	}{
		{"nothing", nil, nil},
		{"quiet neighbours", []Rule{pin("p", 1, "i1"), brand("more", Boost, "b2"), brand("less", Bury, "b3")}, nil},
		{"a pin that is hidden", []Rule{pin("p", 1, "i1", "i2"), brand("x", Exclude, "b1")}, []string{"pin_excluded p x"}},
		{"elsewhere", []Rule{at(pin("p", 1, "i1"), "home"), at(brand("x", Exclude, "b1"), "cart")}, nil},
		{"at other times", []Rule{between(pin("p", 1, "i1"), 1000, 2000), between(brand("x", Exclude, "b1"), 2000, 3000)}, nil},
		{"two at one place", []Rule{pin("p", 1, "i1"), pin("q", 1, "i2")}, []string{"pin_place q p"}},
		{"one reaches into the other", []Rule{pin("p", 1, "i1", "i3"), pin("q", 2, "i2")}, []string{"pin_place q p"}},
		{"one after the other", []Rule{pin("p", 1, "i1"), pin("q", 2, "i2")}, nil},
		{"out of stock", []Rule{pin("p", 1, "i1", "i9")}, []string{"pin_out p"}},
		{"unpublished", []Rule{pin("p", 1, "i8")}, []string{"pin_out p"}},
		{"more and less", []Rule{brand("m", Boost, "b1", "b2"), brand("n", Bury, "b2", "b3")}, []string{"boost_bury m n"}},
		{"nothing matches", []Rule{brand("m", Boost, "none")}, []string{"matches_nothing m"}},
		{"all hidden", []Rule{brand("m", Boost, "b1"), brand("x", Exclude, "b1", "b2")}, []string{"shadowed m x"}},
		{"hidden only at home", []Rule{brand("m", Boost, "b1"), at(brand("x", Exclude, "b1"), "home")}, nil},
		{"hidden twice", []Rule{brand("a", Exclude, "b1"), brand("b", Exclude, "b1", "b2")}, []string{"shadowed a b"}},
		{"the same twice", []Rule{brand("a", Exclude, "b1"), brand("b", Exclude, "b1")}, []string{"shadowed b a"}},
		{"past", []Rule{between(brand("m", Boost, "b1"), 1, 50)}, []string{"schedule_past m"}},
		{"paused", []Rule{rule("p", Exclude, func(r *Rule) { r.State, r.Where.Brands = Paused, []string{"none"} })}, nil},
		{"little left at home", []Rule{at(wide, "home")}, []string{"nearly_empty wide home"}},
		{"eleven pins", []Rule{
			at(pin("p", 1, "i10", "i11", "i12", "i13", "i14", "i15"), "home"), at(pin("q", 20, "i20", "i21", "i22", "i23", "i24"), "home"),
		}, []string{"too_many_pins q home"}},
	} {
		var got []string
		for _, found := range Conflicts(c.rules, shelf(), 100) {
			line := found.Kind
			for _, id := range found.Rules {
				line += " " + id
			}
			if found.Placement != "" {
				line += " " + found.Placement
			}
			got = append(got, line)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestConflictsSayHowMuch(t *testing.T) {
	wide := rule("wide", Exclude, func(r *Rule) { r.Where.Brands = []string{"b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7"} })
	found := Conflicts([]Rule{wide}, shelf(), 100)
	if len(found) != len(Placements) || found[0].Count != 80 || found[0].Share < 0.81 || found[0].Share > 0.82 {
		t.Errorf("80 of 98 that can be bought are hidden, got %+v", found)
	}
	more := rule("m", Boost, func(r *Rule) { r.Where.Categories = []string{"d0"} })
	less := rule("n", Bury, func(r *Rule) { r.Where.Categories = []string{"c > d0"} })
	found = Conflicts([]Rule{more, less}, shelf(), 100)
	if len(found) != 1 || found[0].Count != 50 || len(found[0].Items) != 10 {
		t.Errorf("want 50 items, of which ten are named, got %+v", found)
	}
	if again := Conflicts([]Rule{less, more}, shelf(), 100); !reflect.DeepEqual(again, found) {
		t.Errorf("in another order %+v, want %+v", again, found)
	}
}

func TestAtMostMaxRulesHold(t *testing.T) {
	var all []Rule
	for i := range MaxRules + 10 {
		all = append(all, rule(fmt.Sprint("r", i), Exclude, func(r *Rule) { r.Where.Brands = []string{"b"}; r.Priority = -i }))
	}
	set := Compile(all)
	if set.Len() != MaxRules || set.Rule(MaxRules-1).ID != fmt.Sprint("r", MaxRules-1) {
		t.Errorf("%d rules hold, the last is %s", set.Len(), set.Rule(set.Len()-1).ID)
	}
}

package rules

import "slices"

// one reports what is wrong with a rule by itself.
func (r *report) one(i int) {
	rule := &r.set.rules[i]
	switch {
	case !r.live[i]:
		r.found = append(r.found, Conflict{Kind: SchedulePast, Rules: []string{rule.ID}})
	case r.matched[i] == 0:
		r.found = append(r.found, Conflict{Kind: MatchesNone, Rules: []string{rule.ID}})
	case rule.Action != Pin && r.covered[i] == r.matched[i] && !r.repeated(i): // of pins it is said item by item
		r.found = append(r.found, Conflict{Kind: Shadowed, Rules: append([]string{rule.ID}, r.shadows(i)...), Count: r.matched[i]})
	}
}

// repeated says whether a later exclude says the same as exclude i: only that one is superfluous.
func (r *report) repeated(i int) bool {
	for j := i + 1; j < len(r.set.rules); j++ {
		a, b := &r.set.rules[i], &r.set.rules[j]
		if a.Action == Exclude && b.Action == Exclude && r.live[j] && r.matched[j] == r.matched[i] && r.covered[j] == r.matched[j] &&
			covers(&a.When, &b.When) && covers(&b.When, &a.When) {
			return true
		}
	}
	return false
}

// shadows names the excludes that can hide what rule i is about, at most five.
func (r *report) shadows(i int) (ids []string) {
	for j := range r.set.rules {
		if j != i && len(ids) < 5 && r.live[j] && r.set.rules[j].Action == Exclude && r.matched[j] > 0 && covers(&r.set.rules[j].When, &r.set.rules[i].When) {
			ids = append(ids, r.set.rules[j].ID)
		}
	}
	return ids
}

// pairs reports items that two rules want different things of.
func (r *report) pairs() {
	for i := range r.set.rules {
		for j := i + 1; j < len(r.set.rules); j++ {
			m := r.against[[2]int{i, j}]
			if m == nil {
				continue
			}
			a, b := &r.set.rules[i], &r.set.rules[j]
			c := Conflict{Kind: BoostBury, Rules: []string{a.ID, b.ID}, Items: m.items, Count: m.count}
			if b.Action == Pin {
				c.Kind, c.Rules = PinExcluded, []string{b.ID, a.ID}
			}
			r.found = append(r.found, c)
		}
	}
}

// pins reports what stands in the way of pins among themselves, and pinned items that cannot be bought.
func (r *report) pins(items []Item) {
	known := map[string]*Item{}
	for i := range items {
		known[items[i].ID] = &items[i]
	}
	for n, p := range r.set.pins {
		a := &r.set.rules[p]
		if !r.live[p] {
			continue
		}
		out := meeting{}
		for _, item := range a.Where.Items {
			if it := known[item]; it == nil || !it.Published || it.Stock == 0 {
				out.add(item)
			}
		}
		if out.count > 0 {
			r.found = append(r.found, Conflict{Kind: PinOut, Rules: []string{a.ID}, Items: out.items, Count: out.count})
		}
		for _, q := range r.set.pins[:n] {
			b := &r.set.rules[q]
			if r.live[q] && meet(&a.When, &b.When) && a.Position < b.Position+len(b.Where.Items) && b.Position < a.Position+len(a.Where.Items) {
				r.found = append(r.found, Conflict{Kind: PinPlace, Rules: []string{a.ID, b.ID}, Position: max(a.Position, b.Position)})
			}
		}
	}
	for _, placement := range Placements {
		c := Conflict{Kind: TooManyPins, Placement: placement}
		for _, p := range r.set.pins {
			w := &r.set.rules[p].When
			if !r.live[p] || len(w.Categories)+len(w.Items)+len(w.Segments) > 0 || len(w.Placements) > 0 && !slices.Contains(w.Placements, placement) {
				continue
			}
			if c.Count += len(r.set.rules[p].Where.Items); c.Count > MaxPins {
				c.Rules = append(c.Rules, r.set.rules[p].ID)
			}
		}
		if len(c.Rules) > 0 {
			r.found = append(r.found, c)
		}
	}
}

// empty reports placements of which excludes leave little.
func (r *report) empty() {
	if r.sellable == 0 {
		return
	}
	for p, name := range Placements {
		hidden := r.hidden[p]
		share := float64(hidden) / float64(r.sellable)
		if hidden == 0 || share < nearlyAll && r.sellable-hidden >= fewLeft {
			continue
		}
		c := Conflict{Kind: NearlyEmpty, Placement: name, Count: hidden, Share: share}
		for i := range r.set.rules {
			if r.hiders[p].has(i) {
				c.Rules = append(c.Rules, r.set.rules[i].ID)
			}
		}
		r.found = append(r.found, c)
	}
}

// meet says whether two rules may hold in the same answer. A shopper may be in any two segments, and a page's path may hold any two
// categories.
func meet(a, b *When) bool {
	return common(a.Placements, b.Placements) && common(a.Items, b.Items) && schedulesMeet(&a.Schedule, &b.Schedule)
}

// common says whether two conditions can hold at once; none states everything.
func common(a, b []string) bool { return len(a) == 0 || len(b) == 0 || shared(a, b) }

func schedulesMeet(a, b *Schedule) bool {
	if a.Ends != 0 && a.Ends <= b.Starts || b.Ends != 0 && b.Ends <= a.Starts {
		return false
	}
	if len(a.Weekly) == 0 || len(b.Weekly) == 0 || a.Zone != b.Zone {
		return true
	}
	x, y := a.compile(), b.compile()
	for _, v := range x.weekly {
		for _, w := range y.weekly {
			if v.from < w.to && w.from < v.to {
				return true
			}
		}
	}
	return false
}

// covers says whether a holds wherever b does.
func covers(a, b *When) bool {
	return within(b.Placements, a.Placements) && within(b.Items, a.Items) && within(b.Categories, a.Categories) && within(b.Segments, a.Segments) &&
		scheduleCovers(&a.Schedule, &b.Schedule)
}

// within says whether condition inner allows nothing that outer does not; none states everything.
func within(inner, outer []string) bool {
	if len(outer) == 0 {
		return true
	}
	for _, w := range inner {
		if !slices.Contains(outer, w) {
			return false
		}
	}
	return len(inner) > 0
}

// scheduleCovers may say no where hours would in truth cover: it only compares them as they are written.
func scheduleCovers(a, b *Schedule) bool {
	if a.Starts > b.Starts || a.Ends != 0 && (b.Ends == 0 || b.Ends > a.Ends) {
		return false
	}
	if len(a.Weekly) == 0 {
		return true
	}
	x, y := a.compile(), b.compile()
	return a.Zone == b.Zone && slices.Equal(x.weekly, y.weekly)
}

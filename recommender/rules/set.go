package rules

import (
	"cmp"
	"slices"
	"time"
)

// words of a Mask: MaxRules bits.
const maskWords = (MaxRules + 63) / 64

// Mask is a set of the rules of one Set, comparable with ==.
type Mask [maskWords]uint64

func (m *Mask) has(i int) bool { return m[i>>6]&(1<<(i&63)) != 0 }
func (m *Mask) set(i int)      { m[i>>6] |= 1 << (i & 63) }

// Set is the active rules of one site, indexed. Nobody changes it; a nil Set has no rules.
type Set struct {
	rules  []Rule // in order of precedence: excludes, pins, then boosts and buries
	where  []matcher
	when   []whenMatcher
	zones  []*time.Location
	always Mask     // rules that state no When
	asked  []uint16 // the others
	timed  bool     // some have a schedule
	pins   []uint16
	effect Mask // all but pins

	// What is not a pin, under the words of the narrowest list that it states: an item meets only what can be about it.
	byItem, byGroup, byTag, byBrand, byCategory map[string][]uint16
	rest                                        []uint16 // without any list
}

// whenMatcher is a compiled When.
type whenMatcher struct {
	when       *When
	categories [][]string
	hours      hours
}

// Compile makes a Set of valid rules, of which paused ones are left out, and ones beyond MaxRules, the last in precedence. nil: none is
// active.
func Compile(rules []Rule) *Set {
	s := &Set{}
	for i := range rules {
		if rules[i].State == Running {
			s.rules = append(s.rules, rules[i])
		}
	}
	if len(s.rules) == 0 {
		return nil
	}
	slices.SortFunc(s.rules, precedence)
	s.rules = slices.Clip(s.rules[:min(len(s.rules), MaxRules)])
	s.where, s.when = make([]matcher, len(s.rules)), make([]whenMatcher, len(s.rules))
	var zones []string
	for i := range s.rules {
		r := &s.rules[i]
		s.where[i] = compileWhere(&r.Where)
		s.compileWhen(i, &zones)
		if r.Action == Pin {
			s.pins = append(s.pins, uint16(i))
			continue
		}
		s.effect.set(i)
		s.index(i)
	}
	return s
}

// precedence is the order of a Set.
func precedence(a, b Rule) int {
	return cmp.Or(
		cmp.Compare(rankOf(a.Action), rankOf(b.Action)), cmp.Compare(b.Priority, a.Priority), cmp.Compare(b.Created, a.Created), cmp.Compare(a.ID, b.ID),
	)
}

func rankOf(a Action) int {
	switch a {
	case Exclude:
		return 0
	case Pin:
		return 1
	}
	return 2
}

func (s *Set) compileWhen(i int, zones *[]string) {
	w := &s.rules[i].When
	m := whenMatcher{when: w, categories: paths(w.Categories), hours: w.Schedule.compile()}
	if len(m.hours.weekly) > 0 {
		m.hours.zone = slices.Index(*zones, w.Schedule.Zone)
		if m.hours.zone < 0 {
			m.hours.zone = len(*zones)
			*zones = append(*zones, w.Schedule.Zone)
			loc, err := zone(w.Schedule.Zone)
			if err != nil {
				loc = time.UTC // Validate lets no such zone pass
			}
			s.zones = append(s.zones, loc)
		}
	}
	s.when[i] = m
	s.timed = s.timed || !m.hours.always()
	if m.hours.always() && len(w.Placements)+len(w.Categories)+len(w.Items)+len(w.Segments) == 0 {
		s.always.set(i)
	} else {
		s.asked = append(s.asked, uint16(i))
	}
}

func (s *Set) index(i int) {
	w := &s.rules[i].Where
	switch {
	case len(w.Items) > 0:
		add(&s.byItem, w.Items, i)
	case len(w.Groups) > 0:
		add(&s.byGroup, w.Groups, i)
	case len(w.Tags) > 0:
		add(&s.byTag, w.Tags, i)
	case len(w.Brands) > 0:
		add(&s.byBrand, w.Brands, i)
	case len(w.Categories) > 0:
		var last []string
		for _, p := range s.where[i].categories {
			last = append(last, p[len(p)-1])
		}
		add(&s.byCategory, last, i)
	default:
		s.rest = append(s.rest, uint16(i))
	}
}

func add(to *map[string][]uint16, words []string, i int) {
	if *to == nil {
		*to = map[string][]uint16{}
	}
	for _, w := range words {
		if list := (*to)[w]; len(list) == 0 || list[len(list)-1] != uint16(i) {
			(*to)[w] = append(list, uint16(i))
		}
	}
}

// Len is how many rules are active.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.rules)
}

// Rule is the i-th rule in order of precedence, from 0. It must not be changed.
func (s *Set) Rule(i int) *Rule { return &s.rules[i] }

// Timed says whether time alone changes what holds.
func (s *Set) Timed() bool { return s != nil && s.timed }

// Scheduled is the rules whose schedule holds at now, Unix ms: when it changes answers change.
func (s *Set) Scheduled(now int64) (m Mask) {
	if s == nil {
		return m
	}
	var room [4]int
	minutes := s.minutes(room[:0], now)
	for i := range s.rules {
		if s.when[i].hours.hold(now, minutes) {
			m.set(i)
		}
	}
	return m
}

func (s *Set) minutes(dst []int, now int64) []int {
	for _, loc := range s.zones {
		dst = append(dst, minuteOfWeek(now, loc))
	}
	return dst
}

// visit calls f for each rule of on that is about the item and is not a pin, each once. The order depends on the item and the set alone.
func (s *Set) visit(on *Mask, it *Item, now int64, f func(i int)) {
	var seen Mask
	some := func(list []uint16) {
		for _, n := range list {
			i := int(n)
			if on.has(i) && !seen.has(i) && s.where[i].match(it, now) {
				seen.set(i)
				f(i)
			}
		}
	}
	if s.byItem != nil {
		some(s.byItem[it.ID])
	}
	if s.byGroup != nil && it.Group != "" {
		some(s.byGroup[it.Group])
	}
	if s.byTag != nil {
		for _, t := range it.Tags {
			some(s.byTag[t])
		}
	}
	if s.byBrand != nil && it.Brand != "" {
		some(s.byBrand[it.Brand])
	}
	if s.byCategory != nil {
		for _, c := range it.Category {
			some(s.byCategory[c])
		}
	}
	some(s.rest)
}

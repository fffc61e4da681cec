package rules

import (
	"cmp"
	"slices"
)

// Kinds of conflicts, the most urgent first.
const (
	NearlyEmpty   = "nearly_empty"    // excludes hide so much that a placement has little left
	PinExcluded   = "pin_excluded"    // an exclude hides items that a pin wants to show
	PinPlace      = "pin_place"       // two pins want the same place: the second comes after the first
	TooManyPins   = "too_many_pins"   // more items are pinned to a placement than an answer shows
	PinOut        = "pin_out"         // a pinned item cannot be bought
	BoostBury     = "boost_bury"      // the same items are shown more and less
	Shadowed      = "shadowed"        // all that the rule is about is hidden by excludes
	MatchesNone   = "matches_nothing" // no item is what the rule is about
	SchedulePast  = "schedule_past"   // the rule's time is over
	nearlyAll     = 0.8               // share of a placement's items that excludes may hide before it is said
	fewLeft       = 10                // items
	conflictItems = 10                // examples of one conflict
)

var kindOrder = []string{NearlyEmpty, PinExcluded, PinPlace, TooManyPins, PinOut, BoostBury, Shadowed, MatchesNone, SchedulePast}

// Conflict is something about rules that their author may not have meant.
type Conflict struct {
	Kind      string   `json:"kind"`
	Rules     []string `json:"rules"`               // ids: whose it is first, then what stands against it
	Placement string   `json:"placement,omitempty"` // of nearly_empty and too_many_pins
	Position  int      `json:"position,omitzero"`   // of pin_place
	Items     []string `json:"items,omitempty"`     // examples, at most ten
	Count     int      `json:"count,omitzero"`      // of all items concerned
	Share     float64  `json:"share,omitzero"`      // of the items that could be shown, how many excludes hide
}

// Conflicts reports on a site's rules, paused ones left out, over its catalog or a sample that holds at least the items that rules name.
// Two rules are only set against each other where both can hold at once. now is Unix ms.
func Conflicts(all []Rule, items []Item, now int64) []Conflict {
	r := report{now: now, set: Compile(all)}
	if r.set == nil {
		return nil
	}
	r.gather(items)
	r.pins(items)
	for i := range r.set.rules {
		r.one(i)
	}
	r.pairs()
	r.empty()
	slices.SortStableFunc(r.found, func(a, b Conflict) int {
		return cmp.Or(
			cmp.Compare(slices.Index(kindOrder, a.Kind), slices.Index(kindOrder, b.Kind)), slices.Compare(a.Rules, b.Rules), cmp.Compare(a.Placement, b.Placement),
		)
	})
	return r.found
}

// report is what is gathered about a set.
type report struct {
	set   *Set
	now   int64
	found []Conflict

	matched []int // items of each rule, pins' conditions included
	covered []int // of them, hidden by an exclude wherever the rule holds
	against map[[2]int]*meeting
	live    []bool // its time is not over

	sellable int                 // items that could be shown
	hidden   [placementCount]int // of them, hidden at each placement whatever the page and the shopper
	hiders   [placementCount]Mask
}

// placementCount is len(Placements).
const placementCount = 8

// meeting is items that two rules share.
type meeting struct {
	count int
	items []string
}

func (m *meeting) add(item string) {
	m.count++
	if len(m.items) < conflictItems {
		m.items = append(m.items, item)
	}
}

// gather looks at every item once.
func (r *report) gather(items []Item) {
	s := r.set
	r.matched, r.covered = make([]int, len(s.rules)), make([]int, len(s.rules))
	r.against, r.live = map[[2]int]*meeting{}, make([]bool, len(s.rules))
	var all Mask
	for i := range s.rules {
		ends := s.rules[i].When.Schedule.Ends
		if r.live[i] = ends == 0 || r.now < ends; r.live[i] {
			all.set(i)
		}
	}
	pinned := map[string][]int{}
	for _, p := range s.pins {
		for _, item := range s.rules[p].Where.Items {
			pinned[item] = append(pinned[item], int(p))
		}
	}
	var met []int
	for k := range items {
		it := &items[k]
		met = met[:0]
		s.visit(&all, it, r.now, func(i int) { met = append(met, i) })
		for _, p := range pinned[it.ID] {
			if all.has(p) && s.where[p].match(it, r.now) {
				met = append(met, p)
			}
		}
		slices.Sort(met)
		r.item(it, met)
	}
}

// item notes which of the rules that are about one item stand against each other.
func (r *report) item(it *Item, met []int) {
	s := r.set
	sellable := it.Published && it.Stock != 0
	if sellable {
		r.sellable++
	}
	var hidden [placementCount]bool
	for _, i := range met {
		r.matched[i]++
		if s.rules[i].Action == Exclude && sellable {
			r.hides(i, &hidden)
		}
		if r.coveredBy(i, met) {
			r.covered[i]++
		}
		for _, j := range met {
			if j > i && opposed(s.rules[i].Action, s.rules[j].Action) && meet(&s.rules[i].When, &s.rules[j].When) {
				r.meeting(i, j).add(it.ID)
			}
		}
	}
	for p, h := range hidden {
		if h {
			r.hidden[p]++
		}
	}
}

func (r *report) meeting(i, j int) *meeting {
	m := r.against[[2]int{i, j}]
	if m == nil {
		m = &meeting{}
		r.against[[2]int{i, j}] = m
	}
	return m
}

// coveredBy says whether an exclude among met hides the item wherever rule i holds.
func (r *report) coveredBy(i int, met []int) bool {
	for _, j := range met {
		if j == i || r.set.rules[j].Action != Exclude {
			continue
		}
		if covers(&r.set.rules[j].When, &r.set.rules[i].When) {
			return true
		}
	}
	return false
}

// hides notes the placements at which exclude i hides an item from everybody, now.
func (r *report) hides(i int, hidden *[placementCount]bool) {
	w := &r.set.rules[i].When
	if len(w.Categories)+len(w.Items)+len(w.Segments) > 0 || !w.Schedule.Holds(r.now) {
		return
	}
	for p, name := range Placements {
		if len(w.Placements) == 0 || slices.Contains(w.Placements, name) {
			hidden[p] = true
			r.hiders[p].set(i)
		}
	}
}

func opposed(a, b Action) bool {
	return a == Exclude && b == Pin || a == Boost && b == Bury || a == Bury && b == Boost
}

package rules

import "slices"

// Active is the rules of a Set that hold in one context. It is reused: At fills it anew.
type Active struct {
	set     *Set
	now     int64
	on      Mask
	effects bool // some of them are no pins
	pins    []uint16
	minutes []int
}

// At fills a with the rules that hold in a context and says whether there are any.
func (s *Set) At(a *Active, c *Context) bool {
	a.set, a.now, a.on, a.effects, a.pins = s, c.Now, Mask{}, false, a.pins[:0]
	if s == nil {
		return false
	}
	a.on = s.always
	if len(s.asked) > 0 {
		a.minutes = s.minutes(a.minutes[:0], c.Now)
		for _, i := range s.asked {
			if s.when[i].holds(c, a.minutes) {
				a.on.set(int(i))
			}
		}
	}
	for i := range a.on {
		a.effects = a.effects || a.on[i]&s.effect[i] != 0
	}
	for _, i := range s.pins {
		if a.on.has(int(i)) {
			a.pins = append(a.pins, i)
		}
	}
	return a.effects || len(a.pins) > 0
}

func (w *whenMatcher) holds(c *Context, minutes []int) bool {
	t := w.when
	return (len(t.Placements) == 0 || slices.Contains(t.Placements, c.Placement)) &&
		(len(t.Items) == 0 || slices.Contains(t.Items, c.Item)) &&
		(len(w.categories) == 0 || inPath(w.categories, c.Category)) &&
		(len(t.Segments) == 0 || shared(t.Segments, c.Segments)) &&
		w.hours.hold(c.Now, minutes)
}

func shared(a, b []string) bool {
	for _, w := range a {
		if slices.Contains(b, w) {
			return true
		}
	}
	return false
}

// Effects says whether rules other than pins hold.
func (a *Active) Effects() bool { return a.effects }

// Effect is what the rules that hold do to an item that no pin shows.
type Effect struct {
	Excluded bool
	By       int     // the Set's number of the first rule that excludes it, -1 if none does
	Mover    int     // of the first boost or bury, -1 if none holds
	Factor   float64 // of the score, 1 if nothing changes it
}

// Effect is what a's rules do to an item.
func (a *Active) Effect(it *Item) Effect {
	e := Effect{Factor: 1, By: -1, Mover: -1}
	if !a.effects {
		return e
	}
	a.set.visit(&a.on, it, a.now, func(i int) {
		r := &a.set.rules[i]
		switch r.Action {
		case Exclude:
			if !e.Excluded || i < e.By {
				e.Excluded, e.By = true, i
			}
			return
		case Boost:
			e.Factor *= r.Strength
		case Bury:
			e.Factor /= r.Strength
		}
		if e.Mover < 0 || i < e.Mover {
			e.Mover = i
		}
	})
	e.Factor = clamp(e.Factor)
	return e
}

func clamp(factor float64) float64 { return min(max(factor, 1.0/MaxFactor), MaxFactor) }

// Touch is what one rule did to an item's score. Before 0 and After 0 of an exclude say that the score does not matter.
type Touch struct {
	Rule          *Rule
	Before, After float64
}

// Touches appends what each rule did to an item whose score was base before all of them, in order of precedence.
func (a *Active) Touches(dst []Touch, it *Item, base float64) []Touch {
	if !a.effects {
		return dst
	}
	var numbers []int
	a.set.visit(&a.on, it, a.now, func(i int) { numbers = append(numbers, i) })
	slices.Sort(numbers)
	product := 1.0
	for _, i := range numbers {
		r := &a.set.rules[i]
		before := base * clamp(product)
		switch r.Action {
		case Exclude:
			dst = append(dst, Touch{Rule: r})
			continue
		case Boost:
			product *= r.Strength
		case Bury:
			product /= r.Strength
		}
		dst = append(dst, Touch{r, before, base * clamp(product)})
	}
	return dst
}

// Pins calls f for each item that a pin wants to show, in order of precedence, until f returns false.
func (a *Active) Pins(f func(number, position int, item string) bool) {
	for _, i := range a.pins {
		r := &a.set.rules[i]
		for _, item := range r.Where.Items {
			if !f(int(i), r.Position, item) {
				return
			}
		}
	}
}

// Pinned says whether a pin's further conditions hold for an item that it names.
func (a *Active) Pinned(number int, it *Item) bool { return a.set.where[number].match(it, a.now) }

// Rule is the rule of a number that Effect or Pins gave.
func (a *Active) Rule(number int) *Rule { return &a.set.rules[number] }

package segment

import (
	"cmp"
	"slices"
)

// Set is a site's segments, ready to match. It never changes.
type Set struct {
	defs  []compiled
	needs Needs
}

type compiled struct {
	def        Definition
	conditions []condition
}

type condition struct {
	place  int
	op     Op
	value  float64
	values []string
}

// Compile makes a Set of a site's own definitions and of the built-in ones whose ids it does not define. Each must have passed Check.
func Compile(own []Definition) *Set {
	all := slices.Clone(own)
	for _, b := range Builtin() {
		if !slices.ContainsFunc(own, func(d Definition) bool { return d.ID == b.ID }) {
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b Definition) int { return cmp.Compare(a.ID, b.ID) })
	s := &Set{}
	for _, d := range all {
		c := compiled{def: d}
		for _, x := range d.Conditions {
			s.needs |= 1 << x.Feature.place()
			c.conditions = append(c.conditions, condition{x.Feature.place(), x.Op, x.Value, x.Values})
		}
		s.defs = append(s.defs, c)
	}
	return s
}

// Needs is what Match asks for.
func (s *Set) Needs() Needs { return s.needs }

// Definitions are the set's, in the order of their ids. They are the set's.
func (s *Set) Definitions() []Definition {
	out := make([]Definition, len(s.defs))
	for i := range s.defs {
		out[i] = s.defs[i].def
	}
	return out
}

// Definition is the one with that id.
func (s *Set) Definition(id string) (Definition, bool) {
	for i := range s.defs {
		if s.defs[i].def.ID == id {
			return s.defs[i].def, true
		}
	}
	return Definition{}, false
}

// Match appends the ids of the segments that f is in, in their order.
func (s *Set) Match(dst []string, f *Features) []string {
	for i := range s.defs {
		if s.defs[i].holds(f) {
			dst = append(dst, s.defs[i].def.ID)
		}
	}
	return dst
}

func (c *compiled) holds(f *Features) bool {
	for i := range c.conditions {
		if c.conditions[i].holds(f) == c.def.Any {
			return c.def.Any
		}
	}
	return !c.def.Any
}

func (c *condition) holds(f *Features) bool {
	switch c.op {
	case AtLeast:
		return f.number[c.place] >= c.value
	case AtMost:
		return f.number[c.place] <= c.value
	}
	for _, have := range f.text[c.place-numberCount] {
		if slices.Contains(c.values, have) {
			return c.op == Is
		}
	}
	return c.op == IsNot
}

package rules

import (
	"slices"
	"strings"
)

// separator stands between the categories of a path.
const separator = " > "

// path splits a category as a rule states it.
func path(category string) []string {
	parts := strings.Split(category, ">")
	kept := parts[:0]
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

// matcher is a compiled Where.
type matcher struct {
	where      *Where
	items      map[string]bool
	categories [][]string
	words      [3]map[string]bool // brands, tags, groups
}

func compileWhere(w *Where) matcher {
	return matcher{w, setOf(w.Items), paths(w.Categories), [3]map[string]bool{setOf(w.Brands), setOf(w.Tags), setOf(w.Groups)}}
}

func setOf(words []string) map[string]bool {
	if len(words) == 0 {
		return nil
	}
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

func paths(categories []string) (out [][]string) {
	for _, c := range categories {
		out = append(out, path(c))
	}
	return out
}

// match says whether an item is one of those that are meant.
func (m *matcher) match(it *Item, now int64) bool {
	w := m.where
	switch {
	case m.items != nil && !m.items[it.ID],
		m.words[0] != nil && !m.words[0][it.Brand],
		m.words[2] != nil && !m.words[2][it.Group],
		m.categories != nil && !inPath(m.categories, it.Category),
		m.words[1] != nil && !anyOf(m.words[1], it.Tags),
		!w.Price.holds(it.Price), !w.Stock.holds(it.Stock):
		return false
	}
	if w.Margin != nil && !w.Margin.holds(it) {
		return false
	}
	return w.NewDays == 0 || it.Created > 0 && now-it.Created <= int64(w.NewDays)*dayMs
}

func anyOf(set map[string]bool, words []string) bool {
	for _, w := range words {
		if set[w] {
			return true
		}
	}
	return false
}

// inPath says whether one of the wanted paths is a stretch of p.
func inPath(wanted [][]string, p []string) bool {
	for _, w := range wanted {
		for i := 0; i+len(w) <= len(p); i++ {
			if slices.Equal(w, p[i:i+len(w)]) {
				return true
			}
		}
	}
	return false
}

func (r *Range) holds(v int64) bool {
	return r == nil || v != Unset && (r.Min == nil || v >= *r.Min) && (r.Max == nil || v <= *r.Max)
}

func (r *ShareRange) holds(it *Item) bool {
	if it.Price == Unset || it.Price == 0 || it.Cost == Unset {
		return false
	}
	margin := float64(it.Price-it.Cost) / float64(it.Price)
	return (r.Min == nil || margin >= *r.Min) && (r.Max == nil || margin <= *r.Max)
}

// Matcher says which items one rule is about, for pages that count them.
type Matcher struct{ m matcher }

// NewMatcher reads a rule's Where, which must not change while the Matcher is used.
func NewMatcher(r *Rule) *Matcher { return &Matcher{compileWhere(&r.Where)} }

// Match says whether the rule is about an item, whatever its When says. now is Unix ms.
func (m *Matcher) Match(it *Item, now int64) bool { return m.m.match(it, now) }

package audit

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"beckon/web/text"
)

// Change is one field before and after, in words.
type Change struct {
	Path          string // "budget.amount"
	Label         string
	Before, After string // "" where it was not set
	Same          bool
}

// maxDepth is how deep a body's objects are taken apart; deeper ones are shown as they are.
const maxDepth = 4

// Changes is what differs between e's Before and After, field by field, in order of the fields' names in the record. same counts the
// fields that do not.
func Changes(p *text.Printer, e *Entry) (list []Change, same int) {
	before, after := flat(e.Before), flat(e.After)
	paths := slices.Sorted(maps.Keys(before))
	for path := range after {
		if _, ok := before[path]; !ok {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
	})
	for _, path := range paths {
		b, hadIt := before[path]
		a, hasIt := after[path]
		if hadIt && hasIt && string(a) == string(b) {
			same++
			continue
		}
		c := Change{Path: path, Label: fieldLabel(p, path)}
		if hadIt {
			c.Before = value(p, path, b, e.Currency)
		}
		if hasIt {
			c.After = value(p, path, a, e.Currency)
		}
		list = append(list, c)
	}
	return list, same
}

// rank puts first what says most.
func rank(path string) int {
	for i, first := range []string{"title", "name", "state", "mode", "role", "price", "stock", "on"} {
		if path == first {
			return i - 10
		}
	}
	return 0
}

// flat is an object's members by path: objects in it are taken apart, lists are not.
func flat(object []byte) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	var all map[string]json.RawMessage
	if len(object) > 0 && json.Unmarshal(object, &all) == nil {
		for _, name := range []string{"id", "created", "changed"} { // the record says them already
			delete(all, name)
		}
		flatten(out, "", all, 0)
	}
	return out
}

func flatten(out map[string]json.RawMessage, prefix string, all map[string]json.RawMessage, depth int) {
	for name, v := range all {
		path := prefix + name
		var inner map[string]json.RawMessage
		if depth < maxDepth && len(v) > 0 && v[0] == '{' && json.Unmarshal(v, &inner) == nil && len(inner) > 0 {
			flatten(out, path+".", inner, depth+1)
			continue
		}
		out[path] = v
	}
}

// fieldLabel is a field's name in words: the path's own, its last part's, or the part as it is.
func fieldLabel(p *text.Printer, path string) string {
	if label, ok := known(p, "audit.field."+path); ok {
		return label
	}
	parent, last, nested := cutLast(path)
	label, ok := known(p, "audit.field."+last)
	if !ok {
		label = strings.ReplaceAll(last, "_", " ")
	}
	if nested {
		return fieldLabel(p, parent) + " › " + label
	}
	return label
}

func cutLast(path string) (parent, last string, nested bool) {
	if i := strings.LastIndexByte(path, '.'); i > 0 {
		return path[:i], path[i+1:], true
	}
	return "", path, false
}

// known is a message that may not be there: for what other folds write nobody wrote words.
func known(p *text.Printer, key string) (string, bool) {
	t := p.T(key)
	return t, t != key
}

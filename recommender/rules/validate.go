package rules

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	json "github.com/go-json-experiment/json"
)

// Bounds of a rule's fields.
const (
	maxTitle   = 200 // bytes
	maxWord    = 200 // bytes
	maxWords   = 300 // of one list
	maxWeekly  = 14
	maxNewDays = 3650
	maxAmount  = 1 << 50
	maxTime    = 1 << 52 // Unix ms: exact wherever numbers are floats
)

// Placements are the places a rule can name. Trending is the list of what is viewed most, which knows no shopper.
var Placements = []string{"home", "item", "cart", "category", "search", "post_purchase", "email", Trending}

// Trending is the placement of lists that are the same for everybody: what is viewed most, and what surges.
const Trending = "trending"

// Decode reads the rule id from JSON, strictly: an unknown field is an error, and so is another id in it. It is normalized and valid.
func Decode(id string, body []byte) (*Rule, error) {
	r := new(Rule)
	if len(body) > MaxBody {
		return nil, refuse("", "rule: %d bytes, at most %d", len(body), MaxBody)
	}
	if err := json.Unmarshal(body, r, json.RejectUnknownMembers(true)); err != nil {
		return nil, unreadable(err)
	}
	if r.ID != "" && r.ID != id {
		return nil, refuse("id", "id: %q is not %q", clip(r.ID), clip(id))
	}
	r.ID = id
	r.Normalize()
	if err := r.Validate(); err != nil {
		return nil, err
	}
	return r, nil
}

func unreadable(err error) error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return refuse("", "rule: %s", strings.TrimPrefix(err.Error(), "jsontext: "))
	}
	field := strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return refuse(field, "%s: there is no such field", clip(field))
	case field == "":
		return refuse("", "rule: want an object")
	}
	return refuse(field, "%s: not of the kind that is wanted", clip(field))
}

// Normalize fills in what was not given, and leaves out spaces around words and words that stand twice.
func (r *Rule) Normalize() {
	r.Title = strings.TrimSpace(r.Title)
	r.State = cmp.Or(r.State, Running)
	switch r.Action {
	case Boost, Bury:
		r.Strength = cmp.Or(r.Strength, 2)
	case Pin:
		r.Position = cmp.Or(r.Position, 1)
	}
	for _, list := range r.lists() {
		tidy(list.words)
	}
	for _, list := range []*[]string{&r.Where.Categories, &r.When.Categories} {
		for i, c := range *list {
			(*list)[i] = strings.Join(path(c), separator)
		}
		tidy(list)
	}
	r.Where.Price, r.Where.Stock = orNil(r.Where.Price), orNil(r.Where.Stock)
	if m := r.Where.Margin; m != nil && m.Min == nil && m.Max == nil {
		r.Where.Margin = nil
	}
}

func orNil(r *Range) *Range {
	if r != nil && r.Min == nil && r.Max == nil {
		return nil
	}
	return r
}

func tidy(list *[]string) {
	seen := make(map[string]bool, len(*list))
	kept := (*list)[:0]
	for _, w := range *list {
		if w = strings.TrimSpace(w); w != "" && !seen[w] {
			seen[w] = true
			kept = append(kept, w)
		}
	}
	*list = slices.Clip(kept)
	if len(kept) == 0 {
		*list = nil
	}
}

type namedList struct {
	field string
	words *[]string
	most  int
}

func (r *Rule) lists() []namedList {
	items := maxWords
	if r.Action == Pin {
		items = MaxPins
	}
	return []namedList{
		{"where.items", &r.Where.Items, items},
		{"where.categories", &r.Where.Categories, maxWords},
		{"where.brands", &r.Where.Brands, maxWords},
		{"where.tags", &r.Where.Tags, maxWords},
		{"where.groups", &r.Where.Groups, maxWords},
		{"when.placements", &r.When.Placements, maxWords},
		{"when.categories", &r.When.Categories, maxWords},
		{"when.items", &r.When.Items, maxWords},
		{"when.segments", &r.When.Segments, maxWords},
	}
}

// Validate says what of a normalized rule cannot be: a *Refusal that names the field.
func (r *Rule) Validate() error {
	for _, check := range []func() *Refusal{r.checkSelf, r.checkLists, r.checkRanges, r.checkSchedule} {
		if no := check(); no != nil {
			return no
		}
	}
	return nil
}

func (r *Rule) checkSelf() *Refusal {
	effect := r.Action == Boost || r.Action == Bury
	switch {
	case !validID(r.ID):
		return refuse("id", "id: want 1-64 of A-Z a-z 0-9 _ . : -")
	case r.Title == "":
		return refuse("title", "title: missing")
	case len(r.Title) > maxTitle || !utf8.ValidString(r.Title):
		return refuse("title", "title: want at most %d bytes of UTF-8", maxTitle)
	case r.Action != Pin && r.Action != Exclude && !effect:
		return refuse("action", "action: %q, want pin, boost, bury or exclude", clip(string(r.Action)))
	case effect && !(r.Strength > 1 && r.Strength <= MaxFactor):
		return refuse("strength", "strength: %g, want above 1 and at most %d", r.Strength, MaxFactor)
	case !effect && r.Strength != 0:
		return refuse("strength", "strength: only boost and bury have one")
	case r.Action == Pin && (r.Position < 1 || r.Position > MaxPosition):
		return refuse("position", "position: %d, want 1 to %d", r.Position, MaxPosition)
	case r.Action != Pin && r.Position != 0:
		return refuse("position", "position: only a pin has one")
	case r.Priority < -MaxPriority || r.Priority > MaxPriority:
		return refuse("priority", "priority: %d, want %d to %d", r.Priority, -MaxPriority, MaxPriority)
	case r.State != Running && r.State != Paused:
		return refuse("state", "state: %q, want active or paused", clip(string(r.State)))
	case r.Action == Pin && len(r.Where.Items) == 0:
		return refuse("where.items", "where.items: a pin names the items that it shows")
	case r.Where.empty():
		return refuse("where", "where: say which items, for instance where.categories")
	}
	return nil
}

func (w *Where) empty() bool {
	return len(w.Items)+len(w.Categories)+len(w.Brands)+len(w.Tags)+len(w.Groups) == 0 &&
		w.Price == nil && w.Stock == nil && w.Margin == nil && w.NewDays == 0
}

func (r *Rule) checkLists() *Refusal {
	for _, list := range r.lists() {
		if len(*list.words) > list.most {
			return refuse(list.field, "%s: %d of them, at most %d", list.field, len(*list.words), list.most)
		}
		for _, w := range *list.words {
			if len(w) > maxWord || !utf8.ValidString(w) {
				return refuse(list.field, "%s: want words of 1-%d bytes", list.field, maxWord)
			}
		}
	}
	for _, p := range r.When.Placements {
		if !slices.Contains(Placements, p) {
			return refuse("when.placements", "when.placements: %q is not one of %s", clip(p), strings.Join(Placements, ", "))
		}
	}
	return nil
}

func (r *Rule) checkRanges() *Refusal {
	w := &r.Where
	for _, n := range [...]struct {
		field string
		*Range
	}{{"where.price", w.Price}, {"where.stock", w.Stock}} {
		if n.Range == nil {
			continue
		}
		for _, end := range [...]struct {
			field string
			value *int64
		}{{n.field + ".min", n.Min}, {n.field + ".max", n.Max}} {
			if end.value != nil && (*end.value < 0 || *end.value > maxAmount) {
				return refuse(end.field, "%s: %d, want 0 to %d", end.field, *end.value, int64(maxAmount))
			}
		}
		if n.Min != nil && n.Max != nil && *n.Max < *n.Min {
			return refuse(n.field+".max", "%s.max: %d is below min %d", n.field, *n.Max, *n.Min)
		}
	}
	if m := w.Margin; m != nil {
		for _, end := range [...]struct {
			field string
			value *float64
		}{{"where.margin.min", m.Min}, {"where.margin.max", m.Max}} {
			if end.value != nil && !(math.Abs(*end.value) <= 100) {
				return refuse(end.field, "%s: want a share, 0.4 for 40 percent", end.field)
			}
		}
		if m.Min != nil && m.Max != nil && *m.Max < *m.Min {
			return refuse("where.margin.max", "where.margin.max: %g is below min %g", *m.Max, *m.Min)
		}
	}
	if w.NewDays < 0 || w.NewDays > maxNewDays {
		return refuse("where.new_days", "where.new_days: %d, want 1 to %d days", w.NewDays, maxNewDays)
	}
	return nil
}

func (r *Rule) checkSchedule() *Refusal {
	s := &r.When.Schedule
	switch {
	case s.Starts < 0 || s.Starts > maxTime:
		return refuse("when.schedule.starts", "when.schedule.starts: %d is not Unix ms", s.Starts)
	case s.Ends < 0 || s.Ends > maxTime:
		return refuse("when.schedule.ends", "when.schedule.ends: %d is not Unix ms", s.Ends)
	case s.Ends != 0 && s.Ends <= s.Starts:
		return refuse("when.schedule.ends", "when.schedule.ends: it is not after starts")
	case len(s.Weekly) > maxWeekly:
		return refuse("when.schedule.weekly", "when.schedule.weekly: %d of them, at most %d", len(s.Weekly), maxWeekly)
	}
	if _, err := zone(s.Zone); err != nil {
		return refuse("when.schedule.zone", "when.schedule.zone: %q is no time zone such as Europe/Berlin", clip(s.Zone))
	}
	for i := range s.Weekly {
		if _, no := s.Weekly[i].windows(nil); no != nil {
			no.Field = fmt.Sprintf("when.schedule.weekly.%d.%s", i, no.Field)
			no.Message = no.Field + ": " + no.Message
			return no
		}
	}
	return nil
}

// BadRule is the code of what cannot be in a rule.
const BadRule = "bad_rule"

func refuse(field, format string, args ...any) *Refusal {
	return &Refusal{BadRule, field, fmt.Sprintf(format, args...)}
}

func validID(id string) bool {
	for i := range len(id) {
		switch b := id[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '_', b == '.', b == ':', b == '-':
		default:
			return false
		}
	}
	return len(id) >= 1 && len(id) <= 64
}

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 40)], "") }

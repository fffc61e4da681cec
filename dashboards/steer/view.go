package steer

import (
	"strconv"

	"beckon/dashboards/ui"
)

// View is the list of rules.
type View struct {
	Rows      []Row
	Total     int // of the site, when a search shows fewer
	Query     string
	Conflicts []Conflict
	May       bool // change rules
	Pager     ui.Pager
}

// Row is one rule as the list shows it.
type Row struct {
	ID, Title string
	Action    string // pin boost bury exclude
	Does      string // "Always shown from place 1"
	What      string // which products, in words
	Items     int    // how many they are
	Sample    []ui.Item
	Where     string // places and people
	When      string // schedule
	State     string // active paused waiting resting ended
	Known     bool   // Shown and Clicks are known
	Shown     int64
	Clicks    int64
	Conflicts []string // sentences
}

// Conflict is something that may not be meant.
type Conflict struct {
	Title, Text string
	Tone        string // bad warn info
	Rules       []ui.Link
}

// Form is one rule as its form has it. Names of fields are those of the rule's own fields; Errors has what is wrong at each.
type Form struct {
	ID      string
	New     bool
	May     bool
	Paused  bool
	Errors  map[string]string
	Problem string // what is wrong with the whole

	Title, Action, Strength, Position, Priority string
	Strengths                                   []ui.Choice

	Chosen     []ui.Item // where.items
	Find       string
	Found      []ui.Item
	Searched   bool
	Lists      []Picker // categories, brands, tags
	Groups     string   // comma separated
	Numbers    []Span
	NewDays    string
	Placements []ui.Choice
	PageLists  []ui.Field // only on pages of these
	Segments   []ui.Choice
	Starts     string
	Ends       string
	Zone       string
	Zones      []ui.Choice
	Weekly     []Hours

	Preview   *Preview // nil: not asked for yet
	Conflicts []Conflict
	History   string // address of the rule's changes
	Effect    string // what became of it so far, "" unknown
	State     string // badge
	StateText string
}

// Picker chooses words from what the catalog has.
type Picker struct {
	Name, Label string
	Choices     []ui.Choice // the commonest, and all that are chosen
	Chosen      int
	Other       ui.Field // further words, comma separated; Name "" for none
}

// Span is a lowest and a highest number.
type Span struct {
	Legend, Help string
	Min, Max     ui.Field
}

// Hours is a stretch of some days of the week.
type Hours struct {
	Days     []ui.Choice
	From, To ui.Field
}

// Preview is what would change.
type Preview struct {
	Problem string // why there is nothing to show yet
	Summary string
	Notes   []string
	Tone    string // of the summary: bad where much is hidden
	Cases   []Case
}

// Case is one shopper at one place, before and after.
type Case struct {
	Who, Where    string
	Href          string
	Before, After []Place
}

// Place is an item of a list.
type Place struct {
	Item ui.Item
	Note string // "new", "up 3", "gone"
	Tone string // good bad quiet
	Rule bool   // the rule is about it
}

func (f *Form) error(name string) string { return f.Errors[name] }

// action is the action that the form stands on.
func (f *Form) isAction(name string) bool { return f.Action == name }

// measured is how many conditions by number the form has.
func (f *Form) measured() (n int) {
	for _, s := range f.Numbers {
		if s.Min.Value+s.Max.Value+s.Min.Error+s.Max.Error != "" {
			n++
		}
	}
	if f.NewDays != "" {
		n++
	}
	return n
}

// onPages says whether the rule is bound to pages of some categories or products.
func (f *Form) onPages() bool {
	for _, field := range f.PageLists {
		if field.Value+field.Error != "" {
			return true
		}
	}
	return false
}

// hasHours says whether the rule is bound to hours of the week.
func (f *Form) hasHours() bool {
	return len(f.Weekly) > 1 || len(f.Weekly) == 1 && (f.Weekly[0].From.Value+f.Weekly[0].From.Error+f.Weekly[0].To.Error != "")
}

func place(i int) string { return strconv.Itoa(i + 1) }

// stateTone is the colour of a rule's state.
func stateTone(state string) string {
	switch state {
	case "active":
		return "good"
	case "waiting", "resting":
		return "info"
	}
	return "quiet"
}

func actionTone(action string) string {
	switch action {
	case "pin":
		return "info"
	case "boost":
		return "good"
	case "bury":
		return "warn"
	}
	return "bad"
}

package segments

import "beckon/dashboards/ui"

// View is the list of a site's segments.
type View struct {
	Rows    []Row
	Total   int    // shoppers who can be in segments
	Counted int64  // Unix ms of the count; 0 before the first
	Problem string // why the last change was refused
	May     bool   // the reader may change segments
}

// Row is one segment.
type Row struct {
	ID, Title string
	Own       bool     // the shop's own; else it is built in
	Words     []string // its conditions
	Any       bool     // one of them is enough
	Shoppers  int
	Here      int // in a visit now
	Orders    int64
	Spent     string    // money
	Used      []ui.Link // rules and campaigns that ask for it
}

// Editor is the form for one segment.
type Editor struct {
	New         bool // the id can still be chosen
	ID, Title   string
	Any         bool
	Conditions  []Condition
	Features    []Group
	Ops         []ui.Choice
	Problem     string // of the whole
	TitleError  string
	IDError     string
	Own         bool // can be removed
	BuiltIn     bool // exists without the shop's own definition
	Preview     Preview
	PreviewURL  string
	May         bool
	History     string // address of its changes
	Used        []ui.Link
	Suggestions []string // values to choose from: categories, brands, sources
}

// Group is features that belong together in a list.
type Group struct {
	Label   string
	Choices []ui.Choice
}

// Condition is one row of the form.
type Condition struct{ Feature, Op, Value, Error string }

// Preview is whom a definition would hold.
type Preview struct {
	Problem string // why it cannot be counted, "" if it can
	Found   int
	Total   int
	Part    bool // only a part of all shoppers was looked at
	Here    int
	Buyers  int
	Spent   string // money, on average by a buyer
	Samples []Sample
}

// Sample is one shopper of a segment.
type Sample struct {
	Visitor, Href string
	Items         []ui.Item // looked at last
	Note          string
}

func (p Preview) share() float64 {
	if p.Total == 0 {
		return 0
	}
	return float64(p.Found) / float64(p.Total)
}

func (v View) share(r Row) float64 {
	if v.Total == 0 {
		return 0
	}
	return float64(r.Shoppers) / float64(v.Total)
}

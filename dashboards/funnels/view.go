package funnels

import "beckon/dashboards/ui"

// Filter is what both pages ask for. Its fields are parameters of the page's address.
type Filter struct {
	Action   string // path of the page
	Tabs     []ui.Tab
	Live     bool   // the newest minutes: not a range of days
	Range    string // of the address, for live windows: 30m, today
	From, To string // days, both included, as 2026-11-21
	Presets  []ui.Tab
	Devices  []ui.Choice
	Source   string
	Sources  []ui.Choice // suggestions
	Segments []ui.Choice // who is in one now
	Wrong    string      // why this cannot be asked; "" it can
}

// FunnelView is the page of funnels.
type FunnelView struct {
	Filter Filter
	Steps  [][]ui.Choice // of each of MaxSteps places, "" first: none
	Within []ui.Choice   // time from the first step to the last
	By     []ui.Choice
	Usual  []ui.Tab // funnels that many ask for
	Part   string   // address of the part that is fetched later; "" while Filter.Wrong says why not
}

// MaxSteps is the most steps of a funnel on the page.
const MaxSteps = 8

// Funnel is the part.
type Funnel struct {
	Live   bool
	Asked  int64 // when it was counted, Unix ms
	Since  int64 // the live steps begin there, later than the window does; 0: all are there
	OneIn  int64
	Steps  []Step
	Then   string // what Before is, in words: "the 7 days before"; "" there is nothing to compare with
	Parts  []Part // by device or source
	By     string // device source
	Window string // time in which all steps must be taken, in words
}

// Step is how many visitors came this far.
type Step struct {
	Name           string // GA4's
	Visitors, Then int64  // Then: in the time before
}

// Part is a funnel of one device or source.
type Part struct {
	Value    string
	Href     string // shows this part alone
	Visitors []int64
}

// PathsView is the page of paths.
type PathsView struct {
	Filter   Filter
	Item     string
	Items    []ui.Choice
	LookBack []ui.Choice
	Length   []ui.Choice
	Part     string
}

// Paths is the part.
type Paths struct {
	Live   bool
	Asked  int64
	Since  int64
	OneIn  int64
	Orders int64
	Before int64 // orders in the time before
	Then   string
	Tree   []Path // ends of paths, shorter ones first; what one is made longer from stands before it
	Paths  []Path
	Items  []Path // one item each
	Window string // how far back was looked, in words
}

// Path is items that were looked at before Orders purchases, the last one last.
type Path struct {
	Items  []ui.Item
	Orders int64
}

package prices

import "beckon/dashboards/ui"

// SettingsView is the page of modes and limits.
type SettingsView struct {
	CanChange  bool
	Scope      string // site category item
	Key        string
	KeyError   string
	Title      string // of the item
	Frozen     bool   // this very scope is
	Groups     []Group
	Problem    string
	Own        []Target // categories and items with settings of their own
	OwnMore    int
	Categories []ui.Choice
}

// Target is something that has settings.
type Target struct {
	Scope, Key, Title string
	Mode              string
	Frozen            bool
}

// Group is settings that belong together.
type Group struct {
	Name     string // mode limits learning rivals clearance
	Settings []Setting
}

// Setting is one field of the form.
type Setting struct {
	Name      string // as the settings' JSON has it
	Kind      string // mode yes money percent hours text date
	Value     string // as it was typed, or is set; "" inherits
	Unit      string
	Inherited string // what holds where nothing is set, written
	Grey      string // … as it would be typed
	From      string // scope that it comes from; "" the product's own default
	FromKey   string
	Error     string
}

// MarkdownsView is the page of announced reductions.
type MarkdownsView struct {
	Now       int64
	CanChange bool
	List      []Announced
	Form      MarkdownForm
	Reduced   *Reduced // of what is typed
}

// Announced is a markdown that is scheduled or runs.
type Announced struct {
	ID       string
	First    ui.Item // its first item
	Items    int
	Skipped  int
	Percent  float64
	Amount   int64
	Currency string
	From     int64
	Until    int64
	Running  bool
	Overdue  bool
	EndURL   string
}

// MarkdownForm is what was typed to announce one.
type MarkdownForm struct {
	Items, Category, Percent, Amount, From, Until                     string
	ItemsError, PercentError, AmountError, FromError, UntilError, All string
	Categories                                                        []ui.Choice
	PreviewURL                                                        string
}

// Reduced is what a markdown would do if it began now.
type Reduced struct {
	Error    string
	Items    int // that it names
	Can      int // that it can begin for
	Later    bool
	Rows     []ReducedRow
	MaxItems int // that one may have
}

// ReducedRow is one item of it.
type ReducedRow struct {
	Item      ui.Item
	Currency  string
	Price     int64
	Reference int64
	Amount    int64
	Refused   string // a code
}

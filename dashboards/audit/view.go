package audit

import "beckon/dashboards/ui"

// Entry is one change, or an attempt at one.
type Entry struct {
	Offset, Last uint64 // its place in the control log; Last is another's for an import
	Count        int64  // lines of an import; else 1
	Time         int64  // Unix ms
	Actor        string // "user anna", "key key_4fz", "cli"
	Do           string // "rule.put"
	Kind, ID     string
	Site         string // "" for the installation
	Name         string // what people call the thing; "" its id
	Before       []byte // JSON object; nil: nothing, or not known
	After        []byte // JSON object; nil: nothing is left
	Currency     string // of amounts of money, ISO 4217; "" writes minor units

	HasPrev  bool
	Prev     uint64
	Undo     bool   // it can be taken back, by who looks at it
	NoUndo   string // else why not, a code
	Undoes   uint64 // the change that it took back, 0 none
	UndoneBy uint64 // the change that took it back, 0 none
	Refused  string // why it was not carried out, "" it was
	Unknown  bool   // older than what is remembered
}

// Filter is what is looked for.
type Filter struct {
	Actor, Kind, ID string
	From, To        string // days as 2026-11-21, both included
	Show            string // "" changes and logins, "changes", "logins"
	Actors          []ui.Choice
	Kinds           []string // that can be chosen
	Error           string   // about the dates
}

// View is the list.
type View struct {
	Filter  Filter
	Entries []Entry
	First   string // address of the newest page, "" when this is it
	Next    string // address of the page of older changes, "" when there is none
	Partial bool   // a stretch of the log was searched; older changes may follow
	Now     int64  // Unix ms
	Trouble string // why the log could not be read
	Logins  bool   // who looks may see logins and users
}

// One is the page of one change.
type One struct {
	Entry   Entry
	Trouble string  // why an undo was refused
	History []Entry // of the same thing, newest first
	All     string  // address of its whole history
	Now     int64
}

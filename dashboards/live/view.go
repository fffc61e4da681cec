package live

import "beckon/dashboards/ui"

// View is the list of visits and events.
type View struct {
	Now                      int64 // Unix ms of the shop's clock
	Active, Visits, Machines int64
	Filter                   Filter
	List                     []Visit
	Events                   []Event
}

// Filter is what is shown of all.
type Filter struct {
	Query    string // in names, items, visitors, searches
	Name     string // of an event; "" all
	Names    []ui.Choice
	Machines bool
}

// Visit is one in progress.
type Visit struct {
	Visitor, Href string
	Start, Last   int64 // Unix ms
	Device        string
	Source        string
	Stage         int // how far it came: 0 came, 1 looked, 2 carted, 3 checkout, 4 ordered
	Item          ui.Item
	Page          string
	Cart          string // worth, "" for none
	Events        int
	Machine       bool
}

// Event is one of the newest.
type Event struct {
	Seq           uint64
	At            int64
	Name          string // as it is sent
	Visitor, Href string
	Item          ui.Item
	Others        int    // items besides the first
	Value         string // "" for none
	About         string // a search's words, a page's address
	Machine, Late bool
}

// Visitor is one person's page.
type Visitor struct {
	ID       string
	Known    bool // something is held of them
	Now      int64
	Profile  Profile
	Visit    *Visit // the one in progress
	Steps    []Step
	Cart     []Line
	Recent   []Step
	Bought   []Line
	Wishlist []ui.Item
	Timeline string // address of the history's fragment
	Advice   string // address of what is recommended and why
	Export   string // address of all that is held; "" for who may not have it
	Erase    string // address that erases; "" for who may not
	Erasing  bool   // it is under way
}

// Profile is what is known of a visitor.
type Profile struct {
	User                              string
	Devices                           []ui.Link // other visitors of the same user
	Machine                           bool
	Analytics, Personal               bool  // what they consented to
	First, Last                       int64 // Unix ms
	Visits                            int
	Device, Source                    string
	Views, Carts, Purchases, Searches int
	Search                            string // the last
	Spent                             string
	Segments                          []ui.Link
}

// Step is what was done to an item.
type Step struct {
	At   int64
	Name string // of the event
	Item ui.Item
}

// Line is an item with how many of it.
type Line struct {
	Item     ui.Item
	Quantity int
	At       int64
	Price    string // of one, at the shop's price; "" if it is not known
}

// Timeline is a page of a visitor's events from the history, the newest first.
type Timeline struct {
	Events []Event
	Next   string // address of the older ones; "" if there are none
	From   int64  // Unix ms
}

package rules

// Action is what a rule does to the items it is about.
type Action string

// Actions.
const (
	Pin     Action = "pin"     // always show, at a place
	Boost   Action = "boost"   // show more: the score times Strength
	Bury    Action = "bury"    // show less: the score divided by Strength
	Exclude Action = "exclude" // never show
)

// State says whether a rule is in use.
type State string

// States.
const (
	Running State = "active"
	Paused  State = "paused"
)

// Bounds.
const (
	MaxRules    = 500       // of one site
	MaxPins     = 10        // in one answer, and items of one pin
	MaxFactor   = 100       // of a strength, and of all factors on one item together
	MaxPosition = 100       // of a pin
	MaxBody     = 16 << 10  // bytes of a rule as JSON
	MaxPriority = 1_000_000 // either way
)

// Unset is a number of an item that is not known.
const Unset = -1

// Rule is one decision. It is a full statement: putting it replaces all of what was there under its ID.
type Rule struct {
	ID       string  `json:"id"`
	Title    string  `json:"title"`
	Action   Action  `json:"action"`
	Strength float64 `json:"strength,omitzero"` // boost and bury: above 1, at most MaxFactor; 2 if not given
	Position int     `json:"position,omitzero"` // pin: the place of its first item, 1 is the first; 1 if not given
	Where    Where   `json:"where"`             // which items
	When     When    `json:"when,omitzero"`     // where, for whom, at what times
	Priority int     `json:"priority,omitzero"` // the higher comes first
	State    State   `json:"state"`             // active if not given
	Created  int64   `json:"created,omitzero"`  // Unix ms
	Changed  int64   `json:"changed,omitzero"`  // Unix ms
}

// Where says which items a rule is about: those for which everything stated holds. Something must be stated; a pin states Items.
type Where struct {
	Items      []string    `json:"items,omitempty"`      // ids; of a pin in the order in which they are shown
	Categories []string    `json:"categories,omitempty"` // a category anywhere in the item's path, or a stretch of it: "kitchen > kettles"
	Brands     []string    `json:"brands,omitempty"`
	Tags       []string    `json:"tags,omitempty"`
	Groups     []string    `json:"groups,omitempty"`  // variants of one product share one
	Price      *Range      `json:"price,omitempty"`   // the price in force, minor units
	Stock      *Range      `json:"stock,omitempty"`   // pieces that are free
	Margin     *ShareRange `json:"margin,omitempty"`  // (price−cost)/price
	NewDays    int         `json:"new_days,omitzero"` // in the catalog for at most so many days
}

// Range is bounds of a whole number, both of them within; nil is none.
type Range struct {
	Min *int64 `json:"min,omitempty"`
	Max *int64 `json:"max,omitempty"`
}

// ShareRange is bounds of a share, 1 being the whole, both of them within; nil is none.
type ShareRange struct {
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
}

// When says at which places, to whom and at what times a rule holds. Nothing stated is always and everywhere.
type When struct {
	Placements []string `json:"placements,omitempty"`
	Categories []string `json:"categories,omitempty"` // of the page, or of the item whose page it is; as Where.Categories
	Items      []string `json:"items,omitempty"`      // whose page it is
	Segments   []string `json:"segments,omitempty"`   // the shopper is in one of them
	Schedule   Schedule `json:"schedule,omitzero"`
}

// Schedule is the time in which a rule holds. Starts and Ends are instants; hours of the week are read in Zone.
type Schedule struct {
	Starts int64    `json:"starts,omitzero"`  // Unix ms, 0: at once
	Ends   int64    `json:"ends,omitzero"`    // Unix ms, the first at which it does not hold any more; 0: never
	Weekly []Weekly `json:"weekly,omitempty"` // within one of these; none: at all hours
	Zone   string   `json:"zone,omitempty"`   // IANA name of Weekly's clock; UTC if not given
}

// Weekly is hours of some days of the week. One that ends before it begins runs into the next day. In the night in which clocks go
// forward the hours that are left out do not occur; in the one in which they go back the repeated hour counts twice.
type Weekly struct {
	Days []string `json:"days,omitempty"` // mon tue wed thu fri sat sun; none: every day
	From string   `json:"from"`           // 09:00
	To   string   `json:"to"`             // 17:30, 24:00
}

// Item is what rules may ask of a catalog item. Numbers that are not known are Unset. Slices are borrowed.
type Item struct {
	ID        string
	Category  []string // path
	Brand     string
	Tags      []string
	Group     string
	Price     int64 // in force, minor units
	Cost      int64 // minor units
	Stock     int64 // pieces that are free
	Created   int64 // Unix ms, 0 if not known
	Published bool
}

// Unknown is an item of which nothing but its id is known.
func Unknown(id string) Item {
	return Item{ID: id, Price: Unset, Cost: Unset, Stock: Unset, Published: true}
}

// Context is the place, shopper and moment of an answer.
type Context struct {
	Placement string
	Category  []string // path of the page's category, or of the item whose page it is
	Item      string   // whose page it is, "" if none
	Segments  []string // of the shopper
	Now       int64    // Unix ms by the wall's clock
}

// Refusal says what of a rule cannot be. Field is the path of the field, "where.price.min", "" for the whole.
type Refusal struct{ Code, Field, Message string }

func (r *Refusal) Error() string { return r.Message }

// RefusalCode is the refusal's code, for callers that know several packages' refusals.
func (r *Refusal) RefusalCode() string { return r.Code }

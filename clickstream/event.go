package clickstream

// Kind is a known event name. Custom events have kind Custom and keep their name.
type Kind uint8

// The known names: GA4's e-commerce names and Beckon's own.
const (
	Custom Kind = iota
	PageView
	ViewItemList
	SelectItem
	ViewItem
	Search
	AddToWishlist
	AddToCart
	RemoveFromCart
	ViewCart
	BeginCheckout
	AddPaymentInfo
	AddShippingInfo
	Purchase
	Refund
	Login
	SignUp
	Impression
	Identify
	ConsentChange
	Leave
	Heartbeat
	Review
	SupportMessage
	kinds
)

var kindNames = [kinds]string{
	"", "page_view", "view_item_list", "select_item", "view_item", "search", "add_to_wishlist", "add_to_cart",
	"remove_from_cart", "view_cart", "begin_checkout", "add_payment_info", "add_shipping_info", "purchase", "refund",
	"login", "sign_up", "impression", "identify", "consent", "leave", "heartbeat", "review", "support_message",
}

// String is the event name, "" for Custom.
func (k Kind) String() string { return kindNames[k] }

// Consent is what the shopper allowed, as bits.
type Consent uint8

// Consent bits. Without Analytics nothing is stored; without Personalization an event is stored and shapes nothing for its visitor.
const (
	Analytics Consent = 1 << iota
	Personalization
)

// BotSign is a reason to take an event for a machine's, as bits. Any bit keeps the event out of models.
type BotSign uint8

// Bot signs.
const (
	BotAgent BotSign = 1 << iota // the user agent names a bot
	BotRate                      // more events than a hand can make
	BotNoJS                      // page views without any sign that the beacon's script ran
)

// Event is one thing a shopper did, as it stands in the log: validated, its time corrected, its address truncated.
// Its strings are borrowed from whatever it was decoded from: clone what outlives that.
type Event struct {
	Site     string
	Visitor  string
	ID       string
	Kind     Kind
	Name     string // the name as stored; Kind.String() unless Custom
	Time     int64  // Unix ms, corrected for the sender's clock, never after Received
	Received int64  // Unix ms at the collector
	User     string // the shop's customer id, "" if none was given
	Linked   bool   // User was proven: by a secret key or its hash
	Consent  Consent
	Bot      BotSign

	URL, Ref, Title string

	Items       []Item
	Currency    string // ISO 4217
	Value       int64  // minor units
	Transaction string
	SearchTerm  string
	Placement   string
	RecID       string
	Props       string // a JSON object, "" if none
	UserAgent   string
	IP          string // truncated: IPv4 to /24, IPv6 to /48
	Generated   bool   // made by the server (what it showed), not sent by a shop
}

// Item is a line of an event.
type Item struct {
	ID         string
	Price      int64 // minor units of the event's currency; NoPrice if absent
	Quantity   int64 // 1 if absent
	Category   string
	Propensity float32 // impressions: the probability with which this item was shown here; 0 if unknown
	Reason     string  // impressions: the reason's kind
}

// NoPrice is the price of an item that came without one.
const NoPrice = -1

package clickstream

// Limits of what is taken in.
const (
	MaxEvents     = 500      // events of one body
	MaxEventBytes = 64 << 10 // JSON text of one event
	MaxItems      = 1000     // items of one event
	maxFuture     = 60_000   // ms that ts may be after sent_at
	maxEventAge   = 30 * 24 * 3600 * 1000
)

// Codes of a rejected event, as API.md lists them.
const (
	BadJSON            = "bad_json"
	MissingID          = "missing_id"
	BadID              = "bad_id"
	MissingName        = "missing_name"
	BadTimestamp       = "bad_timestamp"
	FutureTimestamp    = "future_timestamp"
	TooOld             = "too_old"
	MissingItem        = "missing_item"
	BadItem            = "bad_item"
	BadPrice           = "bad_price"
	BadCurrency        = "bad_currency"
	MissingTransaction = "missing_transaction"
	TooLarge           = "too_large"
	BadUTF8            = "bad_utf8"
	NoConsent          = "no_consent"
)

// Source is what the server knows of a request before its body is read.
type Source struct {
	Site     string
	Secret   bool  // a secret key: events speak for themselves (visitor, user_agent, ip), and their user is proven
	Received int64 // Unix ms

	// Of the connection; with Secret it is the shop's server and not kept.
	UserAgent, IP string

	OptOut         bool    // a GPC or DNT header was seen
	CountHeadless  bool    // headless browsers are shoppers: a shop under test
	Import         bool    // history: no future_timestamp, no too_old
	DefaultConsent Consent // where neither body nor event says anything
	Currency       string  // the site's; fixes the minor unit of decimal prices that come without a currency ("": two digits)

	// Visitor is set when a verified token fixes it; it wins over the body's.
	Visitor string
	// ProveUser says whether hash proves that user is who sent it. nil: nothing does.
	ProveUser func(user, hash string) bool
}

// Rejection is an event that was not taken, and why.
type Rejection struct {
	Index   int // place of the event in its body; for Line, in this Decoded
	ID      string
	Code    string
	Message string
	// Head is what the body said around the event, as the beginning of a body: Head + Raw + "]}" is a body with this event alone, and read
	// with the same Source (its Received and Secret above all) it gives what the event gave. "" for NoConsent.
	Head string
	Raw  string // the event's JSON as it came, addresses in it truncated; "" for NoConsent: nothing of it may be kept
	// Withdraws is the visitor whose consent to analytics the event takes back: a consent event that is NoConsent. "" otherwise.
	Withdraws string
}

// Decoded is what a body held. It is reused between calls: strings in it are borrowed from the body, or made for it and
// then valid for ever; Items of an event are valid until the next call.
type Decoded struct {
	Visitor  string // of the body as a whole, else of a browser's first event; "" if a server's events name their own
	SentAt   int64  // Unix ms on the sender's clock; Received if it was not said
	Events   []Event
	Rejected []Rejection
}

// Reset empties d and keeps its memory.
func (d *Decoded) Reset() {
	d.Visitor, d.SentAt = "", 0
	d.Events = d.Events[:0]
	clear(d.Rejected)
	d.Rejected = d.Rejected[:0]
}

// BodyError says that a whole body cannot be read: 400.
type BodyError struct {
	Code    string // bad_json, bad_utf8, missing_events, too_many_events
	Message string
}

func (e *BodyError) Error() string { return e.Message }

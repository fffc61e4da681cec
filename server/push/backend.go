package push

import (
	"errors"
	"time"
)

// What Backend.Authenticate answers when a token does not open a connection.
var (
	ErrBadToken = errors.New("token is not valid for this site") // closed with 3501
	ErrExpired  = errors.New("token has expired")                // closed with 3502
)

// Shopper is who a token speaks for. The zero Expires never expires.
type Shopper struct {
	Site, Visitor string
	Expires       time.Time
	Languages     string // the handshake's Accept-Language, set by the hub; at most 64 bytes
}

// Ask is one question for recommendations: a placement, and the item whose page it stands on ("" where there is none).
type Ask struct {
	Placement, Item string
	// Known is the fingerprint of the items sent last, 0 when the answer is wanted changed or not.
	Known uint64
}

// Backend answers what the hub needs to know. It is called from the hub's workers, with no lock held; a slow answer delays other
// connections. Strings passed in may be kept.
type Backend interface {
	// Authenticate says who token, shown at site, speaks for; or ErrBadToken or ErrExpired.
	Authenticate(token, site string) (Shopper, error)
	// Position is the Seq of the newest record of the events log.
	Position() uint64
	// AppendItem appends the current state of an item as one JSON object: for kind "stock" {"item_id","level",…}, for kind "price"
	// {"item_id","amount","currency",…}. It takes no shopper: stock and price are the same for everyone. Nothing appended means
	// that there is no such state.
	AppendItem(dst []byte, site, item, kind string) []byte
	// AppendRecommendations appends the recommendations object and returns a fingerprint of its items' order (never 0). Where the
	// fingerprint equals ask.Known it appends nothing, so that what is not sent is not logged as shown. 0 says that there is no such
	// placement.
	AppendRecommendations(dst []byte, who Shopper, ask Ask) ([]byte, uint64)
	// Interests appends the items in the shopper's cart and on the wishlist.
	Interests(dst []string, who Shopper) []string
}

package shop

import (
	"fmt"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"beckon/clickstream/record"
)

// What a control record does. Records of other folds have other names, and are passed over.
const (
	doSitePut    = "site.put"
	doSiteRetire = "site.retire"
	doKeyPut     = "key.put"
	doKeyRevoke  = "key.revoke"
	doUserPut    = "user.put"
	doUserRemove = "user.remove"
	doUserTOTP   = "user.totp"
	doItemPut    = "item.put"
	doItemDelete = "item.delete"
	doItemCover  = "item.cover"
	doStock      = "stock"

	doReservationPut     = "reservation.put"
	doReservationRelease = "reservation.release"
	doReservationCommit  = "reservation.commit"

	doSessionBegin = "session.begin"
	doSessionEnd   = "session.end"
	doLoginFailed  = "login.failed" // changes nothing: it stands in the log for people

	doClock = "clock" // nothing but its time: what is due expires
)

// How an item.put treats the stock that is known.
const (
	stockGiven = ""     // the record's; absent means not tracked
	stockKeep  = "keep" // as it is: the upsert said nothing about it
	stockSome  = "some" // there is some: a count above 0 stays, anything else becomes untracked
)

// control is a record of the control log: one JSON object, which is what the audit log shows.
type control struct {
	Time  int64  `json:"t"`            // Unix ms
	Actor string `json:"by,omitempty"` // "user anna", "key key_4fz…", "cli"
	Do    string `json:"do"`
	Site  string `json:"site,omitempty"`
	ID    string `json:"id,omitempty"`  // of the item, key or user
	New   bool   `json:"new,omitzero"`  // it must not exist yet
	Ref   string `json:"ref,omitempty"` // stock: idempotency id

	Item      *itemJSON `json:"item,omitzero"`
	StockMode string    `json:"stock_mode,omitempty"`
	Max       int       `json:"max,omitzero"` // items the catalog may have

	Set     *int64 `json:"set,omitzero"` // stock: pieces
	Add     *int64 `json:"add,omitzero"`
	Untrack bool   `json:"untrack,omitzero"`
	Note    string `json:"note,omitempty"` // of stock that a person stated: why

	Reservation string         `json:"reservation,omitempty"` // stock: the one whose pieces were sold
	Lines       []ReservedLine `json:"lines,omitempty"`       // reservation.put
	TTL         int64          `json:"ttl,omitzero"`          // reservation.put: ms

	Settings *Settings `json:"settings,omitzero"`
	Key      *keyState `json:"key,omitzero"`
	Replaces string    `json:"replaces,omitempty"` // key: the one that is rotated out
	Grace    int64     `json:"grace,omitzero"`     // ms it stays valid

	Role Role   `json:"role,omitempty"`
	Hash string `json:"hash,omitempty"`

	Sites   *[]string    `json:"sites,omitzero"` // of a user; null: as they are
	TOTP    *totpState   `json:"totp,omitzero"`
	Session *sessionJSON `json:"session,omitzero"`
	Failed  *failedJSON  `json:"failed,omitzero"`

	Undoes uint64 `json:"undoes,omitzero"` // offset of the change that it takes back: refused when something changed the same since

	// Body is what another fold's record says. It stays the last field: see parseEnvelope.
	Body jsontext.Value `json:"body,omitzero"`
}

// append adds c to p as one payload.
func (c *control) append(p *record.Packed) error {
	text, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("encode control record %s: %w", c.Do, err)
	}
	p.Data = append(p.Data, text...)
	p.Close()
	return nil
}

// outcome is what the fold decided about a record.
type outcome struct {
	refused   *Refusal
	answer    any    // of another fold; of reservations
	denied    error  // by another fold
	duplicate bool   // stock: the ref was known; reservation.put: it is open
	notice    string // stock: it was clamped
	loose     string // stock: the reservation that it names could not be used
}

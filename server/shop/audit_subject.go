package shop

import (
	"encoding/binary"
	"hash/fnv"
	"strings"

	json "github.com/go-json-experiment/json"
)

// subject is what a record changes, in the words of the audit page.
type subject struct {
	kind   string // "site", "rule"
	id     string
	market string // of a price; "" for the base market
}

// Kinds of what is changed that other folds' records name otherwise.
const (
	kindSite      = "site"
	kindKey       = "key"
	kindUser      = "user"
	kindItem      = "item"
	kindStock     = "stock"
	kindLogin     = "login"
	kindPrice     = "price"
	kindCampaign  = "campaign"
	kindMarkdown  = "markdown"
	kindMachinery = "" // found by pages of its own: the engine's observations and decisions, claims, reservations, the clock
)

// named are bodies of other folds' records as far as they say what the record is about.
type named struct {
	Item       string `json:"item"`
	Market     string `json:"market"`
	Suggestion string `json:"suggestion"`
	Scope      string `json:"scope"`
	Key        string `json:"key"`
}

// about says what c changes, by its text alone: an approved suggestion's item is not in it. ok is false for a record of the machinery,
// and for one that no fold of f takes.
func (f *fold) about(c *control) (s subject, ok bool) {
	kind := kindOf(c.Do)
	if kind == kindMachinery || f.others[prefixOf(c.Do)] == nil && foreignKind(kind) {
		return subject{}, false
	}
	s = subject{kind: kind, id: c.ID}
	switch c.Do {
	case doSitePut, doSiteRetire:
		s.id = c.Site
	case doKeyPut:
		if c.Key != nil {
			s.id = c.Key.ID
		}
	case doItemPut:
		if c.Item != nil {
			s.id = c.Item.ID
		}
	}
	if s.id != "" || len(c.Body) == 0 || f.others[prefixOf(c.Do)] == nil {
		return s, true
	}
	var n named
	if json.Unmarshal(c.Body, &n) != nil {
		return s, true // it was refused for that
	}
	switch {
	case n.Item != "":
		s.id, s.market = n.Item, n.Market
	case n.Suggestion != "":
		s.id = n.Suggestion
	case n.Key != "":
		s.id = n.Scope + ":" + n.Key
	default:
		s.id = n.Scope
	}
	return s, true
}

// foreignKind says that records of this kind are another fold's.
func foreignKind(kind string) bool {
	switch kind {
	case kindSite, kindKey, kindUser, kindItem, kindStock, kindLogin:
		return false
	}
	return true
}

// kindOf is what a record with this Do is about.
func kindOf(do string) string {
	switch do {
	case doClock, doItemCover, doReservationPut, doReservationRelease, doReservationCommit,
		"price.observe", "price.decide", doOfferClaim, "offer.redeem", "offer.forget":
		return kindMachinery
	case doStock:
		return kindStock
	case doSessionBegin, doSessionEnd, doLoginFailed:
		return kindLogin
	case "price.set", "price.undo", "price.approve":
		return kindPrice
	case "price.dismiss", "price.reopen":
		return "suggestion"
	case "price.markdown", "price.markdown.end":
		return kindMarkdown
	case "offer.campaign", "offer.state":
		return kindCampaign
	}
	prefix, verb, _ := strings.Cut(do, ".")
	if prefix == "price" { // settings, freeze, breaker, competitor
		return verb
	}
	return prefix
}

// chain names a subject: FNV-1a of its parts, 64 bits. What a chain gives is compared with the record that it leads to.
func (s *subject) chain(site string) uint64 {
	h := fnv.New64a()
	var size [4]byte
	for _, part := range [...]string{site, s.kind, s.id, s.market} {
		binary.LittleEndian.PutUint32(size[:], uint32(len(part)))
		h.Write(size[:])
		h.Write([]byte(part))
	}
	return h.Sum64()
}

// imported says that records of this kind come by the thousand: those of one actor that follow each other are one entry.
func imported(do string) bool {
	switch do {
	case doItemPut, doItemDelete, doStock, "price.competitor", "offer.cancel":
		return true
	}
	return false
}

// isPerson says that a dashboard user did it.
func isPerson(actor string) bool { return strings.HasPrefix(actor, "user ") }

package quote

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// Reason is why a quote opens nothing; "" is a good one.
type Reason string

// What Verify says, in the order in which it looks.
const (
	Forged    Reason = "forged"     // not a text of this key, or changed
	OtherSite Reason = "other_site" // genuine, of another site
	OtherCart Reason = "other_cart" // genuine, for another cart
	Expired   Reason = "expired"    // genuine, and the promise is over
)

const (
	prefix   = "q_"
	forAny   = 1 // format
	forCart  = 2
	tagSize  = 8
	macSize  = 16
	maxBytes = 1 + 2*tagSize + 3*binary.MaxVarintLen64 + 3 + 1 + maxMarket + macSize
)

// encoding refuses trailing bits that mean nothing, so that one quote has one text.
var encoding = base64.RawURLEncoding.Strict()

// Signer signs and verifies quotes with one key.
type Signer struct {
	inner, outer [64]byte // the key xored with ipad and opad
}

// NewSigner signs with key, which stays the caller's: 16 random bytes or more.
func NewSigner(key []byte) *Signer {
	var s Signer
	var block [64]byte
	if len(key) > len(block) {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	copy(block[:], key)
	for i, b := range block {
		s.inner[i], s.outer[i] = b^0x36, b^0x5c
	}
	return &s
}

// Append appends the signed text, at most MaxText bytes, and allocates nothing else. A quote beyond its fields' bounds has no text:
// dst comes back as it was.
func (s *Signer) Append(dst []byte, q *Quote) []byte {
	if !q.fits() {
		return dst
	}
	var room [maxBytes]byte
	b := append(room[:0], forAny)
	site := tag("site", q.Site)
	b = append(b, site[:]...)
	if q.Cart != "" {
		b[0] = forCart
		cart := tag("cart", q.Cart)
		b = append(b, cart[:]...)
	}
	b = binary.AppendUvarint(b, q.Version)
	b = binary.AppendUvarint(b, uint64(q.Amount))
	b = binary.AppendUvarint(b, uint64(q.Expires))
	b = append(b, q.Currency...)
	b = append(b, byte(len(q.Market)))
	b = append(b, q.Market...)
	mac := s.mac(b, q.Item)
	b = append(b, mac[:]...)
	dst = append(dst, prefix...)
	dst = encoding.AppendEncode(dst, b)
	dst = append(dst, '.')
	return append(dst, q.Item...)
}

// Verify reads a text that a shop's server shows for site and, where it names one, cart. Every reason but Forged comes with the quote:
// one that has expired still says which price was promised. Item is a part of text. The comparison of MACs takes the same time
// whatever differs.
func (s *Signer) Verify(text, site, cart string, now int64) (Quote, Reason) {
	body, item, ok := strings.Cut(text, ".")
	if !ok || len(text) > MaxText || len(body) < len(prefix) || body[:len(prefix)] != prefix || len(item) == 0 || len(item) > maxItem || !validItem(item) {
		return Quote{}, Forged
	}
	var room, letters [MaxText]byte
	n, err := encoding.Decode(room[:], letters[:copy(letters[:], body[len(prefix):])])
	if err != nil || n < macSize || n != encoding.DecodedLen(len(body)-len(prefix)) { // Decode skips line breaks
		return Quote{}, Forged
	}
	signed, given := room[:n-macSize], room[n-macSize:n]
	mac := s.mac(signed, item)
	if subtle.ConstantTimeCompare(mac[:], given) != 1 {
		return Quote{}, Forged
	}
	q, siteTag, cartTag, ok := parse(signed)
	if !ok {
		return Quote{}, Forged
	}
	q.Item = item
	if siteTag != tag("site", site) {
		return q, OtherSite
	}
	q.Site = site
	if cartTag != nil {
		if want := tag("cart", cart); cart == "" || string(cartTag) != string(want[:]) {
			return q, OtherCart
		}
		q.Cart = cart
	}
	if now >= q.Expires {
		return q, Expired
	}
	return q, ""
}

// parse reads what the MAC has shown to be ours.
func parse(b []byte) (q Quote, site [tagSize]byte, cart []byte, ok bool) {
	if len(b) < 1+tagSize || b[0] != forAny && b[0] != forCart {
		return q, site, nil, false
	}
	format := b[0]
	b = b[1:]
	b = b[copy(site[:], b):]
	if format == forCart {
		if len(b) < tagSize {
			return q, site, nil, false
		}
		cart, b = b[:tagSize], b[tagSize:]
	}
	var v [3]uint64
	for i := range v {
		n := 0
		if v[i], n = binary.Uvarint(b); n <= 0 {
			return q, site, nil, false
		}
		b = b[n:]
	}
	if len(b) < 4 || len(b) != 4+int(b[3]) || int64(v[1]) < 0 || int64(v[2]) < 0 {
		return q, site, nil, false
	}
	q.Version, q.Amount, q.Expires = v[0], int64(v[1]), int64(v[2])
	q.Currency, q.Market = string(b[:3]), string(b[4:])
	return q, site, cart, true
}

// mac is HMAC-SHA256 written out, because hmac.New allocates and this runs for every price that is shown. The standard library's is
// the tests' oracle.
func (s *Signer) mac(signed []byte, item string) (mac [macSize]byte) {
	var room [64 + 8 + maxBytes + MaxText]byte
	b := append(room[:0], s.inner[:]...)
	b = append(b, "beckon q"...)
	b = append(b, signed...)
	b = append(b, item...)
	sum := sha256.Sum256(b)
	b = append(room[:0], s.outer[:]...)
	b = append(b, sum[:]...)
	sum = sha256.Sum256(b)
	copy(mac[:], sum[:])
	return mac
}

func tag(kind, name string) (t [tagSize]byte) {
	var room [4 + 1 + 128]byte
	b := append(room[:0], kind...)
	b = append(b, 0)
	b = append(b, name...)
	sum := sha256.Sum256(b)
	copy(t[:], sum[:])
	return t
}

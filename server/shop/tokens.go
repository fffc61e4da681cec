package shop

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"time"
)

// TokenLife is how long a shopper's token opens what is theirs; for RenewalLife after that it still proves the visitor to whom a
// new one is given.
const (
	TokenLife   = 24 * time.Hour
	RenewalLife = 400 * 24 * time.Hour // as long as browsers keep anything
)

// What Verify says of a token that opens nothing.
var (
	ErrBadToken = errors.New("token: not one of this site")
	ErrExpired  = errors.New("token: expired, renew it")
)

// Tokens signs which visitor a browser is. It is immutable.
//
// A token is "t1", the expiry in Unix seconds as 8 hex digits, HMAC-SHA256 (RFC 2104) as 43 letters of base64url, and the
// visitor. The MAC covers "beckon t1", site, 0, the 8 digits and the visitor; a site's id never holds a 0.
type Tokens struct {
	inner, outer [64]byte // the key xored with ipad and opad
}

const (
	tokenHead  = 2 + 8
	tokenMAC   = 43
	tokenFixed = tokenHead + tokenMAC
)

// NewTokens signs with secret, which stays the caller's.
func NewTokens(secret []byte) *Tokens {
	var t Tokens
	var key [64]byte
	if len(secret) > len(key) {
		sum := sha256.Sum256(secret)
		secret = sum[:]
	}
	copy(key[:], secret)
	for i, b := range key {
		t.inner[i], t.outer[i] = b^0x36, b^0x5c
	}
	return &t
}

// NewVisitor is a fresh visitor id of 130 random bits.
func NewVisitor() string { return "v_" + rand.Text() }

// Sign gives visitor, 1-64 bytes, a token of site and the moment it expires. It allocates the token and nothing else.
func (t *Tokens) Sign(site, visitor string, now time.Time) (token string, expires time.Time) {
	expires = now.Add(TokenLife).Truncate(time.Second)
	var room [tokenFixed + 64]byte
	b := append(room[:0], "t1"...)
	b = appendHex32(b, uint32(expires.Unix()))
	mac := t.mac(site, b[2:], visitor)
	b = base64.RawURLEncoding.AppendEncode(b, mac[:])
	return string(append(b, visitor...)), expires
}

// Verify returns whose token it is, or ErrBadToken or ErrExpired. The visitor is a substring of token.
func (t *Tokens) Verify(token, site string, now time.Time) (visitor string, err error) {
	visitor, _, err = t.VerifyUntil(token, site, now)
	return visitor, err
}

// VerifyUntil is Verify, and says until when the token opens what it opens.
func (t *Tokens) VerifyUntil(token, site string, now time.Time) (visitor string, expires time.Time, err error) {
	visitor, seconds, ok := t.genuine(token, site)
	if !ok {
		return "", time.Time{}, ErrBadToken
	}
	if now.Unix() >= seconds {
		return "", time.Time{}, ErrExpired
	}
	return visitor, time.Unix(seconds, 0), nil
}

// VerifyForRenewal returns whose token it is, also for RenewalLife after it expired.
func (t *Tokens) VerifyForRenewal(token, site string, now time.Time) (visitor string, ok bool) {
	visitor, expires, ok := t.genuine(token, site)
	if !ok || now.Unix() >= expires+int64(RenewalLife/time.Second) {
		return "", false
	}
	return visitor, true
}

func (t *Tokens) genuine(token, site string) (visitor string, expires int64, ok bool) {
	if len(token) <= tokenFixed || len(token) > tokenFixed+64 || len(site) > 32 || token[:2] != "t1" {
		return "", 0, false
	}
	var head [8]byte
	copy(head[:], token[2:tokenHead])
	visitor = token[tokenFixed:]
	mac := t.mac(site, head[:], visitor)
	var text [tokenMAC]byte
	base64.RawURLEncoding.Encode(text[:], mac[:])
	var given [tokenMAC]byte
	copy(given[:], token[tokenHead:tokenFixed])
	if subtle.ConstantTimeCompare(text[:], given[:]) != 1 {
		return "", 0, false
	}
	seconds, err := strconv.ParseUint(token[2:tokenHead], 16, 32)
	return visitor, int64(seconds), err == nil
}

// mac is HMAC-SHA256 written out, because hmac.New allocates and this runs for every request. The stdlib's is the tests' oracle.
func (t *Tokens) mac(site string, expires []byte, visitor string) [32]byte {
	var room [64 + 256]byte
	b := append(room[:0], t.inner[:]...)
	b = append(b, "beckon t1"...)
	b = append(b, site...)
	b = append(b, 0)
	b = append(b, expires...)
	b = append(b, visitor...)
	sum := sha256.Sum256(b)
	b = append(room[:0], t.outer[:]...)
	b = append(b, sum[:]...)
	return sha256.Sum256(b)
}

func appendHex32(dst []byte, v uint32) []byte {
	const digits = "0123456789abcdef"
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, digits[v>>shift&15])
	}
	return dst
}

package shop

import "strings"

// KeyKind is what a key may do.
type KeyKind string

// A public key stands in a page; a secret key stays on the shop's servers.
const (
	PublicKey KeyKind = "public"
	SecretKey KeyKind = "secret"
)

// Key is an access key as it is listed and looked up. ID names it without opening anything. It is shared: do not change Origins.
type Key struct {
	ID      string   `json:"id"`
	Site    string   `json:"site"`
	Kind    KeyKind  `json:"kind"`
	Origins []string `json:"origins,omitempty"` // public: its own, else its site's
	Note    string   `json:"note,omitempty"`
	Text    string   `json:"key,omitempty"` // pk_…; never set for a secret key
	Created int64    `json:"created"`       // Unix ms
	Expires int64    `json:"expires,omitzero"`
	Revoked int64    `json:"revoked,omitzero"`
}

// Secret says whether k is a secret key.
func (k Key) Secret() bool { return k.Kind == SecretKey }

// Live says whether k opens anything at now, Unix ms.
func (k Key) Live(now int64) bool { return k.Revoked == 0 && (k.Expires == 0 || now < k.Expires) }

// Allows says whether a page of origin may use the public key. Scheme and port count; "*." matches one or more labels; an
// empty or "null" origin is never allowed.
func (k Key) Allows(origin string) bool {
	if origin == "" || origin == "null" {
		return false
	}
	for _, o := range k.Origins {
		if o == origin || strings.EqualFold(o, origin) {
			return true
		}
		scheme, host, wild := strings.Cut(o, "*.")
		if wild && len(origin) > len(scheme)+len(host)+1 && strings.EqualFold(origin[:len(scheme)], scheme) &&
			strings.EqualFold(origin[len(origin)-len(host)-1:], "."+host) && !strings.ContainsAny(origin[len(scheme):], "/@?#") {
			return true
		}
	}
	return false
}

// KeySpec is a key to be made.
type KeySpec struct {
	Kind    KeyKind
	Origins []string // public; its site's if none. "self" is the server's own address
	Note    string
	Text    string // "" for a random one; else pk_ or sk_ and 32 of a-z 2-7
}

// NewKey is a key at the moment it is made: the only time that Store tells a secret key's text, but for KeyText.
type NewKey struct {
	Key
	Text string `json:"key"`
}

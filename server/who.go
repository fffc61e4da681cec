package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// who names a shopper where the name must not be an identity: the control log is never trimmed, so what offers and their caps know of a
// shopper is a keyed hash, 32 hex digits. Nobody without the installation's secret finds the visitor to it, and after an erasure nobody
// at all holds the visitor to try.
func (n *node) who(site, visitor string) string {
	mac := hmac.New(sha256.New, n.whoKey)
	mac.Write([]byte(site))
	mac.Write([]byte{0})
	mac.Write([]byte(visitor))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

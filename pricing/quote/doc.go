// Package quote makes a price a promise: a signed text that names the item, the market, the price and until when the shop keeps to it.
//
// Nothing is stored. The text carries all that is needed to check it, and HMAC-SHA256 (RFC 2104, cut to 128 bits) makes it
// the signer's own, so that any node with the key verifies what any other gave out:
//
//	q_ base64url( format · site tag · [cart tag] · version · amount · expires · currency · market · MAC ) . item
//
//	format    1 byte     1 for anyone's cart, 2 for one cart
//	tags      8 bytes    the first of SHA-256 over "site" or "cart", 0 and the name: the names would make the text too long
//	version   uvarint    of the price: the offset of the control record that set it
//	amount    uvarint    minor units
//	expires   uvarint    Unix ms, exclusive
//	currency  3 bytes    ISO 4217
//	market    1 byte of length and the name, empty for the base market
//	MAC       16 bytes   over "beckon q", the bytes before it and the item
//	item      as it is, 1-64 of A-Z a-z 0-9 _ . : -
//
// It has at most 197 letters, all of which may stand in a URL. It names nobody: a cart's tag cannot be turned back into its name, and
// who asked is not in it.
//
// What a quote is worth says Honour: the lower of the promised and the current price until it expires, so a price that falls is passed on
// at once and one that rises waits. After that the current price, which needs the shopper's consent where it is above the promised one.
//
// A Signer is immutable and may be used from any goroutine. The package imports nothing of ours.
package quote

package offers

import (
	"encoding/hex"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if b := s[i]; b < ' ' || b == '"' || b == '\\' || b >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	if plain {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	dst, _ = jsontext.AppendQuote(dst, s) // its one error is about UTF-8, which it mends
	return dst
}

// formatID is the text of an offer's id.
func formatID(id [16]byte) string {
	var text [2 + 32]byte
	copy(text[:], "o_")
	hex.Encode(text[2:], id[:])
	return string(text[:])
}

// parseID reads the text of an offer's id.
func parseID(text string) (id [16]byte, ok bool) {
	if len(text) != 2+32 || text[:2] != "o_" {
		return id, false
	}
	return parseHex(text[2:])
}

// parseHex reads 32 lowercase hex digits.
func parseHex(text string) (out [16]byte, ok bool) {
	if len(text) != 32 {
		return out, false
	}
	for i := range out {
		high, low := hexDigit(text[2*i]), hexDigit(text[2*i+1])
		if high|low > 15 {
			return out, false
		}
		out[i] = high<<4 | low
	}
	return out, true
}

// hexDigit is the digit's value, 255 for none.
func hexDigit(b byte) byte {
	switch {
	case b >= '0' && b <= '9':
		return b - '0'
	case b >= 'a' && b <= 'f':
		return b - 'a' + 10
	}
	return 255
}

// ValidOfferID says whether text has the form of an offer's id.
func ValidOfferID(text string) bool {
	_, ok := parseID(text)
	return ok
}

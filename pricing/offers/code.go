package offers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Codes makes and checks the codes that shoppers type. It may be used from any goroutine.
//
// A code is 80 bits in Crockford's base32 (crockford.com/base32.html), XXXX-XXXX-XXXX-XXXX: a tag of 45 bits, HMAC-SHA256 of site and
// number, and the offer's number, 35 bits, under a mask that is keyed with the tag (the construction of SIV, RFC 5297). A guess is
// right once in 2^45, numbers do not show, and a code of one site is worth nothing at another. Checking one needs no state.
type Codes struct{ tag, mask [sha256.Size]byte }

// NewCodes returns the codes of a key of 16 bytes or more.
func NewCodes(key []byte) (*Codes, error) {
	if len(key) < 16 {
		return nil, fmt.Errorf("offers: a key of %d bytes, want 16 or more", len(key))
	}
	derive := func(use string) (out [sha256.Size]byte) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(use))
		mac.Sum(out[:0])
		return out
	}
	return &Codes{derive("beckon offer code tag"), derive("beckon offer code mask")}, nil
}

// ErrCode is what a code is that this installation did not make for that site.
var ErrCode = errors.New("offers: not a code of this site")

const (
	codeSymbols = 16
	numberBits  = 35
	tagBits     = 80 - numberBits
	maxNumber   = 1<<numberBits - 1
	crockford   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// Code is the code of a site's offer.
func (c *Codes) Code(site string, number uint64) string {
	tag := c.tagOf(site, number)
	number = (number ^ c.maskOf(tag)) & maxNumber
	out := make([]byte, 0, codeSymbols+codeSymbols/4-1)
	for i := range codeSymbols {
		if i > 0 && i%4 == 0 {
			out = append(out, '-')
		}
		var symbol uint64
		if i < tagBits/5 {
			symbol = tag >> (tagBits - 5*(i+1))
		} else {
			symbol = number >> (80 - 5*(i+1))
		}
		out = append(out, crockford[symbol&31])
	}
	return string(out)
}

// Number is the offer's number that code was made for. Case, hyphens and spaces do not matter; O is read as 0, I and L as 1.
func (c *Codes) Number(site, code string) (uint64, error) {
	if len(code) > 4*codeSymbols {
		return 0, ErrCode
	}
	var tag, number uint64
	n := 0
	for i := range len(code) {
		if code[i] == '-' || code[i] == ' ' {
			continue
		}
		symbol := symbolOf(code[i])
		switch {
		case symbol < 0 || n == codeSymbols:
			return 0, ErrCode
		case n < tagBits/5:
			tag = tag<<5 | uint64(symbol)
		default:
			number = number<<5 | uint64(symbol)
		}
		n++
	}
	if n != codeSymbols {
		return 0, ErrCode
	}
	number = (number ^ c.maskOf(tag)) & maxNumber
	var got, want [8]byte
	binary.LittleEndian.PutUint64(got[:], tag)
	binary.LittleEndian.PutUint64(want[:], c.tagOf(site, number))
	if !hmac.Equal(got[:], want[:]) {
		return 0, ErrCode
	}
	return number, nil
}

func (c *Codes) tagOf(site string, number uint64) uint64 {
	mac := hmac.New(sha256.New, c.tag[:])
	var text [sha256.Size]byte
	mac.Write(binary.LittleEndian.AppendUint64(text[:0], number))
	mac.Write([]byte(site))
	return binary.BigEndian.Uint64(mac.Sum(text[:0])) >> (64 - tagBits)
}

func (c *Codes) maskOf(tag uint64) uint64 {
	mac := hmac.New(sha256.New, c.mask[:])
	var text [sha256.Size]byte
	mac.Write(binary.LittleEndian.AppendUint64(text[:0], tag))
	return binary.BigEndian.Uint64(mac.Sum(text[:0])) >> (64 - numberBits)
}

func symbolOf(b byte) int {
	switch {
	case b >= 'a' && b <= 'z':
		b -= 'a' - 'A'
	}
	switch b {
	case 'O':
		return 0
	case 'I', 'L':
		return 1
	}
	return strings.IndexByte(crockford, b)
}

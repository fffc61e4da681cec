package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// adminSigner makes what proves that a form or a cookie is ours: HMAC-SHA256 under a key of the installation. use keeps the proofs of
// different things apart.
type adminSigner struct{ key []byte }

func (s adminSigner) mac(use, text string) []byte {
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte(use + "\x00" + text))
	return m.Sum(nil)
}

// token is a proof of text for a page. It differs each time, so that the page's compressed length tells nothing of it (BREACH):
// a random pad and the MAC under it.
func (s adminSigner) token(use, text string) string {
	var out [2 * sha256.Size]byte
	rand.Read(out[:sha256.Size])
	subtle.XORBytes(out[sha256.Size:], out[:sha256.Size], s.mac(use, text))
	return base64.RawURLEncoding.EncodeToString(out[:])
}

// proves says whether token was made of text for use.
func (s adminSigner) proves(token, use, text string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 2*sha256.Size {
		return false
	}
	subtle.XORBytes(raw[sha256.Size:], raw[:sha256.Size], raw[sha256.Size:])
	return hmac.Equal(raw[sha256.Size:], s.mac(use, text))
}

// maxSigned bounds a signed text, bytes.
const maxSigned = 512

// sign is text with the time at which it stops counting and a MAC of both, fit for a cookie.
func (s adminSigner) sign(use, text string, until time.Time) string {
	body := base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + strconv.FormatInt(until.Unix(), 36)
	return body + "." + base64.RawURLEncoding.EncodeToString(s.mac(use, body))
}

// signed gives back what sign was given, unless it is forged or old.
func (s adminSigner) signed(use, value string, now time.Time) (text string, ok bool) {
	if len(value) > 2*maxSigned {
		return "", false
	}
	end := strings.LastIndexByte(value, '.')
	if end < 0 {
		return "", false
	}
	mac, err := base64.RawURLEncoding.DecodeString(value[end+1:])
	if err != nil || !hmac.Equal(mac, s.mac(use, value[:end])) {
		return "", false
	}
	body, untilText, _ := strings.Cut(value[:end], ".")
	until, err := strconv.ParseInt(untilText, 36, 64)
	if err != nil || now.Unix() >= until {
		return "", false
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	return string(raw), err == nil
}

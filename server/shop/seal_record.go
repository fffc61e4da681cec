package shop

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrRecordSecret says that a control record was sealed under another secret.
var ErrRecordSecret = errors.New("a sealed control record does not open: the secret is not the one it was sealed with")

// RecordSealer seals control records that leave the data folder: of those about keys and users what is secret is more than a key's text,
// which they carry sealed already. The same record gives the same text (AES-256-GCM with a nonce that is an HMAC of the
// record), so that one that is sent again is the same. It is safe for concurrent use.
type RecordSealer struct {
	aead  cipher.AEAD
	nonce []byte // key of the nonces
}

// sealedRecord begins the text of a sealed record; a record as it is begins with a brace.
const sealedRecord = "sealed:1:"

// NewRecordSealer makes a sealer of Config.Secret.
func NewRecordSealer(secret []byte) (*RecordSealer, error) {
	if len(secret) < 16 {
		return nil, fmt.Errorf("secret: %d bytes, want 16 or more", len(secret))
	}
	keys, err := hkdf.Key(sha256.New, secret, nil, "beckon control records 1", 64)
	if err != nil {
		return nil, fmt.Errorf("derive sealing key: %w", err)
	}
	block, err := aes.NewCipher(keys[:32])
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return &RecordSealer{aead, keys[32:]}, nil
}

// Seal is a record as it may leave: as it is, or as a text that only Open reads. action is the record's "do"; a record without one may
// hold anything and is sealed.
func (s *RecordSealer) Seal(action, payload string) string {
	if payload == "" || action != "" && !strings.HasPrefix(action, "key.") && !strings.HasPrefix(action, "user.") {
		return payload
	}
	mac := hmac.New(sha256.New, s.nonce)
	mac.Write([]byte(payload))
	nonce := mac.Sum(nil)[:s.aead.NonceSize()]
	return sealedRecord + base64.RawStdEncoding.EncodeToString(s.aead.Seal(nonce, nonce, []byte(payload), nil))
}

// Open gives back what Seal was given.
func (s *RecordSealer) Open(text string) (payload string, err error) {
	sealed, ok := strings.CutPrefix(text, sealedRecord)
	if !ok {
		return text, nil
	}
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return "", ErrRecordSecret
	}
	n := s.aead.NonceSize()
	opened, err := s.aead.Open(nil, raw[:n], raw[n:], nil)
	if err != nil {
		return "", ErrRecordSecret
	}
	return string(opened), nil
}

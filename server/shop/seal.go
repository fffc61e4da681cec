package shop

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
)

// ErrSecret says that a secret key in the log was sealed with another secret than Config.Secret.
var ErrSecret = errors.New("a sealed key does not open: the secret is not the one it was sealed with")

// sealer keeps secret keys unreadable at rest: AES-256-GCM under a key derived from Config.Secret, a random nonce in front, the
// place of the key as additional data, so that a sealed text cannot be moved to another site.
type sealer struct{ aead cipher.AEAD }

func newSealer(secret []byte) (*sealer, error) {
	if len(secret) < 16 {
		return nil, fmt.Errorf("secret: %d bytes, want 16 or more", len(secret))
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "beckon shop keys 1", 32)
	if err != nil {
		return nil, fmt.Errorf("derive sealing key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return &sealer{aead}, nil
}

func sealedFor(site, key string) []byte { return []byte(site + "\x00" + key) }

func (s *sealer) seal(text string, place []byte) string {
	return base64.RawStdEncoding.EncodeToString(s.aead.Seal(nil, nil, []byte(text), place))
}

func (s *sealer) open(sealed string, place []byte) (string, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return "", ErrSecret
	}
	text, err := s.aead.Open(nil, nil, raw, place)
	if err != nil {
		return "", ErrSecret
	}
	return string(text), nil
}

var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// randomKey is 160 random bits as 32 of a-z 2-7.
func randomKey() string {
	var raw [20]byte
	rand.Read(raw[:])
	return lowerBase32.EncodeToString(raw[:])
}

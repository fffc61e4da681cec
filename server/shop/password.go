package shop

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Argon2id (RFC 9106) with OWASP's second parameter set: 19 MiB, two passes, one lane; about 30 ms a hash. hashSlots of them run
// at once, so that guesses cannot take the machine's memory.
const (
	hashMemory = 19 << 10 // KiB
	hashPasses = 2
	hashSlots  = 2
	saltBytes  = 16
	hashBytes  = 32
)

var hashHead = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$", argon2.Version, hashMemory, hashPasses)

// hash runs argon2id when a slot is free.
func (s *Store) hash(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("shop: wait for a password slot: %w", ctx.Err())
	}
	defer func() { <-s.hashing }()
	return argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, 1, hashBytes), nil
}

// newHash is password's PHC string under a fresh salt.
func (s *Store) newHash(ctx context.Context, password string) (string, error) {
	var salt [saltBytes]byte
	rand.Read(salt[:])
	sum, err := s.hash(ctx, password, salt[:])
	if err != nil {
		return "", err
	}
	return hashHead + base64.RawStdEncoding.EncodeToString(salt[:]) + "$" + base64.RawStdEncoding.EncodeToString(sum), nil
}

// matches says whether phc is password's hash. It takes the same time for a phc that it cannot read, such as "".
func (s *Store) matches(ctx context.Context, password, phc string) (bool, error) {
	salt, want := make([]byte, saltBytes), make([]byte, hashBytes)
	known := false
	if rest, ok := strings.CutPrefix(phc, hashHead); ok {
		a, b, _ := strings.Cut(rest, "$")
		rawSalt, errA := base64.RawStdEncoding.DecodeString(a)
		rawHash, errB := base64.RawStdEncoding.DecodeString(b)
		if known = errA == nil && errB == nil && len(rawHash) == hashBytes; known {
			salt, want = rawSalt, rawHash
		}
	}
	sum, err := s.hash(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, want) == 1 && known, nil
}

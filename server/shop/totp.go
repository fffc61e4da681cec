package shop

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// totpState is a user's second step as records and snapshots carry it.
type totpState struct {
	Sealed   string   `json:"sealed"`             // the secret, see sealer
	Step     int64    `json:"step,omitzero"`      // of the newest code that was taken: it and those before are not taken again
	Recovery []string `json:"recovery,omitempty"` // hex SHA-256 of the recovery codes that are left
}

// Proof is a code that fits, to be used up by BeginSession.
type Proof struct {
	step     int64
	recovery string
}

// One-time codes are those of RFC 6238 with what every authenticator app takes: SHA-1, six digits, thirty seconds. The step before and
// the one after are taken too, for clocks that are not exact (section 5.2).
const (
	totpPeriod     = 30 // seconds
	totpSkew       = 1  // steps
	totpSecretSize = 20 // bytes
	recoveryCodes  = 10
	recoveryBytes  = 10 // 80 bits: a plain hash of them cannot be searched
)

// NewTOTPSecret is 160 random bits in base32, as apps take them.
func NewTOTPSecret() string {
	var raw [totpSecretSize]byte
	rand.Read(raw[:])
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:])
}

// EnableTOTP gives a user a second step, with a code that shows that the app has the secret. It returns the recovery codes, which nothing
// tells again, and ends the user's sessions but the one of key keep.
func (s *Store) EnableTOTP(ctx context.Context, actor, name, secret, code, keep string) (recovery []string, err error) {
	step, ok := totpStep(secret, code, s.cfg.Now())
	if !ok {
		return nil, refuse("bad_code", "code: does not fit")
	}
	recovery, hashes := newRecoveryCodes()
	_, err = s.do(ctx, actor, control{Do: doUserTOTP, ID: name, New: true, Session: &sessionJSON{Keep: keep}, TOTP: &totpState{
		Sealed: s.fold.sealer.seal(secret, totpPlace(name)), Step: step, Recovery: hashes,
	}})
	if err != nil {
		return nil, err
	}
	return recovery, nil
}

// RenewRecoveryCodes replaces a user's recovery codes.
func (s *Store) RenewRecoveryCodes(ctx context.Context, actor, name string) (recovery []string, err error) {
	recovery, hashes := newRecoveryCodes()
	_, err = s.do(ctx, actor, control{Do: doUserTOTP, ID: name, TOTP: &totpState{Recovery: hashes}})
	if err != nil {
		return nil, err
	}
	return recovery, nil
}

// DisableTOTP takes a user's second step away. The user's sessions go on.
func (s *Store) DisableTOTP(ctx context.Context, actor, name string) error {
	_, err := s.do(ctx, actor, control{Do: doUserTOTP, ID: name})
	return err
}

// CheckCode says whether code is one of the user's now: of the app, or a recovery code. It uses nothing up.
func (s *Store) CheckCode(name, code string) (Proof, bool) {
	u := s.view.Load().users[name]
	if u == nil || u.Second == nil {
		return Proof{}, false
	}
	code = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(code))
	if len(code) == 6 {
		secret, err := s.fold.sealer.open(u.Second.Sealed, totpPlace(name))
		if err != nil {
			return Proof{}, false
		}
		step, ok := totpStep(secret, code, s.cfg.Now())
		return Proof{step: step}, ok && step > u.Second.Step
	}
	hash := recoveryHash(code)
	found := false
	for _, h := range u.Second.Recovery {
		found = subtle.ConstantTimeCompare([]byte(h), []byte(hash)) == 1 || found
	}
	return Proof{recovery: hash}, found
}

// RecoveryLeft is how many recovery codes a user has.
func (s *Store) RecoveryLeft(name string) int {
	if u := s.view.Load().users[name]; u != nil && u.Second != nil {
		return len(u.Second.Recovery)
	}
	return 0
}

// totpStep is the time step whose code it is.
func totpStep(secret, code string, now int64) (step int64, ok bool) {
	opts := totp.ValidateOpts{Period: totpPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
	at := now / 1000 / totpPeriod
	for s := at - totpSkew; s <= at+totpSkew; s++ {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(s*totpPeriod, 0), opts)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// totpPlace is what a sealed secret belongs to. No site has an empty id, so no key's text can stand for one.
func totpPlace(name string) []byte { return sealedFor("", "totp "+name) }

func newRecoveryCodes() (codes, hashes []string) {
	for range recoveryCodes {
		var raw [recoveryBytes]byte
		rand.Read(raw[:])
		code := lowerBase32.EncodeToString(raw[:])
		codes = append(codes, fmt.Sprintf("%s-%s-%s-%s", code[:4], code[4:8], code[8:12], code[12:]))
		hashes = append(hashes, recoveryHash(code))
	}
	return codes, hashes
}

func recoveryHash(code string) string {
	sum := sha256.Sum256([]byte("beckon recovery code " + code))
	return hex.EncodeToString(sum[:])
}

// userTOTP sets a user's second step (New), renews its recovery codes, or without one takes it away.
func (f *fold) userTOTP(c *control) outcome {
	u := f.users[c.ID]
	if u == nil {
		return outcome{refused: refuse("unknown_user", "user: there is no %q", c.ID)}
	}
	next := *u
	switch {
	case c.TOTP == nil:
		next.Second = nil
	case c.New && c.TOTP.Sealed != "" && len(c.TOTP.Recovery) <= recoveryCodes:
		second := *c.TOTP
		next.Second = &second
	case !c.New && u.Second != nil && len(c.TOTP.Recovery) <= recoveryCodes:
		second := *u.Second
		second.Recovery = c.TOTP.Recovery
		next.Second = &second
	default:
		return outcome{refused: refuse("no_totp", "user: %q has no second step", c.ID)}
	}
	next.TOTP = next.Second != nil
	f.users[c.ID] = &next
	f.stale = true
	if c.New && c.Session != nil {
		f.logins.end(c.ID, func(s *Session) bool { return s.Key != c.Session.Keep })
	}
	return outcome{}
}

// useProof uses up what proves the second step, if the user has one.
func (f *fold) useProof(u *userState, step int64, recovery string) *Refusal {
	if u.Second == nil {
		return nil
	}
	next, second := *u, *u.Second
	switch {
	case recovery != "" && slices.Contains(second.Recovery, recovery):
		second.Recovery = slices.DeleteFunc(slices.Clone(second.Recovery), func(h string) bool { return h == recovery })
	case step > second.Step:
		second.Step = step
	default:
		return refuse("used_code", "code: missing or used before")
	}
	next.Second = &second
	f.users[u.Name] = &next
	f.stale = true
	return nil
}

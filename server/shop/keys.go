package shop

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// MaxGrace is the longest that a rotated key stays valid.
const MaxGrace = 30 * 24 * time.Hour

// CreateKey makes a key of site. A public key needs origins of its own or of its site, or no page could use it.
func (s *Store) CreateKey(ctx context.Context, actor, site string, spec KeySpec) (NewKey, error) {
	sv, err := s.liveSite(site)
	if err != nil {
		return NewKey{}, err
	}
	if err := spec.check(&sv.site); err != nil {
		return NewKey{}, err
	}
	return s.putKey(ctx, actor, site, spec, control{})
}

// RotateKey makes a key that takes over kind, origins and note of key id, which stays valid for grace, 0 to MaxGrace.
func (s *Store) RotateKey(ctx context.Context, actor, site, id string, grace time.Duration) (NewKey, error) {
	sv, err := s.liveSite(site)
	if err != nil {
		return NewKey{}, err
	}
	if grace < 0 || grace > MaxGrace {
		return NewKey{}, refuse("bad_key", "grace: %s, want 0 to %s", grace, MaxGrace)
	}
	i := slices.IndexFunc(sv.keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return NewKey{}, refuse("unknown_key", "key: site %q has no %q", site, id)
	}
	return s.putKey(ctx, actor, site, KeySpec{Kind: sv.keys[i].Kind}, control{Replaces: id, Grace: grace.Milliseconds()})
}

func (s *Store) putKey(ctx context.Context, actor, site string, spec KeySpec, rec control) (NewKey, error) {
	k := keyState{ID: "key_" + strings.ToLower(rand.Text()[:12]), Kind: spec.Kind, Origins: spec.Origins, Note: spec.Note}
	text := spec.Text
	if text == "" {
		text = spec.Kind.prefix() + randomKey()
	}
	if spec.Kind == SecretKey {
		k.Sealed = s.fold.sealer.seal(text, sealedFor(site, k.ID))
	} else {
		k.Text = text
	}
	rec.Do, rec.Site, rec.Key = doKeyPut, site, &k
	if _, err := s.do(ctx, actor, rec); err != nil {
		return NewKey{}, err
	}
	for _, made := range s.Keys(site) {
		if made.ID == k.ID {
			return NewKey{made, text}, nil
		}
	}
	return NewKey{}, refuse("unknown_key", "key: %s was removed at once", k.ID)
}

// RevokeKey ends a key now.
func (s *Store) RevokeKey(ctx context.Context, actor, site, id string) error {
	_, err := s.do(ctx, actor, control{Do: doKeyRevoke, Site: site, ID: id})
	return err
}

// Keys lists a site's keys in order of making, and those of the recent past that open nothing any more.
func (s *Store) Keys(site string) []Key {
	sv := s.site(site)
	if sv == nil {
		return nil
	}
	return slices.Clone(sv.keys)
}

// Key is the live key of that text. It takes no lock.
func (s *Store) Key(text string) (Key, bool) {
	k := s.view.Load().keys[text]
	if k == nil || k.Expires != 0 && s.cfg.Now() >= k.Expires {
		return Key{}, false
	}
	return *k, true
}

// KeyText tells a live key's text again, a secret one's too.
func (s *Store) KeyText(site, id string) (string, bool) {
	for text, k := range s.view.Load().keys {
		if k.Site == site && k.ID == id && k.Live(s.cfg.Now()) {
			return text, true
		}
	}
	return "", false
}

// ProveUser says whether hash is the hex HMAC-SHA256 of user under one of the site's live secret keys. How long it takes tells
// nothing of the hash.
func (s *Store) ProveUser(site, user, hash string) bool {
	given, err := hex.DecodeString(hash)
	sv := s.site(site)
	if err != nil || len(given) != sha256.Size || sv == nil || user == "" || sv.site.Retired != 0 {
		return false
	}
	now := s.cfg.Now()
	proven := false
	for i := range sv.secrets {
		k := &sv.secrets[i]
		if !k.live(now) {
			continue
		}
		mac := hmac.New(sha256.New, []byte(k.plain))
		mac.Write([]byte(user))
		if hmac.Equal(mac.Sum(nil), given) {
			proven = true
		}
	}
	return proven
}

func (k KeyKind) prefix() string {
	if k == SecretKey {
		return "sk_"
	}
	return "pk_"
}

func (spec *KeySpec) check(site *Site) error {
	switch {
	case spec.Kind != PublicKey && spec.Kind != SecretKey:
		return refuse("bad_key", "kind: %q is neither public nor secret", spec.Kind)
	case spec.Kind == SecretKey && len(spec.Origins) > 0:
		return refuse("bad_key", "origins: a secret key has none")
	case spec.Kind == PublicKey && len(spec.Origins) == 0 && len(site.Origins) == 0:
		return refuse("bad_origin", "origins: neither the key nor its site has any")
	case len(spec.Note) > maxNote:
		return refuse("bad_key", "note: longer than %d bytes", maxNote)
	}
	if spec.Text != "" {
		rest, ok := strings.CutPrefix(spec.Text, spec.Kind.prefix())
		if raw, err := lowerBase32.DecodeString(rest); !ok || err != nil || len(raw) != 20 {
			return refuse("bad_key", "text: want %s and 32 of a-z 2-7", spec.Kind.prefix())
		}
	}
	return checkOrigins(spec.Origins)
}

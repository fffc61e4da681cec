package shop

import "slices"

// A site has at most maxLiveKeys keys that open something, as many again while keys are rotated, and the list keeps at most
// maxDeadKeys that no longer do.
const (
	maxLiveKeys = 100
	maxDeadKeys = 100
)

// keyState is a key as records and snapshots carry it: a secret key's text only sealed.
type keyState struct {
	ID      string   `json:"id"`
	Kind    KeyKind  `json:"kind"`
	Origins []string `json:"origins,omitempty"`
	Note    string   `json:"note,omitempty"`
	Text    string   `json:"text,omitempty"`   // public
	Sealed  string   `json:"sealed,omitempty"` // secret
	Created int64    `json:"created,omitzero"`
	Expires int64    `json:"expires,omitzero"`
	Revoked int64    `json:"revoked,omitzero"`

	plain string // the text of either kind
}

func (k *keyState) live(now int64) bool { return k.Revoked == 0 && (k.Expires == 0 || now < k.Expires) }

// keyPut adds a key; with Replaces it takes over from that one, which ends after the grace period. The error is a key that
// cannot be unsealed.
func (f *fold) keyPut(s *siteState, c *control) (outcome, error) {
	if c.Key == nil {
		return outcome{refused: refuse("bad_key", "key: missing")}, nil
	}
	k := *c.Key
	if err := f.open(s.site.ID, &k); err != nil {
		return outcome{}, err
	}
	if _, known := f.texts[k.plain]; known || s.key(k.ID) != nil {
		return outcome{refused: refuse("key_exists", "key: %s is taken", k.ID)}, nil
	}
	live := s.liveKeys(f.now)
	if c.Replaces == "" && live >= maxLiveKeys || live >= 2*maxLiveKeys {
		return outcome{refused: refuse("too_many_keys", "key: site %q has %d live keys", s.site.ID, live)}, nil
	}
	if c.Replaces != "" {
		old := s.key(c.Replaces)
		if old == nil || !old.live(f.now) {
			return outcome{refused: refuse("unknown_key", "key: site %q has no live key %q", s.site.ID, c.Replaces)}, nil
		}
		k.Kind, k.Origins, k.Note = old.Kind, old.Origins, old.Note
		if end := f.now + c.Grace; old.Expires == 0 || end < old.Expires {
			old.Expires = end
		}
	}
	k.Created = f.now
	s.keys = append(s.keys, k)
	f.texts[k.plain] = keyName{s.site.ID, k.ID}
	f.forgetKeys(s)
	f.stale = true
	return outcome{}, nil
}

func (f *fold) keyRevoke(s *siteState, c *control) outcome {
	k := s.key(c.ID)
	if k == nil {
		return outcome{refused: refuse("unknown_key", "key: site %q has no %q", s.site.ID, c.ID)}
	}
	if k.Revoked == 0 {
		k.Revoked = f.now
		f.stale = true
	}
	return outcome{}
}

// open fills k.plain.
func (f *fold) open(site string, k *keyState) error {
	k.plain = k.Text
	if k.Kind != SecretKey {
		return nil
	}
	text, err := f.sealer.open(k.Sealed, sealedFor(site, k.ID))
	k.plain = text
	return err
}

func (s *siteState) key(id string) *keyState {
	i := slices.IndexFunc(s.keys, func(k keyState) bool { return k.ID == id })
	if i < 0 {
		return nil
	}
	return &s.keys[i]
}

func (s *siteState) liveKeys(now int64) int {
	n := 0
	for i := range s.keys {
		if s.keys[i].live(now) {
			n++
		}
	}
	return n
}

// forgetKeys drops the oldest dead keys beyond maxDeadKeys.
func (f *fold) forgetKeys(s *siteState) {
	excess := len(s.keys) - s.liveKeys(f.now) - maxDeadKeys
	s.keys = slices.DeleteFunc(s.keys, func(k keyState) bool {
		if excess <= 0 || k.live(f.now) {
			return false
		}
		excess--
		delete(f.texts, k.plain)
		return true
	})
}

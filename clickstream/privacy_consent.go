package clickstream

import "strings"

// consentSignals is what a consent object said. Our own fields say it outright; of Google's signals one denial is enough.
type consentSignals struct {
	said, value     Consent // from "analytics" and "personalization"
	grants, refuses Consent // from Google's signals and Segment's categories
}

// over is base as changed by the signals.
func (c consentSignals) over(base Consent) Consent {
	base = (base | c.grants) &^ c.refuses
	return base&^c.said | c.value
}

// refused is for a consent that cannot be read: it must not count as given.
func refused() consentSignals { return consentSignals{said: Analytics | Personalization} }

// and adds what another place said: our own fields replace, Google's signals add up.
func (c *consentSignals) and(d consentSignals) {
	c.said, c.value = c.said|d.said, c.value&^d.said|d.value
	c.grants |= d.grants
	c.refuses |= d.refuses
}

func (c *consentSignals) say(bit Consent, granted bool) {
	c.said |= bit
	c.value &^= bit
	if granted {
		c.value |= bit
	}
}

func (c *consentSignals) signal(bit Consent, granted bool) {
	if granted {
		c.grants |= bit
	} else {
		c.refuses |= bit
	}
}

// gcs reads Google's consent state "G1", storage for ads, storage for analytics; 1 granted, 0 denied, anything else not set.
// https://developers.google.com/tag-platform/security/concepts/consent-mode
func (c *consentSignals) gcs(s string) bool {
	if len(s) < 4 || s[:2] != "G1" {
		return false
	}
	for i, bit := range [...]Consent{Personalization, Analytics} {
		if s[2+i] == '0' || s[2+i] == '1' {
			c.signal(bit, s[2+i] == '1')
		}
	}
	return true
}

// consentBit is what a key of a consent object speaks of and whether it is our own field. Of Google's signals everything about
// ads and personalization speaks of Personalization: who refuses one of them does not want to be known.
func consentBit(key string) (bit Consent, own bool) {
	switch key {
	case "analytics":
		return Analytics, true
	case "personalization":
		return Personalization, true
	case "analytics_storage", "Analytics":
		return Analytics, false
	case "ad_personalization", "ad_user_data", "ad_storage", "personalization_storage", "Advertising", "Personalization":
		return Personalization, false
	}
	return 0, false
}

// readConsent reads a consent value: our object, Google Consent Mode's signals, Segment's categoryPreferences, a gcs string, or
// one boolean for everything. null says nothing.
func readConsent(x *lexer) (c consentSignals) {
	switch x.kind() {
	case '{':
		for ok := x.enter('}'); ok; ok = x.more('}') {
			key := x.key()
			if key == "categoryPreferences" && x.kind() == '{' {
				for ok := x.enter('}'); ok; ok = x.more('}') {
					c.field(x, x.key())
				}
				continue
			}
			c.field(x, key)
		}
	case '"':
		s := x.str()
		if granted, ok := grant(s); ok {
			c.say(Analytics, granted)
			c.say(Personalization, granted)
		} else if !c.gcs(s) {
			return refused()
		}
	case 't', 'f':
		granted := x.kind() == 't'
		x.literal()
		c.say(Analytics, granted)
		c.say(Personalization, granted)
	case 'n':
		x.literal()
	default:
		x.skip()
		return refused()
	}
	return c
}

func (c *consentSignals) field(x *lexer, key string) {
	bit, own := consentBit(key)
	if key == "gcs" && x.kind() == '"' {
		c.gcs(x.str())
		return
	}
	if bit == 0 {
		x.skip()
		return
	}
	granted := false
	switch x.kind() {
	case 't':
		x.literal()
		granted = true
	case 'n':
		x.literal()
		if own {
			c.said &^= bit
			c.value &^= bit
		}
		return
	case '"':
		granted, _ = grant(x.str())
	default:
		x.skip()
	}
	if own {
		c.say(bit, granted)
	} else {
		c.signal(bit, granted)
	}
}

func grant(s string) (granted, ok bool) {
	switch {
	case strings.EqualFold(s, "granted"):
		return true, true
	case strings.EqualFold(s, "denied"):
		return false, true
	}
	return false, false
}

package offers

import (
	"cmp"
	"math"
	"strings"
	"unicode/utf8"
)

// DefaultDisclosure stands where a campaign gives none.
const DefaultDisclosure = "A personal offer for your cart, made because of what you viewed and added in this shop."

// Defaults and bounds of settings.
const (
	defaultIdle     = 90
	defaultMinViews = 2
	defaultTTL      = 3600
	minTTL          = 60
	maxTTL          = 7 * 24 * 3600
	maxIdle         = 1800 // seconds: after half an hour the visit is over, and nobody is there to be shown anything
	maxViews        = 1000
	maxHoldout      = 0.9
	maxCount        = 1_000_000_000 // of caps
	maxPerShopper   = 1000
	maxWords        = 200 // items, categories, segments
	maxTitle        = 200 // bytes
	maxDisclosure   = 1000
	maxWord         = 200
	maxTime         = 1 << 52 // Unix ms: exact wherever numbers are floats
)

// Normalize fills in what was not given.
func (s *Settings) Normalize() {
	s.Trigger.Kind = cmp.Or(s.Trigger.Kind, CartAtRisk)
	s.Trigger.Idle = cmp.Or(s.Trigger.Idle, defaultIdle)
	s.Trigger.MinViews = cmp.Or(s.Trigger.MinViews, defaultMinViews)
	s.Audience.Segment = cmp.Or(s.Audience.Segment, SegmentAny)
	s.Caps.PerShopper = cmp.Or(s.Caps.PerShopper, 1)
	s.TTL = cmp.Or(s.TTL, defaultTTL)
	if strings.TrimSpace(s.Disclosure) == "" {
		s.Disclosure = DefaultDisclosure
	}
}

// Validate says what of normalized settings cannot be: a Refusal bad_campaign that names the field.
func (s *Settings) Validate() error {
	if no := s.validate(); no != nil {
		return no
	}
	return nil
}

func (s *Settings) validate() *Refusal {
	for _, text := range [...]struct {
		name, value string
		most        int
	}{{"title", s.Title, maxTitle}, {"disclosure", s.Disclosure, maxDisclosure}} {
		switch {
		case strings.TrimSpace(text.value) == "":
			return refuse("bad_campaign", "%s: missing", text.name)
		case len(text.value) > text.most || !utf8.ValidString(text.value):
			return refuse("bad_campaign", "%s: want at most %d bytes of UTF-8", text.name, text.most)
		}
	}
	if s.Trigger.Kind != CartAtRisk {
		return refuse("bad_campaign", "trigger.kind: %q, want %s", clip(s.Trigger.Kind), CartAtRisk)
	}
	for _, n := range [...]struct {
		name               string
		value, least, most int64
	}{
		{"trigger.idle_s", s.Trigger.Idle, 1, maxIdle},
		{"trigger.min_views", s.Trigger.MinViews, 0, maxViews},
		{"audience.min_cart", s.Audience.MinCart, 0, maxCart},
		{"audience.max_cart", s.Audience.MaxCart, 0, maxCart},
		{"discount.max", s.Discount.Max, 0, maxAmount},
		{"caps.per_shopper", s.Caps.PerShopper, 1, maxPerShopper},
		{"caps.per_day", s.Caps.PerDay, 0, maxCount},
		{"caps.total", s.Caps.Total, 0, maxCount},
		{"budget.amount", s.Budget.Amount, 0, maxAmount},
		{"ttl_s", s.TTL, minTTL, maxTTL},
		{"starts", s.Starts, 0, maxTime},
		{"ends", s.Ends, 0, maxTime},
	} {
		if n.value < n.least || n.value > n.most {
			return refuse("bad_campaign", "%s: %d, want %d to %d", n.name, n.value, n.least, n.most)
		}
	}
	return s.validateRest()
}

func (s *Settings) validateRest() *Refusal {
	a, d := &s.Audience, &s.Discount
	switch {
	case a.MaxCart > 0 && a.MaxCart < a.MinCart:
		return refuse("bad_campaign", "audience.max_cart: %d is below min_cart %d", a.MaxCart, a.MinCart)
	case a.Segment != SegmentAny && a.Segment != SegmentNew && a.Segment != SegmentReturning:
		return refuse("bad_campaign", "audience.segment: %q, want new, returning or any", clip(a.Segment))
	case d.Kind != Percent && d.Kind != Amount:
		return refuse("bad_campaign", "discount.kind: %q, want percent or amount", clip(d.Kind))
	case d.Kind == Percent && (d.Value < 1 || d.Value > 100):
		return refuse("bad_campaign", "discount.value: %d, want 1 to 100 percent", d.Value)
	case d.Kind == Amount && (d.Value < 1 || d.Value > maxAmount):
		return refuse("bad_campaign", "discount.value: %d, want 1 to %d minor units", d.Value, int64(maxAmount))
	case math.IsNaN(s.Holdout) || s.Holdout < 0 || s.Holdout > maxHoldout:
		return refuse("bad_campaign", "holdout: %g, want 0 to %g", s.Holdout, maxHoldout)
	case !currencyForm(s.Budget.Currency):
		return refuse("bad_campaign", "budget.currency: %q is not of ISO 4217", clip(s.Budget.Currency))
	case s.Ends > 0 && s.Ends <= s.Starts:
		return refuse("bad_campaign", "ends: %d is not after starts %d", s.Ends, s.Starts)
	}
	for _, list := range [...]struct {
		name  string
		words []string
	}{{"audience.items", a.Items}, {"audience.categories", a.Categories}, {"audience.segments", a.Segments}} {
		if len(list.words) > maxWords {
			return refuse("bad_campaign", "%s: %d of them, at most %d", list.name, len(list.words), maxWords)
		}
		for _, w := range list.words {
			if w == "" || len(w) > maxWord || !utf8.ValidString(w) {
				return refuse("bad_campaign", "%s: want words of 1-%d bytes", list.name, maxWord)
			}
		}
	}
	return nil
}

// currencyForm is three capitals; which of them are money the server knows.
func currencyForm(code string) bool {
	for i := range len(code) {
		if code[i] < 'A' || code[i] > 'Z' {
			return false
		}
	}
	return len(code) == 3
}

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 40)], "") }

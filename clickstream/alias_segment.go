package clickstream

import (
	"cmp"
	"time"
)

// isSegmentType names the calls of Segment's HTTP API.
// https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
func isSegmentType(s string) bool {
	switch s {
	case "track", "page", "screen", "identify", "group", "alias":
		return true
	}
	return false
}

// segmentEvent reads one Segment call: track by its event's name, page and screen as page_view, identify as identify, group and
// alias as custom events of that name.
func (p *Parser) segmentEvent(h *head, e *Event) {
	x, a := &p.x, &p.alias
	var kind, track, title, anonymous string
	var original int64
	for ok := x.enter('}'); ok; ok = x.more('}') {
		switch key := x.key(); key {
		case "type":
			kind = p.str(h, key, BadJSON)
		case "event":
			track = p.str(h, key, BadJSON)
		case "name":
			title = p.str(h, key, BadJSON)
		case "anonymousId":
			anonymous = p.flexible(h, key, BadJSON)
		case "userId":
			e.User = p.flexible(h, key, BadJSON)
		case "user_hash":
			h.userHash = p.str(h, key, BadJSON)
		case "messageId":
			e.ID = p.str(h, key, BadID)
		case "timestamp":
			h.ts, h.hasTS = p.instant(h, key)
		case "originalTimestamp":
			original, _ = p.instant(h, key)
		case "sentAt":
			h.sentAt, h.hasSentAt = p.instant(h, key)
		case "context":
			p.context(h, e)
		case "properties":
			p.aliasFields(h, key)
		default:
			x.skip()
		}
	}
	h.made = true
	if !h.hasTS && original != 0 {
		h.ts, h.hasTS = original, true
	}
	h.visitor = anonymous
	if anonymous == "" && e.User != "" { // servers often know only the customer
		if h.visitor = e.User; !isID(e.User) {
			p.hash = append(p.hash[:0], e.User...)
			h.visitor = p.hashed("u_", p.hash)
		}
	}
	switch kind {
	case "track":
		e.Name = track
	case "page", "screen":
		e.Name = PageView.String()
		a.title = cmp.Or(a.title, title)
		a.seen = true
	case "identify", "group", "alias":
		e.Name = kind
	case "":
		h.note(BadJSON, "type is missing")
	default:
		h.note(BadJSON, "type must be track, page, screen, identify, group or alias")
	}
}

// context reads of a call's context what browsers say.
func (p *Parser) context(h *head, e *Event) {
	if !p.begins(h, '{', "context", BadJSON, "an object") {
		return
	}
	x := &p.x
	for ok := x.enter('}'); ok; ok = x.more('}') {
		switch x.key() {
		case "ip":
			h.ip = p.str(h, "context.ip", BadJSON)
		case "userAgent":
			h.userAgent = p.str(h, "context.userAgent", BadJSON)
		case "page":
			p.page(h, e)
		case "consent":
			h.consent.and(readConsent(x))
		default:
			x.skip()
		}
	}
}

// instant reads an ISO 8601 time, or a number of milliseconds, as Unix ms.
func (p *Parser) instant(h *head, field string) (ms int64, ok bool) {
	if c := p.x.kind(); c-'0' < 10 || c == '-' {
		if ms, ok = p.wholeNumber(); ok {
			return ms, true
		}
	} else if s := p.str(h, field, BadTimestamp); s == "" {
		return 0, false
	} else if ms, ok = parseInstant(s); ok {
		return ms, true
	}
	h.note(BadTimestamp, field+" must be an ISO 8601 time")
	return 0, false
}

func parseInstant(s string) (ms int64, ok bool) {
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}

// aliasEnvelope reads what GA4's Measurement Protocol and Segment say around their events.
// https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference
func (p *Parser) aliasEnvelope(key string) {
	x, env := &p.x, &p.env
	var h head // mistakes here only leave the field empty; what events need is asked of them
	switch key {
	case "client_id", "app_instance_id":
		env.ga4 = true
		if id := p.flexible(&h, key, BadID); env.visitor == "" {
			env.visitor = id
		}
	case "user_id":
		env.user = p.flexible(&h, key, BadJSON)
	case "timestamp_micros":
		env.ts, _ = p.micros(&h)
	case "sentAt":
		env.sentAt, env.hasSentAt = p.instant(&h, key)
	case "non_personalized_ads":
		if x.kind() == 't' {
			env.consent.signal(Personalization, false)
		}
		x.skip()
	case "context":
		var e Event
		p.context(&h, &e)
		env.ip, env.userAgent = h.ip, h.userAgent
		env.consent.and(h.consent)
	case "type":
		env.segmentType, _ = p.envelopeString()
	default:
		x.skip()
	}
}

// micros reads GA4's timestamp, a number or its text, as Unix ms.
func (p *Parser) micros(h *head) (ms int64, ok bool) {
	s := p.flexible(h, "timestamp_micros", BadTimestamp)
	if s == "" {
		return 0, false
	}
	us, ok := parseInt(s)
	if !ok {
		h.note(BadTimestamp, "timestamp_micros must be a whole number of microseconds")
	}
	return us / 1000, ok
}

package clickstream

import (
	"fmt"
	"unicode/utf8"
)

// Parser turns bodies and import lines into events. It keeps its memory between calls and is for one goroutine at a time;
// the zero value is ready.
//
// An event goes through three steps: read takes its fields and notes the first that has a wrong type; finish resolves what the
// event alone decides (decimal prices, Segment's flat products); settle, when the whole body is read, applies what
// the body says around its events and decides whether they are taken.
type Parser struct {
	x     lexer
	src   *Source
	out   *Decoded
	valid bool // the whole text is UTF-8
	env   envelope
	heads []head // of the events read, in order; their slots are out.Events[base:]
	base  int
	first int // index of the text's first event among all that out has seen
	alias alias
	item  int    // the item being read, for messages; -1 outside of items
	hash  []byte // room for what ids are made of, and for what is kept
}

// envelope is what a body says beside its events.
type envelope struct {
	visitor, user         string
	userAgent, ip         string
	sentAt, ts            int64 // Unix ms; ts is GA4's timestamp for events without their own
	hasSentAt, badSentAt  bool
	badVisitor, ga4       bool // ga4: events may come without id and ts
	hasEvents, badEvents  bool
	tooMany, optOut       bool
	segmentType           string
	consent               consentSignals
	eventsFrom, eventsEnd int // where the text of the events stands
}

// head is what of an event is not in Event.
type head struct {
	from, end        int // the event's text
	ts, sentAt       int64
	hasTS, hasSentAt bool
	made             bool // Segment: id and ts may be missing
	code, message    string
	soft             bool // aliased fields are being read: what is wrong there counts only where the event's kind uses them
	softCode         string
	softMessage      string
	visitor          string
	userHash         string
	userAgent, ip    string
	consent          consentSignals
}

func (p *Parser) start(text string, src *Source, out *Decoded) {
	p.src, p.out = src, out
	p.env = envelope{}
	p.heads = p.heads[:0]
	p.base = len(out.Events)
	p.first = len(out.Events) + len(out.Rejected)
	p.item = -1
	p.valid = utf8.ValidString(text)
	p.x.reset(text)
}

// Body reads the body of POST /v1/events into out, which it resets: our own format, a GA4 Measurement Protocol payload, or a
// Segment HTTP API call or batch. Its events and rejections together are the events of the body. The error is a *BodyError: then nothing was read.
func (p *Parser) Body(body string, src *Source, out *Decoded) error {
	out.Reset()
	err := p.body(body, src, out)
	p.forget()
	return err
}

// Line reads one line of an import and adds its event, or its rejection, to out, which the caller resets. A line may also be a
// whole GA4 or Segment payload; then all of its events are added. A line of nothing but space adds nothing.
func (p *Parser) Line(line string, src *Source, out *Decoded) {
	p.start(line, src, out)
	x := &p.x
	if x.i == len(line) {
		return
	}
	p.event(false)
	x.end()
	if p.env.hasEvents && x.problem == "" {
		out.Events = out.Events[:p.base]
		if err := p.body(line, src, out); err != nil {
			h := &head{end: len(line), code: BadJSON, message: err.Error()}
			if p.consent()&Analytics == 0 {
				h.code, h.message = NoConsent, noConsent
			}
			p.reject(h, &Event{}, p.first)
		}
		p.forget()
		return
	}
	out.SentAt = src.Received
	h := &p.heads[0]
	h.from, h.end = 0, len(line)
	if x.problem != "" {
		h.code, h.message = BadJSON, x.describe()
	}
	p.settle()
	p.forget()
}

func (x *lexer) describe() string { return fmt.Sprintf("%s at byte %d", x.problem, x.at) }

func (p *Parser) body(body string, src *Source, out *Decoded) error {
	p.start(body, src, out)
	err := p.envelope()
	if err == nil && !p.env.hasEvents {
		if !isSegmentType(p.env.segmentType) {
			err = &BodyError{"missing_events", "events must be an array of events"}
		} else {
			p.start(body, src, out)
			p.env.eventsEnd = len(body)
			p.event(true)
		}
	}
	if err == nil && !p.valid && !(utf8.ValidString(body[:p.env.eventsFrom]) && utf8.ValidString(body[p.env.eventsEnd:])) {
		err = &BodyError{BadUTF8, "the body is not valid UTF-8"}
	}
	if err != nil {
		for i := range p.heads {
			e := &out.Events[p.base+i]
			*e = Event{Items: e.Items[:0]}
		}
		out.Events = out.Events[:p.base]
		return err
	}
	out.Visitor = p.env.visitor
	if src.Visitor != "" {
		out.Visitor = src.Visitor
	}
	out.SentAt = src.Received
	if p.env.hasSentAt {
		out.SentAt = p.env.sentAt
	}
	p.settle()
	if out.Visitor == "" && !src.Secret && len(out.Events) > p.base {
		out.Visitor = out.Events[p.base].Visitor
	}
	return nil
}

func (p *Parser) envelope() error {
	x, env := &p.x, &p.env
	if x.kind() != '{' {
		return &BodyError{BadJSON, "the body must be a JSON object with events"}
	}
	for ok := x.enter('}'); ok; ok = x.more('}') {
		switch key := x.key(); key {
		case "events", "batch":
			p.events(key == "batch")
		case "sent_at":
			env.sentAt, env.hasSentAt = p.wholeNumber()
			env.badSentAt = !env.hasSentAt && env.sentAt != 0
		case "visitor":
			env.visitor, env.badVisitor = p.envelopeString()
		case "consent":
			env.consent.and(readConsent(x))
		case "gcs":
			if s, _ := p.envelopeString(); s != "" && !env.consent.gcs(s) {
				env.consent.and(refused())
			}
		case "gpc", "dnt": // for senders without headers
			env.optOut = env.optOut || x.kind() == 't'
			x.skip()
		case "user_agent":
			env.userAgent, _ = p.envelopeString()
		case "ip", "ip_override":
			env.ip, _ = p.envelopeString()
		default:
			p.aliasEnvelope(key)
		}
	}
	x.end()
	if env.tooMany {
		return &BodyError{"too_many_events", fmt.Sprintf("events: more than %d", MaxEvents)}
	}
	if x.problem != "" {
		return &BodyError{BadJSON, x.describe()}
	}
	if env.badEvents {
		return &BodyError{"missing_events", "events must be an array of events"}
	}
	return nil
}

// events reads the array of events. Where the key comes twice the last one counts, as in encoding/json.
func (p *Parser) events(segment bool) {
	x, env := &p.x, &p.env
	p.heads = p.heads[:0]
	p.out.Events = p.out.Events[:p.base]
	env.hasEvents, env.badEvents = true, x.kind() != '['
	if env.badEvents {
		x.skip()
		return
	}
	env.eventsFrom = x.i
	for ok := x.enter(']'); ok; ok = x.more(']') {
		if len(p.heads) == MaxEvents {
			env.tooMany = true
			x.fail("too many events")
			return
		}
		p.event(segment)
	}
	env.eventsEnd = x.i
}

// envelopeString reads a string or null; anything else is bad and read over.
func (p *Parser) envelopeString() (s string, bad bool) {
	switch p.x.kind() {
	case '"':
		return p.x.str(), false
	case 'n':
		p.x.literal()
		return "", false
	}
	p.x.skip()
	return "", true
}

// wholeNumber reads a whole number of at most ±2^53, where every clock lies. A null gives 0, false; anything else 1, false.
func (p *Parser) wholeNumber() (int64, bool) {
	if v, ok := p.x.shortInt(); ok {
		return v, true
	}
	switch c := p.x.kind(); {
	case c == '-' || c-'0' < 10:
		if v, ok := parseInt(p.x.number()); ok && v <= 1<<53 && v >= -1<<53 {
			return v, true
		}
		return 1, false
	case c == 'n':
		p.x.literal()
		return 0, false
	}
	p.x.skip()
	return 1, false
}

package clickstream

import (
	"strconv"
	"strings"
)

func (p *Parser) reject(h *head, e *Event, index int) {
	r := Rejection{Index: index, Code: h.code, Message: h.message}
	if len(e.ID) <= maxNameBytes {
		r.ID = e.ID
	}
	if visitor := p.visitor(h); h.code == NoConsent && e.Kind == ConsentChange && isID(visitor) {
		r.Withdraws = visitor
	}
	if h.code != NoConsent {
		r.Head = p.around(h)
		r.Raw = p.redacted(p.x.s[h.from:h.end])
	}
	p.out.Rejected = append(p.out.Rejected, r)
}

// consent is what holds for events that say nothing themselves.
func (p *Parser) consent() Consent { return p.env.consent.over(p.src.DefaultConsent) }

func (p *Parser) optOut() bool { return p.src.OptOut || p.env.optOut }

// around writes Rejection.Head.
func (p *Parser) around(h *head) string {
	consent := p.consent()
	b := append(p.hash[:0], `{"sent_at":`...)
	b = strconv.AppendInt(b, p.out.SentAt, 10)
	if p.env.hasSentAt {
		b = strconv.AppendInt(b[:len(`{"sent_at":`)], p.env.sentAt, 10)
	}
	if p.env.ts != 0 {
		b = append(b, `,"timestamp_micros":`...)
		b = strconv.AppendInt(b, p.env.ts*1000, 10)
	}
	if p.env.ga4 {
		b = append(b, `,"client_id":null`...)
	}
	b = appendField(b, "visitor", p.visitor(h))
	b = appendField(b, "user_id", p.env.user)
	b = append(b, `,"consent":{"analytics":`...)
	b = strconv.AppendBool(b, consent&Analytics != 0)
	b = append(b, `,"personalization":`...)
	b = strconv.AppendBool(b, consent&Personalization != 0)
	b = append(b, `},"gpc":`...)
	b = strconv.AppendBool(b, p.optOut())
	b = append(b, `,"events":[`...)
	p.hash = b
	return p.x.keep(b)
}

// appendField appends a member of an object, nothing if s is empty.
func appendField(b []byte, key, s string) []byte {
	if s == "" {
		return b
	}
	b = append(append(append(b, `,"`...), key...), `":"`...)
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, `\u00`...)
			b = append(b, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// redacted is raw, the JSON of a rejected event, with the values of its "ip" fields truncated: not even what is kept to be
// looked at holds a whole address. It works on text, so that it works on broken JSON.
func (p *Parser) redacted(raw string) string {
	const field = `"ip`
	b, from, i := p.hash[:0], 0, 0
	for {
		n := strings.Index(raw[i:], field)
		if n < 0 {
			break
		}
		i += n + len(field)
		rest := strings.TrimPrefix(raw[i:], "_override")
		name, ok := strings.CutPrefix(rest, `"`)
		value, colon := strings.CutPrefix(strings.TrimLeft(name, " \t\r\n"), ":")
		value, quote := strings.CutPrefix(strings.TrimLeft(value, " \t\r\n"), `"`)
		end := strings.IndexByte(value, '"')
		if !ok || !colon || !quote {
			continue
		}
		if end < 0 {
			end = len(value)
		}
		start := len(raw) - len(value)
		b = append(b, raw[from:start]...)
		b = TruncateIP(b, value[:end])
		i = start + end
		from = i
	}
	p.hash = b
	if from == 0 {
		return raw
	}
	p.hash = append(b, raw[from:]...)
	return p.x.keep(p.hash)
}

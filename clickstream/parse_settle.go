package clickstream

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
)

// Bounds that keep sums of amounts within int64 and names within what folds keep in memory.
const (
	maxItemPrice   = 1e12    // minor units of one piece
	maxPieces      = 1e6     // pieces of one line
	maxEventValue  = 1 << 53 // minor units of an event, exact in JavaScript
	maxNameBytes   = 64      // bytes
	keptAgentBytes = 512     // bytes of a user agent that are kept
	maxTextBytes   = 256     // bytes of user, transaction_id, placement, rec_id and of an item's category and reason
	maxTimestamp   = 253402300799999
	noConsent      = "consent to analytics was not given"
	idRule         = " must be 1-64 of A-Z a-z 0-9 _ . : -"
)

// settle decides about every event read: taken ones move together to the front, the others become rejections.
func (p *Parser) settle() {
	src, out := p.src, p.out
	var network string
	if !src.Secret && src.IP != "" {
		p.hash = TruncateIP(p.hash[:0], src.IP)
		network = p.x.keep(p.hash)
	}
	agent := cleanAgent(src.UserAgent)
	base := p.consent()
	taken := p.base
	for k := range p.heads {
		h, e := &p.heads[k], &out.Events[p.base+k]
		e.Consent = h.consent.over(base)
		if p.optOut() {
			e.Consent &^= Personalization
		}
		if e.Consent&Analytics == 0 {
			h.code, h.message = NoConsent, noConsent
		} else {
			p.check(h, e, k)
		}
		if h.code != "" {
			p.reject(h, e, p.first+k)
			*e = Event{Items: e.Items[:0]} // nothing of it stays
			continue
		}
		if src.Secret {
			p.aboutShopper(h, e)
		} else {
			e.UserAgent, e.IP = agent, network
		}
		e.URL, e.Ref = p.scrubbed(e.URL), p.scrubbed(e.Ref)
		if taken != p.base+k {
			out.Events[taken], *e = *e, out.Events[taken]
		}
		taken++
	}
	out.Events = out.Events[:taken]
}

// forget lets go of the text: what was refused for want of consent must not stay, not even here.
func (p *Parser) forget() {
	clear(p.heads)
	clear(p.alias.items[:cap(p.alias.items)])
	p.alias = alias{items: p.alias.items[:0]}
	p.env = envelope{}
	p.src, p.out, p.x.s = nil, nil, ""
}

// aboutShopper takes what a shop's server says of its shopper's browser.
func (p *Parser) aboutShopper(h *head, e *Event) {
	e.UserAgent = cleanAgent(cmp.Or(h.userAgent, p.env.userAgent))
	if ip := cmp.Or(h.ip, p.env.ip); ip != "" {
		p.hash = TruncateIP(p.hash[:0], ip)
		e.IP = p.x.keep(p.hash)
	}
}

// check completes e with what the body says and notes the first rule that it breaks.
func (p *Parser) check(h *head, e *Event, k int) {
	if h.end-h.from > MaxEventBytes {
		h.code, h.message = TooLarge, fmt.Sprintf("an event may have %d bytes, this one has %d", MaxEventBytes, h.end-h.from)
		return
	}
	if !p.valid && !utf8.ValidString(p.x.s[h.from:h.end]) {
		h.code, h.message = BadUTF8, "the event is not valid UTF-8"
		return
	}
	if h.code != "" {
		return
	}
	e.Site, e.Received = p.src.Site, p.src.Received
	e.Visitor = p.visitor(h)
	if e.User == "" {
		e.User = p.env.user
	}
	p.completeID(h, e, k)
	switch {
	case e.ID == "":
		h.note(MissingID, "id is missing")
	case !isID(e.ID):
		h.note(BadID, "id"+idRule)
	case e.Name == "":
		h.note(MissingName, "name is missing")
	case e.Kind == Custom && !isName(e.Name):
		h.note(BadJSON, "name must be 1-64 bytes without control characters")
	}
	p.checkTime(h, e)
	switch {
	case e.Visitor == "" && !p.env.badVisitor:
		h.note(MissingID, "visitor is missing")
	case !isID(e.Visitor):
		h.note(BadID, "visitor"+idRule)
	case e.Transaction == "" && e.Kind.needsTransaction():
		h.note(MissingTransaction, "transaction_id is missing")
	case len(e.Items) == 0 && e.Kind.needsItem():
		h.note(MissingItem, "items must have an item")
	case len(e.User) > maxTextBytes, len(e.Transaction) > maxTextBytes, len(e.Placement) > maxTextBytes, len(e.RecID) > maxTextBytes:
		h.note(BadJSON, "user, transaction_id, placement and rec_id may have 256 bytes each")
	}
	if e.Currency != "" {
		if _, ok := minorDigits(e.Currency); !ok {
			h.note(BadCurrency, "currency must be an ISO 4217 code")
		}
	}
	if h.code == "" && e.User != "" {
		e.Linked = p.src.Secret || h.userHash != "" && p.src.ProveUser != nil && p.src.ProveUser(e.User, h.userHash)
	}
}

// visitor: a verified token wins. Servers speak event by event; a browser's body has one visitor.
func (p *Parser) visitor(h *head) string {
	first, second := p.env.visitor, h.visitor
	if p.src.Secret {
		first, second = second, first
	}
	switch {
	case p.src.Visitor != "":
		return p.src.Visitor
	case first != "":
		return first
	}
	return second
}

// checkTime corrects the time for the sender's clock, once and for all: received − (sent_at − ts), never after received.
func (p *Parser) checkTime(h *head, e *Event) {
	ts, received := h.ts, p.src.Received
	sent := received
	switch {
	case h.hasSentAt:
		sent = h.sentAt
	case p.env.hasSentAt:
		sent = p.env.sentAt
	case p.env.badSentAt:
		h.note(BadTimestamp, "sent_at must be a whole number of milliseconds")
		return
	}
	if !h.hasTS && (h.made || p.env.ga4) {
		if ts = p.env.ts; ts == 0 {
			ts = sent
		}
	} else if !h.hasTS {
		h.note(BadTimestamp, "ts is missing")
		return
	}
	if ts <= 0 || ts > maxTimestamp {
		h.note(BadTimestamp, "ts must be Unix milliseconds")
		return
	}
	if !p.src.Import && ts > sent+maxFuture {
		h.note(FutureTimestamp, "ts is more than 60 s after sent_at")
	}
	if !p.src.Import && ts < sent-maxEventAge {
		h.note(TooOld, "ts is over 30 days before sent_at")
	}
	e.Time = min(received-(sent-ts), received)
	if e.Time <= 0 {
		h.note(BadTimestamp, "ts is before 1970 when corrected by sent_at")
	}
}

// completeID makes the id of an event that may come without one: the same payload sent again has the same id. Two acts that
// differ in nothing, not even in their time or their place in the body, are one.
func (p *Parser) completeID(h *head, e *Event, k int) {
	b := p.hash[:0]
	switch {
	case e.ID == "" && (h.made || p.env.ga4):
		b = append(append(b, e.Visitor...), 0)
		b = strconv.AppendInt(b, p.env.ts, 10)
		b = append(b, 0)
		b = strconv.AppendInt(b, int64(k), 10)
		b = append(append(b, 0), p.x.s[h.from:h.end]...)
	case h.made && !isID(e.ID): // Segment allows ids that we do not
		b = append(b, e.ID...)
	default:
		return
	}
	p.hash = b
	e.ID = p.hashed("h_", b)
}

// hashed is prefix and the xxh3-128 of b in hex.
func (p *Parser) hashed(prefix string, b []byte) string {
	sum := xxh3.Hash128(b).Bytes()
	var room [48]byte
	return p.x.keep(hex.AppendEncode(append(room[:0], prefix...), sum[:]))
}

func (p *Parser) scrubbed(url string) string {
	if url == "" || strings.IndexByte(url, '?') < 0 && strings.IndexByte(url, '#') < 0 && strings.IndexByte(url, '@') < 0 {
		return url
	}
	b, ok := ScrubURL(p.hash[:0], url)
	p.hash = b
	if !ok {
		return url
	}
	return p.x.keep(b)
}

// isID is the rule for ids of events, visitors and items.
func isID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	const letters = 1<<26 - 1
	const low = 1<<'-' | 1<<'.' | 1<<':' | (1<<10-1)<<'0'
	const high = letters<<('A'-64) | 1<<('_'-64) | letters<<('a'-64)
	for i := range len(s) {
		c := s[i]
		mask := uint64(low)
		if c >= 64 {
			mask = high
		}
		if c >= 128 || mask>>(c&63)&1 == 0 {
			return false
		}
	}
	return true
}

func isName(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return len(s) > 0 && len(s) <= maxNameBytes
}

// cleanAgent is a user agent as it is kept: headers may hold any bytes and are as long as their sender likes.
func cleanAgent(s string) string {
	if len(s) > keptAgentBytes {
		s = s[:keptAgentBytes]
	}
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "")
}

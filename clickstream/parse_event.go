package clickstream

import (
	"cmp"
	"fmt"
	"strconv"
)

// event reads the next element of a body's events, or a line, into a new slot of out. It always leaves one head and one slot.
func (p *Parser) event(segment bool) {
	p.heads = append(p.heads, head{})
	h := &p.heads[len(p.heads)-1]
	e := p.out.slot()
	x := &p.x
	h.from = x.i
	p.alias = alias{items: p.alias.items[:0]}
	switch {
	case x.kind() != '{':
		h.note(BadJSON, "an event must be an object")
		x.skip()
	case segment:
		p.segmentEvent(h, e)
	case p.nativeEvent(h, e):
		*h = head{from: h.from}
		*e = Event{Items: e.Items[:0]}
		p.alias = alias{items: p.alias.items[:0]}
		x.i = h.from
		p.segmentEvent(h, e)
	}
	h.end = x.i
	p.finish(h, e)
}

// slot is a zero event at the end of d.Events that keeps the memory of its items.
func (d *Decoded) slot() *Event {
	n := len(d.Events)
	if n < cap(d.Events) {
		d.Events = d.Events[:n+1]
	} else {
		d.Events = append(d.Events, Event{})
	}
	e := &d.Events[n]
	*e = Event{Items: e.Items[:0]}
	return e
}

// nativeEvent reads an event of our own format. GA4 events are in it: params (Measurement Protocol) or ecommerce (data layer)
// hold their fields. It says whether the object is a Segment call instead.
func (p *Parser) nativeEvent(h *head, e *Event) (segment bool) {
	x := &p.x
	kind, ids := "", false
	for ok := x.enter('}'); ok; ok = x.more('}') {
		switch key := x.key(); key {
		case "id":
			e.ID = p.str(h, "id", BadID)
		case "name":
			e.Name = p.str(h, "name", BadJSON)
		case "ts":
			h.ts, h.hasTS = p.wholeNumber()
			if !h.hasTS && h.ts != 0 {
				h.note(BadTimestamp, "ts must be a whole number of milliseconds")
			}
		case "visitor":
			h.visitor = p.str(h, "visitor", BadID)
		case "user":
			e.User = p.str(h, "user", BadJSON)
		case "user_hash":
			h.userHash = p.str(h, "user_hash", BadJSON)
		case "page":
			p.page(h, e)
		case "items":
			p.items(h, e)
		case "currency":
			e.Currency = p.str(h, "currency", BadCurrency)
		case "value":
			e.Value = p.amount(h, "value", 0, maxEventValue)
		case "transaction_id":
			e.Transaction = p.str(h, "transaction_id", BadJSON)
		case "search_term":
			e.SearchTerm = p.str(h, "search_term", BadJSON)
		case "placement":
			e.Placement = p.str(h, "placement", BadJSON)
		case "rec_id":
			e.RecID = p.str(h, "rec_id", BadJSON)
		case "props":
			e.Props = p.object(h, "props")
		case "consent":
			h.consent.and(readConsent(x))
		case "user_agent":
			h.userAgent = p.str(h, "user_agent", BadJSON)
		case "ip":
			h.ip = p.str(h, "ip", BadJSON)
		case "sent_at": // of an import line
			h.sentAt, h.hasSentAt = p.wholeNumber()
			if !h.hasSentAt && h.sentAt != 0 {
				h.note(BadTimestamp, "sent_at must be a whole number of milliseconds")
			}
		case "type":
			kind, _ = p.envelopeString()
		case "anonymousId", "userId", "messageId":
			ids = true
			x.skip()
		case "events", "batch": // of a line that is a whole payload
			p.env.hasEvents = true
			x.skip()
		default:
			p.aliasEvent(h, e, key)
		}
	}
	return ids && isSegmentType(kind) && x.problem == ""
}

func (p *Parser) page(h *head, e *Event) {
	e.URL, e.Ref, e.Title = "", "", ""
	if !p.begins(h, '{', "page", BadJSON, "an object") {
		return
	}
	x := &p.x
	for ok := x.enter('}'); ok; ok = x.more('}') {
		switch x.key() {
		case "url":
			e.URL = p.str(h, "page.url", BadJSON)
		case "ref", "referrer":
			e.Ref = p.str(h, "page.ref", BadJSON)
		case "title":
			e.Title = p.str(h, "page.title", BadJSON)
		default:
			x.skip()
		}
	}
}

func (p *Parser) items(h *head, e *Event) {
	e.Items = e.Items[:0]
	if !p.begins(h, '[', "items", BadItem, "an array") {
		return
	}
	x := &p.x
	p.item = 0
	for ok := x.enter(']'); ok; ok = x.more(']') {
		if p.item == MaxItems {
			h.note(BadItem, fmt.Sprintf("items: more than %d", MaxItems))
			x.skip()
			continue
		}
		if x.kind() != '{' {
			h.note(BadItem, p.named("")+" must be an object")
			x.skip()
			continue
		}
		e.Items = append(e.Items, Item{Price: NoPrice, Quantity: 1})
		p.itemFields(h, &e.Items[len(e.Items)-1])
		p.item++
	}
	p.item = -1
}

func (p *Parser) itemFields(h *head, it *Item) {
	x := &p.x
	for ok := x.enter('}'); ok; ok = x.more('}') {
		switch x.key() {
		case "item_id":
			it.ID = p.str(h, "item_id", BadItem)
		case "price":
			it.Price = p.amount(h, "price", NoPrice, maxItemPrice)
		case "quantity":
			it.Quantity = 1
			if v, ok := p.wholeNumber(); ok && v >= 1 && v <= maxPieces {
				it.Quantity = v
			} else if ok || v != 0 {
				h.note(BadItem, p.named("quantity")+" must be a whole number from 1 to 1000000")
			}
		case "category":
			it.Category = p.str(h, "category", BadItem)
		case "propensity":
			it.Propensity = p.propensity(h)
		case "reason":
			it.Reason = p.reason(h)
		default:
			x.skip()
		}
	}
	if len(it.Category) > maxTextBytes || len(it.Reason) > maxTextBytes {
		h.note(BadItem, p.named("category")+" and reason may have 256 bytes each")
	}
	if !isID(it.ID) {
		h.note(BadItem, p.named("item_id")+idRule)
	}
}

func (p *Parser) propensity(h *head) float32 {
	switch c := p.x.kind(); {
	case c == 'n':
		p.x.literal()
		return 0
	case c-'0' < 10:
		if v, err := strconv.ParseFloat(p.x.number(), 32); err == nil && v <= 1 {
			return float32(v)
		}
	default:
		p.x.skip()
	}
	h.note(BadItem, p.named("propensity")+" must be a number from 0 to 1")
	return 0
}

// reason is a reason's kind, or the whole reason of an answer.
func (p *Parser) reason(h *head) string {
	x := &p.x
	if x.kind() != '{' {
		return p.str(h, "reason", BadItem)
	}
	kind := ""
	for ok := x.enter('}'); ok; ok = x.more('}') {
		if x.key() == "kind" {
			kind = p.str(h, "reason.kind", BadItem)
			continue
		}
		x.skip()
	}
	return kind
}

// object is the text of an object, "" for null and an empty one.
func (p *Parser) object(h *head, field string) string {
	if !p.begins(h, '{', field, BadJSON, "an object") {
		return ""
	}
	raw := p.x.raw()
	if len(raw) == 2 {
		return ""
	}
	return raw
}

// begins says whether a value that starts with c comes next. null and wrong types are read over, these noted.
func (p *Parser) begins(h *head, c byte, field, code, want string) bool {
	switch p.x.kind() {
	case c:
		return true
	case 'n':
		p.x.literal()
	default:
		h.note(code, p.named(field)+" must be "+want)
		p.x.skip()
	}
	return false
}

// str reads a string; null is "".
func (p *Parser) str(h *head, field, code string) string {
	if p.begins(h, '"', field, code, "a string") {
		return p.x.str()
	}
	return ""
}

// amount reads an amount of money in minor units; null is absent.
func (p *Parser) amount(h *head, field string, absent, most int64) int64 {
	v, ok := p.wholeNumber()
	if ok && v >= 0 && v <= most {
		return v
	}
	if ok || v != 0 {
		h.note(BadPrice, p.named(field)+" must be a whole number of minor units (1999 for 19.99), not negative")
	}
	return absent
}

// named is a field's name as messages give it.
func (p *Parser) named(field string) string {
	if p.item < 0 {
		return field
	}
	if field == "" {
		return fmt.Sprintf("items[%d]", p.item)
	}
	return fmt.Sprintf("items[%d].%s", p.item, field)
}

// note keeps the first thing that is wrong with an event.
func (h *head) note(code, message string) {
	switch {
	case h.soft && h.softCode == "":
		h.softCode, h.softMessage = code, message
	case !h.soft && h.code == "":
		h.code, h.message = code, message
	}
}

// finish gives e its kind and what its aliased fields said.
func (p *Parser) finish(h *head, e *Event) {
	e.Name = cmp.Or(e.Name, p.alias.name)
	if e.Kind = KindOf(e.Name); e.Kind != Custom {
		e.Name = e.Kind.String()
	}
	if p.alias.seen {
		p.resolve(h, e)
	}
}

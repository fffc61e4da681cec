package clickstream

import (
	"cmp"
	"strings"
)

// alias is what aliased fields of an event said: GA4's params and ecommerce, Segment's properties. Amounts stay text until the
// event's end, when the currency is known. Whether any of it counts depends on the event's kind: a custom event may call its
// own fields as it likes, and keeps them all as props.
type alias struct {
	seen        bool
	name        string
	props       string // the text of the fields
	items       []aliasItem
	flat        aliasItem // a product whose fields stand among the event's
	currency    string
	itemMoney   string // an item's currency
	value       string
	valueRank   int
	transaction string
	term        string
	url, ref    string
	title       string
}

type aliasItem struct {
	id, category    string
	idRank          int
	price, quantity string
}

func (p *Parser) aliasEvent(h *head, e *Event, key string) {
	switch key {
	case "event":
		p.alias.name = p.str(h, "event", BadJSON)
	case "params", "ecommerce", "properties":
		p.aliasFields(h, key)
	case "user_id":
		e.User = p.flexible(h, "user_id", BadJSON)
	case "timestamp_micros":
		h.ts, h.hasTS = p.micros(h)
	case "gcs":
		if s := p.str(h, "gcs", BadJSON); s != "" && !h.consent.gcs(s) {
			h.consent.and(refused())
		}
	default:
		p.x.skip()
	}
}

func (p *Parser) aliasFields(h *head, field string) {
	if !p.begins(h, '{', field, BadJSON, "an object") {
		return
	}
	x, a := &p.x, &p.alias
	h.soft, a.seen = true, true
	from := x.i
	for ok := x.enter('}'); ok; ok = x.more('}') {
		switch key := x.key(); key {
		case "items", "products":
			p.aliasItems(h, key)
		case "currency":
			a.currency = p.flexible(h, key, BadCurrency)
		case "value", "revenue", "total": // what was paid counts before what was sold
			p.ranked(h, key, BadPrice, &a.value, &a.valueRank)
		case "transaction_id", "order_id":
			a.transaction = p.flexible(h, key, BadJSON)
		case "search_term", "query":
			a.term = p.flexible(h, key, BadJSON)
		case "page_location", "url":
			a.url = p.flexible(h, key, BadJSON)
		case "page_referrer", "referrer":
			a.ref = p.flexible(h, key, BadJSON)
		case "page_title", "title":
			a.title = p.flexible(h, key, BadJSON)
		default:
			p.aliasItemField(h, &a.flat, key)
		}
	}
	h.soft = false
	a.props = x.s[from:x.i]
}

func (p *Parser) aliasItems(h *head, field string) {
	a := &p.alias
	a.items = a.items[:0]
	if !p.begins(h, '[', field, BadItem, "an array") {
		return
	}
	x := &p.x
	p.item = 0
	for ok := x.enter(']'); ok; ok = x.more(']') {
		if !p.begins(h, '{', "", BadItem, "an object") {
			continue
		}
		if p.item == MaxItems {
			h.note(BadItem, "items: too many")
			x.skip()
			continue
		}
		a.items = append(a.items, aliasItem{})
		it := &a.items[p.item]
		for ok := x.enter('}'); ok; ok = x.more('}') {
			p.aliasItemField(h, it, x.key())
		}
		p.item++
	}
	p.item = -1
}

func (p *Parser) aliasItemField(h *head, it *aliasItem, key string) {
	switch key {
	case "item_id", "product_id", "sku", "id":
		p.ranked(h, key, BadItem, &it.id, &it.idRank)
	case "price":
		it.price = p.flexible(h, key, BadPrice)
	case "quantity":
		it.quantity = p.flexible(h, key, BadItem)
	case "item_category", "category":
		if p.x.kind() == '"' {
			it.category = p.x.str()
		} else {
			p.x.skip()
		}
	case "currency": // of an item
		p.alias.itemMoney = p.flexible(h, key, BadCurrency)
	default:
		p.x.skip()
	}
}

// aliasRank is how much a field of several for the same thing weighs.
func aliasRank(key string) int {
	switch key {
	case "item_id", "total":
		return 4
	case "product_id", "revenue":
		return 3
	case "sku", "value":
		return 2
	}
	return 1
}

func (p *Parser) ranked(h *head, key, code string, s *string, best *int) {
	if v := p.flexible(h, key, code); v != "" && aliasRank(key) >= *best {
		*s, *best = v, aliasRank(key)
	}
}

// flexible reads a string or the text of a number, as these senders mix them; null is "".
func (p *Parser) flexible(h *head, field, code string) string {
	switch c := p.x.kind(); {
	case c == '"':
		return strings.TrimSpace(p.x.str())
	case c == '-' || c-'0' < 10:
		return p.x.number()
	}
	return p.str(h, field, code)
}

// resolve moves what the aliased fields said into e, as far as e's kind has a place for it.
func (p *Parser) resolve(h *head, e *Event) {
	a := &p.alias
	if e.Kind == Custom && e.Props == "" && len(a.props) > 2 {
		e.Props = a.props
	}
	if e.Kind == PageView || e.URL == "" && strings.Contains(a.props, `"page_location"`) {
		e.URL, e.Ref, e.Title = cmp.Or(e.URL, a.url), cmp.Or(e.Ref, a.ref), cmp.Or(e.Title, a.title)
	}
	if e.Kind == Search {
		e.SearchTerm = cmp.Or(e.SearchTerm, a.term)
	}
	if !e.Kind.carriesItems() {
		return
	}
	if h.softCode != "" {
		h.note(h.softCode, h.softMessage)
	}
	e.Transaction = cmp.Or(e.Transaction, a.transaction)
	places := p.places(h, e)
	if a.value != "" {
		e.Value = p.money(h, "value", a.value, places, maxEventValue)
	}
	switch {
	case len(e.Items) > 0:
		return
	case len(a.items) == 0 && a.flat.id != "":
		e.Items = append(e.Items, p.aliasItem(h, &a.flat, places))
	}
	for i := range a.items {
		p.item = i
		e.Items = append(e.Items, p.aliasItem(h, &a.items[i], places))
	}
	p.item = -1
}

func (p *Parser) aliasItem(h *head, it *aliasItem, places int) Item {
	out := Item{ID: it.id, Price: NoPrice, Quantity: 1, Category: it.category}
	if !isID(it.id) {
		h.note(BadItem, p.named("item_id")+idRule)
	}
	if len(it.category) > maxTextBytes {
		h.note(BadItem, p.named("category")+" may have 256 bytes")
	}
	if it.price != "" {
		out.Price = p.money(h, "price", it.price, places, maxItemPrice)
	}
	if it.quantity != "" {
		thousandths, ok := parseDecimal(it.quantity, 3)
		out.Quantity = thousandths / 1000
		if !ok || thousandths%1000 != 0 || out.Quantity < 1 || out.Quantity > maxPieces {
			h.note(BadItem, p.named("quantity")+" must be a whole number from 1 to 1000000")
		}
	}
	return out
}

// places settles the currency of aliased amounts and its decimals. Without any, two are taken: Segment's own examples come so.
func (p *Parser) places(h *head, e *Event) int {
	if e.Currency == "" {
		e.Currency = cmp.Or(p.alias.currency, p.alias.itemMoney)
	}
	if e.Currency == "" {
		e.Currency = p.src.Currency
	}
	if e.Currency == "" {
		return 2
	}
	places, ok := minorDigits(e.Currency)
	if !ok {
		upper := strings.ToUpper(e.Currency)
		if places, ok = minorDigits(upper); !ok {
			h.note(BadCurrency, "currency must be an ISO 4217 code")
		}
		e.Currency = upper
	}
	return places
}

func (p *Parser) money(h *head, field, text string, places int, most int64) int64 {
	v, ok := parseDecimal(text, places)
	if !ok || v < 0 || v > most {
		h.note(BadPrice, p.named(field)+" must be a decimal number, not negative")
		return 0
	}
	return v
}

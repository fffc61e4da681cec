package offers

import (
	"crypto/sha256"
	"unicode/utf8"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

const maxTransaction = 200 // bytes

// redeem spends a live offer, once.
func (l *Ledger) redeem(r *record.Control, shelf Shelf) (*Redemption, *Refusal) {
	var body Redeem
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return nil, refuse("bad_body", "body: %v", err)
	}
	if refused := body.check(); refused != nil {
		return nil, refused
	}
	place, refused := l.find(r, body.Number)
	if refused != nil {
		return nil, refused
	}
	e := l.entries.at(place)
	if refused := e.belongs(body.Who); refused != nil {
		return nil, refused
	}
	sum := sha256.Sum256([]byte(body.Transaction))
	transaction := [16]byte(sum[:16])
	if e.state == stateRedeemed && e.transaction == transaction {
		answer := l.redemption(e)
		answer.Duplicate = true
		return answer, nil
	}
	if refused := e.live(r.Time); refused != nil {
		return nil, refused
	}
	discount, refused := l.comesTo(e, body.Cart, shelf)
	if refused != nil {
		return nil, refused
	}
	e = l.entries.edit(place)
	e.transaction = transaction
	l.end(e, stateRedeemed, discount)
	return l.redemption(e), nil
}

// Check says what of a body cannot be: a Refusal that names the field.
func (b *Redeem) Check() error {
	if refused := b.check(); refused != nil {
		return refused
	}
	return nil
}

func (b *Redeem) check() *Refusal {
	if b.Transaction == "" || len(b.Transaction) > maxTransaction || !utf8.ValidString(b.Transaction) {
		return refuse("bad_transaction", "transaction_id: want 1-%d bytes of UTF-8", maxTransaction)
	}
	c := b.Cart
	switch {
	case c == nil:
		return nil
	case c.Value < 0 || c.Value > maxCart:
		return refuse("bad_cart", "cart.value: %d, want 0 to %d minor units", c.Value, int64(maxCart))
	case c.Value == 0 && len(c.Lines) == 0:
		return refuse("bad_cart", "cart: want a value or lines")
	}
	if refused := checkLines(c.Lines, "cart.lines"); refused != nil {
		return &Refusal{"bad_cart", refused.Message}
	}
	return nil
}

// find is the place of the offer that a record names by id or number, if it was granted by its site.
func (l *Ledger) find(r *record.Control, number uint64) (uint32, *Refusal) {
	s := l.sites[r.Site]
	if s == nil {
		return 0, refuse("unknown_offer", "offer: there is none")
	}
	var place uint32
	var known bool
	if r.ID != "" {
		id, ok := parseID(r.ID)
		if !ok {
			return 0, refuse("bad_id", "id: want o_ and 32 hex digits")
		}
		place, known = s.ids[id]
	} else if place, known = l.numbers.place(number); !known && number > 0 && number <= l.number {
		return 0, refuse("offer_ended", "offer: it ended more than a day ago")
	}
	if !known {
		return 0, refuse("unknown_offer", "offer: there is none")
	}
	if e := l.entries.at(place); !e.granted() || l.campaigns[e.campaign].site != s {
		return 0, refuse("unknown_offer", "offer: there is none")
	}
	return place, nil
}

// belongs says whether who, if given, is the offer's shopper.
func (e *entry) belongs(who string) *Refusal {
	if who == "" {
		return nil
	}
	if key, ok := parseHex(who); !ok || key != e.who || key == ([16]byte{}) {
		return refuse("other_shopper", "visitor: the offer is another shopper's")
	}
	return nil
}

// live says why an offer can no longer be used at now.
func (e *entry) live(now int64) *Refusal {
	switch {
	case e.state == stateRedeemed:
		return refuse("used", "code: it was used before")
	case e.state == stateCancelled:
		return refuse("cancelled", "code: the offer was taken back")
	case e.state != stateLive || e.expires <= now:
		return refuse("expired", "code: the offer has expired")
	}
	return nil
}

// comesTo is what e takes off cart: as granted, no more than was reserved, and no line below the floors and costs of now.
func (l *Ledger) comesTo(e *entry, cart *Cart, shelf Shelf) (int64, *Refusal) {
	if cart == nil {
		return e.amount, nil
	}
	c := l.campaigns[e.campaign]
	currency := c.shown.Load().Budget.Currency
	if cart.Currency != "" && cart.Currency != currency {
		return 0, refuse("currency", "cart.currency: %q, but the offer is in %s", clip(cart.Currency), currency)
	}
	kind, percent := Amount, int64(0)
	if e.percent {
		kind, percent = Percent, e.value
	}
	b := basket{value: cart.Value, room: e.amount, part: e.amount} // a bare value: the claim's cart bounds it
	if len(cart.Lines) > 0 {
		var ok bool
		if b, ok = weigh(shelf, c.site.name, currency, cart.Lines, percent, &Audience{}); !ok {
			return 0, refuse("currency", "cart.lines: an item is not in %s", currency)
		}
		if cart.Value > 0 {
			b.value = min(b.value, cart.Value)
		}
	}
	discount := min(discountOf(kind, e.value, &b), e.amount)
	if discount <= 0 {
		return 0, refuse("no_discount", "cart: nothing can be taken off it")
	}
	return discount, nil
}

func (l *Ledger) redemption(e *entry) *Redemption {
	c := l.campaigns[e.campaign].shown.Load()
	return &Redemption{Offer: formatID(e.id), Campaign: c.ID, Discount: e.spent, Currency: c.Budget.Currency}
}

// cancel takes back a live offer. Again it is answered as before.
func (l *Ledger) cancel(r *record.Control) (*Offer, *Refusal) {
	var body Cancel
	if len(r.Body) > 0 {
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return nil, refuse("bad_body", "body: %v", err)
		}
	}
	place, refused := l.find(r, 0)
	if refused != nil {
		return nil, refused
	}
	e := l.entries.at(place)
	if refused := e.belongs(body.Who); refused != nil {
		return nil, refused
	}
	if e.state != stateCancelled {
		if refused := e.live(r.Time); refused != nil {
			return nil, refused
		}
		e = l.entries.edit(place)
		l.end(e, stateCancelled, 0)
	}
	offer := l.offer(e)
	return &offer, nil
}

// forget takes a shopper out of all that is remembered of a site: live offers are cancelled, claims stand in nobody's name, and caps
// begin anew. It looks at every remembered claim.
func (l *Ledger) forget(r *record.Control) (*Forgotten, *Refusal) {
	var body Forget
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return nil, refuse("bad_body", "body: %v", err)
	}
	who, ok := parseHex(body.Who)
	if !ok || who == ([16]byte{}) {
		return nil, refuse("bad_who", "who: want 32 hex digits")
	}
	s := l.sites[r.Site]
	answer := &Forgotten{}
	if s == nil {
		return answer, nil
	}
	for _, place := range s.ids { // in any order: each is changed by itself
		if l.entries.at(place).who != who {
			continue
		}
		e := l.entries.edit(place)
		if e.state == stateLive {
			l.end(e, stateCancelled, 0)
		}
		e.who = [16]byte{}
		answer.Offers++
	}
	for _, c := range l.campaigns {
		if c.site == s && c.shoppers.of(who) > 0 {
			delete(c.shoppers.edit(who, l.entries.epoch), who)
			l.shoppers--
		}
	}
	return answer, nil
}

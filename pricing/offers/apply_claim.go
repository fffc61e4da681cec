package offers

import (
	"strings"

	"beckon/clickstream/record"
)

// claim decides one claim. What it decides is remembered, refusals too: the caller who asks again with the same id gets the same.
func (l *Ledger) claim(r *record.Control, shelf Shelf) (*Decision, *Refusal) {
	id, ok := parseID(r.ID)
	if !ok {
		return nil, refuse("bad_id", "id: want o_ and 32 hex digits")
	}
	claim := &l.scratch
	if refused := decodeClaim(string(r.Body), claim); refused != nil {
		return nil, refused
	}
	who, ok := parseHex(claim.Who)
	if !ok || who == ([16]byte{}) {
		return nil, refuse("bad_who", "who: want 32 hex digits")
	}
	site := l.sites[r.Site]
	if site == nil {
		return nil, refuse("unknown_campaign", "campaign: there is no %q", claim.Campaign)
	}
	if place, ok := site.ids[id]; ok {
		e := l.entries.at(place)
		if e.who != who {
			return nil, refuse("bad_id", "id: it was claimed for another shopper")
		}
		d := l.decision(e)
		d.Duplicate = true
		return d, nil
	}
	c := site.campaigns[claim.Campaign]
	if c == nil {
		return nil, refuse("unknown_campaign", "campaign: there is no %q", claim.Campaign)
	}
	now := c.shown.Load()
	amount, code := l.judge(c, now, claim, who, r.Time, shelf)
	l.seq++
	e := entry{terms: terms{id: id, decided: r.Time, expires: r.Time}, who: who, seq: l.seq, campaign: c.serial, code: code}
	if code != codeNone {
		e.settled = true
		c.mu.Lock()
		c.states[stateRefused]++
		c.refusals[code]++
		c.mu.Unlock()
		c.remembered++
		place := l.entries.add(&e)
		site.ids[id] = place
		d := &Decision{Outcome: Refused, Code: codeNames[code]}
		l.settle(place)
		return d, nil
	}
	e.state, e.expires = stateHeld, r.Time+now.TTL*1000
	if !now.Held(claim.Who) {
		l.number++
		e.number = l.number
		e.state, e.amount, e.value, e.percent = stateLive, amount, now.Discount.Value, now.Discount.Kind == Percent
		e.item = l.itemNumber(claim.Item)
	}
	l.keep(site, c, &e)
	return l.decision(&e), nil
}

// keep remembers a claim that was granted or held, and reserves its amount.
func (l *Ledger) keep(site *siteState, c *campaign, e *entry) {
	place := l.entries.add(e)
	site.ids[e.id] = place
	l.open.push(openOffer{e.expires, e.seq, place})
	c.remembered++
	day := dayOf(e.decided)
	c.mu.Lock()
	c.states[e.state]++
	if e.state == stateLive {
		c.grants++
		c.reserved += e.amount
		if c.day != day {
			c.day, c.today = day, 0
		}
		c.today++
	}
	c.mu.Unlock()
	if e.state != stateLive {
		return
	}
	l.numbers.put(e.number, place)
	counts := c.shoppers.edit(e.who, l.entries.epoch)
	n := counts[e.who] + 1
	if counts[e.who] = n; n == 1 {
		l.shoppers++
	}
	site.live.put(e.who, l.liveOffer(c, e))
}

// judge says what the offer would come to at most, or why there is none. It changes nothing. The holdout is asked after it, so that
// both arms are shoppers who would have got the offer.
func (l *Ledger) judge(c *campaign, now *Campaign, claim *Claim, who [16]byte, at int64, shelf Shelf) (amount int64, code claimCode) {
	currency := now.Budget.Currency
	if !now.Open(at) {
		return 0, codeNotRunning
	}
	if claim.Currency != "" && claim.Currency != currency {
		return 0, codeCurrency
	}
	if len(claim.Lines) == 0 {
		return 0, codeEmptyCart
	}
	d := &now.Discount
	b, ok := weigh(shelf, c.site.name, currency, claim.Lines, percentOf(d.Kind, d.Value), &now.Audience)
	if !ok {
		return 0, codeCurrency
	}
	if claim.Value > 0 {
		b.value = min(b.value, claim.Value)
	}
	a := &now.Audience
	if !b.fits || b.value < a.MinCart || a.MaxCart > 0 && b.value > a.MaxCart {
		return 0, codeAudience
	}
	amount = discountOf(d.Kind, d.Value, &b)
	for _, most := range [...]int64{d.Max, claim.Max} {
		if most > 0 {
			amount = min(amount, most)
		}
	}
	if amount <= 0 {
		return 0, codeNoDiscount
	}
	return amount, l.afford(c, now, who, at, amount)
}

// afford says what of caps, budget and memory does not allow an offer of amount.
func (l *Ledger) afford(c *campaign, now *Campaign, who [16]byte, at, amount int64) claimCode {
	caps, day := &now.Caps, dayOf(at)
	got := c.shoppers.of(who)
	switch {
	case c.site.live.has(who):
		return codeHasOffer
	case got >= caps.PerShopper:
		return codeCapShopper
	case caps.PerDay > 0 && c.day == day && c.today >= caps.PerDay:
		return codeCapDay
	case caps.Total > 0 && c.grants >= caps.Total:
		return codeCapTotal
	case amount > now.Budget.Amount-c.spent-c.reserved:
		return codeNoBudget
	case len(l.open) >= l.cfg.MaxOpen || l.number >= maxNumber:
		return codeTooManyOpen
	case got == 0 && l.shoppers >= l.cfg.MaxShoppers:
		return codeTooManyShoppers
	}
	return codeNone
}

// dayOf is the UTC day of a time in Unix ms, counted from 1970.
func dayOf(ms int64) int64 { return ms / dayMs }

// itemNumber is the place of an item's id in l.items. Ids are kept for ever: the catalog has no more of them.
func (l *Ledger) itemNumber(id string) uint32 {
	if id == "" {
		return 0
	}
	n, ok := l.itemPlace[id]
	if !ok {
		id = strings.Clone(id) // it shares the record's memory
		n = uint32(len(l.items))
		l.items = append(l.items, id)
		l.itemPlace[id] = n
	}
	return n
}

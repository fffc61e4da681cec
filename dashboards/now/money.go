package now

import "strings"

// purse is a site's takings in one currency by the minute.
type purse struct {
	currency string
	ring     [hoursRing]*takings // hour h at h modulo the length
}

// takings is an hour of a purse.
type takings struct {
	number int32
	sums   [60]sum
}

type sum struct {
	revenue, refunded int64
	orders            uint32
}

// maxCurrencies bounds the currencies of a site; takings in others are in no purse, and the orders count all the same.
const maxCurrencies = 8

// purse is that of a currency, nil if there are too many.
func (s *site) purse(currency string) *purse {
	if p := s.knownPurse(currency); p != nil {
		return p
	}
	if len(s.purses) == maxCurrencies || len(currency) > 3 {
		return nil
	}
	p := &purse{currency: strings.Clone(currency)}
	s.purses = append(s.purses, p)
	return p
}

func (s *site) knownPurse(currency string) *purse {
	for _, p := range s.purses {
		if p.currency == currency {
			return p
		}
	}
	return nil
}

// at is the minute of a time, which the minutes hold.
func (p *purse) at(t int64) *sum {
	number := int32(t / hourMs)
	h := p.ring[number&(hoursRing-1)]
	if h == nil || h.number != number {
		h = &takings{number: number}
		p.ring[number&(hoursRing-1)] = h
	}
	return &h.sums[t/minuteMs%60]
}

// find is an hour of the purse, nil if nothing was taken in it.
func (p *purse) find(number int32) *takings {
	if h := p.ring[number&(hoursRing-1)]; h != nil && h.number == number {
		return h
	}
	return nil
}

// trim lets go of the hours that are not kept any more.
func (p *purse) trim(newest int32) {
	for i, h := range p.ring {
		if h != nil && h.number <= newest-keepHours {
			p.ring[i] = nil
		}
	}
}

// took counts what an order brought, or what a refund took back, as clickstream.Orders did.
func (s *site) took(at int64, currency string, amount int64) {
	p := s.purse(currency)
	if p == nil {
		return
	}
	m := p.at(at)
	if amount < 0 {
		m.refunded -= amount
		return
	}
	m.revenue += amount
	m.orders++
}

package offers

import (
	"errors"
	"fmt"
)

// Check verifies what state can show of the promises: for each campaign granted = live + redeemed + expired + cancelled and
// spent + reserved ≤ budget; no discount above its reservation; one live offer a shopper and site; and that accounts say what the
// remembered claims add up to. It reads all that is remembered. Forgotten claims count only in the account.
func (l *Ledger) Check() error {
	k := checker{l: l, sums: map[uint32]*account{}, numbers: map[uint64]bool{}}
	for serial := range l.campaigns {
		k.sums[serial] = &account{}
	}
	claims := 0
	for _, s := range l.sites {
		claims += len(s.ids)
		if err := k.site(s); err != nil {
			return fmt.Errorf("offers: site %s: %w", s.name, err)
		}
	}
	if open, settled := len(l.open), l.settled.len(); claims != open+settled {
		return fmt.Errorf("offers: %d claims, but %d open and %d settled", claims, open, settled)
	}
	shoppers := 0
	for serial, c := range l.campaigns {
		shoppers += c.shoppers.len()
		if err := c.check(k.sums[serial]); err != nil {
			return fmt.Errorf("offers: campaign %s of site %s: %w", c.shown.Load().ID, c.site.name, err)
		}
	}
	if shoppers != l.shoppers {
		return fmt.Errorf("offers: %d shoppers counted, but %d there", l.shoppers, shoppers)
	}
	return nil
}

// checker adds up remembered claims by campaign.
type checker struct {
	l       *Ledger
	sums    map[uint32]*account
	numbers map[uint64]bool
}

func (k *checker) site(s *siteState) error {
	live := 0
	for id, place := range s.ids {
		e := k.l.entries.at(place)
		c := k.l.campaigns[e.campaign]
		switch {
		case c == nil || c.site != s || e.id != id:
			return fmt.Errorf("%s stands in the wrong place", formatID(id))
		case e.granted() != (e.number != 0) || e.number > k.l.number || k.numbers[e.number]:
			return fmt.Errorf("%s has number %d, which is another's or nobody's", formatID(id), e.number)
		case e.spent < 0 || e.spent > e.amount || (e.spent > 0) != (e.state == stateRedeemed):
			return fmt.Errorf("%s spent %d of %d", formatID(id), e.spent, e.amount)
		}
		k.numbers[e.number] = e.number != 0
		sum := k.sums[e.campaign]
		sum.states[e.state]++
		sum.refusals[e.code]++
		sum.spent += e.spent
		if e.state != stateLive {
			continue
		}
		live++
		sum.reserved += e.amount
		if o := s.live.of(e.who); o == nil || o.terms != e.terms {
			return fmt.Errorf("%s is not its shopper's live offer", formatID(id))
		}
	}
	if n := s.live.len(); n != live {
		return fmt.Errorf("%d live offers, but %d shoppers with one", live, n)
	}
	return nil
}

// check compares the account with itself and with sum, what the remembered claims add up to: equal where it is about live offers.
func (c *campaign) check(sum *account) error {
	a, budget := &c.account, c.shown.Load().Budget.Amount
	var errs []error
	if ended := a.states[stateRedeemed] + a.states[stateExpired] + a.states[stateCancelled]; a.grants != a.states[stateLive]+ended {
		errs = append(errs, fmt.Errorf("%d granted, but %d live and %d ended", a.grants, a.states[stateLive], ended))
	}
	if a.spent < 0 || a.reserved < 0 || a.spent+a.reserved > budget {
		errs = append(errs, fmt.Errorf("%d spent and %d reserved of %d", a.spent, a.reserved, budget))
	}
	if a.states[stateLive] != sum.states[stateLive] || a.reserved != sum.reserved {
		errs = append(errs, fmt.Errorf("%d live with %d, claims add up to %d with %d", a.states[stateLive], a.reserved, sum.states[stateLive], sum.reserved))
	}
	if a.spent < sum.spent {
		errs = append(errs, fmt.Errorf("%d spent, claims add up to %d", a.spent, sum.spent))
	}
	var refused int64
	for code, n := range a.refusals {
		refused += n
		if codeNames[code] != "" && n < sum.refusals[code] {
			errs = append(errs, fmt.Errorf("%d refused for %s, claims say %d", n, codeNames[code], sum.refusals[code]))
		}
	}
	if refused != a.states[stateRefused] {
		errs = append(errs, fmt.Errorf("%d refused, but %d by code", a.states[stateRefused], refused))
	}
	for state, n := range a.states {
		if n < sum.states[state] {
			errs = append(errs, fmt.Errorf("%d in state %d, claims say %d", n, state, sum.states[state]))
		}
	}
	return errors.Join(errs...)
}

package offers

import (
	"errors"
	"fmt"
)

// Check verifies every promise that state can show: for each campaign granted = live + redeemed + expired + cancelled, spent + reserved ≤
// budget, caps kept, and all of it equal to what the remembered claims add up to; one live offer a shopper and site; every number once.
// It reads all that is remembered. Claims that were forgotten count only in the account.
func (l *Ledger) Check() error {
	sums := map[uint32]*account{}
	for serial, c := range l.campaigns {
		sums[serial] = &account{}
		if err := l.checkCampaign(c); err != nil {
			return fmt.Errorf("offers: campaign %s/%s: %w", c.site.name, c.shown.Load().ID, err)
		}
	}
	type shopper struct {
		site *siteState
		who  [16]byte
	}
	live := map[shopper]bool{}
	numbers := map[uint64]bool{}
	remembered := 0
	for _, s := range l.sites {
		for id, place := range s.ids {
			e := l.entries.at(place)
			c := l.campaigns[e.campaign]
			if c == nil || c.site != s || e.id != id {
				return fmt.Errorf("offers: %s stands in the wrong place", formatID(id))
			}
			remembered++
			sum := sums[e.campaign]
			sum.states[e.state]++
			sum.refusals[e.code]++
			sum.spent += e.spent
			if e.number != 0 && numbers[e.number] || e.number > l.number {
				return fmt.Errorf("offers: number %d was given twice or never", e.number)
			}
			numbers[e.number] = e.number != 0
			if e.spent < 0 || e.spent > e.amount || e.state != stateRedeemed && e.spent != 0 {
				return fmt.Errorf("offers: %s spent %d of %d", formatID(id), e.spent, e.amount)
			}
			if e.state == stateLive {
				sum.reserved += e.amount
				if key := (shopper{s, e.who}); live[key] || !s.live.has(e.who) {
					return fmt.Errorf("offers: %s is a shopper's second live offer, or cannot be found", formatID(id))
				} else {
					live[key] = true
				}
			}
		}
	}
	if remembered != len(l.open)+l.settled.len() {
		return fmt.Errorf("offers: %d claims, but %d open and %d settled", remembered, len(l.open), l.settled.len())
	}
	for serial, c := range l.campaigns {
		if err := c.explains(sums[serial]); err != nil {
			return fmt.Errorf("offers: campaign %s/%s: %w", c.site.name, c.shown.Load().ID, err)
		}
	}
	return nil
}

func (l *Ledger) checkCampaign(c *campaign) error {
	now := c.shown.Load()
	var errs []error
	for i, n := range c.states {
		if n < 0 {
			errs = append(errs, fmt.Errorf("state %d counts %d", i, n))
		}
	}
	if c.spent < 0 || c.reserved < 0 || c.spent+c.reserved > now.Budget.Amount {
		errs = append(errs, fmt.Errorf("spent %d + reserved %d of %d", c.spent, c.reserved, now.Budget.Amount))
	}
	var refused int64
	for _, n := range c.refusals {
		refused += n
	}
	if refused != c.states[stateRefused] {
		errs = append(errs, fmt.Errorf("%d refused, %d by code", c.states[stateRefused], refused))
	}
	return errors.Join(errs...)
}

// explains says where the account is below what the remembered claims add up to; of what is live it must be equal.
func (c *campaign) explains(sum *account) error {
	if c.states[stateLive] != sum.states[stateLive] || c.reserved != sum.reserved {
		return fmt.Errorf("%d live reserve %d, claims say %d and %d", c.states[stateLive], c.reserved, sum.states[stateLive], sum.reserved)
	}
	for i := range c.states {
		if c.states[i] < sum.states[i] {
			return fmt.Errorf("state %d counts %d, claims say %d", i, c.states[i], sum.states[i])
		}
	}
	if c.spent < sum.spent {
		return fmt.Errorf("spent %d, claims say %d", c.spent, sum.spent)
	}
	return nil
}

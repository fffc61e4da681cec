package offers

import (
	"cmp"
	"maps"
	"slices"
)

// shownSite is what readers see of a site's campaigns. It is replaced, never changed; what the campaigns point to lives on.
type shownSite struct {
	campaigns []*campaign // not removed, in order of id
	running   map[string][]*Campaign
	live      *siteLive
}

// show lets readers see the site's campaigns as they are now.
func (l *Ledger) show(s *siteState) {
	shown := &shownSite{running: map[string][]*Campaign{}, live: s.live}
	for _, c := range s.campaigns {
		shown.campaigns = append(shown.campaigns, c)
	}
	slices.SortFunc(shown.campaigns, func(a, b *campaign) int { return cmp.Compare(a.shown.Load().ID, b.shown.Load().ID) })
	for _, c := range shown.campaigns {
		if now := c.shown.Load(); now.State == Active {
			shown.running[now.Trigger.Kind] = append(shown.running[now.Trigger.Kind], now)
		}
	}
	all := maps.Clone(*l.shown.Load())
	all[s.name] = shown
	l.shown.Store(&all)
}

func (l *Ledger) shownSite(site string) *shownSite { return (*l.shown.Load())[site] }

// Running is the site's active campaigns of a trigger, in order of id. Whether one grants at an instant says its Open. The slice and
// what it points to are never changed.
func (l *Ledger) Running(site, trigger string) []*Campaign {
	if s := l.shownSite(site); s != nil {
		return s.running[trigger]
	}
	return nil
}

// Report is a campaign with its account at one instant.
type Report struct {
	Campaign *Campaign
	Totals   Totals
}

// Totals is a campaign's account. Granted = Live + Redeemed + Expired + Cancelled; Spent + Reserved + Free = budget.
type Totals struct {
	Granted   int64            `json:"granted"`
	Held      int64            `json:"held"` // claims that the holdout kept from an offer
	Live      int64            `json:"live"`
	Redeemed  int64            `json:"redeemed"`
	Expired   int64            `json:"expired"`
	Cancelled int64            `json:"cancelled"`
	Reserved  int64            `json:"reserved"` // minor units
	Spent     int64            `json:"spent"`
	Free      int64            `json:"free"`
	Refusals  map[string]int64 `json:"refusals"` // claims by code
}

// Campaign is a site's campaign that was not removed.
func (l *Ledger) Campaign(site, id string) (Report, bool) {
	s := l.shownSite(site)
	if s == nil {
		return Report{}, false
	}
	i, ok := slices.BinarySearchFunc(s.campaigns, id, func(c *campaign, id string) int { return cmp.Compare(c.shown.Load().ID, id) })
	if !ok {
		return Report{}, false
	}
	return s.campaigns[i].report(), true
}

// Campaigns is all of a site's campaigns that were not removed, in order of id.
func (l *Ledger) Campaigns(site string) []Report {
	s := l.shownSite(site)
	if s == nil {
		return nil
	}
	reports := make([]Report, 0, len(s.campaigns))
	for _, c := range s.campaigns {
		reports = append(reports, c.report())
	}
	return reports
}

func (c *campaign) report() Report {
	c.mu.Lock()
	a, now := c.account, c.shown.Load()
	c.mu.Unlock()
	t := Totals{
		Granted: a.grants, Held: a.states[stateHeld], Live: a.states[stateLive], Redeemed: a.states[stateRedeemed],
		Expired: a.states[stateExpired], Cancelled: a.states[stateCancelled],
		Reserved: a.reserved, Spent: a.spent, Free: now.Budget.Amount - a.reserved - a.spent, Refusals: map[string]int64{},
	}
	for code, n := range a.refusals {
		if n > 0 {
			t.Refusals[codeNames[code]] = n
		}
	}
	return Report{now, t}
}

// Live is the shopper's live offer; there is at most one in a site. It ends when the log's clock passes its Expires, which may be later
// than a reader's own clock does.
func (l *Ledger) Live(site, who string) (Offer, bool) {
	s := l.shownSite(site)
	key, ok := parseHex(who)
	if s == nil || !ok {
		return Offer{}, false
	}
	o := s.live.of(key)
	if o == nil {
		return Offer{}, false
	}
	return o.offer(), true
}

// LiveOf is a campaign's live offers, the ones granted last first, at most limit. It looks at every live offer of the site.
func (l *Ledger) LiveOf(site, campaign string, limit int) []Offer {
	s := l.shownSite(site)
	if s == nil || limit <= 0 {
		return nil
	}
	return s.live.newest(nil, campaign, limit)
}

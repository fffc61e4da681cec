package offers

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

// maxCampaigns of a site that were not removed.
const maxCampaigns = 1000

// putCampaign makes a campaign or replaces its settings.
func (l *Ledger) putCampaign(r *record.Control) (*Campaign, *Refusal) {
	var put Put
	if err := json.Unmarshal(r.Body, &put); err != nil {
		return nil, refuse("bad_body", "body: %v", err)
	}
	if !validID(r.ID) {
		return nil, refuse("bad_id", "id: want 1-64 of A-Z a-z 0-9 _ . : -")
	}
	put.Normalize()
	if refused := put.validate(); refused != nil {
		return nil, refused
	}
	if put.State != "" && put.State != Active && put.State != Paused {
		return nil, refuse("bad_state", "state: %q, want active or paused", clip(string(put.State)))
	}
	var c *campaign
	s := l.sites[r.Site]
	if s != nil {
		c = s.campaigns[r.ID]
	}
	if c != nil {
		return l.changeCampaign(r, c, &put)
	}
	if s != nil && len(s.campaigns) >= maxCampaigns {
		return nil, refuse("too_many_campaigns", "id: the site has %d campaigns; remove one first", maxCampaigns)
	}
	if s == nil {
		s = l.makeSite(strings.Clone(r.Site))
	}
	l.serial++
	c = &campaign{serial: l.serial, site: s}
	now := &Campaign{ID: strings.Clone(r.ID), Settings: put.Settings, State: Active, Salt: saltOf(r), Created: r.Time, Changed: r.Time}
	if put.State != "" {
		now.State = put.State
	}
	c.shown.Store(now)
	s.campaigns[now.ID] = c
	l.campaigns[c.serial] = c
	l.show(s)
	return now, nil
}

func (l *Ledger) makeSite(name string) *siteState {
	s := &siteState{name: name, campaigns: map[string]*campaign{}, ids: map[[16]byte]uint32{}, live: &siteLive{}}
	l.sites[name] = s
	return s
}

func (l *Ledger) changeCampaign(r *record.Control, c *campaign, put *Put) (*Campaign, *Refusal) {
	was := c.shown.Load()
	switch {
	case put.New:
		return nil, refuse("campaign_exists", "id: there is a campaign %q", was.ID)
	case was.State == Ended:
		return nil, refuse("campaign_ended", "state: %q has ended; make another one", was.ID)
	case c.grants > 0 && put.Budget.Currency != was.Budget.Currency:
		return nil, refuse("currency_fixed", "budget.currency: it is %s since the first offer", was.Budget.Currency)
	case put.Budget.Amount < c.spent+c.reserved:
		return nil, refuse("budget_below_spent", "budget.amount: %d, but %d are spent and %d reserved", put.Budget.Amount, c.spent, c.reserved)
	}
	now := &Campaign{ID: was.ID, Settings: put.Settings, State: was.State, Salt: was.Salt, Created: was.Created, Changed: r.Time}
	if put.State != "" {
		now.State = put.State
	}
	c.store(now)
	l.show(c.site)
	return now, nil
}

// store shows a new version with an account that fits it.
func (c *campaign) store(now *Campaign) {
	c.mu.Lock()
	c.shown.Store(now)
	c.mu.Unlock()
}

// saltOf draws a holdout of its own for each campaign: from its place in the log, which no other has. That it can be computed does no
// harm, because shoppers' hashes are keyed.
func saltOf(r *record.Control) string {
	text := binary.BigEndian.AppendUint64([]byte("beckon campaign\x00"+r.Site+"\x00"+r.ID+"\x00"), r.Offset)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(text, uint64(r.Time)))
	return hex.EncodeToString(sum[:8])
}

// setState starts, pauses, ends or removes a campaign.
func (l *Ledger) setState(r *record.Control) (*Campaign, *Refusal) {
	var set SetState
	if err := json.Unmarshal(r.Body, &set); err != nil {
		return nil, refuse("bad_body", "body: %v", err)
	}
	s := l.sites[r.Site]
	if s == nil || s.campaigns[r.ID] == nil {
		return nil, refuse("unknown_campaign", "id: there is no campaign %q", clip(r.ID))
	}
	c := s.campaigns[r.ID]
	was := c.shown.Load()
	switch {
	case !slices.Contains([]State{Active, Paused, Ended, Removed}, set.State):
		return nil, refuse("bad_state", "state: %q, want active, paused or ended", clip(string(set.State)))
	case was.State == Ended && set.State != Ended && set.State != Removed:
		return nil, refuse("campaign_ended", "state: %q has ended; make another one", was.ID)
	}
	now := *was
	now.State, now.Changed = set.State, r.Time
	c.store(&now)
	if set.State == Removed {
		l.cancelAll(c)
		delete(s.campaigns, now.ID)
		l.forgetCampaign(c)
	}
	l.clearShoppers(c)
	l.show(s)
	return &now, nil
}

// cancelAll takes back a campaign's live offers.
func (l *Ledger) cancelAll(c *campaign) {
	for _, o := range l.open {
		if e := l.entries.at(o.place); e.campaign == c.serial && e.state == stateLive {
			l.end(l.entries.edit(o.place), stateCancelled, 0)
		}
	}
}

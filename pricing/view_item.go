package pricing

import (
	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// ItemView is what is known of one item's price.
type ItemView struct {
	Settings    Effective        `json:"settings"`
	Own         *Settings        `json:"own_settings,omitempty"`
	Frozen      bool             `json:"frozen"`
	Limits      guard.Limits     `json:"limits"`
	Lowest      int64            `json:"lowest_allowed"`  // by the hard limits, minor units
	Highest     int64            `json:"highest_allowed"` // 0: no ceiling
	MovableAt   int64            `json:"movable_at"`      // Unix ms from which dwell lets the price move
	Ref         int64            `json:"reference_price"`
	Pool        string           `json:"pool"`
	PoolPrior   policy.Pool      `json:"pool_prior"`
	Observed    float64          `json:"observed_slots"`
	Shifts      int              `json:"shifts,omitzero"`    // times that demand was found to have changed
	Shifted     int64            `json:"shifted,omitzero"`   // slot of the last, Unix ms
	Proposal    *policy.Proposal `json:"proposal,omitempty"` // what policy would say now
	Curve       []policy.Point   `json:"curve"`
	Decision    *Decision        `json:"decision,omitempty"` // the last one
	Suggestion  *SuggestionView  `json:"suggestion,omitempty"`
	Markdown    *Run             `json:"markdown,omitempty"`
	Competitors []Competitor     `json:"competitors"`
	History     []Entry          `json:"history"`
	Cut         bool             `json:"history_cut"`
	Alert       string           `json:"alert,omitempty"`
	AlertAt     int64            `json:"alert_at,omitempty"`
}

// curvePoints is how many prices the demand curve of a view has.
const curvePoints = 25

// Item is what is known of one item's price at a time.
func (b *Book) Item(site, id string, it Item, now int64) ItemView {
	s := b.site(site)
	if s == nil {
		s = newSiteState()
	}
	c := b.situationOf(s, id, it)
	v := ItemView{Settings: c.set, Frozen: c.stopped(), Limits: c.limits(""), Competitors: []Competitor{}, History: []Entry{}, Curve: []policy.Point{}}
	v.Lowest, v.Highest = v.Limits.Window()
	if v.Highest == guard.MaxAmount {
		v.Highest = 0
	}
	v.MovableAt = it.PriceAt + c.set.Dwell
	st := c.item
	if st == nil {
		return v
	}
	v.Own, v.Ref, v.Pool, v.PoolPrior = st.Settings, st.Ref, st.Pool, c.head.Pools[st.Pool].Prior
	v.Decision, v.Markdown, v.Cut, v.Alert, v.AlertAt = st.Decision, st.running(""), st.Cut, st.Alert, st.AlertAt
	v.Competitors = append(v.Competitors, st.Competitors...)
	v.History = append(v.History, st.History...)
	if g := st.Suggestion; g != nil {
		v.Suggestion = &SuggestionView{g.ID(), id, g.At, g.At + suggestionLife, g.Decision}
	}
	if st.Learned == nil || it.Public <= 0 {
		return v
	}
	v.Observed, v.Shifts, v.Shifted = st.Learned.Slots, st.Learned.Changes, st.Learned.Changed
	in := c.input(site, id, now)
	p := policy.Propose(in.policy())
	v.Proposal = &p
	v.Curve = append(v.Curve, policy.Curve(in.policy(), max(1, it.Public*6/10), it.Public*15/10, curvePoints)...)
	return v
}

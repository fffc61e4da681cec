package offers

// Running is the site's active campaigns of a trigger, in order of id. Whether one grants at an instant says its Open. The slice and
// what it points to are never changed.
func (l *Ledger) Running(site, trigger string) []*Campaign { return nil }

// Report is a campaign with its account at one instant.
type Report struct {
	Campaign *Campaign
	Totals   Totals
}

// Campaign is a site's campaign that was not removed.
func (l *Ledger) Campaign(site, id string) (Report, bool) { return Report{}, false }

// Campaigns is all of a site's campaigns that were not removed, in order of id.
func (l *Ledger) Campaigns(site string) []Report { return nil }

// Live is the shopper's live offer; there is at most one in a site. It may have expired by now: the log's clock says.
func (l *Ledger) Live(site, who string) (Offer, bool) { return Offer{}, false }

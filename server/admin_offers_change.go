package main

import (
	"strconv"

	"github.com/a-h/templ"

	"beckon/dashboards/offers"
	"beckon/dashboards/ui"
	ledger "beckon/pricing/offers"
	"beckon/server/shop"
)

func (n *node) newOfferPage(a *adminRequest) error {
	f := &offerForm{t: a.text, currency: a.site.Currency, values: newValues(a), errors: map[string]string{}}
	return a.render(n.newOffer(a, f, nil))
}

func (n *node) newOffer(a *adminRequest, f *offerForm, segments []string) templ.Component {
	p := a.page("offers", a.text.T("offers.new"))
	p.Lead, p.Up = a.text.T("offers.new.lead"), &ui.Link{Label: a.text.T("offers.title"), Href: p.URL("/admin/offers")}
	return offers.EditPage(p, n.formView(a, "", f, segments))
}

// takeNewOffer makes a campaign, running or to be started later as the button says.
func (n *node) takeNewOffer(a *adminRequest) error {
	s, f := n.readOffer(a, a.site.Currency)
	if len(f.errors) == 0 {
		put := ledger.Put{Settings: s, State: ledger.Active, New: true}
		if a.form("do") == string(ledger.Paused) {
			put.State = ledger.Paused
		}
		id := n.freeCampaignID(a.site.ID, s.Title)
		_, offset, err := n.shop.Submit(a.ctx, a.actor(), shop.Command{Do: ledger.DoCampaign, Site: a.site.ID, ID: id, Body: put})
		if err == nil {
			return a.changed(offset, "/admin/offers/"+id)
		}
		if !f.refused(err, ledger.Report{}) {
			return err
		}
	}
	return a.renderStatus(422, n.newOffer(a, f, s.Audience.Segments))
}

// freeCampaignID makes an id of a title that no campaign has.
func (n *node) freeCampaignID(site, title string) string {
	base := idFrom(title)
	if base == "" || base == "new" {
		base = "campaign"
	}
	id := base
	for i := 2; ; i++ {
		if _, taken := n.folds.offers.Campaign(site, id); !taken {
			return id
		}
		id = base + "-" + strconv.Itoa(i)
	}
}

// campaignAsked is the campaign that the path names.
func (n *node) campaignAsked(a *adminRequest) (ledger.Report, error) {
	r, ok := n.folds.offers.Campaign(a.site.ID, a.Params("id"))
	if !ok {
		return r, fail(404, "unknown_campaign", "%s", a.text.T("offers.unknown"))
	}
	return r, nil
}

func (n *node) editOfferPage(a *adminRequest) error {
	r, err := n.campaignAsked(a)
	if err != nil {
		return err
	}
	c := r.Campaign
	f := &offerForm{t: a.text, currency: c.Budget.Currency, values: valuesOf(c, a.text), errors: map[string]string{}}
	return a.render(n.editOffer(a, c, f, c.Audience.Segments))
}

func (n *node) editOffer(a *adminRequest, c *ledger.Campaign, f *offerForm, segments []string) templ.Component {
	p := a.page("offers", a.text.T("offers.edit.title", "title", c.Title))
	p.Lead, p.Up = a.text.T("offers.edit.lead"), &ui.Link{Label: c.Title, Href: p.URL("/admin/offers/" + c.ID)}
	return offers.EditPage(p, n.formView(a, c.ID, f, segments))
}

// takeOffer replaces a campaign's settings; its state stays.
func (n *node) takeOffer(a *adminRequest) error {
	r, err := n.campaignAsked(a)
	if err != nil {
		return err
	}
	c := r.Campaign
	s, f := n.readOffer(a, c.Budget.Currency)
	if len(f.errors) == 0 {
		_, offset, err := n.shop.Submit(a.ctx, a.actor(), shop.Command{Do: ledger.DoCampaign, Site: a.site.ID, ID: c.ID, Body: ledger.Put{Settings: s}})
		if err == nil {
			return a.changed(offset, "/admin/offers/"+c.ID)
		}
		if !f.refused(err, r) {
			return err
		}
	}
	return a.renderStatus(422, n.editOffer(a, c, f, s.Audience.Segments))
}

// takeOfferState starts, pauses or ends a campaign.
func (n *node) takeOfferState(a *adminRequest) error {
	r, err := n.campaignAsked(a)
	if err != nil {
		return err
	}
	state := ledger.State(a.form("state"))
	if state == ledger.Removed {
		return fail(400, "bad_state", "state: want active, paused or ended")
	}
	return n.setCampaignState(a, r.Campaign.ID, state, "/admin/offers/"+r.Campaign.ID)
}

func (n *node) takeOfferRemoval(a *adminRequest) error {
	r, err := n.campaignAsked(a)
	if err != nil {
		return err
	}
	return n.setCampaignState(a, r.Campaign.ID, ledger.Removed, "/admin/offers")
}

func (n *node) setCampaignState(a *adminRequest, id string, state ledger.State, to string) error {
	_, offset, err := n.shop.Submit(a.ctx, a.actor(), shop.Command{Do: ledger.DoState, Site: a.site.ID, ID: id, Body: ledger.SetState{State: state}})
	if err != nil {
		return err
	}
	return a.changed(offset, to)
}

package main

import (
	"strings"
	"testing"

	"beckon/pricing/offers"
	"beckon/server/shop"
	"beckon/web/text"
)

// campaignFields is the form of a campaign as it is sent, with some fields changed.
func campaignFields(change ...string) []string {
	fields := map[string]string{
		"title": "Your cart waits", "kind": "percent", "value": "10", "max": "25,00", "idle": "90", "views": "2", "visit": "any", "min_cart": "30",
		"max_cart": "", "categories": "kitchen, garden ,kitchen", "items": "", "budget": "5.000,00", "holdout": "10", "life": "15", "per_shopper": "1",
		"per_day": "", "total": "500", "starts": "", "ends": "2099-01-01T10:00", "disclosure": "", "currency": "eur",
	}
	for i := 0; i+1 < len(change); i += 2 {
		fields[change[i]] = change[i+1]
	}
	var out []string
	for name, value := range fields {
		out = append(out, name, value)
	}
	return out
}

func (d *desk) campaign(id string) (*offers.Campaign, bool) {
	r, ok := d.n.folds.offers.Campaign("test", id)
	return r.Campaign, ok
}

// saved wants that a form was taken, and opens the page it leads to.
func (p *person) saved(got answered) answered {
	p.d.t.Helper()
	if got.StatusCode != 303 {
		p.d.t.Fatalf("not saved: %d\n%s", got.StatusCode, got.body)
	}
	return p.get(got.to())
}

func (a answered) holds(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("%s lacks %q:\n%s", a.Request.URL.Path, text, a.body)
		}
	}
}

func TestACampaignIsMadeChangedAndTakenBackOnItsPages(t *testing.T) {
	d := openDesk(t)
	mia := d.as("mia")
	mia.get("/admin/offers?site=test").holds(t, "No campaign yet", "New campaign", "How a campaign works")
	mia.get("/admin/offers/new?site=test").holds(t, `name="budget"`, `value="10"`, "Make and start")
	mia.saved(mia.post("/admin/offers/new?site=test", campaignFields("do", "paused")...)).holds(t, "Your cart waits", "paused", "Undo", "€5,000.00")
	c, ok := d.campaign("your-cart-waits")
	if !ok || c.State != offers.Paused || c.Budget.Amount != 500_000 || c.Discount != (offers.Discount{Kind: offers.Percent, Value: 10, Max: 2500}) ||
		c.Holdout != 0.1 || c.TTL != 900 || c.Audience.MinCart != 3000 || len(c.Audience.Categories) != 2 || c.Caps.Total != 500 ||
		c.Ends != 4_070_944_800_000 || c.Disclosure != offers.DefaultDisclosure {
		t.Fatalf("made: %+v", c)
	}
	mia.saved(mia.post("/admin/offers/your-cart-waits/state?site=test", "state", "active")).holds(t, "running", "Pause")
	if c, _ = d.campaign("your-cart-waits"); c.State != offers.Active {
		t.Errorf("started: %s", c.State)
	}

	edit := mia.get("/admin/offers/your-cart-waits/edit?site=test")
	edit.holds(t, `value="5000.00"`, `value="25.00"`, `value="kitchen, garden"`, `value="2099-01-01T10:00"`, `value="10"`)
	mia.saved(mia.post("/admin/offers/your-cart-waits/edit?site=test", campaignFields("kind", "amount", "value", "7.50", "search", "on", "segments", "new", "disclosure", "Because we like you.")...))
	c, _ = d.campaign("your-cart-waits")
	if c.Discount.Kind != offers.Amount || c.Discount.Value != 750 || !c.Trigger.NeedSearch || len(c.Audience.Segments) != 1 || c.Disclosure != "Because we like you." || c.State != offers.Active {
		t.Errorf("changed: %+v", c)
	}
	mia.get("/admin/offers/your-cart-waits?site=test").holds(t, "Because we like you.", "€7.50 off", "/admin/segments/new", "History", "mia")

	gone := mia.post("/admin/offers/your-cart-waits/remove?site=test")
	if _, ok = d.campaign("your-cart-waits"); ok || gone.StatusCode != 303 {
		t.Fatalf("removed: %t, %d", ok, gone.StatusCode)
	}
	back := mia.saved(gone)
	at := back.body[strings.Index(back.body, "/admin/audit/"):]
	mia.saved(mia.post(strings.ReplaceAll(at[:strings.IndexByte(at, '"')], "&amp;", "&")))
	if c, ok = d.campaign("your-cart-waits"); !ok || c.State != offers.Paused || c.Budget.Amount != 500_000 {
		t.Errorf("taken back: %t %+v", ok, c)
	}
}

func TestWhatIsWrongWithACampaignStandsAtItsField(t *testing.T) {
	d := openDesk(t)
	mia := d.as("mia")
	mia.get("/admin/offers/new?site=test")
	for _, c := range []struct{ name, value, want string }{
		{"title", "", "This is needed."},
		{"currency", "XXQ", "A currency like EUR is wanted."},
		{"value", "0", "From 1 to 100."},
		{"value", "ten", "A whole number is wanted."},
		{"budget", "", "This is needed."},
		{"budget", "1,23,4", "An amount like €1,234.50 is wanted."},
		{"budget", "-5", "An amount like"},
		{"holdout", "95", "A percentage from 0 to 90% is wanted."},
		{"idle", "9999", "From 1 to 1,800."},
		{"ends", "tomorrow", "A day and a time are wanted."},
		{"ends", "1999-01-01T10:00", ""},
		{"max_cart", "10", "This is below the smallest cart."},
		{"items", "sku-404", "The catalog has no item sku-404."},
		{"segments", "gone", "There is no segment gone any more."},
		{"disclosure", strings.Repeat("x", 1001), "That is too long."},
	} {
		got := mia.post("/admin/offers/new?site=test", campaignFields(c.name, c.value, "starts", map[bool]string{true: "2000-01-01T10:00"}[c.name == "ends" && c.want == ""])...)
		want := c.want
		if want == "" {
			want = "This is before the beginning."
		}
		if got.StatusCode != 422 || !strings.Contains(got.body, want) || !strings.Contains(got.body, "wrong") {
			t.Errorf("%s %q: %d without %q", c.name, c.value, got.StatusCode, want)
		}
		if c.name != "title" && !strings.Contains(got.body, `value="Your cart waits"`) {
			t.Errorf("%s: what was typed is lost", c.name)
		}
	}
	if all := d.n.folds.offers.Campaigns("test"); len(all) != 0 {
		t.Errorf("%d campaigns were made", len(all))
	}
	german := mia.do("POST", "/admin/offers/new?site=test&lang=de", mia.formText(campaignFields("budget", "")...))
	german.holds(t, "Das wird gebraucht.", `lang="de"`)
}

func TestALedgersRefusalStandsAtItsField(t *testing.T) {
	d := openDesk(t)
	campaignHere(t, d.n, 50_000)
	atRisk(t, d.n, "ann")
	d.n.offersUntil(t, "a grant", func() bool { return d.n.offerWatch.outcomes()["granted"] == 1 })
	mia := d.as("mia")
	mia.get("/admin/offers/c/edit?site=test")
	got := mia.post("/admin/offers/c/edit?site=test", campaignFields("budget", "0.01")...)
	if got.StatusCode != 422 {
		t.Fatalf("taken: %d", got.StatusCode)
	}
	got.holds(t, "€1.99 are spent or reserved already")
	page := mia.get("/admin/offers/c?site=test")
	page.holds(t, "€1.99 reserved", "the whole cart", "Live offers", "Cannot be measured: nobody is held out.")
	if strings.Contains(page.body, d.n.who("test", "ann")) {
		t.Error("the page names the shopper")
	}
	csv := mia.get("/admin/offers?site=test&format=csv")
	csv.holds(t, "c,Kettle,active,EUR,500.00,0.00,1.99,498.01,1,1,0,0,0,0,")
	mia.saved(mia.post("/admin/offers/c/state?site=test", "state", "ended"))
	if got = mia.post("/admin/offers/c/edit?site=test", campaignFields()...); got.StatusCode != 422 {
		t.Errorf("an ended campaign was changed: %d", got.StatusCode)
	}
	got.holds(t, "This campaign has ended.")
}

func TestACampaignForSegmentsAsksForThem(t *testing.T) {
	n := openHere(t, 2)
	put := func(id string, segments ...string) {
		t.Helper()
		body := offers.Put{Settings: offers.Settings{
			Title: "Kettle", Trigger: offers.Trigger{Idle: 1}, Discount: offers.Discount{Kind: offers.Percent, Value: 10}, Budget: offers.Budget{Amount: 1e6, Currency: "EUR"},
			Audience: offers.Audience{Segments: segments},
		}}
		if _, _, err := n.shop.Submit(t.Context(), "test", shop.Command{Do: offers.DoCampaign, Site: "test", ID: id, Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	put("a-regulars", "returning", "none-such")
	put("b-new", "returning", "new")
	atRisk(t, n, "ann")
	n.offersUntil(t, "a grant", func() bool { return n.offerWatch.outcomes()["granted"] == 1 })
	o, ok := n.folds.offers.Live("test", n.who("test", "ann"))
	if !ok || o.Campaign != "b-new" {
		t.Errorf("ann's offer: %+v", o)
	}
	if r, _ := n.folds.offers.Campaign("test", "a-regulars"); r.Totals.Granted != 0 {
		t.Error("who is in none of its segments got its offer")
	}
	if german := n.shownOffer("test", &o, text.For("de")); !strings.HasPrefix(german.Disclosure, "Ein persönliches Angebot") {
		t.Errorf("disclosure: %s", german.Disclosure)
	}
	if english := n.shownOffer("test", &o, text.For("en")); english.Disclosure != offers.DefaultDisclosure {
		t.Errorf("disclosure: %s", english.Disclosure)
	}
}

func TestExperimentsShowHoldoutsAndSayWhenThereIsNothing(t *testing.T) {
	d := openDesk(t)
	vera := d.as("vera")
	vera.get("/admin/experiments?site=test").holds(t, "Nothing is being compared", "No prices are tested", "What is a holdout")
	put := offers.Put{Settings: offers.Settings{
		Title: "Kettle <1>", Discount: offers.Discount{Kind: offers.Percent, Value: 10}, Budget: offers.Budget{Amount: 1000, Currency: "EUR"}, Holdout: 0.2,
	}}
	if _, _, err := d.n.shop.Submit(t.Context(), "test", shop.Command{Do: offers.DoCampaign, Site: "test", ID: "k", Body: put}); err != nil {
		t.Fatal(err)
	}
	vera.get("/admin/experiments?site=test").holds(t, "Kettle &lt;1&gt;", "20% are held out", "Nobody was offered anything yet")
	vera.get("/admin/experiments?site=test&format=csv").holds(t, "holdout,k,Kettle <1>,active,")
	if got := vera.get("/admin/offers/new?site=test"); got.StatusCode != 403 {
		t.Errorf("a viewer's form: %d", got.StatusCode)
	}
	if page := vera.get("/admin/offers/k?site=test"); strings.Contains(page.body, "/state") || strings.Contains(page.body, "/edit") {
		t.Error("a viewer is offered changes")
	}
	for _, topic := range d.n.offerTopics() {
		got, err := topic.render(frame{ctx: t.Context(), n: d.n, site: d.site("test"), text: text.For("de"), now: d.n.now()})
		if err != nil || len(got) == 0 {
			t.Errorf("topic %s: %d regions, %v", topic.name, len(got), err)
		}
	}
}

func (d *desk) site(id string) shop.Site {
	d.t.Helper()
	s, ok := d.n.shop.Site(id)
	if !ok {
		d.t.Fatalf("no site %s", id)
	}
	return s
}

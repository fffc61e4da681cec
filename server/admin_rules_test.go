package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"beckon/recommender/rules"
)

// stocked puts twelve items into a desk's first site.
func (d *desk) stocked(site string) {
	d.t.Helper()
	var lines []string
	for i := range 12 {
		lines = append(lines, fmt.Sprintf(`{"item_id":"i%02d","title":"Kettle <%02d>","price":%d,"cost":500,"currency":"EUR","stock":9,"brand":"Acme","category":["all","kettles"],"tags":["new"]}`, i, i, 1000+100*i))
	}
	if _, err := d.n.shop.PutItems(d.t.Context(), "test", site, strings.NewReader(strings.Join(lines, "\n")), ""); err != nil {
		d.t.Fatal(err)
	}
}

// firstSite is the one that is not bo's.
func (d *desk) firstSite() string {
	for _, s := range d.n.shop.Sites() {
		if s.ID != "b" {
			return s.ID
		}
	}
	return ""
}

var ruleAddress = regexp.MustCompile(`^/admin/rules/([^?]+)\?`)

func TestARuleIsMadeChangedPausedAndRemovedOnItsPage(t *testing.T) {
	d := openDesk(t)
	mia := d.as("mia")
	site := d.firstSite()
	d.stocked(site)
	if got := mia.get("/admin/rules?site=" + site); got.StatusCode != 200 || !strings.Contains(got.body, "No rules yet") || !strings.Contains(got.body, "/admin/rules/new") {
		t.Fatalf("the empty list: %d\n%s", got.StatusCode, got.body)
	}
	mia.get("/admin/rules/new?site=" + site)
	found := mia.post("/admin/rules/new?site="+site, "find", "kettle", "do", "find")
	if found.StatusCode != 200 || !strings.Contains(found.body, "Kettle &lt;03&gt;") || strings.Contains(found.body, "Kettle <03>") {
		t.Errorf("the search found nothing, or markup: %d", found.StatusCode)
	}
	wrong := mia.post("/admin/rules/new?site="+site, "action", "boost", "strength", "2", "where.price.min", "abc", "title", "Mine", "do", "save")
	if wrong.StatusCode != 422 || !strings.Contains(wrong.body, "Enter an amount such as 12.50") || !strings.Contains(wrong.body, `value="abc"`) || !strings.Contains(wrong.body, `value="Mine"`) {
		t.Errorf("a wrong price: %d\n%s", wrong.StatusCode, wrong.body)
	}
	saved := mia.post("/admin/rules/new?site="+site,
		"action", "boost", "strength", "5", "where.items", "i01", "where.items", "i02", "where.categories", "all > kettles", "where.price.min", "10.50", "where.margin.max", "80",
		"when.placements", "home", "when.schedule.starts", "2026-03-28T12:00", "when.schedule.zone", "Europe/Berlin", "days.1", "mon", "from.1", "09:00", "to.1", "17:00",
		"priority", "3", "title", "Kettles first!", "do", "save")
	m := ruleAddress.FindStringSubmatch(saved.to())
	if saved.StatusCode != 303 || m == nil {
		t.Fatalf("saving: %d to %q\n%s", saved.StatusCode, saved.to(), saved.body)
	}
	id := m[1]
	r, ok := d.n.folds.rules.rule(site, id)
	if !ok || r.Strength != 5 || !slices.Equal(r.Where.Items, []string{"i01", "i02"}) || *r.Where.Price.Min != 1050 || *r.Where.Margin.Max != 0.8 || r.Priority != 3 ||
		r.When.Schedule.Starts != 1774695600000 || r.When.Schedule.Zone != "Europe/Berlin" || len(r.When.Schedule.Weekly) != 1 {
		t.Fatalf("saved %+v", r)
	}
	page := mia.get("/admin/rules/" + id + "?site=" + site)
	for _, want := range []string{`value="2026-03-28T12:00"`, `value="10.50"`, `value="80"`, "Kettles first!", "kind=rule", "/admin/rules/" + id + "/preview"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the rule's page does not have %s", want)
		}
	}
	if got := mia.post("/admin/rules/"+id+"/state?site="+site, "state", "paused"); got.StatusCode != 303 {
		t.Errorf("pausing: %d", got.StatusCode)
	}
	mia.get("/admin/rules/" + id + "?site=" + site)
	mia.post("/admin/rules/"+id+"?site="+site, "action", "exclude", "where.brands", "Acme", "title", "No Acme", "do", "save")
	if r, _ := d.n.folds.rules.rule(site, id); r.Action != rules.Exclude || r.State != rules.Paused || r.Strength != 0 || r.When.Schedule.Zone != "" {
		t.Errorf("changed to %+v: want it paused still", r)
	}
	if csv := mia.get("/admin/rules?format=csv&site=" + site); !strings.Contains(csv.body, "No Acme") || !strings.Contains(csv.body, "exclude") {
		t.Errorf("csv: %s", csv.body)
	}
	if got := mia.get("/admin/rules/new?from=" + id + "&site=" + site); !strings.Contains(got.body, "No Acme (copy)") {
		t.Error("a copy does not begin with the rule")
	}
	mia.get("/admin/rules/" + id + "?site=" + site)
	if got := mia.post("/admin/rules/" + id + "/remove?site=" + site); got.StatusCode != 303 {
		t.Errorf("removing: %d", got.StatusCode)
	}
	if _, ok := d.n.folds.rules.rule(site, id); ok {
		t.Error("the rule is still there")
	}
	if got := mia.get("/admin/rules/" + id + "?site=" + site); got.StatusCode != 404 {
		t.Errorf("the page of a removed rule: %d", got.StatusCode)
	}
}

func TestTheFormShowsWhatWouldChangeAndForgivesWhatIsHalfTyped(t *testing.T) {
	d := openDesk(t)
	mia := d.as("mia")
	d.stocked("b")
	mia.get("/admin/rules/new?site=b")
	for _, c := range []struct {
		name  string
		form  []string
		wants []string
		not   string
	}{
		{"nothing yet", nil, []string{"Choose what should happen."}, "field-error"},
		{"an action", []string{"action", "pin"}, []string{"Choose the products."}, "field-error"},
		{"a search", []string{"action", "pin", "find", "kettle"}, []string{"found-i03", "Kettle &lt;03&gt;"}, "chosen-i03"},
		{"a choice", []string{"action", "pin", "find", "kettle", "where.items", "i03"}, []string{"chosen-i03", "One product is chosen", "It is about one product."}, "found-i03"},
		{"a category", []string{"action", "exclude", "where.categories", "all > kettles"}, []string{"It hides 12 products"}, "field-error"},
		{"half a price", []string{"action", "exclude", "where.price.min", "1x"}, []string{`value="1x"`, "Enter an amount"}, "Give the rule a name"},
	} {
		got := mia.post("/admin/rules/preview?site=b", c.form...)
		if got.StatusCode != 200 || c.not != "" && strings.Contains(got.body, c.not) {
			t.Errorf("%s: %d, or it has %s", c.name, got.StatusCode, c.not)
		}
		for _, want := range c.wants {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, got.body)
			}
		}
	}
	if len(d.n.folds.rules.list("b")) != 0 {
		t.Error("a preview was saved")
	}
}

func TestViewersReadRulesAndOthersSitesAreClosed(t *testing.T) {
	d := openDesk(t)
	ctx := t.Context()
	rule := rules.Rule{ID: "r", Title: "Mine", Action: rules.Exclude, State: rules.Running, Where: rules.Where{Brands: []string{"Acme"}}}
	site := d.firstSite()
	if _, err := d.n.saveRule(ctx, "test", site, &rule); err != nil {
		t.Fatal(err)
	}
	vera := d.as("vera")
	if got := vera.get("/admin/rules/r?site=" + site); got.StatusCode != 200 || !strings.Contains(got.body, "<fieldset class=\"steer-fields\" disabled") || strings.Contains(got.body, "/r/remove") {
		t.Errorf("a viewer's page: %d", got.StatusCode)
	}
	if got := vera.post("/admin/rules/r/remove?site=" + site); got.StatusCode != 403 {
		t.Errorf("a viewer removes: %d", got.StatusCode)
	}
	bo := d.as("bo")
	if got := bo.get("/admin/rules/r?site=" + site); got.StatusCode == 200 {
		t.Error("bo sees a rule of a site that is not his")
	}
	if got := bo.post("/admin/rules/r/remove?site=b"); got.StatusCode != 404 {
		t.Errorf("bo removes another site's rule: %d", got.StatusCode)
	}
}

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/recommender/rules"
)

// ruledShop is an installation with forty items that many looked at, so that every placement has something to show.
func ruledShop(t *testing.T) *installation {
	t.Helper()
	in := newInstallation(t)
	in.start()
	var lines []string
	for i := range 40 {
		group := ""
		if i >= 38 {
			group = "twins"
		}
		lines = append(lines, fmt.Sprintf(`{"item_id":"i%02d","title":"Item %02d","price":%d,"cost":500,"currency":"EUR","stock":9,"brand":"b%d","category":["all","c%d"],"group":%q}`, i, i, 1000+100*i, i%4, i%2, group))
	}
	in.want(202, "PUT", "/v1/items", in.secret, strings.Join(lines, "\n"), nil)
	for v := range 60 {
		var events []string
		for k := range 6 {
			events = append(events, event(fmt.Sprint(v, "-", k), "view_item", itemOf(fmt.Sprintf("i%02d", (v*7+k*k)%40))))
		}
		in.want(202, "POST", "/v1/events", in.secret, batch(fmt.Sprint("v", v), events...), nil)
	}
	in.settle()
	return in
}

type recommended struct {
	Items []struct {
		ItemID     string `json:"item_id"`
		Propensity float64
		Reason     struct{ Kind, Text string }
		Rules      []struct {
			ID, Title, Action string
			Before, After     float64
		}
		PositionReason string `json:"position_reason"`
		Explained      []string
	}
	WhyNot []struct {
		ItemID string `json:"item_id"`
		Reason string
		Rank   int
		Score  float64
		Rule   struct{ ID, Title string }
		Other  string
		Text   string
	} `json:"why_not"`
}

func (r recommended) ids() (ids []string) {
	for _, it := range r.Items {
		ids = append(ids, it.ItemID)
	}
	return ids
}

func (in *installation) recommend(query string) (r recommended) {
	in.t.Helper()
	in.want(200, "GET", "/v1/recommendations?"+query, in.secret, "", &r)
	return r
}

func TestARuleHoldsInTheNextAnswerOnEveryPath(t *testing.T) {
	in := ruledShop(t)
	before := in.recommend("visitor=v1&limit=40").ids()
	hidden := before[0]
	in.want(201, "PUT", "/v1/rules/no", in.secret, fmt.Sprintf(`{"title":"Not this","action":"exclude","where":{"items":[%q]}}`, hidden), nil)
	in.want(201, "PUT", "/v1/rules/first", in.secret, `{"title":"This second","action":"pin","position":2,"where":{"items":["i33"]}}`, nil)
	for _, p := range placements {
		got := in.recommend("visitor=v1&limit=5&placement=" + p)
		if ids := got.ids(); slices.Contains(ids, hidden) || ids[1] != "i33" || got.Items[1].Reason.Kind != "pinned" || got.Items[1].Propensity != 1 {
			t.Errorf("%s: %v with %+v; want i33 second and no %s", p, ids, got.Items[1], hidden)
		}
	}
	var many struct{ Answers []recommended }
	in.want(200, "POST", "/v1/recommendations/batch", in.secret, `{"requests":[{"visitor":"v1","placement":"email","limit":5},{"visitor":"v2","limit":5}]}`, &many)
	for _, a := range many.Answers {
		if ids := a.ids(); slices.Contains(ids, hidden) || ids[1] != "i33" {
			t.Errorf("batch: %v", ids)
		}
	}
	var ranked recommended
	in.want(200, "POST", "/v1/rank", in.secret, fmt.Sprintf(`{"visitor":"v1","items":["i05","i06",%q,"i33","i07"]}`, hidden), &ranked)
	if ids := ranked.ids(); slices.Contains(ids, hidden) || len(ids) != 4 || ids[1] != "i33" {
		t.Errorf("rank: %v", ids)
	}
	var trend recommended
	in.want(200, "GET", "/v1/trending?window=1h&limit=40", in.public, "", &trend)
	if ids := trend.ids(); slices.Contains(ids, hidden) || len(ids) < 10 {
		t.Errorf("trending: %v has %s", ids, hidden)
	}
	in.want(200, "POST", "/v1/rules/no/state", in.secret, `{"state":"paused"}`, nil)
	in.want(200, "DELETE", "/v1/rules/first", in.secret, "", nil)
	if got := in.recommend("visitor=v1&limit=40").ids(); !slices.Equal(got[:5], before[:5]) {
		t.Errorf("with no rule in force %v, want %v", got[:5], before[:5])
	}
}

// shows says whether a frame of recommendations has an item.
func (f *pushed) shows(item string) bool {
	for i := range f.Items {
		if f.Items[i].ItemID == item {
			return true
		}
	}
	return false
}

func TestAChangeOfRulesReachesOpenPagesWithinASecond(t *testing.T) {
	in := ruledShop(t)
	s := in.shopper()
	s.send(`{"type":"subscribe","placements":["home","cart"]}`)
	first := s.await("recommendations", func(f pushed) bool { return f.Placement == "home" })
	s.await("recommendations", func(f pushed) bool { return f.Placement == "cart" })
	hidden := first.Items[0].ItemID
	start := time.Now()
	in.want(201, "PUT", "/v1/rules/no", in.secret, fmt.Sprintf(`{"title":"Not this","action":"exclude","where":{"items":[%q]}}`, hidden), nil)
	for _, p := range []string{"home", "cart"} {
		s.await("recommendations", func(f pushed) bool {
			return f.Placement == p && !f.shows(hidden)
		})
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	} else {
		t.Logf("both placements after %v", took)
	}
	// A rule whose time begins while the page is open is told of by itself.
	soon := time.Now().Add(700 * time.Millisecond)
	in.want(201, "PUT", "/v1/rules/soon", in.secret, fmt.Sprintf(`{"title":"Soon","action":"pin","where":{"items":["i20"]},"when":{"placements":["home"],"schedule":{"starts":%d}}}`, soon.UnixMilli()), nil)
	s.await("recommendations", func(f pushed) bool { return f.Placement == "home" && f.Items[0].ItemID == "i20" })
	if late := time.Since(soon); late < 0 || late > 1500*time.Millisecond {
		t.Errorf("the beginning of a schedule came %v late", late)
	}
}

func TestExplainAndWhyNotSayWhatHappened(t *testing.T) {
	in := ruledShop(t)
	in.want(202, "POST", "/v1/events", in.secret, batch("w", event("w1", "view_item", itemOf("i01")), event("w2", "add_to_cart", itemOf("i02")),
		event("w3", "purchase", `"transaction_id":"t1","currency":"EUR","value":1000,`+itemOf("i03"))), nil)
	in.want(202, "POST", "/v1/stock", in.secret, `{"item_id":"i04","stock":0}`, nil)
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"i05","title":"Item 05","published":false}`, nil)
	in.settle()
	in.want(201, "PUT", "/v1/rules/no", in.secret, `{"title":"No sixes","action":"exclude","where":{"items":["i06"]}}`, nil)
	in.want(201, "PUT", "/v1/rules/more", in.secret, `{"title":"More b1","action":"boost","strength":3,"where":{"brands":["b1"]}}`, nil)
	in.want(201, "PUT", "/v1/rules/pin", in.secret, `{"title":"A twin","action":"pin","position":1,"where":{"items":["i38"]}}`, nil)
	got := in.recommend("visitor=w&placement=item&item=i07&limit=6&explain=1&lang=en&why=i02,i03,i04,i05,i06,i07,i38,i39,nothing,i10,i11,i12,i13")
	want := map[string]string{
		"i02": "in_cart", "i03": "just_bought", "i04": "out_of_stock", "i05": "unpublished", "i06": "excluded_by_rule", "i07": "own_item",
		"i38": "shown", "i39": "same_product", "nothing": "unlisted",
	}
	below := 0
	for _, w := range got.WhyNot {
		if want[w.ItemID] != "" && w.Reason != want[w.ItemID] {
			t.Errorf("%s: %s, want %s", w.ItemID, w.Reason, want[w.ItemID])
		}
		if w.Text == "" || strings.HasPrefix(w.Text, "rules.") {
			t.Errorf("%s: text %q", w.ItemID, w.Text)
		}
		if w.Reason == "below_cut" {
			below++
			if w.Rank <= 6 || w.Score <= 0 {
				t.Errorf("%+v is below the cut", w)
			}
		}
	}
	if below == 0 {
		t.Error("no item is below the cut")
	}
	if w := got.WhyNot[4]; w.Rule.ID != "no" || !strings.Contains(w.Text, "No sixes") {
		t.Errorf("%+v does not name the rule", w)
	}
	if w := got.WhyNot[7]; w.Other != "i38" {
		t.Errorf("%+v is the same product as i38", w)
	}
	touched := false
	for i, it := range got.Items {
		if i == 0 && (it.PositionReason != "pinned" || it.Rules[0].ID != "pin") {
			t.Errorf("first is %+v, want the pin", it)
		}
		if len(it.Explained) == 0 || strings.Contains(strings.Join(it.Explained, " "), "rules.") {
			t.Errorf("%s is explained by %q", it.ItemID, it.Explained)
		}
		for _, r := range it.Rules {
			if r.ID == "more" {
				touched = true
				if r.Before <= 0 || r.After < 2.9*r.Before || r.After > 3.1*r.Before {
					t.Errorf("%s: from %v to %v, want times 3", it.ItemID, r.Before, r.After)
				}
			}
		}
	}
	if !touched {
		t.Errorf("no item says that its score was raised: %+v", got.Items)
	}
	if de := in.recommend("visitor=w&limit=3&explain=1&lang=de&why=i06"); !strings.Contains(de.WhyNot[0].Text, "blendet") {
		t.Errorf("in German %q", de.WhyNot[0].Text)
	}
	if plain := in.recommend("visitor=w&limit=3&why=i06"); len(plain.WhyNot) != 0 {
		t.Error("why_not without explain")
	}
	in.want(400, "GET", "/v1/recommendations?visitor=w&explain=1&why="+"a,b,c,d,e,f,g,1,2,3,4,5,6,7,8,9,10,11,12,13,14", in.secret, "", nil)
}

func TestRulesOfOneSiteAreNobodyElses(t *testing.T) {
	in := newInstallation(t)
	_, otherSecret := in.makeSite("other")
	in.start()
	in.want(201, "PUT", "/v1/rules/mine", in.secret, `{"title":"Mine","action":"exclude","where":{"brands":["b"]}}`, nil)
	in.want(404, "GET", "/v1/rules/mine", otherSecret, "", nil)
	in.want(404, "DELETE", "/v1/rules/mine", otherSecret, "", nil)
	in.want(404, "POST", "/v1/rules/mine/state", otherSecret, `{"state":"paused"}`, nil)
	var list struct{ Rules []rules.Rule }
	in.want(200, "GET", "/v1/rules", otherSecret, "", &list)
	if len(list.Rules) != 0 {
		t.Errorf("another site sees %+v", list.Rules)
	}
	in.want(401, "GET", "/v1/rules", in.public, "", nil)
	in.want(401, "PUT", "/v1/rules/mine", in.public, `{}`, nil)
}

func TestRulesAreRefusedWithTheField(t *testing.T) {
	in := newInstallation(t)
	in.start()
	for _, c := range []struct {
		status int
		body   string
		says   string
	}{
		{400, `{"title":"t","action":"boost","where":{"price":{"min":5,"max":4}}}`, "where.price.max"},
		{400, `{"title":"t","action":"boost","where":{"brandz":["a"]}}`, "where.brandz"},
		{400, `{"id":"other","title":"t","action":"boost","where":{"brands":["a"]}}`, "id"},
		{400, `{"title":"t","action":"exclude","where":{}}`, "where"},
		{400, `{"title":"t","action":"boost","where":{"brands":["` + strings.Repeat("x", 200) + `"],"tags":["` + strings.Repeat(`y`, 200) + `"]},"when":{"items":["` + strings.Repeat(`z`, 201) + `"]}}`, "when.items"},
		{400, `[]`, "body"},
	} {
		if text := in.want(c.status, "PUT", "/v1/rules/r", in.secret, c.body, nil); !strings.Contains(text, `"message":"`+c.says) {
			t.Errorf("%s: %s, want %s named", c.body, text, c.says)
		}
	}
	in.want(404, "GET", "/v1/rules/r", in.secret, "", nil)
	in.want(404, "POST", "/v1/rules/r/state", in.secret, `{"state":"paused"}`, nil)
	in.want(201, "PUT", "/v1/rules/r", in.secret, `{"title":"t","action":"exclude","where":{"brands":["a"]}}`, nil)
	in.want(400, "POST", "/v1/rules/r/state", in.secret, `{"state":"off"}`, nil)
	answer := in.want(200, "GET", "/v1/rules/r", in.secret, "", nil)
	in.want(200, "PUT", "/v1/rules/r", in.secret, answer, nil) // what GET gives may be put back
}

func TestRulesComeBackAfterARestartAndABound(t *testing.T) {
	in := newInstallation(t)
	in.start()
	for i := range rules.MaxRules {
		in.want(201, "PUT", fmt.Sprint("/v1/rules/r", i), in.secret, `{"title":"t","action":"exclude","where":{"brands":["a"]}}`, nil)
	}
	in.want(409, "PUT", "/v1/rules/one-more", in.secret, `{"title":"t","action":"exclude","where":{"brands":["a"]}}`, nil)
	in.want(200, "PUT", "/v1/rules/r1", in.secret, `{"title":"changed","action":"pin","where":{"items":["a"]},"state":"paused"}`, nil)
	before := in.want(200, "GET", "/v1/rules", in.secret, "", nil)
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.start()
	if after := in.want(200, "GET", "/v1/rules", in.secret, "", nil); after != before {
		t.Error("after a restart the rules differ")
	}
}

func TestPreviewShowsBeforeAndAfterAndSavesNothing(t *testing.T) {
	in := ruledShop(t)
	var got rulePreview
	start := time.Now()
	in.want(200, "POST", "/v1/rules/preview", in.secret, `{"rule":{"title":"t","action":"exclude","where":{"brands":["b0","b1"]}}}`, &got)
	t.Logf("took %v for %d answers", time.Since(start), got.Answers)
	if got.Changed == 0 || got.Items != 20 || got.Hidden != 20 || len(got.Cases) == 0 || got.Visitors < 2 {
		t.Fatalf("got %+v", got)
	}
	for _, c := range got.Cases {
		for _, it := range c.After {
			if it.Item[1:] < "40" && (it.Item[2]-'0')%4 < 2 && it.Item[1] == '0' {
				t.Errorf("%s is shown, whose brand is excluded", it.Item)
			}
		}
	}
	var list struct{ Rules []rules.Rule }
	in.want(200, "GET", "/v1/rules", in.secret, "", &list)
	if len(list.Rules) != 0 {
		t.Error("a preview was saved")
	}
	got = rulePreview{}
	later := time.Now().Add(time.Hour).UnixMilli()
	in.want(200, "POST", "/v1/rules/preview", in.secret, fmt.Sprintf(`{"rule":{"title":"t","action":"pin","where":{"items":["i31"]},"when":{"placements":["home"],"schedule":{"starts":%d}}},"visitor":"v3"}`, later), &got)
	if !got.Moment || got.Answers != 1 || got.Cases[0].After[0].Item != "i31" || got.Cases[0].Before[0].Item == "i31" {
		t.Errorf("got %+v: want it as if its time were now", got)
	}
	in.want(400, "POST", "/v1/rules/preview", in.secret, `{"rule":{"title":"t","action":"pin","where":{}}}`, nil)
	in.want(400, "POST", "/v1/rules/preview", in.secret, `{"rule":{"title":"t","action":"pin","where":{"items":["a"]}},"placement":"trending"}`, nil)
}

func TestConflictsAndEffectsAreTold(t *testing.T) {
	in := ruledShop(t)
	in.want(201, "PUT", "/v1/rules/pin", in.secret, `{"title":"Pin","action":"pin","where":{"items":["i01","i02"]}}`, nil)
	in.want(201, "PUT", "/v1/rules/no", in.secret, `{"title":"No","action":"exclude","where":{"items":["i02"]}}`, nil)
	var report struct{ Conflicts []rules.Conflict }
	in.want(200, "GET", "/v1/rules/conflicts", in.secret, "", &report)
	if len(report.Conflicts) != 1 || report.Conflicts[0].Kind != rules.PinExcluded || !slices.Equal(report.Conflicts[0].Rules, []string{"pin", "no"}) || report.Conflicts[0].Items[0] != "i02" {
		t.Errorf("got %+v", report.Conflicts)
	}
	s := in.shopper()
	if status, text := in.do("GET", "/v1/recommendations", in.public, "", "X-Beckon-Token", s.token); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	s.did("view_item", "i01", "")
	in.settle()
	var list struct {
		Rules []struct {
			ID     string
			Items  int
			Effect *ruleEffect
		}
	}
	in.want(200, "GET", "/v1/rules", in.secret, "", &list)
	pin := list.Rules[1]
	if pin.ID != "pin" || pin.Items != 2 || pin.Effect == nil || pin.Effect.Shown < 1 || pin.Effect.Clicks != 1 {
		t.Errorf("got %+v with effect %+v: want i01 shown, and looked at once", pin, pin.Effect)
	}
}

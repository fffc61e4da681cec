package offers

import (
	"math"
	"strings"
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

const now = int64(1_795_000_000_000)

func frame(lang, title string) ui.Page {
	return ui.Page{
		Title: title, Nav: "offers", Text: text.For(lang), Site: "shop", SiteName: "Fjord & Fern", User: "anna", Role: "merchandiser", CSRF: "c",
		Path: "/admin/offers?site=shop", Topics: []string{"offers"}, CSV: "/admin/offers?format=csv&site=shop",
	}
}

func sound() Effect {
	return Effect{
		Offer: Arm{9020, 1230, 0.1364, 8_120_000, 899.6}, Holdout: Arm{980, 118, 0.1204, 760_000, 776.2}, Share: 0.1, P: 0.52, Sure: 0.95,
		Window: 86_400, Currency: "EUR", Relative: &Interval{0.02, 0.055, 0.09}, Rescued: &Interval{11.4, 68.2, 121.9},
		Extra: &Interval{-12_000, 1_113_068, 2_310_400}, Goal: 0.1, Needs: 48_000, Days: 12.2,
	}
}

func full() View {
	settings := Settings{
		Idle: 90, MinViews: 2, NeedSearch: true, MinCart: 3000, Categories: []string{"kitchen", "<b>bath</b>"}, Visit: "returning",
		Items: []ui.Item{{ID: "isar-kettle", Title: "Isar Kettle", Image: "/k.svg"}}, Segments: []ui.Link{{Label: "Bargain hunters", Href: "/admin/segments/bargain"}},
		Percent: true, Value: 10, Max: 2500, Holdout: 0.1, PerShopper: 1, PerDay: 500, InTotal: 5000, Life: 900, Starts: now - 86_400_000, Ends: now + 86_400_000,
		Disclosure: "Because you looked & added.", OwnDisclosure: true,
	}
	return View{Currency: "EUR", Now: now, May: true, Campaigns: []Campaign{
		{
			ID: "rescue", Title: "Take 10% off <now>", State: "active", Currency: "EUR", Budget: 500_000, Spent: 123_456, Reserved: 20_000, Granted: 9020,
			Live: 12, Redeemed: 1230, Expired: 7700, Cancelled: 78, Held: 980, Settings: settings, Effect: sound(), Created: now - 9*86_400_000,
		},
		{ID: "young", Title: "Young", State: "waits", Currency: "EUR", Budget: 10_000, Settings: Settings{Idle: 60, Value: 500, Visit: "any", PerShopper: 2, Life: 60}, Effect: Effect{Why: "nobody"}},
		{ID: "broken", Title: "Broken", State: "paused", Currency: "JPY", Budget: 10_000, Spent: 10_000, Settings: Settings{Visit: "new", MaxCart: 90, Life: 60}, Effect: Effect{Why: "sample_ratio", Alarm: true, Share: 0.1, Offer: Arm{Shoppers: 900}, Holdout: Arm{Shoppers: 20}}},
		{ID: "old", Title: "Old", State: "ended", Currency: "EUR", Budget: 10_000, Effect: Effect{Relative: &Interval{-0.4, -0.2, -0.05}, Rescued: &Interval{-9, -5, -1}, Currency: "EUR"}},
	}}
}

func one() One {
	v := full()
	return One{
		Campaign: v.Campaigns[0], Now: now, May: true,
		Offers:   []Offer{{Item: &ui.Item{ID: "isar-kettle", Title: "Isar Kettle"}, Amount: 590, Granted: now - 60_000, Expires: now + 840_000}, {Amount: 2500, Granted: now - 90_000, Expires: now + 800_000}},
		History:  []Change{{At: now - 1000, Actor: "anna", What: "Campaign Take 10% off paused", Href: "/admin/audit/9?site=shop", Undo: "/admin/audit/9/undo?site=shop"}, {At: now - 9000, Actor: "API key 4fz", What: "Campaign made", Why: "–"}},
		Refusals: []Refused{{"no_budget", 31}, {"cap_shopper", 12}, {"from_the_future", 1}},
	}
}

func TestPages(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		p := frame(lang, text.For(lang).T("offers.title"))
		golden.Check(t, "list_full_"+lang, Page(p, full()))
		golden.Check(t, "list_empty_"+lang, Page(p, View{Currency: "EUR", Now: now, May: true}))
		golden.Check(t, "one_full_"+lang, OnePage(p, one()))
		golden.Check(t, "one_empty_"+lang, OnePage(p, One{Campaign: Campaign{ID: "young", Title: "Young", State: "ended", Currency: "EUR", Budget: 100, Effect: Effect{Why: "nobody"}}}))
		golden.Check(t, "form_new_"+lang, EditPage(p, Form{
			Action: "/admin/offers/new?site=shop", Currency: "EUR", Usual: text.For(lang).T("shopper.offer_disclosure"), Values: map[string]string{"kind": "percent", "value": "10"},
			Segments: []ui.Choice{{Value: "new", Label: "New"}, {Value: "vip", Label: "High value", Selected: true}}, Known: []ui.Choice{{Value: "kitchen"}},
		}))
		golden.Check(t, "form_wrong_"+lang, EditPage(p, Form{
			ID: "rescue", Action: "/admin/offers/rescue/edit?site=shop", Currency: "EUR", Values: map[string]string{"title": "", "budget": "<x>"},
			Errors: map[string]string{"title": text.For(lang).T("offers.wrong.missing"), "budget": text.For(lang).T("offers.wrong.money", "example", "€1,234.50")},
		}))
	}
}

func TestASentenceClaimsNoMoreThanItsInterval(t *testing.T) {
	p := text.For("en")
	for _, c := range []struct {
		effect        Effect
		verdict, want string
	}{
		{sound(), "good", "Between +2% and +9% more orders; sure enough to keep"},
		{Effect{Relative: &Interval{-0.03, 0.03, 0.09}}, "unsure", "Orders changed by −3% to +9%; not sure yet whether it brings anything"},
		{Effect{Relative: &Interval{-0.2, -0.1, -0.01}}, "bad", "Orders changed by −20% to −1%: fewer with the offer than without. Better end it"},
		{Effect{}, "early", "Too few orders so far to compare"},
		{Effect{Why: "nobody"}, "early", "Nobody was offered anything yet"},
		{Effect{Why: "no_holdout"}, "hidden", "Cannot be measured: nobody is held out. Set a holdout of 10%"},
	} {
		if got := c.effect.Verdict(); got != c.verdict {
			t.Errorf("%+v: verdict %s, want %s", c.effect, got, c.verdict)
		}
		if got := Words(p, &c.effect); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestWaitingIsToldInDays(t *testing.T) {
	p := text.For("en")
	for _, c := range []struct {
		effect Effect
		want   string
	}{
		{Effect{}, ""},
		{Effect{Goal: 0.1, Needs: 48_000, Days: 12.2}, "About 13 more days until a change of 10% can be told: 48.0k shoppers have to take part."},
		{Effect{Goal: 0.1, Needs: 400, Days: 0.2}, "Today: a change of 10% can be told once 400 shoppers took part."},
		{Effect{Goal: 0.1, Needs: 400}, "A change of 10% can be told already."},
		{Effect{Goal: 0.1, Needs: math.Inf(1), Days: math.Inf(1)}, "At the present pace a change of 10% could not be told within two years. A larger holdout or a wider audience helps."},
	} {
		if got := Wait(p, &c.effect); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestALongListIsBounded(t *testing.T) {
	v := View{Currency: "EUR", Campaigns: make([]Campaign, mostRows+50)}
	if got := rows(frame("en", "Offers"), v); len(got) != mostRows {
		t.Errorf("%d rows, want %d", len(got), mostRows)
	}
	var page strings.Builder
	if err := List(frame("en", "Offers"), v).Render(t.Context(), &page); err != nil || !strings.Contains(page.String(), "The first 100 of 150") {
		t.Errorf("nothing says that there are more: %v", err)
	}
}

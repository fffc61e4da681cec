package experiments

import (
	"strings"
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

const now = int64(1_795_000_000_000)

func frame(lang string) ui.Page {
	return ui.Page{
		Title: text.For(lang).T("experiments.title"), Nav: "experiments", Text: text.For(lang), Site: "shop", SiteName: "Fjord & Fern", User: "anna", Role: "viewer",
		CSRF: "c", Path: "/admin/experiments?site=shop", Topics: []string{"experiments"}, CSV: "/admin/experiments?format=csv&site=shop",
	}
}

func full() View {
	kettle := ui.Item{ID: "isar-kettle", Title: "Isar <Kettle>", Image: "/k.svg", Href: "/admin/prices/isar-kettle?site=shop"}
	running := Test{
		Item: kettle, Currency: "EUR", Since: now - 3*86_400_000 - 5_000_000, Before: 5990, Price: 6490, Now: 6490, Slots: 14,
		At: &Asked{5990, 1204.4, 50.2}, Tested: &Asked{6490, 310, 9.4}, Known: true, Less: Interval{-0.3, -0.18, -0.09}, Better: 0.81, Best: 6290,
	}
	waiting := Test{Item: kettle, Currency: "EUR", Since: now - 3_600_000, Before: 5990, Price: 5690, Now: 5990}
	ended := running
	ended.Until, ended.Now, ended.Best = now-86_400_000, 6290, 6290
	return View{
		Now: now, Holdouts: []Holdout{{
			ID: "rescue", Title: "Take 10% off", Href: "/admin/offers/rescue?site=shop", State: "running", Tone: "good", Since: now - 9*86_400_000, Share: 0.1,
			Verdict: "works", VerdictTone: "good", Effect: ui.Cell("the comparison"),
		}},
		Prices: Prices{On: true, Learning: 336, Running: []Test{running}, Waiting: []Test{waiting}, Ended: []Test{ended}},
	}
}

func TestPage(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		golden.Check(t, "full_"+lang, Page(frame(lang), full()))
		golden.Check(t, "empty_"+lang, Page(frame(lang), View{Now: now}))
		golden.Check(t, "watching_"+lang, Page(frame(lang), View{Now: now, Prices: Prices{On: true, Learning: 1}}))
	}
}

func TestWhatWasSeenIsTold(t *testing.T) {
	p, v := text.For("en"), full()
	x := &v.Prices.Running[0]
	for _, c := range []struct{ got, want string }{
		{move(p, x), "€59.90 → €64.90 (+8%)"},
		{strings.Join(seen(p, x), "; "), "€59.90: 4.2 per 100 views (1.2k); €64.90: 3.0 per 100 views (310)"},
		{learned(p, x), "sales change by −18% (−30% to −9%)"},
		{best(p, x), "€62.90, 81% sure"},
		{length(p, x, now), "3\u00a0days"},
		{strings.Join(seen(p, &v.Prices.Waiting[0]), "; "), "Nothing yet: the first day is not over"},
		{best(p, &v.Prices.Ended[0]), "the present one"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

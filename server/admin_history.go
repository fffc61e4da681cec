package main

import (
	"context"
	"errors"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"beckon/clickstream/history"
	"beckon/dashboards/ui"
	"beckon/recommender"
	"beckon/web/text"
)

// historyProblem says why a fragment has no answer of history, and what the person can do about it.
func historyProblem(p *text.Printer, err error) (title, what string) {
	var tooLarge *history.TooLargeError
	var timeout *history.TimeoutError
	var refused *history.AskError
	switch {
	case errors.Is(err, errHistoryOff):
		return p.T("history.off_title"), p.T("history.off")
	case errors.Is(err, errHistoryAway):
		return p.T("history.away_title"), p.T("history.away")
	case errors.Is(err, errHistoryBusy):
		return p.T("history.busy_title"), p.T("history.busy")
	case errors.As(err, &tooLarge), errors.As(err, &timeout), errors.Is(err, context.DeadlineExceeded):
		return p.T("history.large_title"), p.T("history.large")
	case errors.As(err, &refused):
		return p.T("history.refused_title"), p.T("history.refused", "field", refused.Field, "reason", refused.Reason)
	}
	return p.T("history.failed_title"), p.T("history.failed")
}

// renderAnswer answers with a fragment, whose path is that of its page and one word more, or with what to do where its question has no
// answer. That is the fragment's content too: the page shows it as it is, and the reason is written to the server's log where it is nobody's
// choice.
func (a *adminRequest) renderAnswer(c templ.Component, err error) error {
	if err == nil {
		return a.render(c)
	}
	var own *apiError
	if errors.As(err, &own) {
		return err
	}
	if !errors.Is(err, errHistoryOff) && !errors.Is(err, errHistoryBusy) {
		a.n.out.Warn("dashboard question", "path", a.Path(), "error", err)
	}
	title, what := historyProblem(a.text, err)
	again := ui.LinkButton(a.text.T("history.again"), a.elsewhere(path.Dir(a.Path())), "")
	return a.render(templ.Join(ui.Problem(title, what), again))
}

// noAnswer is what a file that cannot be made is answered with.
func (a *adminRequest) noAnswer(err error) error {
	var own *apiError
	if errors.As(err, &own) {
		return err
	}
	title, what := historyProblem(a.text, err)
	return fail(fiber.StatusServiceUnavailable, "no_history", "%s. %s", title, what)
}

// maxDays bounds a range: a year, with the one before it to compare.
const maxDays = 366

// dayRange is whole days, UTC's as all of the history: from counts, to does not, both Unix ms.
type dayRange struct{ from, to int64 }

// before is as many days before it.
func (r dayRange) before() dayRange { return dayRange{max(0, 2*r.from-r.to), r.from} }

func (r dayRange) days() int { return int((r.to - r.from) / dayMs) }

// siteDay is the start of the site's day.
func (a *adminRequest) siteDay() int64 {
	now := a.n.clock(a.site.ID, a.now)
	return now - now%dayMs
}

// days is the range that ?from= and ?to= name, both included; the last usual days where they do not. problem says what is wrong with it.
func (a *adminRequest) days(usual int) (r dayRange, problem string) {
	today := a.siteDay()
	r = dayRange{today - int64(usual-1)*dayMs, today + dayMs}
	from, to := a.Query("from"), a.Query("to")
	if from == "" && to == "" {
		return r, ""
	}
	first, err1 := time.Parse(time.DateOnly, from)
	last, err2 := time.Parse(time.DateOnly, to)
	if err1 != nil || err2 != nil || first.Year() < 1971 || last.Year() > 2199 {
		return r, a.text.T("history.range.day")
	}
	asked := dayRange{first.UnixMilli(), last.UnixMilli() + dayMs}
	switch {
	case asked.to <= asked.from:
		return asked, a.text.T("history.range.order")
	case asked.days() > maxDays:
		return asked, a.text.N("history.range.long", maxDays)
	}
	return asked, ""
}

// isoDay writes a day as forms do.
func isoDay(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }

// daysBefore names the range before a range of so many days.
func daysBefore(p *text.Printer, days int) string { return p.N("history.days_before", int64(days)) }

// dayPresets are shortcuts to common ranges, on the address of a page.
func (a *adminRequest) dayPresets(address string, is dayRange) []ui.Tab {
	today := a.siteDay()
	preset := func(label string, r dayRange) ui.Tab {
		return ui.Tab{Label: label, Href: withQuery(address, "from", isoDay(r.from), "to", isoDay(r.to-dayMs), "range", ""), Active: r == is}
	}
	list := []ui.Tab{
		preset(a.text.T("history.today"), dayRange{today, today + dayMs}), preset(a.text.T("history.yesterday"), dayRange{today - dayMs, today}),
	}
	for _, n := range []int64{7, 30, 90} {
		list = append(list, preset(a.text.N("history.last_days", n), dayRange{today - (n-1)*dayMs, today + dayMs}))
	}
	return list
}

// withQuery is an address with parameters of its query changed; args alternate name and value, "" removes one.
func withQuery(address string, args ...string) string {
	at, query, _ := strings.Cut(address, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	for i := 0; i+1 < len(args); i += 2 {
		if q.Del(args[i]); args[i+1] != "" {
			q.Set(args[i], args[i+1])
		}
	}
	if len(q) == 0 {
		return at
	}
	return at + "?" + q.Encode()
}

// elsewhere is this request's address under another path: what a page asks for, its fragment and its file ask for too.
func (a *adminRequest) elsewhere(at string) string {
	_, query, _ := strings.Cut(withQuery(a.address(), "site", a.site.ID), "?")
	return at + "?" + query
}

// url is the address of a page about the request's shop; args as ui.Page.URL takes them.
func (a *adminRequest) url(path string, args ...string) string {
	return ui.Page{Site: a.site.ID}.URL(path, args...)
}

// item is a catalog item as lists show it; one that the catalog does not have is its id.
func (a *adminRequest) item(id, href string) ui.Item {
	out := ui.Item{ID: id, Href: href}
	if it, ok := a.n.shop.Item(a.site.ID, id); ok {
		out.Title, out.Image = it.Title, it.Image
	}
	return out
}

// itemChoices are suggestions for a field that takes an item: what is looked at most.
func (a *adminRequest) itemChoices() []ui.Choice {
	now := a.n.clock(a.site.ID, a.now)
	known := func(id string) bool {
		_, ok := a.n.shop.Item(a.site.ID, id)
		return ok
	}
	var list []ui.Choice
	for _, t := range a.n.engine.Trending(a.site.ID, now, recommender.MaxTrendingWindow, suggestedItems, known) {
		list = append(list, ui.Choice{Value: t.Item, Label: a.item(t.Item, "").Title})
	}
	return list
}

const suggestedItems = 50 // a page stays small

// queryInt is a whole number of the query, def where there is none and -1 where it is none of min to max.
func (a *adminRequest) queryInt(name string, def, minimum, maximum int) int {
	text := a.Query(name)
	if text == "" {
		return def
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < minimum || n > maximum {
		return -1
	}
	return n
}

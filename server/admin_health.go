package main

import (
	"errors"
	"iter"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"beckon/clickstream"
	"beckon/dashboards/health"
	"beckon/dashboards/ui"
	"beckon/server/shop"
)

func (n *node) healthRoutes() []adminRoute {
	return []adminRoute{
		{fiber.MethodGet, "/admin/health", shop.Viewer, (*adminRequest).healthPage},
		{fiber.MethodGet, "/admin/health/csv", shop.Viewer, (*adminRequest).healthCSV},
		{fiber.MethodPost, "/admin/health/letters/:id/replay", shop.Merchandiser, (*adminRequest).replayLetter},
	}
}

func (n *node) healthTopics() []adminTopic {
	return []adminTopic{{name: "health", role: shop.Viewer, render: renderHealth}}
}

// renderHealth is the page's live part.
func renderHealth(f frame) (map[string]templ.Component, error) {
	numbers := f.n.healthNumbers(f.site.ID, f.now)
	v := health.Judge(f.text, &numbers)
	p := ui.Page{Text: f.text, Site: f.site.ID}
	return map[string]templ.Component{"health-overall": health.Overall(p, v), "health-checks": health.Checks(p, v)}, nil
}

// lettersShown are the newest dead letters on the page; lettersCounted are those whose codes are counted.
const (
	lettersShown   = 20
	lettersCounted = 1000
)

func (a *adminRequest) healthPage() error { return a.renderHealth(fiber.StatusOK, "") }

func (a *adminRequest) renderHealth(status int, trouble string) error {
	v, err := a.healthView()
	if err != nil {
		return err
	}
	v.Trouble = trouble
	p := a.page("health", a.text.T("health.title"))
	p.Lead, p.Topics, p.CSV = a.text.T("health.lead"), []string{"health"}, p.URL("/admin/health/csv")
	return a.renderStatus(status, health.Page(p, v))
}

// healthView is everything, with the dead letters, which are read from their files.
func (a *adminRequest) healthView() (health.View, error) {
	numbers := a.n.healthNumbers(a.site.ID, a.now)
	letters, err := a.n.collector.DeadLetters(a.site.ID, lettersCounted)
	if err != nil {
		return health.View{}, err
	}
	counts := map[string]int64{}
	for i := range letters {
		l := &letters[i]
		counts[l.Code]++
		if i < lettersShown {
			numbers.Letters = append(numbers.Letters, health.Letter{
				ID: l.ID, Code: l.Code, Message: l.Message, EventID: l.EventID, Time: l.Time, Replayed: l.Replayed,
			})
		}
	}
	for code, n := range counts {
		numbers.Codes = append(numbers.Codes, health.Code{Code: code, Count: n})
	}
	slices.SortFunc(numbers.Codes, func(a, b health.Code) int {
		if a.Count != b.Count {
			return int(b.Count - a.Count)
		}
		return compareText(a.Code, b.Code)
	})
	v := health.Judge(a.text, &numbers)
	v.Replay = a.user.Role.May(shop.Merchandiser)
	return v, nil
}

func compareText(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// csvNumber is v for a spreadsheet; what is endless is empty.
func csvNumber(v float64) string {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// replayLetter reads a refused event again, as if it came now.
func (a *adminRequest) replayLetter() error {
	src := clickstream.Source{
		Site: a.site.ID, Currency: a.site.Currency, CountHeadless: a.site.Headless, Secret: true, Received: a.now.UnixMilli(),
		DefaultConsent: a.n.shop.DefaultConsent(a.site.ID),
		ProveUser:      func(user, hash string) bool { return a.n.shop.ProveUser(a.site.ID, user, hash) },
	}
	result, err := a.n.collector.Replay(a.ctx, &src, a.Params("id"))
	switch {
	case errors.Is(err, clickstream.ErrNoDeadLetter):
		return a.renderHealth(fiber.StatusUnprocessableEntity, a.text.T("health.replay.gone"))
	case err != nil:
		return err
	case len(result.Rejected) > 0:
		return a.renderHealth(fiber.StatusUnprocessableEntity, result.Rejected[0].Message)
	}
	return a.Redirect(a.page("health", "").URL("/admin/health")+"#letters", fiber.StatusSeeOther)
}

// healthCSV is every number beside its bound.
func (a *adminRequest) healthCSV() error {
	v, err := a.healthView()
	if err != nil {
		return err
	}
	t := a.text
	return a.csv("health-"+a.site.ID+"-"+a.now.UTC().Format(time.DateOnly), []string{
		t.T("health.csv.group"), t.T("health.what"), t.T("health.state"), t.T("health.now"), t.T("health.bound"), t.T("health.csv.number"),
		t.T("health.csv.means"), t.T("health.csv.do"),
	}, a.healthRows(v))
}

func (a *adminRequest) healthRows(v health.View) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for _, c := range v.Checks {
			if !yield([]string{
				a.text.T("health.group." + c.Group), c.Name, health.StatusWord(a.text, c.Status), c.Value, c.Bound,
				csvNumber(c.Number), c.Means, c.Do,
			}) {
				return
			}
		}
	}
}

package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"beckon/clickstream/history"
	"beckon/dashboards/funnels"
	"beckon/dashboards/trail"
	"beckon/dashboards/ui"
)

// How far paths may look back: in memory a day, in the history longer.
var (
	pathsBackLive = []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}
	pathsBack     = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}
)

const (
	shortestPath = 2
	usualPath    = 4
	longestPath  = 8
	pathEnds     = 400 // of each length that the tree is made of
	pathRows     = 20  // of each list that the page shows
)

// pathsAsk is what the address of paths asks for.
type pathsAsk struct {
	walkScope
	item   string
	back   time.Duration
	length int
}

func (a *adminRequest) pathsAsk() (f pathsAsk) {
	f.walkScope, f.item = a.walkScope(), strings.TrimSpace(a.Query("item"))
	of := pathsBack
	if f.live != "" {
		of = pathsBackLive
	}
	f.back = a.duration("back", 24*time.Hour, of)
	if f.length = a.queryInt("length", usualPath, shortestPath, longestPath); f.wrong == "" && (f.back == 0 || f.length < 0 || len(f.item) > 200) {
		f.wrong = a.text.T("funnels.wrong.choice")
	}
	return f
}

func (n *node) adminPaths(a *adminRequest) error {
	f := a.pathsAsk()
	p := a.page("paths", a.text.T("paths.title"))
	p.Lead = a.text.T("paths.lead")
	v := funnels.PathsView{Filter: a.walkFilter(&f.walkScope, "/admin/paths"), Item: f.item, Items: a.itemChoices()}
	v.LookBack = durationChoices(a.text, pathsBack, f.back)
	if f.live != "" {
		v.LookBack = durationChoices(a.text, pathsBackLive, f.back)
	}
	for i := shortestPath; i <= longestPath; i++ {
		v.Length = append(v.Length, ui.Choice{Value: strconv.Itoa(i), Label: a.text.Int(int64(i)), Selected: i == f.length})
	}
	if f.wrong != "" {
		return a.renderStatus(422, funnels.PathsPage(p, v))
	}
	v.Part, p.CSV = a.elsewhere("/admin/paths/part"), a.elsewhere("/admin/paths.csv")
	return a.render(funnels.PathsPage(p, v))
}

func (n *node) adminPathsPart(a *adminRequest) error {
	v, err := n.paths(a, pathEnds)
	if err != nil {
		return a.renderAnswer(nil, err)
	}
	v.Paths, v.Items = v.Paths[:min(len(v.Paths), pathRows)], v.Items[:min(len(v.Items), pathRows)]
	p := a.page("paths", "")
	p.Path = a.elsewhere("/admin/paths")
	return a.render(funnels.PathsPart(p, v))
}

func (n *node) adminPathsCSV(a *adminRequest) error {
	v, err := n.paths(a, history.MaxLimit)
	if err != nil {
		return a.noAnswer(err)
	}
	head, rows := funnels.PathsCSV(a.text, &v)
	return a.csv("paths-"+a.site.ID+"-"+isoDay(a.siteDay()), head, rows)
}

func (n *node) paths(a *adminRequest, limit int) (funnels.Paths, error) {
	f := a.pathsAsk()
	if f.wrong != "" {
		return funnels.Paths{}, fail(400, "bad_paths", "%s", f.wrong)
	}
	v := funnels.Paths{Live: f.live != "", Window: a.text.Duration(f.back), OneIn: 1}
	var err error
	if v.Live {
		err = n.livePaths(a, &f, limit, &v)
	} else {
		err = n.pastPaths(a, &f, limit, &v)
	}
	return v, err
}

func (n *node) pastPaths(a *adminRequest, f *pathsAsk, limit int, v *funnels.Paths) error {
	ask := history.PathsAsk{Scope: f.history(a.site.ID, f.days), Item: f.item, LookBack: f.back, Length: f.length, Tree: true}
	ask.Limit = limit
	got, err := n.askPaths(a, ask, f.segment)
	if err != nil {
		return err
	}
	ask.From, ask.To, ask.Length, ask.Tree, ask.Limit = f.days.before().from, f.days.from, 1, false, 1
	before, err := n.askPaths(a, ask, f.segment)
	if err != nil {
		return err
	}
	v.OneIn, v.Orders, v.Before, v.Then = got.OneIn, got.Orders, before.Orders, daysBefore(a.text, f.days.days())
	show := a.pathItems()
	for _, path := range got.Tree {
		v.Tree = append(v.Tree, show(path.Items, path.Orders))
	}
	for _, path := range got.Paths {
		v.Paths = append(v.Paths, show(path.Items, path.Orders))
	}
	for _, it := range got.Items {
		v.Items = append(v.Items, show([]string{it.Item}, it.Orders))
	}
	return nil
}

func (n *node) askPaths(a *adminRequest, ask history.PathsAsk, segment string) (history.PathsAnswer, error) {
	site := a.site.ID
	key := struct {
		ask     history.PathsAsk
		segment string
	}{ask, segment}
	return cachedAnswer(n, site, "paths", key, func(ctx context.Context, q *history.Questions) (answer history.PathsAnswer, err error) {
		if segment != "" {
			if ask.Only, err = n.segmentVisitors(ctx, site, segment); err != nil {
				return answer, err
			}
		}
		return q.PathsBeforePurchase(ctx, ask)
	})
}

// livePathCount is live paths with the orders of the window before.
type livePathCount struct {
	now          trail.PathsAnswer
	before       int64
	asked, since int64
}

func (n *node) livePaths(a *adminRequest, f *pathsAsk, limit int, v *funnels.Paths) error {
	scope := struct {
		live, device, source, segment, item string
		back                                time.Duration
		length, limit                       int
	}{f.live, f.device, f.source, f.segment, f.item, f.back, f.length, limit}
	got, err := cachedLive(n, a.site.ID, "paths", scope, func(context.Context) (c livePathCount) {
		window := n.liveWindow(a.site.ID, f.live, a.now)
		ask := trail.PathsAsk{
			Scope: n.trailScope(a.site.ID, &f.walkScope, window), Item: f.item, LookBack: f.back.Milliseconds(), Length: f.length, Limit: limit,
		}
		c.now = n.trails.Paths(a.site.ID, ask)
		c.asked, c.since = window.to-1, n.wholeSince(a.site.ID, window.from-ask.LookBack)
		if f.live == liveHalfHour {
			ask.From, ask.To, ask.LookBack, ask.Length, ask.Limit = window.before().from, window.from, 0, 1, 1
			c.before = n.trails.Paths(a.site.ID, ask).Orders
		}
		return c
	})
	if err != nil {
		return err
	}
	v.Asked, v.Since, v.Orders, v.Before = got.asked, got.since, got.now.Orders, got.before
	if f.live == liveHalfHour {
		v.Then = a.text.T("funnels.then.30m")
	}
	show := a.pathItems()
	for _, list := range []struct {
		from []trail.Path
		to   *[]funnels.Path
	}{{got.now.Tree, &v.Tree}, {got.now.Paths, &v.Paths}, {got.now.Items, &v.Items}} {
		for _, path := range list.from {
			*list.to = append(*list.to, show(path.Items, path.Orders))
		}
	}
	return nil
}

// pathItems makes paths of products.
func (a *adminRequest) pathItems() func(ids []string, orders int64) funnels.Path {
	return func(ids []string, orders int64) funnels.Path {
		path := funnels.Path{Orders: orders}
		for _, id := range ids {
			path.Items = append(path.Items, a.item(id, ""))
		}
		return path
	}
}

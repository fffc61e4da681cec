package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/history"
	"beckon/dashboards/funnels"
	"beckon/dashboards/trail"
	"beckon/dashboards/ui"
)

// Windows that are counted in memory.
const (
	liveHalfHour = "30m"
	liveToday    = "today"
)

// walkScope is whose steps funnels and paths look at, and of when.
type walkScope struct {
	live    string // 30m, today; "" a range of days
	days    dayRange
	device  string
	source  string
	segment string // who is in it now
	wrong   string // why this cannot be asked
}

// walkScope reads the address. Without a range it is today.
func (a *adminRequest) walkScope() walkScope {
	w := walkScope{live: a.Query("range"), device: a.Query("device"), source: strings.ToLower(strings.TrimSpace(a.Query("source")))}
	if w.live == "" && a.Query("from") == "" {
		w.live = liveToday
	}
	if w.live == "days" {
		w.live = ""
	}
	switch {
	case w.live != "" && w.live != liveHalfHour && w.live != liveToday, w.device != "" && !slices.Contains(funnelDevices, w.device), len(w.source) > 64:
		w.wrong = a.text.T("funnels.wrong.choice")
	case w.live == "":
		w.days, w.wrong = a.days(usualDays)
	}
	if w.segment = a.Query("segment"); w.segment != "" {
		if _, known := a.n.folds.segments.Of(a.site.ID).Definition(w.segment); !known {
			w.wrong = a.text.T("funnels.wrong.choice")
		}
	}
	return w
}

// history is the scope of a question over some days. Exact answers over many events take seconds, so pages ask for few visitors then.
func (w *walkScope) history(site string, r dayRange) history.Scope {
	return history.Scope{Site: site, From: r.from, To: r.to, Device: w.device, Source: w.source, Fast: true}
}

// walkFilter is the form above the answer.
func (a *adminRequest) walkFilter(w *walkScope, action string) funnels.Filter {
	address := a.elsewhere(action)
	f := funnels.Filter{Action: action, Live: w.live != "", Range: w.live, Source: w.source, Wrong: w.wrong}
	if !f.Live {
		f.Range = "days"
		f.From, f.To = isoDay(w.days.from), isoDay(w.days.to-dayMs)
		f.Presets = a.dayPresets(withQuery(address, "range", ""), w.days)
	}
	tab := func(label, live string) ui.Tab {
		return ui.Tab{Label: label, Href: withQuery(address, "range", live, "from", "", "to", "", "at", ""), Active: live == f.Range}
	}
	f.Tabs = []ui.Tab{
		tab(a.text.T("funnels.range.30m"), liveHalfHour), tab(a.text.T("funnels.range.today"), liveToday), tab(a.text.T("funnels.range.days"), "days"),
	}
	f.Devices = []ui.Choice{{Label: a.text.T("funnels.device.any")}}
	for _, d := range funnelDevices {
		f.Devices = append(f.Devices, ui.Choice{Value: d, Label: funnels.DeviceWord(a.text, d), Selected: d == w.device})
	}
	for _, s := range a.n.numbers.Live(a.site.ID, a.n.clock(a.site.ID, a.now)).Sources {
		if len(f.Sources) < 10 {
			f.Sources = append(f.Sources, ui.Choice{Value: s.Name})
		}
	}
	f.Segments = []ui.Choice{{Label: a.text.T("funnels.form.segment.all")}}
	for _, c := range a.n.segmentChoices(a.site.ID, a.text) {
		c.Selected = c.Value == w.segment
		f.Segments = append(f.Segments, c)
	}
	return f
}

// liveWindow is a window of the site's clock.
func (n *node) liveWindow(site, live string, at time.Time) dayRange {
	now := n.clock(site, at)
	if live == liveHalfHour {
		return dayRange{now + 1 - 30*time.Minute.Milliseconds(), now + 1}
	}
	return dayRange{now - now%dayMs, now + 1}
}

// trailScope is the scope of what is counted in memory. Segments are looked up visitor by visitor: who is in it now counts.
func (n *node) trailScope(site string, w *walkScope, window dayRange) trail.Scope {
	s := trail.Scope{From: window.from, To: window.to, Device: w.device, Source: w.source}
	if w.segment != "" {
		var view clickstream.ShopperView
		var room []string
		s.Visitor = func(visitor string) bool {
			if !n.runner.View(site, visitor, &view) {
				return false
			}
			room = n.appendSegments(room[:0], site, &view, window.to-1)
			return slices.Contains(room, w.segment)
		}
	}
	return s
}

// segmentVisitors are the hashes of those who are in a segment now, which is how the history knows visitors.
func (n *node) segmentVisitors(ctx context.Context, site, id string) ([]uint64, error) {
	now := n.clock(site, n.now())
	only := []uint64{}
	var room []string
	err := n.runner.EachShopper(ctx, site, func(visitor string, v *clickstream.ShopperView) bool {
		if room = n.appendSegments(room[:0], site, v, now); slices.Contains(room, id) {
			only = append(only, clickstream.VisitorHash(visitor))
		}
		return true
	})
	return only, err
}

// wholeSince is the instant after from at which the steps in memory begin, 0 where they are all there.
func (n *node) wholeSince(site string, from int64) int64 {
	if since := n.trails.Since(site); since > from {
		return since
	}
	return 0
}

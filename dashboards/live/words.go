package live

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// kind says in words what an event is. A shop's own events keep their names.
func kind(t *text.Printer, name string) string {
	if key := "live.kind." + name; t.Has(key) {
		return t.T(key)
	}
	return name
}

// short is a visitor's id as lists show it: ids are long, and their ends differ.
func short(visitor string) string {
	const shown = 10
	return visitor[max(0, len(visitor)-shown):]
}

// ago says how long before now something was, to the second while that is less than a minute.
func ago(t *text.Printer, at, now int64) string {
	if s := (now - at) / 1000; s > 0 && s < 60 {
		return t.N("live.seconds_ago", s)
	}
	return t.Ago(at, now)
}

// since is how long ago something was, in whole seconds.
func since(t *text.Printer, at, now int64) string {
	return t.Duration(time.Duration(max(now-at, 0)/1000) * time.Second)
}

func on(set bool) string {
	if set {
		return "on"
	}
	return ""
}

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func visitValues(p ui.Page, v Visitor) []ui.KV {
	t, w := p.Text, v.Visit
	out := []ui.KV{
		{Key: t.T("live.stage"), Value: stage(t, w.Stage)},
		{Key: t.T("live.since"), Value: ui.Cell(since(t, w.Start, v.Now))},
		{Key: t.T("live.last"), Value: ui.Cell(ago(t, w.Last, v.Now))},
		{Key: t.T("live.from"), Value: fromCell(p, *w)},
	}
	if w.Page != "" {
		out = append(out, ui.KV{Key: t.T("live.page"), Value: ui.Cell(w.Page)})
	}
	return out
}

func profileValues(p ui.Page, v Visitor) []ui.KV {
	t, f := p.Text, &v.Profile
	out := []ui.KV{
		{Key: t.T("live.visitor"), Value: ui.CodeCell(v.ID)},
		{Key: t.T("live.consent"), Value: consent(t, f)},
		{Key: t.T("live.first"), Value: ui.When(t, f.First)},
		{Key: t.T("live.last_seen"), Value: ui.When(t, f.Last)},
	}
	if f.Machine {
		out = append(out, ui.KV{Key: t.T("live.robot"), Value: ui.Cell(t.T("live.robot_text"))})
	}
	if !f.Personal {
		return out
	}
	out = append(out,
		ui.KV{Key: t.T("live.segments"), Value: segmentsCell(p, f.Segments)},
		ui.KV{Key: t.T("live.visits_ever"), Value: ui.Cell(t.Int(int64(f.Visits)))},
		ui.KV{Key: t.T("live.did"), Value: ui.Cell(t.N("live.did_views", int64(f.Views)) + ", " + t.N("live.did_carts", int64(f.Carts)) + ", " +
			t.N("live.did_searches", int64(f.Searches)) + ", " + t.N("live.did_orders", int64(f.Purchases)))},
	)
	if f.Spent != "" {
		out = append(out, ui.KV{Key: t.T("live.spent"), Value: ui.Cell(f.Spent)})
	}
	if f.Search != "" {
		out = append(out, ui.KV{Key: t.T("live.last_search"), Value: ui.Cell(f.Search)})
	}
	out = append(out, ui.KV{Key: t.T("live.from"), Value: ui.Cell(f.Device + " · " + f.Source)})
	if f.User != "" {
		out = append(out, ui.KV{Key: t.T("live.user"), Value: ui.CodeCell(f.User)})
	}
	if len(f.Devices) > 0 {
		out = append(out, ui.KV{Key: t.T("live.devices"), Value: segmentsCell(p, f.Devices)})
	}
	return out
}

func consent(t *text.Printer, f *Profile) templ.Component {
	switch {
	case f.Analytics && f.Personal:
		return ui.Badge(t.T("live.consent_all"), "good")
	case f.Analytics:
		return ui.Badge(t.T("live.consent_analytics"), "warn")
	}
	return ui.Badge(t.T("live.consent_none"), "bad")
}

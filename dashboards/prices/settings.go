package prices

import (
	"beckon/dashboards/ui"
	"beckon/web/text"

	"github.com/a-h/templ"
)

// settingTexts are each setting's name and the line that explains it.
var settingTexts = map[string][2]string{
	"mode":             {"prices.set.mode", "prices.set.mode.help"},
	"margin":           {"prices.set.margin", "prices.set.margin.help"},
	"map":              {"prices.set.map", "prices.set.map.help"},
	"max_step":         {"prices.set.max_step", "prices.set.max_step.help"},
	"dwell_ms":         {"prices.set.dwell_ms", "prices.set.dwell_ms.help"},
	"deadband":         {"prices.set.deadband", "prices.set.deadband.help"},
	"rounding":         {"prices.set.rounding", "prices.set.rounding.help"},
	"breaker":          {"prices.set.breaker", "prices.set.breaker.help"},
	"slot_ms":          {"prices.set.slot_ms", "prices.set.slot_ms.help"},
	"p_better":         {"prices.set.p_better", "prices.set.p_better.help"},
	"min_gain":         {"prices.set.min_gain", "prices.set.min_gain.help"},
	"explore":          {"prices.set.explore", "prices.set.explore.help"},
	"competitors":      {"prices.set.competitors", "prices.set.competitors.help"},
	"competitor_ms":    {"prices.set.competitor_ms", "prices.set.competitor_ms.help"},
	"competitor_above": {"prices.set.competitor_above", "prices.set.competitor_above.help"},
	"sell_by":          {"prices.set.sell_by", "prices.set.sell_by.help"},
	"salvage":          {"prices.set.salvage", "prices.set.salvage.help"},
}

var groups = map[string]string{
	"mode": "prices.group.mode", "limits": "prices.group.limits", "learning": "prices.group.learning",
	"rivals": "prices.group.rivals", "clearance": "prices.group.clearance",
}

// settingField is a setting as a field of the form: what it does, what holds where nothing is typed, and where that comes from.
func settingField(p ui.Page, s Setting, may bool) ui.Field {
	t := p.Text
	words := settingTexts[s.Name]
	return ui.Field{
		Name: s.Name, Label: t.T(words[0]), Help: t.T(words[1]) + " " + inherited(t, s), Value: s.Value, Error: s.Error, Unit: s.Unit,
		Placeholder: s.Grey, Disabled: !may,
	}
}

// inherited says what holds where the field is left empty, and whose word that is.
func inherited(t *text.Printer, s Setting) string {
	switch s.From {
	case "site":
		return t.T("prices.set.from.site", "value", s.Inherited)
	case "category":
		return t.T("prices.set.from.category", "value", s.Inherited, "category", s.FromKey)
	}
	return t.T("prices.set.from.default", "value", s.Inherited)
}

func modeOptions(t *text.Printer, s Setting) []ui.Choice {
	out := []ui.Choice{{Value: "", Label: t.T("prices.set.inherit", "value", s.Inherited), Selected: s.Value == ""}}
	for _, m := range []string{"off", "suggest", "auto"} {
		word, _ := mode(t, m)
		out = append(out, ui.Choice{Value: m, Label: word, Selected: s.Value == m})
	}
	return out
}

func yesOptions(t *text.Printer, s Setting) []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: t.T("prices.set.inherit", "value", s.Inherited), Selected: s.Value == ""},
		{Value: "yes", Label: t.T("prices.yes"), Selected: s.Value == "yes"},
		{Value: "no", Label: t.T("prices.no"), Selected: s.Value == "no"},
	}
}

// scopeTitle is what the settings are of.
func scopeTitle(t *text.Printer, v SettingsView) string {
	switch v.Scope {
	case "category":
		return t.T("prices.scope.category.of", "name", v.Key)
	case "item":
		if v.Title != "" {
			return t.T("prices.scope.item.of", "name", v.Title)
		}
		return t.T("prices.scope.item.of", "name", v.Key)
	}
	return t.T("prices.scope.site.of")
}

func ownTable(p ui.Page, v SettingsView) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("prices.own.title"),
		Head:    []ui.Column{{Title: t.T("prices.own.what")}, {Title: t.T("prices.own.name")}, {Title: t.T("prices.col.mode")}, {Title: t.T("prices.own.state")}},
		Empty:   ui.Empty{Title: t.T("prices.own.none"), Text: t.T("prices.own.none.text")},
	}
	for _, o := range v.Own {
		what := t.T("prices.scope.category")
		if o.Scope == "item" {
			what = t.T("prices.scope.item")
		}
		name := o.Title
		if name == "" {
			name = o.Key
		}
		m, state := ui.MutedCell(t.T("prices.own.inherits")), ui.MutedCell("–")
		if o.Mode != "" {
			word, tone := mode(t, o.Mode)
			m = ui.Badge(word, tone)
		}
		if o.Frozen {
			state = ui.Badge(t.T("prices.badge.frozen"), "info")
		}
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{
			ui.Cell(what), ui.LinkCell(p.URL("/admin/pricing/settings", "scope", o.Scope, "key", o.Key), name), m, state,
		}})
	}
	return out
}

package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"beckon/pricing"
	"beckon/pricing/guard"
	"beckon/web/text"
)

// settingWords is what a setting is written and read with.
type settingWords struct {
	text     *text.Printer
	currency string
}

// settingField is one setting of prices as a form has it: how it is typed, read and told.
type settingField struct {
	name  string // as Settings' JSON has it
	kind  string // of the field: mode yes money percent text date
	scope func(pricing.Scope) bool
	typed func(s *pricing.Settings, w *settingWords) string                     // what the scope itself sets, "" for nothing
	read  func(s *pricing.Settings, typed string, w *settingWords) (why string) // "" takes it away
	grey  func(e *pricing.Effective, w *settingWords) string                    // the value that holds, as it would be typed; nil: it does not stand in the field
	holds func(e *pricing.Effective, w *settingWords) string                    // the value that holds, written
}

func (f *settingField) belongs(s pricing.Scope) bool { return f.scope == nil || f.scope(s) }

func (f *settingField) unit(w *settingWords) string {
	switch {
	case f.kind == "money":
		return w.currency
	case strings.HasSuffix(f.name, "_ms"):
		return w.text.T("prices.unit.hours")
	}
	return ""
}

func onlyItem(s pricing.Scope) bool { return s == pricing.ScopeItem }
func onlySite(s pricing.Scope) bool { return s == pricing.ScopeSite }
func notSite(s pricing.Scope) bool  { return s != pricing.ScopeSite }

// settingGroups are the settings in the order of the form. They are never changed.
var settingGroups = []struct {
	name   string
	fields []settingField
}{
	{"mode", []settingField{{
		name: "mode", kind: "mode",
		typed: func(s *pricing.Settings, _ *settingWords) string {
			if s.Mode == nil {
				return ""
			}
			return string(*s.Mode)
		},
		read: func(s *pricing.Settings, typed string, w *settingWords) string {
			m := pricing.Mode(typed)
			switch m {
			case "":
			case pricing.ModeOff, pricing.ModeSuggest, pricing.ModeAuto:
				s.Mode = &m
			default:
				return w.text.T("prices.bad.choice")
			}
			return ""
		},
		holds: func(e *pricing.Effective, w *settingWords) string {
			switch e.Mode {
			case pricing.ModeAuto:
				return w.text.T("prices.mode.auto")
			case pricing.ModeSuggest:
				return w.text.T("prices.mode.suggest")
			}
			return w.text.T("prices.mode.off")
		},
	}}},
	{"limits", []settingField{
		share("margin", 0, 10, nil, func(s *pricing.Settings) **float64 { return &s.Margin }, func(e *pricing.Effective) float64 { return e.Margin }),
		money("map", onlyItem, func(s *pricing.Settings) **int64 { return &s.MAP }, func(e *pricing.Effective) int64 { return e.MAP }),
		share("max_step", 0, 1, nil, func(s *pricing.Settings) **float64 { return &s.MaxStep }, func(e *pricing.Effective) float64 { return e.MaxStep }),
		hours("dwell_ms", 0, 90*24, func(s *pricing.Settings) **int64 { return &s.Dwell }, func(e *pricing.Effective) int64 { return e.Dwell }),
		share("deadband", 0, 1, nil, func(s *pricing.Settings) **float64 { return &s.Deadband }, func(e *pricing.Effective) float64 { return e.Deadband }),
		roundingField(),
		breakerField(),
	}},
	{"learning", []settingField{
		share("p_better", 0.5, 0.999, nil, func(s *pricing.Settings) **float64 { return &s.PBetter }, func(e *pricing.Effective) float64 { return e.PBetter }),
		share("min_gain", 0, 1, nil, func(s *pricing.Settings) **float64 { return &s.MinGain }, func(e *pricing.Effective) float64 { return e.MinGain }),
		share("explore", 0, 0.2, nil, func(s *pricing.Settings) **float64 { return &s.Explore }, func(e *pricing.Effective) float64 { return e.Explore }),
		hours("slot_ms", 1./60, 7*24, func(s *pricing.Settings) **int64 { return &s.Slot }, func(e *pricing.Effective) int64 { return e.Slot }),
	}},
	{"rivals", []settingField{
		competitorsField(),
		hours("competitor_ms", 1./60, 30*24, func(s *pricing.Settings) **int64 { return &s.Fresh }, func(e *pricing.Effective) int64 { return e.Fresh }),
		share("competitor_above", 0, 1, nil, func(s *pricing.Settings) **float64 { return &s.Above }, func(e *pricing.Effective) float64 { return e.Above }),
	}},
	{"clearance", []settingField{
		sellByField(),
		money("salvage", onlyItem, func(s *pricing.Settings) **int64 { return &s.Salvage }, func(e *pricing.Effective) int64 { return e.Salvage }),
	}},
}

func settingNamed(name string) *settingField {
	for g := range settingGroups {
		for f := range settingGroups[g].fields {
			if settingGroups[g].fields[f].name == name {
				return &settingGroups[g].fields[f]
			}
		}
	}
	panic("no price setting " + name)
}

// share is a fraction, typed in percent.
func share(name string, least, most float64, scope func(pricing.Scope) bool, of func(*pricing.Settings) **float64, in func(*pricing.Effective) float64) settingField {
	return settingField{
		name: name, kind: "percent", scope: scope,
		typed: func(s *pricing.Settings, _ *settingWords) string {
			if v := *of(s); v != nil {
				return trimmed(*v * 100)
			}
			return ""
		},
		read: func(s *pricing.Settings, typed string, w *settingWords) string {
			if typed == "" {
				return ""
			}
			v, ok := readNumber(strings.TrimSuffix(typed, "%"))
			if v = math.Round(v*1e6) / 1e8; !ok || v < least || v > most {
				return w.text.T("prices.bad.percent", "least", w.text.Percent(least, 0), "most", w.text.Percent(most, 1))
			}
			*of(s) = &v
			return ""
		},
		grey:  func(e *pricing.Effective, _ *settingWords) string { return trimmed(in(e) * 100) },
		holds: func(e *pricing.Effective, w *settingWords) string { return w.text.Percent(in(e), decimals(in(e)*100)) },
	}
}

// hours is a length of time, typed in hours.
func hours(name string, least, most float64, of func(*pricing.Settings) **int64, in func(*pricing.Effective) int64) settingField {
	return settingField{
		name: name, kind: "text",
		typed: func(s *pricing.Settings, _ *settingWords) string {
			if v := *of(s); v != nil {
				return trimmed(float64(*v) / float64(hourMs))
			}
			return ""
		},
		read: func(s *pricing.Settings, typed string, w *settingWords) string {
			if typed == "" {
				return ""
			}
			v, ok := readNumber(typed)
			ms := int64(math.Round(v * float64(hourMs)))
			if !ok || float64(ms) < math.Floor(least*float64(hourMs)) || v > most {
				return w.text.T("prices.bad.hours", "least", w.text.Number(least, decimals(least)), "most", w.text.Number(most, 0))
			}
			*of(s) = &ms
			return ""
		},
		grey: func(e *pricing.Effective, _ *settingWords) string {
			return trimmed(math.Round(float64(in(e))/float64(hourMs)*100) / 100)
		},
		holds: func(e *pricing.Effective, w *settingWords) string {
			return w.text.Duration(time.Duration(in(e)) * time.Millisecond)
		},
	}
}

// money is an amount of the item's currency; 0 is none.
func money(name string, scope func(pricing.Scope) bool, of func(*pricing.Settings) **int64, in func(*pricing.Effective) int64) settingField {
	return settingField{
		name: name, kind: "money", scope: scope,
		typed: func(s *pricing.Settings, w *settingWords) string {
			if v := *of(s); v != nil {
				return text.Plain(*v, w.currency)
			}
			return ""
		},
		read: func(s *pricing.Settings, typed string, w *settingWords) string {
			if typed == "" {
				return ""
			}
			v, ok := text.Minor(typed, w.currency)
			if !ok || v < 0 || v > guard.MaxAmount {
				return w.text.T("prices.bad.money")
			}
			*of(s) = &v
			return ""
		},
		holds: func(e *pricing.Effective, w *settingWords) string {
			if in(e) == 0 {
				return w.text.T("prices.none")
			}
			return w.text.Money(in(e), w.currency)
		},
	}
}

// readNumber reads a number with a point or a comma.
func readNumber(typed string) (float64, bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(typed), ",", "."), 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// trimmed writes a number as short as it is.
func trimmed(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)
}

// decimals is how many digits after the point a number needs, at most two.
func decimals(v float64) int {
	switch {
	case v == math.Trunc(v):
		return 0
	case math.Abs(v*10-math.Round(v*10)) < 1e-9:
		return 1
	}
	return 2
}

// roundingTyped is a rounding as shops write it: x.99; of what no such pattern says, its step and ending.
func roundingTyped(r guard.Rounding, currency string) string {
	if r.Step <= 1 {
		return "any"
	}
	digits := 0
	for step := r.Step; step > 1; step /= 10 {
		if step%10 != 0 {
			return fmt.Sprintf("%d:%d", r.Step, r.Ending)
		}
		digits++
	}
	kept := fmt.Sprintf("%0*d", digits, r.Ending)
	after := text.Digits(currency)
	switch {
	case digits < after:
		return "x." + strings.Repeat("x", after-digits) + kept
	case after == 0:
		return "x" + kept
	}
	return "x" + kept[:digits-after] + "." + kept[digits-after:]
}

// roundingRead is what roundingTyped writes.
func roundingRead(typed, currency string) (guard.Rounding, bool) {
	if typed == "any" {
		return guard.Rounding{}, true
	}
	if step, ending, ok := strings.Cut(typed, ":"); ok {
		s, err := strconv.ParseInt(step, 10, 64)
		e, err2 := strconv.ParseInt(ending, 10, 64)
		return guard.Rounding{Step: s, Ending: e}, err == nil && err2 == nil && s > 0 && s <= guard.MaxAmount && e >= 0 && e < s
	}
	r, err := guard.ParseRounding(strings.ReplaceAll(typed, ",", "."), text.Digits(currency))
	return r, err == nil
}

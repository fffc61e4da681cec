package main

import (
	"time"

	"beckon/pricing"
)

// The settings that are neither a share, nor a time, nor an amount.

func roundingField() settingField {
	return settingField{
		name: "rounding", kind: "text",
		typed: func(s *pricing.Settings, w *settingWords) string {
			if s.Rounding == nil {
				return ""
			}
			return roundingTyped(*s.Rounding, w.currency)
		},
		read: func(s *pricing.Settings, typed string, w *settingWords) string {
			if typed == "" {
				return ""
			}
			r, ok := roundingRead(typed, w.currency)
			if !ok {
				return w.text.T("prices.bad.rounding")
			}
			s.Rounding = &r
			return ""
		},
		grey: func(e *pricing.Effective, w *settingWords) string { return roundingTyped(e.Rounding, w.currency) },
		holds: func(e *pricing.Effective, w *settingWords) string {
			if e.Rounding.Step <= 1 {
				return w.text.T("prices.rounding.any")
			}
			return roundingTyped(e.Rounding, w.currency)
		},
	}
}

// breakerField is the site's own: what is in force stands in no Effective.
func breakerField() settingField {
	f := share("breaker", 0, 1, onlySite, func(s *pricing.Settings) **float64 { return &s.Breaker }, nil)
	f.grey = func(*pricing.Effective, *settingWords) string { return trimmed(pricing.DefaultBreaker * 100) }
	f.holds = func(_ *pricing.Effective, w *settingWords) string { return w.text.Percent(pricing.DefaultBreaker, 0) }
	return f
}

func competitorsField() settingField {
	return settingField{
		name: "competitors", kind: "yes",
		typed: func(s *pricing.Settings, _ *settingWords) string {
			switch {
			case s.Competitors == nil:
				return ""
			case *s.Competitors:
				return "yes"
			}
			return "no"
		},
		read: func(s *pricing.Settings, typed string, w *settingWords) string {
			yes := typed == "yes"
			switch typed {
			case "":
			case "yes", "no":
				s.Competitors = &yes
			default:
				return w.text.T("prices.bad.choice")
			}
			return ""
		},
		holds: func(e *pricing.Effective, w *settingWords) string {
			if e.Competitors {
				return w.text.T("prices.yes")
			}
			return w.text.T("prices.no")
		},
	}
}

// sellByField is the last day on which the stock is to be sold, UTC; 0 takes an inherited one away.
func sellByField() settingField {
	return settingField{
		name: "sell_by", kind: "date", scope: notSite,
		typed: func(s *pricing.Settings, _ *settingWords) string {
			if s.SellBy == nil || *s.SellBy == 0 {
				return ""
			}
			return time.UnixMilli(*s.SellBy - 1).UTC().Format(time.DateOnly)
		},
		read: func(s *pricing.Settings, typed string, w *settingWords) string {
			if typed == "" {
				return ""
			}
			day, err := time.Parse(time.DateOnly, typed)
			if err != nil || day.UnixMilli() <= 0 {
				return w.text.T("prices.bad.date")
			}
			end := day.UnixMilli() + dayMs
			s.SellBy = &end
			return ""
		},
		holds: func(e *pricing.Effective, w *settingWords) string {
			if e.SellBy == 0 {
				return w.text.T("prices.none")
			}
			return w.text.Date(e.SellBy - 1)
		},
	}
}

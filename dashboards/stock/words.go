package stock

import (
	"math"
	"strings"

	"beckon/web/text"
)

// horizon is how many days ahead a run-out is looked for: what lies beyond is "later".
const horizon = 60

// levelWord is the level as people read it, with the tone of its badge.
func levelWord(t *text.Printer, level string) (word, tone string) {
	switch level {
	case "low":
		return t.T("stock.level.low"), "warn"
	case "out":
		return t.T("stock.level.out"), "bad"
	case "held":
		return t.T("stock.level.held"), "info"
	case "back":
		return t.T("stock.level.back"), "good"
	case "untracked":
		return t.T("stock.level.untracked"), "quiet"
	}
	return t.T("stock.level.in"), "quiet"
}

// pieces is a count, or what stands for none.
func pieces(t *text.Printer, n int64) string {
	if n < 0 {
		return "–"
	}
	return t.Int(n)
}

// rate is pieces a day: finer where there are few.
func rate(t *text.Printer, v float64) string {
	switch {
	case v <= 0:
		return "0"
	case v < 0.1:
		return t.T("stock.rate.few")
	case v < 10:
		return t.Number(v, 1)
	}
	return t.Number(v, 0)
}

// days is how long stock lasts.
func days(t *text.Printer, v float64) string {
	switch {
	case v < 0 || math.IsNaN(v):
		return "–"
	case v >= horizon:
		return t.T("stock.days.more", "days", t.Int(horizon))
	case v < 1:
		return t.N("stock.days.hours", int64(math.Round(v*24)))
	case v < 10:
		return t.T("stock.days.some", "days", t.Number(v, 1))
	}
	return t.N("stock.days.whole", int64(math.Round(v)))
}

// runout is between which days stock runs out, with eight in ten.
func runout(t *text.Printer, now int64, p10, p90 float64) string {
	switch {
	case p10 < 0:
		return "–"
	case p10 >= horizon:
		return t.T("stock.runout.later", "days", t.Int(horizon))
	}
	from := t.Date(now + int64(p10*dayMs))
	if p90 >= horizon {
		return t.T("stock.runout.from", "from", from)
	}
	until := t.Date(now + int64(p90*dayMs))
	if from == until {
		return from
	}
	return t.T("stock.runout.between", "from", from, "until", until)
}

const dayMs = 24 * 3600_000

// method names how a forecast was made.
func method(t *text.Printer, name string) string {
	switch name {
	case "weekday":
		return t.T("stock.method.weekday")
	case "holt_winters":
		return t.T("stock.method.holt_winters")
	case "seasonal_naive":
		return t.T("stock.method.seasonal_naive")
	}
	return t.T("stock.method.rate")
}

// window names a time that ends now.
func window(t *text.Printer, name string) string {
	switch name {
	case "10m":
		return t.T("stock.window.10m")
	case "1h":
		return t.T("stock.window.1h")
	case "24h":
		return t.T("stock.window.24h")
	}
	return t.T("stock.window.7d")
}

// who is an actor of the control log in words.
func who(t *text.Printer, by string) string {
	kind, name, _ := strings.Cut(by, " ")
	switch kind {
	case "user":
		return name
	case "key":
		return t.T("stock.by.shop")
	case "":
		return "–"
	}
	return by
}

// times is how many times as many as expected: "3.2 times". Of next to nothing nothing can be so many times.
func times(t *text.Printer, s Surge) string {
	if s.Expected < 0.5 {
		return t.T("stock.surge.new")
	}
	return t.T("stock.surge.times", "ratio", t.Number(float64(s.Views)/s.Expected, 1))
}

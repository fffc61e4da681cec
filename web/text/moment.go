package text

import (
	"time"
)

// Date is the day of a moment (Unix ms), in UTC: "21 Nov 2026".
func (p *Printer) Date(ms int64) string { return p.locale.FmtDateMedium(time.UnixMilli(ms).UTC()) }

// Time is the hour and minute of a moment, in UTC: "20:05".
func (p *Printer) Time(ms int64) string { return time.UnixMilli(ms).UTC().Format("15:04") }

// DateTime is both: "21 Nov 2026, 20:05".
func (p *Printer) DateTime(ms int64) string { return p.Date(ms) + ", " + p.Time(ms) }

// Ago says how long before now a moment was, or how long after: "3 min ago", "in 2 h". From a month on it is the date.
func (p *Printer) Ago(from, now int64) string {
	gone := time.Duration(now-from) * time.Millisecond
	switch {
	case gone > 30*24*time.Hour || gone < -30*24*time.Hour:
		return p.Date(from)
	case gone > -time.Second && gone < 5*time.Second:
		return p.T("text.just_now")
	case gone < 0:
		return p.T("text.in", "time", p.coarse(-gone))
	}
	return p.T("text.ago", "time", p.coarse(gone))
}

// coarse is a duration in its largest unit.
func (p *Printer) coarse(d time.Duration) string {
	switch {
	case d < time.Minute:
		return p.N("text.seconds", int64(d/time.Second))
	case d < time.Hour:
		return p.N("text.minutes", int64(d/time.Minute))
	case d < 24*time.Hour:
		return p.N("text.hours", int64(d/time.Hour))
	}
	return p.N("text.days_past", int64(d/(24*time.Hour)))
}

// Duration is a length of time in at most two units: "250 ms", "3.2 s", "2 h 5 min", "4 days".
func (p *Printer) Duration(d time.Duration) string {
	if d < 0 {
		return minus + p.Duration(-d)
	}
	switch {
	case d < time.Millisecond && d > 0:
		return p.T("text.microseconds", "v", p.Number(float64(d)/float64(time.Microsecond), 0))
	case d < time.Second:
		return p.T("text.milliseconds", "v", p.Number(float64(d)/float64(time.Millisecond), 0))
	case d < 10*time.Second && d%time.Second >= 100*time.Millisecond:
		return p.T("text.seconds_part", "v", p.Number(d.Seconds(), 1))
	case d < time.Minute:
		return p.N("text.seconds", int64(d/time.Second))
	case d < time.Hour:
		return p.two("text.minutes", int64(d/time.Minute), "text.seconds", int64(d%time.Minute/time.Second))
	case d < 24*time.Hour:
		return p.two("text.hours", int64(d/time.Hour), "text.minutes", int64(d%time.Hour/time.Minute))
	}
	return p.two("text.days", int64(d/(24*time.Hour)), "text.hours", int64(d%(24*time.Hour)/time.Hour))
}

func (p *Printer) two(larger string, n int64, smaller string, rest int64) string {
	if rest == 0 {
		return p.N(larger, n)
	}
	return p.N(larger, n) + noBreak + p.N(smaller, rest)
}

package rules

import (
	"slices"
	"time"
	_ "time/tzdata" // a server's image may have no tz database, and the same rule must mean the same on every machine
)

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
	dayMs       = 24 * 3600_000
)

// Days of the week as a schedule names them.
var Days = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// window is minutes of the week from Monday 00:00, the last not within.
type window struct{ from, to int }

// hours is a compiled schedule.
type hours struct {
	starts, ends int64
	weekly       []window
	zone         int // index in the set's
}

func (h *hours) always() bool { return h.starts == 0 && h.ends == 0 && len(h.weekly) == 0 }

// hold says whether now is within; minutes is the minute of the week in each of the set's zones.
func (h *hours) hold(now int64, minutes []int) bool {
	if now < h.starts || h.ends != 0 && now >= h.ends {
		return false
	}
	if len(h.weekly) == 0 {
		return true
	}
	m := minutes[h.zone]
	for _, w := range h.weekly {
		if m >= w.from && m < w.to {
			return true
		}
	}
	return false
}

// Holds says whether the schedule of a valid rule holds at now, Unix ms.
func (s *Schedule) Holds(now int64) bool {
	h := s.compile()
	loc, _ := zone(s.Zone)
	return h.hold(now, []int{minuteOfWeek(now, loc)})
}

func (s *Schedule) compile() hours {
	h := hours{starts: s.Starts, ends: s.Ends}
	for i := range s.Weekly {
		h.weekly, _ = s.Weekly[i].windows(h.weekly)
	}
	return h
}

// windows appends the stretches of the week that w is. Its refusal names a field of w.
func (w *Weekly) windows(to []window) ([]window, *Refusal) {
	from, ok := minutes(w.From)
	if !ok || from == dayMinutes {
		return to, refuse("from", "%q is not a time such as 09:00", clip(w.From))
	}
	until, ok := minutes(w.To)
	switch {
	case !ok:
		return to, refuse("to", "%q is not a time such as 17:30", clip(w.To))
	case until == from:
		return to, refuse("to", "it is when it begins")
	case until < from:
		until += dayMinutes
	}
	days := w.Days
	if len(days) == 0 {
		days = Days
	}
	for _, name := range days {
		day := slices.Index(Days, name)
		if day < 0 {
			return to, refuse("days", "%q is not one of mon tue wed thu fri sat sun", clip(name))
		}
		begin, end := day*dayMinutes+from, day*dayMinutes+until
		to = append(to, window{begin, min(end, weekMinutes)})
		if end > weekMinutes {
			to = append(to, window{0, end - weekMinutes})
		}
	}
	return to, nil
}

// minutes reads 00:00 to 24:00.
func minutes(s string) (int, bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	h, m := int(s[0]-'0')*10+int(s[1]-'0'), int(s[3]-'0')*10+int(s[4]-'0')
	return h*60 + m, h < 24 && m < 60 || h == 24 && m == 0
}

func minuteOfWeek(now int64, loc *time.Location) int {
	t := time.UnixMilli(now).In(loc)
	return (int(t.Weekday())+6)%7*dayMinutes + t.Hour()*60 + t.Minute()
}

// zone is a time zone by its IANA name, UTC for "".
func zone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if name == "Local" { // it would mean something else on each machine
		return nil, errLocal
	}
	return time.LoadLocation(name)
}

type zoneError string

func (e zoneError) Error() string { return string(e) }

const errLocal = zoneError("Local names no zone")

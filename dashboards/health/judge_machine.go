package health

import (
	"math"
	"time"

	"beckon/web/text"
)

func (j *judging) history() {
	p, h := j.p, j.n.History
	if !h.Configured {
		j.add("history", Off, 0, p.T("health.history_off"), "")
		return
	}
	trouble := h.Err
	if trouble == "" {
		trouble = h.Trouble
	}
	switch {
	case h.Refused != "":
		j.add("history_refused", Bad, 0, h.Refused, "")
	case h.Schema != "":
		j.add("history_refused", Bad, 0, h.Schema, "")
	case !h.Known:
		j.add("history_away", Warn, 0, trouble, "")
	default:
		s := Good
		switch {
		case h.LagTime > historyBad:
			s = Bad
		case h.LagTime > historyWarn || h.Err != "" && h.LagTime > time.Minute:
			s = Warn
		}
		value := p.T("health.history_lag", "rows", p.Int(h.LagRows), "time", p.Duration(h.LagTime))
		if h.Err != "" {
			value += " · " + h.Err
		}
		j.add("history", s, float64(h.LagRows), value, p.Duration(historyWarn))
	}
	j.add("history_aside", none(h.SetAside, Warn), float64(h.SetAside), p.Int(h.SetAside), "0")
	j.add("history_lost", none(h.Lost, Bad), float64(h.Lost), p.Int(h.Lost), "0")
	j.add("history_restarts", above(float64(h.Restarts), 3, 50), float64(h.Restarts), p.Int(h.Restarts), "3")
}

func (j *judging) push() {
	p, u := j.p, j.n.Push
	j.add("sockets", above(per(u.Open, u.Bound), queueWarn, queueBad), float64(u.Open), p.Int(u.Open), p.Int(u.Bound))
	j.add("sockets_refused", none(u.Refused, Warn), float64(u.Refused), p.Int(u.Refused), "0")
	opened := max(1, u.Open+u.Slow+u.Dead)
	s := Good
	if u.Slow >= rejectLeast && per(u.Slow, opened) > 0.1 {
		s = Warn
	}
	j.add("slow", s, float64(u.Slow), p.Int(u.Slow), "")
	s = Good
	if resumes := u.Resynced + u.Recovered; u.Resynced >= rejectLeast && per(u.Resynced, resumes) > 0.5 {
		s = Warn
	}
	j.add("resyncs", s, float64(u.Resynced), p.T("health.resyncs", "gone", p.Int(u.Resynced), "whole", p.Int(u.Recovered)), "")
}

func (j *judging) disk() {
	p, d := j.p, j.n.Disk
	if d.Total == 0 {
		j.add("disk", Off, 0, p.T("health.not_known"), "")
	} else {
		free := per(d.Free, d.Total)
		s := Good
		if free <= freeWarn {
			s = Warn
		}
		if free <= freeBad {
			s = Bad
		}
		j.add("disk", s, float64(d.Free), p.T("health.free", "free", Bytes(p, d.Free), "share", p.Percent(free, 0)), p.Percent(freeWarn, 0))
		j.full(d)
	}
	j.add("disk_full", none(d.Full, Bad), float64(d.Full), p.Int(d.Full), "0")
	j.add("disk_parts", Good, float64(d.Events), p.T(
		"health.parts", "events", Bytes(p, d.Events), "control", Bytes(p, d.ControlLog), "history", Bytes(p, d.History), "rest", Bytes(p, d.Rest),
	), p.T("health.kept", "time", p.Duration(d.Retain)))
}

// full is in how many days the disk is.
func (j *judging) full(d Disk) {
	p := j.p
	if !d.Known {
		j.add("days", Off, 0, p.T("health.soon_known"), "")
		return
	}
	if d.PerDay <= 0 {
		j.add("days", Good, math.Inf(1), p.T("health.not_growing"), "")
		return
	}
	days := float64(d.Free) / float64(d.PerDay)
	s := Good
	if days <= daysWarn {
		s = Warn
	}
	if days <= daysBad {
		s = Bad
	}
	value := p.T("health.days", "days", p.N("health.n_days", int64(days)), "growth", Bytes(p, d.PerDay))
	if days > 3650 {
		value = p.T("health.days_many", "growth", Bytes(p, d.PerDay))
	}
	j.add("days", s, days, value, p.N("health.n_days", int64(daysWarn)))
}

func (j *judging) memory() {
	p, m := j.p, j.n.Memory
	if m.Bound > 0 {
		j.add("memory", above(per(m.Resident, m.Bound), memoryWarn, memoryBad), float64(m.Resident), Bytes(p, m.Resident), Bytes(p, m.Bound))
	} else {
		j.add("memory", Good, float64(m.Resident), Bytes(p, m.Resident), "")
	}
	j.add("heap", Good, float64(m.Heap), Bytes(p, m.Heap), "")
	j.add("goroutines", above(float64(m.Goroutines), goroutineTop, 10*goroutineTop), float64(m.Goroutines), p.Int(int64(m.Goroutines)), p.Int(goroutineTop))
}

func (j *judging) rest() {
	p := j.p
	j.add("durability", Good, 0, p.T("health.durability"), "")
	e := j.n.Erasing
	s, value := Good, p.Int(int64(e.Waiting))
	if e.Waiting > 0 && j.ago(e.Since) > erasingWarn {
		s, value = Warn, value+" · "+p.Ago(e.Since, j.n.Now)
	}
	j.add("erasing", s, float64(e.Waiting), value, p.Duration(erasingWarn))
	s = Good
	if j.n.Prices.BreakerOpen {
		s = Warn
	}
	j.add("breaker", s, 0, word(p, j.n.Prices.BreakerOpen, "health.breaker_open", "health.breaker_closed"), "")
	j.add("price_alerts", none(int64(j.n.Prices.Alerts), Warn), float64(j.n.Prices.Alerts), p.Int(int64(j.n.Prices.Alerts)), "0")
	if w := j.n.Work; w.Total > 0 && w.Done < w.Total {
		share := float64(w.Done) / float64(w.Total)
		j.add("work", Good, share, p.Percent(share, 0), "")
	} else {
		j.add("work", Off, 0, p.T("health.no_work"), "")
	}
}

func word(p *text.Printer, is bool, yes, no string) string {
	if is {
		return p.T(yes)
	}
	return p.T(no)
}

func controlValue(p *text.Printer, n *Numbers) string {
	out := p.N("health.records", int64(n.Control))
	for _, note := range n.Notes {
		out += " · " + note
	}
	return out
}

// foldName is a fold in words; one that nobody named keeps its own.
func foldName(p *text.Printer, name string) string {
	if t := p.T("health.fold." + name); t != "health.fold."+name {
		return t
	}
	return name
}

func placementName(p *text.Printer, name string) string {
	if t := p.T("health.placement." + name); t != "health.placement."+name {
		return t
	}
	return name
}

package health

import (
	"cmp"
	"math"
	"slices"
	"time"

	"beckon/web/text"
)

// Status is how something is.
type Status int

// The statuses, the gravest last. Off is what is not used, by choice.
const (
	Off Status = iota
	Good
	Warn
	Bad
)

// Check is one number with its bound, and what it means where it is not good.
type Check struct {
	ID, Group    string
	Status       Status
	Name         string
	Value, Bound string
	Means, Do    string // "" while good
	Number       float64
	Detail       bool // one of several of a kind, and good: shown when asked for
}

// The groups, in the order of the page.
var groups = []string{"ready", "events", "folds", "models", "history", "push", "disk", "memory", "rest"}

// View is what the page shows.
type View struct {
	Overall  Status
	Checks   []Check // in order of the groups
	Troubles []Check // those that are not good, the gravest first
	Numbers  Numbers
	Replay   bool // who looks may replay dead letters
	Trouble  string
}

// Judge compares every number with its bound.
func Judge(p *text.Printer, n *Numbers) View {
	j := judging{p: p, n: n}
	for _, g := range groups {
		j.group = g
		switch g {
		case "ready":
			j.ready()
		case "events":
			j.events()
		case "folds":
			j.folds()
		case "models":
			j.models()
		case "history":
			j.history()
		case "push":
			j.push()
		case "disk":
			j.disk()
		case "memory":
			j.memory()
		default:
			j.rest()
		}
	}
	v := View{Overall: Good, Checks: j.checks, Numbers: *n}
	for _, c := range j.checks {
		if v.Overall = max(v.Overall, c.Status); c.Status > Good {
			v.Troubles = append(v.Troubles, c)
		}
	}
	slices.SortStableFunc(v.Troubles, func(a, b Check) int { return cmp.Compare(b.Status, a.Status) })
	return v
}

// judging builds the checks of one look.
type judging struct {
	p      *text.Printer
	n      *Numbers
	group  string
	checks []Check
}

// add is a check whose words are those of its id.
func (j *judging) add(id string, s Status, number float64, value, bound string, args ...any) {
	c := Check{ID: id, Group: j.group, Status: s, Name: j.p.T("health.check."+id, args...), Value: value, Bound: bound, Number: number}
	if s > Good {
		c.Means, c.Do = j.p.T("health.means."+id, args...), j.p.T("health.do."+id, args...)
	}
	j.checks = append(j.checks, c)
}

// above is warn from one bound on and bad from the other.
func above(v, warn, bad float64) Status {
	switch {
	case v >= bad:
		return Bad
	case v >= warn:
		return Warn
	}
	return Good
}

// none is good for 0 and as grave as said for more.
func none(n int64, otherwise Status) Status {
	if n == 0 {
		return Good
	}
	return otherwise
}

// Bytes writes a size.
func Bytes(p *text.Printer, n int64) string {
	v := float64(n)
	for _, unit := range []string{"B", "KB", "MB", "GB"} {
		if math.Abs(v) < 1024 {
			if unit == "B" {
				return p.Int(n) + " B"
			}
			return p.Number(v, 1) + " " + unit
		}
		v /= 1024
	}
	return p.Number(v, 1) + " TB"
}

func per(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// ago is how long ago a moment was.
func (j *judging) ago(at int64) time.Duration { return time.Duration(j.n.Now-at) * time.Millisecond }

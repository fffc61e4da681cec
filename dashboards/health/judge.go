package health

import (
	"strings"
	"time"
)

// Bounds beside which a number is not good. Those of queues come with the numbers.
const (
	lagWarn      = 0.01 // of LagBound
	lagBad       = 0.25
	lagQuick     = 2 * time.Second // a burst that is worked off in that time is none
	rejectWarn   = 0.02            // of what was received
	rejectLeast  = 50
	lateWarn     = 0.05
	queueWarn    = 0.5
	queueBad     = 0.9
	idsWarn      = 0.8
	idsBad       = 0.95
	failRecent   = 10 * time.Minute
	checkWarn    = 10 // intervals without a checkpoint
	historyWarn  = 10 * time.Minute
	historyBad   = 24 * time.Hour
	daysWarn     = 14.0 // until the disk is full
	daysBad      = 3.0
	freeWarn     = 0.10 // of the disk
	freeBad      = 0.04
	memoryWarn   = 0.75
	memoryBad    = 0.90
	erasingWarn  = 24 * time.Hour
	ctrWarn      = 0.15 // by how much a click-through must have fallen to be a trouble, of what it was
	unknownWarn  = 0.20 // share of views of unknown items
	streamLeast  = 1000 // outcomes before which a share says nothing
	goroutineTop = 100_000
)

func (j *judging) ready() {
	s, value := Good, j.p.T("health.ready")
	if len(j.n.NotReady) > 0 {
		s, value = Bad, strings.Join(j.n.NotReady, "; ")
	}
	j.add("ready", s, float64(len(j.n.NotReady)), value, "")
	j.add("uptime", Good, float64(j.n.Now-j.n.Started)/1000, j.p.Duration(j.ago(j.n.Started)), "")
	j.add("panics", none(j.n.Panics, Warn), float64(j.n.Panics), j.p.Int(j.n.Panics), "0")
}

func (j *judging) events() {
	p, l := j.p, j.n.Ledger
	s, value := Good, p.T("health.balanced", "received", p.Int(l.Received), "stored", p.Int(l.Stored), "duplicates", p.Int(l.Duplicates), "rejected", p.Int(l.Rejected))
	if !l.Balanced() || !j.n.Whole.Balanced() {
		s = Bad
	}
	j.add("ledger", s, float64(l.Received-l.Stored-l.Duplicates-l.Rejected), value, "")
	rejected := per(l.Rejected, l.Received)
	s = Good
	if rejected >= rejectWarn && l.Rejected >= rejectLeast {
		s = Warn
	}
	j.add("rejected", s, rejected, p.Percent(rejected, 1), p.Percent(rejectWarn, 0))
	late := per(l.Late, l.Stored)
	s = Good
	if late >= lateWarn && l.Late >= rejectLeast {
		s = Warn
	}
	j.add("late", s, late, p.Percent(late, 1), p.Percent(lateWarn, 0))
	in := j.n.Intake
	share := per(in.QueueBytes, in.QueueBound)
	j.add("queue", above(share, queueWarn, queueBad), float64(in.QueueBytes), Bytes(p, in.QueueBytes), Bytes(p, in.QueueBound))
	j.add("refused", none(in.Refused, Warn), float64(in.Refused), p.Int(in.Refused), "0")
	ids := per(int64(in.IDs), int64(in.MaxIDs))
	j.add("ids", above(ids, idsWarn, idsBad), float64(in.IDs), p.Short(float64(in.IDs)), p.Short(float64(in.MaxIDs)))
	j.add("flush", none(in.FlushFailures, Warn), float64(in.FlushFailures), p.Int(in.FlushFailures), "0")
	j.add("impressions", none(in.Dropped+in.Failed, Warn), float64(in.Dropped+in.Failed), p.Int(in.Dropped+in.Failed), "0")
	s = none(j.n.StoreFail, Warn)
	if s == Warn && j.n.LastFail > 0 && j.ago(j.n.LastFail) < failRecent {
		s = Bad
	}
	j.add("store", s, float64(j.n.StoreFail), p.Int(j.n.StoreFail), "0")
}

func (j *judging) folds() {
	p := j.p
	worst := int64(0)
	for _, f := range j.n.Folds {
		worst = max(worst, f.Lag)
	}
	j.add("readers", Good, float64(worst), p.T("health.readers", "n", p.Int(int64(len(j.n.Folds))), "lag", p.Int(worst)), p.Short(float64(j.n.LagBound)))
	for _, f := range j.n.Folds {
		if f.Failed != "" {
			j.add("fold_stopped", Bad, float64(f.Lag), p.T("health.stopped", "why", f.Failed), "", "name", foldName(p, f.Name))
			continue
		}
		s := above(per(f.Lag, j.n.LagBound), lagWarn, lagBad)
		if f.Behind < lagQuick {
			s = Good
		}
		value := p.Int(f.Lag)
		if f.Behind >= lagQuick {
			value += " · " + p.Duration(f.Behind)
		}
		j.add("fold", s, float64(f.Lag), value, p.Short(float64(j.n.LagBound)), "name", foldName(p, f.Name))
		j.checks[len(j.checks)-1].Detail = s == Good
	}
	c := j.n.Checks
	s, value := Good, p.T("health.no_checkpoint")
	switch {
	case c.Failed != "":
		s, value = Bad, c.Failed
	case c.Newest > 0:
		value = p.Ago(c.Newest, j.n.Now)
		if j.ago(c.Newest) > checkWarn*c.Every {
			s = Warn
		}
	}
	j.add("checkpoint", s, float64(c.Newest), value, p.Duration(c.Every))
	j.add("control", none(int64(len(j.n.Notes)), Warn), float64(j.n.Control), controlValue(p, j.n), "")
}

func (j *judging) models() {
	p := j.p
	s := Good
	if j.n.Model.Visits == 0 {
		s = Off
	}
	j.add("model", s, float64(j.n.Model.Visits), p.T("health.model", "version", j.n.Model.Version, "visits", p.Short(float64(j.n.Model.Visits))), "")
	for _, st := range j.n.Streams {
		if st.Name != "" {
			j.placement(st)
		} else if !j.n.Warming {
			j.unknown(st)
		}
	}
}

// placement is the click-through of one: a fall is a trouble, a rise is news.
func (j *judging) placement(st Stream) {
	p := j.p
	s, value := Good, p.T("health.steady", "share", p.Percent(st.Share, 1), "n", p.Short(float64(st.N)))
	switch {
	case st.N < streamLeast:
		s, value = Off, p.T("health.too_few", "n", p.Int(st.N))
	case st.Changed:
		value = p.T("health.changed", "from", p.Percent(st.From, 1), "to", p.Percent(st.Share, 1), "when", p.Ago(st.At, j.n.Now))
		if st.Share < st.From*(1-ctrWarn) {
			s = Warn
		}
	}
	j.add("ctr", s, st.Share, value, "", "name", placementName(p, st.Name))
}

func (j *judging) unknown(st Stream) {
	p := j.p
	s, value := Good, p.T("health.steady", "share", p.Percent(st.Share, 1), "n", p.Short(float64(st.N)))
	if st.Changed {
		value = p.T("health.changed", "from", p.Percent(st.From, 1), "to", p.Percent(st.Share, 1), "when", p.Ago(st.At, j.n.Now))
	}
	if st.N >= streamLeast && st.Share >= unknownWarn && (!st.Changed || st.Share > st.From) {
		s = Warn
	}
	j.add("unknown", s, st.Share, value, p.Percent(unknownWarn, 0))
}

package main

import (
	"maps"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/dashboards/health"
)

// healthNumbers is what the server knows of itself and of a site. It reads memory and counters; nothing waits.
func (n *node) healthNumbers(site string, now time.Time) health.Numbers {
	stats, disk := n.collector.Stats(), n.disk.state()
	out := health.Numbers{
		Now: now.UnixMilli(), Started: disk.began.UnixMilli(), Version: version, NotReady: n.notReady(), Panics: n.panics.Load(),
		Ledger: healthLedger(n.ledger(site)), Whole: healthLedger(n.ledger("")),
		LagBound: maxLag, Control: n.shop.Offset(), StoreFail: n.storeFailures.Load(), LastFail: n.lastFailure.Load() / int64(time.Millisecond),
		Intake: health.Intake{
			QueueBytes: stats.QueueBytes, QueueBound: stats.QueueBound, IDs: stats.IDs, MaxIDs: stats.MaxIDs, Refused: stats.Refused,
			FlushFailures: stats.FlushFailures, Dropped: n.impressions.dropped.Load(), Failed: n.impressions.failed.Load(),
		},
		History: n.healthHistory(), Disk: n.healthDisk(disk), Memory: healthMemory(),
		Limits: health.Limits{
			Key: int64(n.cfg.rateKey), Visitor: int64(n.cfg.rateVisitor), Address: int64(n.cfg.rateIP), Sockets: int64(n.cfg.sockets),
			PerAddress: int64(n.cfg.socketsPerAddr), Body: maxBatchBytes, Quote: n.cfg.quoteLife,
		},
	}
	for _, note := range n.shop.Notes() {
		out.Notes = append(out.Notes, note.Error())
	}
	n.healthFolds(&out, disk)
	n.healthModels(&out, site)
	push := n.hub.Stats()
	out.Push = health.Push{
		Open: push.Connections, Bound: int64(n.cfg.sockets), Refused: int64(push.Refused), Slow: int64(push.Slow), Dead: int64(push.Dead),
		Resynced: int64(push.Resynced), Recovered: int64(push.Recovered), Frames: int64(push.Frames),
	}
	erasing := n.eraser.state()
	out.Erasing = health.Erasing{Waiting: erasing.Waiting, Since: erasing.Since}
	prices := n.folds.book.Site(site, out.Now)
	out.Prices = health.Prices{BreakerOpen: prices.Breaker.Open, Alerts: len(n.folds.book.Alerts(site)), Frozen: prices.Frozen}
	work := n.longWork.read()
	out.Work = health.Work{Done: work.Done, Total: work.Total}
	return out
}

func healthLedger(l ledgerAnswer) health.Ledger {
	return health.Ledger{Received: l.Received, Stored: l.Stored, Duplicates: l.Duplicates, Rejected: l.Rejected, Late: l.Late, DeadLetters: l.DeadLetter}
}

func (n *node) healthFolds(out *health.Numbers, disk diskState) {
	failed := map[string]string{}
	for _, f := range n.runner.Failures() {
		failed[f.Name] = f.Err.Error()
	}
	for _, name := range n.runner.FoldNames() {
		out.Folds = append(out.Folds, health.Fold{Name: name, Lag: n.runner.Lag(name), Behind: n.runner.LagTime(name), Failed: failed[name]})
		delete(failed, name)
	}
	for _, name := range slices.Sorted(maps.Keys(failed)) { // partitions
		out.Folds = append(out.Folds, health.Fold{Name: name, Failed: failed[name]})
	}
	written, err := n.runner.Checkpoints()
	out.Checks = health.Checkpoints{Written: written, Every: n.cfg.checkpointEvery}
	if err != nil {
		out.Checks.Failed = err.Error()
	}
	if !disk.checkpoint.IsZero() {
		out.Checks.Newest = disk.checkpoint.UnixMilli()
	}
}

func (n *node) healthModels(out *health.Numbers, site string) {
	out.Model.Version = n.engine.ModelVersion(site)
	if _, thousands, ok := strings.Cut(out.Model.Version, "."); ok {
		visits, _ := strconv.ParseInt(thousands, 10, 64) // what is no number is none
		out.Model.Visits = visits * 1000
	}
	report := n.drift.Report(site)
	out.Warming = report.Warming
	for _, s := range append(report.Placements, report.Unknown) {
		out.Streams = append(out.Streams, health.Stream{Name: s.Name, N: s.N, Share: s.Share, Changed: s.Changed, At: s.At, From: s.From})
	}
}

func (n *node) healthHistory() health.History {
	s := n.history.writerState()
	h := health.History{
		Configured: n.history.configured, Known: s.Known, Err: s.Err, Refused: s.Refused, Schema: s.Schema, LagRows: int64(s.LagRows), LagTime: s.LagTime,
		Rows: int64(s.Rows), SetAside: int64(s.SetAside), Lost: int64(s.Skipped + s.Gap), Retries: int64(s.Retries),
	}
	if why := n.history.trouble.Load(); why != nil {
		h.Trouble = *why
	}
	if source := n.history.source.Load(); source != nil && source.engine != nil {
		h.Restarts = int64(source.engine.State().Restarts)
	}
	return h
}

func (n *node) healthDisk(w diskState) health.Disk {
	events, control := n.events.Stats(), n.control.Stats()
	d := health.Disk{
		Free: w.free, Total: w.total, Events: events.Bytes, ControlLog: control.Bytes, History: w.history, PerDay: w.perDay, Known: w.known,
		Full: events.Full + control.Full, Retain: n.cfg.retain,
	}
	d.Rest = max(0, w.all-d.Events-d.ControlLog-d.History)
	return d
}

// healthMemory is what the process uses.
func healthMemory() health.Memory {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	m := health.Memory{Heap: int64(live[0].Value.Uint64()), Bound: int64(memoryBytes()), Goroutines: runtime.NumGoroutine()}
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if f := strings.Fields(string(text)); len(f) > 1 {
			pages, _ := strconv.ParseInt(f[1], 10, 64) // the kernel's own file
			m.Resident = pages * int64(os.Getpagesize())
		}
	}
	return m
}

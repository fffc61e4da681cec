package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
	"beckon/clickstream/record"
)

// planLogs are logs for a Spool alone; the events log has n records.
func planLogs(t *testing.T, n int) (events, plans *eventlog.Log) {
	t.Helper()
	open := func() *eventlog.Log {
		l, err := eventlog.Open(eventlog.Config{Dir: t.TempDir(), Partitions: 1, Epoch: "e1"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		})
		return l
	}
	events, plans = open(), open()
	var p record.Packed
	for range n {
		p.Data = append(p.Data, 'x')
		p.Close()
	}
	if _, err := events.Append(t.Context(), []record.Append{{Records: p}}); err != nil {
		t.Fatal(err)
	}
	return events, plans
}

func openSpool(t *testing.T, cfg SpoolConfig) *Spool {
	t.Helper()
	s, err := OpenSpool(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// visit is the fact of an event that made a version of a session.
func visit(seq uint64, visitor string, start int64, steps ...string) clickstream.Fact {
	s := &clickstream.Session{Key: clickstream.SessionKey{Visitor: visitor, Start: start}, End: start + int64(seq), Events: int(seq)}
	for i, item := range steps {
		s.Steps = append(s.Steps, clickstream.NewStep(item, clickstream.ViewItem, start+int64(i)))
	}
	return clickstream.Fact{
		Seq: seq, Site: "s", Event: &clickstream.Event{Site: "s", Visitor: visitor},
		Changes: []clickstream.SessionChange{{Session: s, Added: min(1, len(steps))}},
	}
}

func apply(t *testing.T, s *Spool, facts ...clickstream.Fact) {
	t.Helper()
	if err := s.ApplyFacts(facts); err != nil {
		t.Fatal(err)
	}
}

func snapshotOf(t *testing.T, s *Spool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// frozen is the batch records of a plan log, in words.
func frozen(t *testing.T, plans clickstream.Log) []string {
	t.Helper()
	var list []string
	c := planCursor{log: plans, next: plans.First(0)}
	defer c.close()
	for {
		p, ok, err := c.plan()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return list
		}
		head, lists, err := readPlanned(plans, p)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%d-%d", head.from, head.next)
		if head.gap {
			text += " gap"
		}
		for _, seq := range head.late {
			text += fmt.Sprint(" late ", seq)
		}
		for _, l := range lists {
			for _, s := range readAll(t, l) {
				text += fmt.Sprintf(" %s:%d@%d", s.Visitor, s.Start, s.Version)
				if s.Retracted {
					text += "x"
				}
			}
		}
		list = append(list, text)
	}
}

func wantFrozen(t *testing.T, plans clickstream.Log, want ...string) {
	t.Helper()
	if got := frozen(t, plans); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOnlyTheLastVersionOfASessionIsFrozen(t *testing.T) {
	events, plans := planLogs(t, 100)
	s := openSpool(t, SpoolConfig{Events: events, Plans: plans})
	late := clickstream.Fact{Seq: 4, Site: "s", Event: &clickstream.Event{}, Late: true}
	merged := visit(6, "a", 50)
	merged.Changes = append([]clickstream.SessionChange{{Retracted: []clickstream.SessionKey{{Visitor: "a", Start: 100}}}}, merged.Changes...)
	again := visit(7, "b", 100)
	again.Changes[0].Retracted = []clickstream.SessionKey{{Visitor: "b", Start: 100}}
	apply(t, s, visit(0, "a", 100), visit(1, "b", 100), visit(2, "a", 100), late, visit(5, "b", 900), merged, again)
	if err := s.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Freeze(t.Context()); err != nil { // nothing is left
		t.Fatal(err)
	}
	wantFrozen(t, plans, "0-8 late 4 a:100@6x b:100@7 b:900@5 a:50@6")
}

func TestPlansAreCutByRowsAndBytes(t *testing.T) {
	events, plans := planLogs(t, 100)
	s := openSpool(t, SpoolConfig{Events: events, Plans: plans, Rows: 3})
	apply(t, s, visit(0, "a", 1), visit(1, "b", 1), visit(2, "c", 1), visit(3, "a", 1))
	wantFrozen(t, plans, "0-3 a:1@0 b:1@1 c:1@2")
	events, plans = planLogs(t, 100)
	s = openSpool(t, SpoolConfig{Events: events, Plans: plans, Bytes: 3 * eventBytes})
	apply(t, s, visit(0, "a", 1), visit(1, "b", 1), visit(2, "c", 1), visit(3, "a", 1))
	wantFrozen(t, plans, "0-3 a:1@0 b:1@1 c:1@2")
}

func TestSnapshotsAreTheSameWheneverPlansWereCut(t *testing.T) {
	var snapshots [][]byte
	for cut := range 4 {
		events, plans := planLogs(t, 100)
		s := openSpool(t, SpoolConfig{Events: events, Plans: plans, Applied: func() uint64 { return uint64(10 * cut) }})
		for seq := range uint64(9) {
			apply(t, s, visit(seq, "a", 1))
			if int(seq)%4 < cut {
				if err := s.Freeze(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		snapshots = append(snapshots, snapshotOf(t, s))
	}
	for _, b := range snapshots[1:] {
		if !bytes.Equal(b, snapshots[0]) {
			t.Errorf("got %x and %x", snapshots[0], b)
		}
	}
}

func TestRecordsWithoutFactsAreFrozenOnceTheyAreApplied(t *testing.T) {
	events, plans := planLogs(t, 100)
	var applied atomic.Uint64
	s := openSpool(t, SpoolConfig{Events: events, Plans: plans, Applied: applied.Load})
	apply(t, s, visit(0, "a", 1))
	applied.Store(7)
	if err := s.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	apply(t, s, visit(7, "a", 1))
	snapshotOf(t, s)
	applied.Store(20)
	if err := s.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantFrozen(t, plans, "0-7 a:1@0", "7-8 a:1@7", "8-20")
}

func TestFactsThatPlansHoldArePassedOver(t *testing.T) {
	events, plans := planLogs(t, 100)
	s := openSpool(t, SpoolConfig{Events: events, Plans: plans})
	apply(t, s, visit(0, "a", 1), visit(1, "b", 1))
	older := snapshotOf(t, s)
	apply(t, s, visit(2, "a", 1), visit(3, "c", 1))
	newer := snapshotOf(t, s)
	apply(t, s, visit(4, "d", 1))

	s = openSpool(t, SpoolConfig{Events: events, Plans: plans})
	if err := s.Restore(bytes.NewReader(newer)); err != nil { // a later part of the checkpoint is damaged
		t.Fatal(err)
	}
	if err := s.Restore(bytes.NewReader(older)); err != nil {
		t.Fatal(err)
	}
	apply(t, s, visit(2, "a", 1), visit(3, "c", 1), visit(4, "d", 1))
	snapshotOf(t, s)
	wantFrozen(t, plans, "0-2 a:1@0 b:1@1", "2-4 a:1@2 c:1@3", "4-5 d:1@4")
	for _, bad := range [][]byte{nil, {9, 1}, {spoolVersion}, append(slices.Clone(older), 0)} {
		if err := s.Restore(bytes.NewReader(bad)); err == nil {
			t.Errorf("restored %x", bad)
		}
	}
}

func TestWhatPlansLostIsAGap(t *testing.T) {
	events, plans := planLogs(t, 100)
	s := openSpool(t, SpoolConfig{Events: events, Plans: plans})
	if err := s.Restore(bytes.NewReader([]byte{spoolVersion, 40})); err != nil {
		t.Fatal(err)
	}
	apply(t, s, visit(40, "a", 1))
	snapshotOf(t, s)
	wantFrozen(t, plans, "0-40 gap", "40-41 a:1@40")

	events, plans = planLogs(t, 100)
	s = openSpool(t, SpoolConfig{Events: events, Plans: plans}) // a fold that is new, to an old log
	apply(t, s, visit(30, "a", 1))
	snapshotOf(t, s)
	wantFrozen(t, plans, "0-30 gap", "30-31 a:1@30")
}

func TestSpoolsRefuseForeignAndOlderLogs(t *testing.T) {
	events, plans := planLogs(t, 10)
	s := openSpool(t, SpoolConfig{Events: events, Plans: plans})
	apply(t, s, visit(0, "a", 1), visit(9, "a", 1))
	snapshotOf(t, s)
	shorter, _ := planLogs(t, 5)
	if _, err := OpenSpool(SpoolConfig{Events: shorter, Plans: plans}); err == nil {
		t.Error("took plans beyond the end of the log")
	}
	if _, err := OpenSpool(SpoolConfig{Events: renamed{events}, Plans: plans}); err == nil {
		t.Error("took plans of another epoch")
	}
	if _, err := OpenSpool(SpoolConfig{Plans: plans}); err == nil {
		t.Error("took no events log")
	}
}

type renamed struct{ *eventlog.Log }

func (renamed) Epoch() string { return "e2" }

// fullLog has no room until it is told.
type fullLog struct {
	sunkLog
	tries atomic.Int64
	room  int64 // tries until there is
	err   error
}

func (l *fullLog) Append(ctx context.Context, parts []record.Append) (uint64, error) {
	if l.tries.Add(1) < l.room {
		return 0, l.err
	}
	return l.sunkLog.Append(ctx, parts)
}

func TestAFullPlanLogIsWaitedForUntilClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := &fullLog{room: 6, err: fmt.Errorf("log has no room: %w", syscall.ENOSPC)}
		s := openSpool(t, SpoolConfig{Events: &sunkLog{n: 100}, Plans: full, Rows: 1})
		apply(t, s, visit(0, "a", 1)) // returns when there is room
		if n := full.tries.Load(); n != 6 {
			t.Errorf("tried %d times", n)
		}
		never := &fullLog{room: 1 << 40, err: syscall.ENOSPC}
		s = openSpool(t, SpoolConfig{Events: &sunkLog{n: 100}, Plans: never, Rows: 1})
		ended := make(chan error)
		go func() { ended <- s.ApplyFacts([]clickstream.Fact{visit(0, "a", 1)}) }()
		synctest.Wait()
		if err := s.Freeze(canceled(t)); !errors.Is(err, context.Canceled) {
			t.Errorf("freeze meanwhile: got %v", err)
		}
		s.Close()
		s.Close()
		if err := <-ended; !errors.Is(err, errSpoolClosed) {
			t.Errorf("got %v", err)
		}
		broken := &fullLog{room: 1 << 40, err: errors.New("log has failed")}
		s = openSpool(t, SpoolConfig{Events: &sunkLog{n: 100}, Plans: broken, Rows: 1})
		if err := s.ApplyFacts([]clickstream.Fact{visit(0, "a", 1)}); err == nil || broken.tries.Load() != 1 {
			t.Errorf("a log that failed: got %v after %d tries", err, broken.tries.Load())
		}
	})
}

func TestLowPlansKeepsTheNewestPlan(t *testing.T) {
	events, plans := planLogs(t, 100)
	s := openSpool(t, SpoolConfig{Events: events, Plans: plans, Rows: 1})
	if low := s.LowPlans(); low != 0 {
		t.Errorf("got %d", low)
	}
	apply(t, s, visit(0, "a", 1), visit(1, "b", 1), visit(2, "c", 1))
	if low := s.LowPlans(); low != 2 {
		t.Errorf("got %d, want 2", low)
	}
	s = openSpool(t, SpoolConfig{Events: events, Plans: plans})
	if low := s.LowPlans(); low != 2 {
		t.Errorf("opened again: got %d, want 2", low)
	}
}

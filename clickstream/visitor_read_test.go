package clickstream

import (
	"slices"
	"testing"
)

func TestWhatTheLogHoldsOfAVisitorIsReadOnceAndInOrder(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, nil)
	c.mustCollect(t, "a", bodyOf("v_1", "1", "!bad1", "2"))
	c.mustCollect(t, "a", bodyOf("v_12", "1", "!bad2"))
	c.mustCollect(t, "b", bodyOf("v_1", "9", "!bad3"))
	c.mustCollect(t, "a", bodyOf("v_1", "3", "!bad4"))
	v := VisitorID{"a", "v_1"}
	var ids []string
	var last uint64
	err := EachEvent(t.Context(), log, v, func(seq uint64, e *Event) error {
		if len(ids) > 0 && seq <= last {
			t.Errorf("seq %d after %d", seq, last)
		}
		last = seq
		ids = append(ids, e.ID)
		return nil
	})
	if want := []string{"1", "2", "3"}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("events %v, want %v, %v", ids, want, err)
	}
	letters := func() (got []string) {
		t.Helper()
		if err := c.EachLetter(t.Context(), v, func(l *DeadLetter) error {
			got = append(got, l.ID+" "+l.EventID)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return got
	}
	want := []string{"8-0 bad1", "8-5 bad4"}
	got := letters()
	for i := range got { // ids say where the records are
		want[i] = got[i][:len(got[i])-4] + want[i][len(want[i])-4:]
	}
	if !slices.Equal(got, want) || len(got) != 2 {
		t.Errorf("letters %v, want %v", got, want)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	log.mu.Lock()
	intake := &log.parts[testPartitions]
	intake.first, intake.batches = intake.batches[2].First, intake.batches[2:] // retention took the first
	log.mu.Unlock()
	if again := letters(); !slices.Equal(again, want) {
		t.Errorf("letters of files and log %v, want %v", again, want)
	}
}

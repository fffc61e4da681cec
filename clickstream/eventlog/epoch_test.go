package eventlog

import (
	"strings"
	"testing"
	"time"
)

// TestLogWrittenAgainHasNamesAndTimesOfTheFirst writes a log's records into a new one with the first one's epoch and clock.
func TestLogWrittenAgainHasNamesAndTimesOfTheFirst(t *testing.T) {
	cfg := small(t.TempDir(), 3)
	cfg.Epoch = "ABC123"
	now := int64(1000)
	cfg.Now = func() time.Time { return time.UnixMilli(now) }
	l := open(t, cfg)
	mustAppend(t, l, packed(1, "a", "b"), packed(0, "c"), packed(1, "d"))
	now = 1005
	if seq := mustAppend(t, l, packed(2, "e")); seq != 4 {
		t.Errorf("got seq %d, want 4", seq)
	}
	if l.Epoch() != "ABC123" {
		t.Errorf("got epoch %s", l.Epoch())
	}
	r, err := l.Read(1, 2)
	if err != nil {
		t.Fatal(err)
	}
	b, ok, err := r.Next(1 << 20)
	if err != nil || !ok || b.Time != 1000 || b.Seq != 3 || b.At(0) != "d" {
		t.Errorf("got %+v, %v, %v", b, ok, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Epoch = "other"
	if _, err := Open(cfg); err == nil || !strings.Contains(err.Error(), "ABC123") {
		t.Errorf("opened as another epoch: %v", err)
	}
	cfg.Epoch = "two\nlines"
	if _, err := Open(cfg); err == nil {
		t.Error("an epoch of two lines was taken")
	}
}

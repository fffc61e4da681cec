package main

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestTheDiskWatchKnowsGrowthAfterAWhile(t *testing.T) {
	var w diskWatch
	start := time.UnixMilli(1_790_000_000_000)
	w.begin(start)
	for i := range 2 * diskSamples {
		if s := w.state(); i < 15 && s.known {
			t.Fatalf("growth is known after %d looks", i)
		}
		w.note(freeSpace{at: start.Add(time.Duration(i) * time.Minute), free: 100<<30 - int64(i)<<20, total: 200 << 30})
	}
	s := w.state()
	if !s.known || s.perDay != 24*60<<20 || s.total != 200<<30 || len(w.free) != diskSamples {
		t.Errorf("got %+v of %d looks, want 1440 MB a day", s, len(w.free))
	}
}

func TestTheDiskWatchMeasuresTheFolderAndEnds(t *testing.T) {
	n := openHere(t, 1)
	n.disk.look(t.Context(), n.dir, n.now(), true)
	if s := n.disk.state(); s.total == 0 || s.free == 0 || s.all == 0 {
		t.Errorf("got %+v", s)
	}
	var opened closers
	n.startDiskWatch(&opened)
	if err := opened.closeAll(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	stacks := make([]byte, 1<<20) // of all goroutines: the node has others, which come and go
	if text := string(stacks[:runtime.Stack(stacks, true)]); strings.Contains(text, "(*diskWatch).") {
		t.Errorf("the watch goes on after the stop:\n%s", text)
	}
}

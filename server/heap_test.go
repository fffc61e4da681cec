package main

import (
	"runtime/debug"
	"testing"
)

func TestHeapGetsRoomBySizeAndMemory(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		live, memory uint64
		want         int
	}{
		{4 * mb, 8192 * mb, 400},
		{128 * mb, 8192 * mb, 200},
		{128 * mb, 0, 200},
		{128 * mb, 512 * mb, 50}, // a container that would not hold more
		{512 * mb, 8192 * mb, 50},
		{4096 * mb, 8192 * mb, 33},
		{0, 8192 * mb, 400},
	} {
		if got := heapPercent(c.live, c.memory); got != c.want {
			t.Errorf("%d MB live of %d MB: %d %%, want %d", c.live/mb, c.memory/mb, got, c.want)
		}
	}
}

func TestHeapFollowsOnlyWhoDidNotSetIt(t *testing.T) {
	was := debug.SetGCPercent(100)
	defer debug.SetGCPercent(was)
	startHeap(env{getenv: func(string) string { return "70" }})()
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("GOGC is %d where it was set, want 100", got)
	}
	startHeap(env{getenv: func(string) string { return "" }})()
	if got := debug.SetGCPercent(100); got != 100 {
		t.Errorf("GOGC is %d afterwards, want 100 as before", got)
	}
}

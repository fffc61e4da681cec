package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// Room for garbage between two collections. A small heap gets heapRoom, so that a burst of events is not spent on collecting it
// again and again; a large one gets a third of itself, so that a million shoppers take little more than what they are. A collection costs
// processor time in proportion to what is alive, and comes once per room.
const (
	heapRoom   = 256 << 20
	heapShare  = 3   // room is at least the heap over this
	mostRoom   = 400 // percent of the heap
	memoryPart = 8   // room is at most memory over this while the heap's share is less
	heapLook   = time.Second
)

// heapPercent is GOGC for a heap of live bytes on a machine or in a container of memory bytes, 0: not known.
func heapPercent(live, memory uint64) int {
	room := uint64(heapRoom)
	if memory > 0 {
		room = min(room, memory/memoryPart)
	}
	room = max(room, live/heapShare)
	return int(min(room*100/max(live, 1), mostRoom))
}

// startHeap keeps GOGC at heapPercent until stop. Who sets GOGC keeps what they set.
func startHeap(e env) (stop func()) {
	if e.getenv("GOGC") != "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		followHeap(ctx, memoryBytes())
	}()
	return func() {
		cancel()
		<-ended
	}
}

func followHeap(ctx context.Context, memory uint64) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	now := heapPercent(live[0].Value.Uint64(), memory)
	defer debug.SetGCPercent(debug.SetGCPercent(now))
	look := time.NewTicker(heapLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		metrics.Read(live)
		// Setting stops the world for some microseconds: not for a tenth.
		if p := heapPercent(live[0].Value.Uint64(), memory); 10*max(p-now, now-p) > now {
			now = p
			debug.SetGCPercent(now)
		}
	}
}

// memoryBytes is what the machine has or the container may use, 0 when the system does not say.
func memoryBytes() uint64 {
	var memory uint64
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		line, _, _ := strings.Cut(string(text), "\n")
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemTotal:" {
			kb, _ := strconv.ParseUint(f[1], 10, 64)
			memory = kb << 10
		}
	}
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil && (memory == 0 || limit < memory) {
			memory = limit
		}
	}
	return memory
}

package engine

import (
	"os"
	"strconv"
	"strings"
)

// The default limit on a small and on a large machine: 1 GiB takes every table's batches, with 4 GiB the questions of one shop's
// history fit. The engine idles at 0.25 GB whatever the limit.
const (
	leastMemoryBytes = 1 << 30
	mostMemoryBytes  = 4 << 30
)

// defaultMemoryBytes is a quarter of the machine's or the cgroup's memory, between leastMemoryBytes and mostMemoryBytes.
func defaultMemoryBytes() int64 {
	total := memoryTotal(os.ReadFile) // 0 if it is unknown
	return min(max(total/4, leastMemoryBytes), mostMemoryBytes)
}

// memoryTotal is the smaller of the machine's memory and the cgroup's limit in bytes, 0 when neither is known.
func memoryTotal(read func(name string) ([]byte, error)) int64 {
	var total int64
	if b, err := read("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) == 3 && f[0] == "MemTotal:" {
				kib, _ := strconv.ParseInt(f[1], 10, 64) // 0 when unreadable: unknown
				total = kib << 10
			}
		}
	}
	for _, name := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		b, err := read(name)
		if err != nil {
			continue
		}
		limit, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64) // "max" is none
		if err == nil && limit > 0 && (total == 0 || limit < total) {
			total = limit
		}
	}
	return total
}

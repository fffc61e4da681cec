package engine

import "strconv"

// minMemoryBytes is what the engine needs to start and merge small parts.
const minMemoryBytes = 256 << 20

// engineArguments are the engine's own, as ClickHouse 26 names them.
func engineArguments(cfg childConfig) []string {
	memory := strconv.FormatInt(cfg.MemoryBytes, 10)
	return []string{
		"--max_server_memory_usage=" + memory,
	}
}

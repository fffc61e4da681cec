package engine

import (
	"fmt"
	"runtime"
)

// minMemoryBytes is what the engine needs to insert into a table of 76 columns: its writers take 4 MB a column, 325 MB.
const minMemoryBytes = 768 << 20

// allocatorVariable tunes the engine's allocator (jemalloc) when the library is loaded, so it must stand in the child's environment.
//
// As shipped it keeps freed pages for five seconds: with 700 MB allowed, four heavy questions in a row were seen to hold 1.7 GB. Given
// back after 100 ms by a thread of its own they hold 0.94 GB, and inserts are as fast as before (0 ms costs a third).
const allocatorVariable = "JE_MALLOC_CONF=dirty_decay_ms:100,muzzy_decay_ms:0,background_thread:true"

// libraryBytes is what the library itself holds resident: 170 MB of its file, which the kernel may drop, and 20 MB of its own.
const libraryBytes = 192 << 20

// engineMemory is the part of the limit that the engine's own accounting may reach: the rest is for the library and for freed pages
// that are not given back yet.
func engineMemory(limitBytes int64) int64 { return (limitBytes - libraryBytes) / 4 * 3 }

// engineArguments start the engine: what a server's configuration would say.
func engineArguments(limitBytes int64) []string {
	memory := engineMemory(limitBytes)
	// Caches of a server are sized for a machine of its own: 5 GiB here and there.
	caches := []struct {
		name  string
		bytes int64
	}{
		{"mark_cache_size", memory / 16},
		{"primary_index_cache_size", memory / 16},
		{"index_mark_cache_size", memory / 64},
		{"query_condition_cache_size", memory / 64},
		{"compiled_expression_cache_size", memory / 64},
		{"text_index_tokens_cache_size", memory / 64},
		{"text_index_header_cache_size", memory / 64},
		{"text_index_postings_cache_size", memory / 64},
		{"unique_key_index_cache_size_bytes", memory / 64},
		{"vector_similarity_index_cache_size", memory / 64},
		{"parquet_metadata_cache_size", memory / 64},
		{"iceberg_metadata_files_cache_size", memory / 64},
	}
	args := []string{
		fmt.Sprintf("--max_server_memory_usage=%d", memory),
		// Two merges at a time on a small machine: they share the cores with the shop's events.
		fmt.Sprintf("--background_pool_size=%d", max(2, runtime.NumCPU()/2)),
		"--background_merges_mutations_concurrency_ratio=1",
	}
	for _, c := range caches {
		args = append(args, fmt.Sprintf("--%s=%d", c.name, c.bytes))
	}
	return args
}

// connectionArguments hold for every connection until a statement sets another value. The library's defaults are those of
// clickhouse-local; these make it a server.
func connectionArguments(limitBytes int64) []string {
	return []string{
		// A question may take most of the memory but not all: an insert beside it lives on.
		fmt.Sprintf("--max_memory_usage=%d", engineMemory(limitBytes)/5*4),
		"--async_insert=0",    // on by default since 26: a block named by a token is inserted by itself, and now
		"--implicit_select=0", // or a misspelt statement is an expression
		"--allow_introspection_functions=0",
	}
}

// Package engine runs the real ClickHouse engine (libchdb) beside the product: in a child process of the same binary that speaks
// ClickHouse's HTTP protocol, so that clickhouse-go reaches it exactly as it reaches a server.
//
// Two processes meet here.
//
//   - The parent is the product. Library finds the shared library, Fetch brings it, Start starts the child and returns an Engine that
//     keeps it running: a child that dies is started again after 0.1 s, doubling to 30 s while it keeps dying. Options says how
//     clickhouse-go reaches it; address and secret stay the same over restarts.
//   - The child is the same binary with the argument "engine-serve"; Main is all it runs. Its first line of standard input is its
//     configuration, and the end of standard input is its end: a parent that is killed takes its child along, so nobody is left who
//     holds the data folder. It ignores the signals that a terminal or a service sends to all processes.
//
// Inside the child a library (lib.go) opens connections to the engine, and the handler of http.go turns requests into statements.
// Every request needs the secret that the parent drew for this start.
//
// # What it promises
//
// An insert that was answered survives a kill -9 of either process, and a power cut when its table has fsync_after_insert and
// fsync_part_directory. Its insert_deduplication_token survives as well, if the table has a deduplication window: tokens are on disk
// before their rows, and a token whose rows a kill kept from coming is forgotten before the engine opens its folder (tokens.go). So
// the same block under the same token stands there once, however often it is sent.
//
// Memory is bounded by Config.MemoryBytes: three quarters of it, less what the library itself holds, go to the engine's own
// accounting, a statement may take four fifths of that, and what goes beyond is refused with ClickHouse's MEMORY_LIMIT_EXCEEDED (241)
// while everything else goes on. A part that cannot be read is set aside by ClickHouse, which goes on without its rows;
// State.BrokenParts counts them. A folder that cannot be opened is named, with ClickHouse's words.
//
// # What was found out about the library
//
// libchdb 26.7.3 is ClickHouse 26.7.2.1. Measured on 2 cores (AMD EPYC):
//
//   - Loading it and opening a folder takes 90 ms from Start to the first answer. It idles at 210 MB resident, 170 of them pages of
//     the library's file. 200,000 rows of twelve columns take 0.4 s from Append to Send's return on a synced table (500,000 rows a
//     second, the building of the block included), at 330 MB. A question of one row takes 2 ms.
//   - One process has one data folder; any number of connections go to it (5,000 were opened). Opening one takes 0.08 ms and, while
//     it lives, 0.1 MB. They run side by side. Settings, the current database and temporary tables belong to a connection.
//   - Arguments of the first connection configure the engine (max_server_memory_usage, cache sizes, background_pool_size), those of
//     each are its settings (max_threads, max_memory_usage); settings of tables (merge_tree.*) are not taken. Unknown names are
//     ignored; a bad value makes connect fail without a word, so settings of clients go through SET.
//   - As shipped it behaves as clickhouse-local: async_insert is on, statements may be bare expressions, freed memory is kept for
//     five seconds. child_settings.go makes it a server.
//   - A statement cannot be called off from beside, but KILL QUERY on another connection ends it within milliseconds; it is found by
//     a setting that carries a tag, as the library gives no way to choose a query id.
//   - Exceptions come as text: "Code: 60. DB::Exception: … (UNKNOWN_TABLE)".
//   - The folder's lock goes with the process, so a kill -9 leaves nothing that stops the next start.
//
// All exported functions may be called from any goroutine. The package imports nothing of ours. It is pure Go (purego), built with
// cgo or without; the binary needs glibc's dynamic loader either way. libchdb exists for Linux and macOS on amd64 and arm64; elsewhere,
// and where it is not installed, Start returns a *MissingError.
package engine

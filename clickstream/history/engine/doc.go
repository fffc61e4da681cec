// Package engine runs the real ClickHouse engine (libchdb) beside the product: in a child process of the same binary that speaks
// ClickHouse's HTTP protocol, so that clickhouse-go reaches it exactly as it reaches a server.
//
// Two processes meet here.
//
//   - The parent is the product. Library finds the shared library, Fetch brings it, Start starts the child and returns an Engine that
//     keeps it running: a child that dies is started again with backoff. Options says how clickhouse-go reaches it; the address stays
//     the same over restarts.
//   - The child is the same binary with the argument "engine-serve"; Main is all it runs. Its first line of standard input is its
//     configuration, and the end of standard input is its end: a parent that is killed takes its child along, so nobody is left who
//     holds the data folder.
//
// Inside the child a library (lib.go) opens connections to the engine, and the handler of http.go turns requests into statements.
// Every request needs the secret that the parent drew for this start.
//
// All exported functions may be called from any goroutine. The package imports nothing of ours.
package engine

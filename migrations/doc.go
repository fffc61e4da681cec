// Package migrations holds the ClickHouse schema of the history, in order, and the runner that applies it.
//
// Files stand in sql, named 0001_name.sql and so on without a gap. They only go forward. Each applied file is recorded in the table
// `migrations` with its checksum, and a file that was applied and then changed is refused. The same files serve the embedded engine, a
// single server and a cluster: they are templates in which {{…}} stands for what differs.
//
// It imports nothing of ours.
package migrations

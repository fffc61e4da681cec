// Package history keeps everything that was stored in ClickHouse, exactly once, and answers questions from there.
//
// ClickHouse is a sink with a position of its own, not a fold: no request of a shopper waits for it, and it may be away for days.
// The way there has three steps.
//
//   - Spool is a fold of the Runner. It turns the facts of a stretch of the events log into one record of the plan log: which
//     versions of sessions the stretch left, and which of its events were late, a machine's or a repeat. That record is the frozen
//     batch: it has the stretch's name, and what a retry sends follows from it and the events log alone.
//   - Writer takes plans in order, reads their events from the events log, and inserts each table's rows as one block whose
//     insert_deduplication_token is the batch's name, so that a retry changes nothing, views over the insert included. The row in
//     `batches` comes last and is the only position there is.
//   - Questions are typed functions over the tables that migrations made, each with a limit and a deadline.
//
// Batches also carry the skeleton of the log, so Rebuild can write the logs again from ClickHouse alone and the ordinary folds reach
// the same state. Dump and Fill move a history between an embedded engine and a server; Parquet exports any range of it.
//
// The Writer is one goroutine beside the inserting one; all other types may be used from any goroutine. Only clickhouse-go reaches
// ClickHouse, and every call has a deadline.
//
// It imports clickstream and clickstream/record.
package history

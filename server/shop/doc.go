// Package shop keeps what the shop and its people decided: sites, keys, dashboard users, catalog, stock and the pieces that carts at
// checkout hold.
//
// All of it is a fold over the control log, which has one partition and is never trimmed. A command appends records and returns
// after the fold has applied them, with what the fold decided: two commands that race get one order and one outcome, on every
// node. The control log is therefore also the audit log: each record carries its time and its actor. An index, a part of the fold, says where
// in it the changes of people, keys and operators stand, what became of them, and what came before each (Changes); a record may take one
// back (Undo).
//
//	command ──queue──▶ one goroutine: append a batch, apply the log in order ──▶ maps that readers see ──▶ OnChange
//
// Promises: a command that returned is durable and visible to every read that starts afterwards; state is a function of the
// log's records and of nothing else (time comes with the record); nothing done to one site is visible through another; reads
// never wait for the log. Snapshots only shorten the start: the two newest are kept, a damaged one is skipped for the older,
// and without any the log is folded from its beginning.
//
// Concurrency: every method of Store may be called from any goroutine. One goroutine writes; Open starts it and Close waits
// for it. The command queue is bounded: a command that finds it full waits for its context.
//
// The package never talks HTTP, never reads a clock other than Config.Now, and imports of ours only clickstream and record.
package shop

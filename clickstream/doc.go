// Package clickstream takes what shoppers did and turns it into state: the collector makes events durable, folds read them
// back from the log and keep sessions and shoppers.
//
//	body ──parse──▶ Collector ──dedup, Append──▶ log partitions ──▶ Runner ─┬─ shard fold, one per partition: sessions, shoppers
//	                    │                                                   └─ facts, merged in Seq order ──▶ fact folds (models, live numbers)
//	                    └─ ledger and dead letter, in the same append
//
// Promises: an event is answered for only after the log says it is durable; the same (site, visitor, id) counts once within
// the dedup window, across restarts; time is corrected once, before the append, and never again; folds have no clock, no
// global random and no I/O, so the same log gives the same state bit for bit.
//
// Concurrency: a Collector may be called from any goroutine. Each fold has one writer, the Runner's goroutine for it.
//
// The package knows the log only through Log and imports nothing of ours but record.
package clickstream

// Package migrations holds the ClickHouse schema of the history, in order, and the runner that applies it.
//
// Files stand in sql, named 0001_name.sql and so on without a gap. They only go forward: a change is a new file. Each statement that was
// executed is recorded in the table `migrations` with its file's number and checksum, so that a crash in the middle continues behind it, and
// a file that was applied and then changed is refused. Every statement may run twice without harm (a test holds that), so a crash between
// statement and record, or two runners at once, only do a statement again. The database must exist.
//
// The same files serve the embedded engine, a single server and a cluster: they are templates in which {{…}} stands for what differs.
//
// # Cluster
//
// With Config.Cluster, DDL goes ON CLUSTER, NAME_local stores and NAME is the Distributed table before it, by which everybody reads and
// writes. Rows lie by cityHash64(site, visitor), and what views make of an event lies where the event lies. Insert with
// distributed_foreground_insert = 1 (insert_distributed_sync before ClickHouse 23.11): each shard then gets its part of the block under
// the same insert token before the answer. Shards must not be added while a block may still be sent again. More than one replica a
// shard needs Config.Replicated, internal_replication in the server's configuration and the macros {shard} and {replica}; ALTER and DELETE
// go to NAME_local.
//
// # Exactly once
//
// Every table remembers the tokens of 10,000 blocks and partitions, Replicated ones for 30 days; the views' targets too. A block that
// is sent again under its token, with deduplicate_blocks_in_dependent_materialized_views = 1, is dropped wherever it is already and
// inserted wherever it is not: when a view failed after the insert into events, the retry fills that view alone. A block of old events spans
// many months and needs max_partitions_per_insert_block = 0; it takes a token a month.
//
// # Schema
//
// events holds all that the log holds of an event and is ordered by site, name and time, which is what funnels and counts ask for. One
// visitor is found through a bloom filter on visitor_hash, a stretch of the log through the least and greatest seq of each 8,192 rows.
// impressions, orders, daily, daily_items, visitor_days and sampled are filled by views over inserts into events. Sums are added up when
// parts merge, so they are asked for with sum(), uniqMerge() and GROUP BY. sampled is one visitor in 16, with what questions over long
// ranges need of its events. sessions holds versions and is asked with FINAL.
//
// Config.Keep is a TTL by received, never by time: old data may be replayed. The sums of days, decisions and batches stay for ever;
// daily.visitors holds hashes of visitors that nothing else knows any more.
//
// # Measured
//
// ClickHouse 26.7 embedded, two cores shared with other work, so CPU time and not the clock is given. Generated events: 28% view_item,
// 11% impressions of eight items, 10% of visits with a cart, 3% with a purchase. In µs of CPU a row of events, blocks of 250,000:
//
//	events alone                                    1.1
//	  LZ4 in place of ZSTD(1)                      -0.3   and 91 bytes a row in place of 56
//	  ordered by day and visitor after name        +0.2   and 60 bytes
//	  without the bloom filter                     -0.0   and 55.4 bytes
//	  without device and source                    -0.1
//	  with a projection of row numbers by visitor  +0.0   and 61 bytes; a filter finds a visitor as well and deletes more simply
//	  with a projection of all columns by visitor  +1.0   and 145 bytes
//	impressions, 1.1 rows a row of events          +0.4   8.8 bytes a row
//	orders                                         +0.1   50 bytes
//	daily                                          +0.2   of which 0.07 for uniq visitors
//	daily_items                                    +0.3   8 bytes
//	visitor_days                                   +0.2   11 bytes
//	merges, by the dozen                           +1.3   blocks of 250,000; less with larger ones (2.7 in all with 1,000,000)
//
// On 20 M events, 555,000 a day, 30 days asked, a question took, in ms: timeline of a visitor 12, active visitors a day 27, top items 23,
// revenue a day 7, first step of a funnel from visitor_days 55 and from events 150, funnel of four steps by windowFunnel over all
// visitors 630 and over those that took the second step 380, over one visitor in four 170, weekly retention from visitor_days 75.
//
// It imports nothing of ours.
package migrations

// Package demand counts what shoppers want of each item, when, and says how much of it was to be expected.
//
//	facts ──▶ Fold ──┬─▶ minutes  the last two hours, all items of a minute together: trending, surges, short slots
//	                 ├─▶ hours    ten days and more, packed item by item
//	                 ├─▶ days     sixty days, packed item by item
//	                 └─▶ weeks    the hours of the week of a site and its categories: the season
//
// What counts. Views (view_item), carts (add_to_cart), units and revenue (purchase) by event time. Not counted: machines, late events,
// repeated transactions, events the server made, and what a visitor does from an exposure to an offer until that offer ends, for an
// offer changes what a shopper does and a price must not learn from it. A refund of a transaction that is still remembered takes the
// units out of the slot in which they were bought; one of another transaction changes nothing.
//
// Promises: the same facts give the same state and the same snapshot, byte for byte, in whatever batches they came. Counts are whole
// numbers and exact. Sites share nothing. Nothing is kept under a visitor but the exposures to offers that have not ended, and of those
// and of remembered transactions only a hash of the visitor, which an erasure removes. Every structure has a bound, written where it stands.
//
// Concurrency: one writer, the goroutine that applies facts, which holds the fold's lock for a few dozen facts at a time. Everything
// else may be called from any goroutine; a read holds the lock for one item, or for some of them at a time.
//
// The package has no clock, no global random and does no I/O: times are arguments, Unix ms of the site's clock. Floating point is in
// answers only, never in state. It imports clickstream for facts and clickstream/snapshot for its snapshots.
package demand

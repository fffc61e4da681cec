// Package trail is what visitors of each site did lately, in order: the live side of funnels and of paths before a purchase. It is a fold
// over facts.
//
//	facts ──▶ blocks of 4,096 steps, the oldest dropped ──▶ Funnel, Paths: any steps, any window, any filter
//
// A step is one thing that a person did: an event, or each of its items. What came late, what machines did and purchases that were
// counted before are left out. Answers follow the same rules as those of the history (clickstream/history), so that the two agree
// where they speak of the same time.
//
// Bounds, of each site: Config.Steps steps of 16 bytes and their names, some 25 MB for a site that fills them, and none older than
// Config.Keep. Since says from when on nothing is missing.
//
// Promises: sites share nothing; of an erased visitor nothing stays; the same facts give the same state and the same snapshot, however
// they are cut into batches.
//
// Concurrency: facts come from one goroutine; everything else may be called from any. A full block never changes, so who asks holds
// the lock only to copy the list of blocks, and counts without it.
//
// The package has no clock: windows are Unix ms of the site's clock. It imports clickstream and its snapshot codec.
package trail

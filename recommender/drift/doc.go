// Package drift tells when recommendations stop fitting: a fold over facts that watches, per site, what share of what was shown at each
// placement is taken, and what share of views goes to items that the models have hardly seen.
//
// An answer that was shown counts as taken when the same shopper opens one of its first ten items, or puts it into the cart, within ten
// minutes of event time. Its outcome is decided at the end of those minutes, so that busy hours are counted as quiet ones are. A view is
// of an unknown item when that item had fewer than five views before, in about the last million of the site; what the models know of such
// an item is next to nothing.
//
// Each of these streams of yes and no has an ADWIN window (Bifet, Gavaldà: Learning from Time-Changing Data with Adaptive Windowing, SDM
// 2007): it grows while one rate explains it, and its old part is dropped where two parts differ by more than chance explains. With one
// rate for ever, a check drops something with a probability of at most 1e-5 (their Theorem 3.1); with a check each 128 outcomes that is
// less than one false alarm in ten million outcomes of a stream. A change is told for a week; changes within a day of each other are one.
//
// Memory of a site: 32,768 answers whose outcome is open (2.5 MB; one that finds no room is not counted, which favours nobody), 512 KB of
// counters, and at most 16 placements of 4 KB. Sites are as many as the installation has.
//
// Concurrency: ApplyFacts and Snapshot are called by one goroutine, Report by any. The fold has no clock, no randomness and no I/O:
// the same facts give the same state. It imports of ours clickstream and its snapshot codec.
package drift

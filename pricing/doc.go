// Package pricing decides prices and keeps what was decided: one public price per item, market and version.
//
//	price.* records of the control log ──Apply──▶ Book (settings, freezes, learned demand, markdowns, suggestions, history)
//	                 Book.Input ──▶ Decide (pure) ──▶ price.decide ──Apply: same input? guard whole? nothing frozen?──▶ Shelf.SetPrice
//
// Decide is a function of its Input and of nothing else. The Input has no field for a shopper, and the package cannot import
// what knows shoppers, so a price cannot depend on who looks at it.
//
// Book is a fold over the control log: settings and modes, freezes, observations and what was learned from them, competitor
// prices, announced markdowns, suggestions that wait for a person, and the history of every price it set. A decision is made
// outside, from the Book's state, and appended with the hash of its whole input; the Book accepts it only at a place of the log
// where its own state still gives that hash and guard.Violation finds nothing. Refused ones stay in the log and change nothing.
//
// Promises: a published price keeps the hard limits of its item (minimum advertised price, floor, ceiling) at the moment it is
// published, and a change of limits that leaves it outside moves it to the edge in the same record; a freeze holds from the next
// record on; the same log gives the same state, byte for byte, and Audit recomputes every accepted decision bit for bit; an
// announced markdown names the lowest price of the 30 days before it began, for as long as it runs (Directive 98/6/EC, Article
// 6a); every change of a price is a new version, also an undo.
//
// Concurrency: Apply, ItemChanged, Expire, Image and Load belong to the goroutine that applies the log. Every other method may be
// called from any goroutine at any time: they read values that nobody changes, found under a lock held for a look-up.
//
// Lifecycle: New, Load for each line of an image if there is one, then records in the log's order. There is nothing to close.
//
// Bounds: what is kept grows with the items that the engine observes or a person priced, and with nothing else. Of an item the last 64
// lines of history, of these 8 decisions whole, 20 competitors (the one seen longest ago leaves), one suggestion (a newer one replaces
// it, a week ends it); of a site 1,000 categories with settings and as many frozen, 1,000 markdowns of 3,000 items each: more are
// refused. A record observes or prices at most 500 items. What memory no longer has stands in the log: Explain says so, and a Book
// folded up to that time answers.
//
// The package has no clock, no randomness of its own and no I/O: time comes with the record or in the Input. It imports of ours
// only pricing/guard, pricing/policy and clickstream/record.
package pricing

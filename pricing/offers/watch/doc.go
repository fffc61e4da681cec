// Package watch follows, in the facts of the events log, what offers begin with and what they bring.
//
//	facts ──ApplyFacts──▶ Carts   carts at risk by event time ──Take──▶ the server claims, logs the exposure, shows the offer
//	                      Uplift  exposures and purchases     ──Report──▶ what a campaign brought against its holdout
//
// # Carts
//
// An episode of a shopper is what was done from the first search, view, add_to_cart, view_cart or step of a checkout on until a
// purchase, an emptied cart, or an idle time longer than CartsConfig.Gap. Its cart is at risk when, in event time, a search (where the campaign needs one) came before the views, and the views
// before an add_to_cart, and then nothing happened for the idle time that is asked for. Thresholds are applied when asked: Watch says
// which idle times are looked for, and a Trigger carries what the campaign's other conditions are tested on. From begin_checkout,
// add_payment_info or add_shipping_info on the episode is silent. An episode that was answered with an offer, or held out from one,
// gives no further triggers.
//
// Every act of a shopper counts as activity, but not what a page does by itself (heartbeat, leave, impression, identify, consent),
// not a refund, which is the shop's doing, not what the server generated, and not what came late. Machines and events without
// consent to personalization are out. The clock is the site's event time: the highest Fact.Clock of any partition.
//
// Events that arrive in another order within the allowed lateness give the same episodes: acts are kept in the order of their event
// time for Gap and Lateness, or as long as no more than maxActs of them are there, and are read as a sequence when it matters. Only
// acts that begin no episode are not kept of a shopper of whom nothing else came yet.
//
// Abusers abandon carts again and again without buying at full price, or leave every offer they get; their triggers say so. A cart is
// abandoned when its episode ends by idleness. A purchase while an offer of the shopper lives is not one at full price.
//
// # Uplift
//
// Per campaign and arm: how many shoppers were exposed (each by the first exposure), how many of them bought within the window after
// it, and for how much. What was refunded within the window is taken back. A shopper seen in both arms is left out and counted as
// mixed. Report compares the arms with intervals that hold however often somebody looks (package stats).
//
// # Promises
//
// The same facts give the same state and the same snapshot bytes, however they are cut into batches. Memory is bounded: at most
// CartsConfig.Shoppers episodes, CartsConfig.Remembered histories and UpliftConfig.Exposed exposed shoppers a site; who was silent or
// exposed longest ago is dropped first, and an episode that is dropped so is not counted as abandoned. An erased visitor is forgotten; sums over closed windows stay. Who withdraws
// consent to personalization is forgotten by Carts at once.
//
// Concurrency: ApplyFacts, Snapshot and Restore belong to the fold's goroutine. Every other method may be called from any goroutine;
// the lock is held for a look-up, by Watch for a pass over a site's carts.
//
// Lifecycle: NewCarts and NewUplift, Restore if there is a snapshot, then facts. There is nothing to close. What was watched, and which
// triggers wait, is not in a snapshot: after a restart Watch finds the carts that are due and were not answered again, with the same ids.
//
// The package has no clock, no randomness and no I/O, and decides nothing about budgets: the ledger does. Of ours it imports
// clickstream, whose facts it reads, clickstream/snapshot and pricing/offers/stats.
package watch

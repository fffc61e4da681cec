// Package offers decides personal offers: campaigns, claims on their budgets, single-use codes and what they take off a cart.
//
// A Ledger is a fold over the control log. A claim ("this shopper's cart may be rescued by that campaign") is a record; the Ledger
// decides claims in the log's order, so one budget can be claimed from anywhere at once and is never overspent. The same log gives
// the same decisions, bytes and balances on every node.
//
//	offer.campaign   put: makes a campaign or replaces its settings
//	offer.state      active, paused, ended, removed
//	offer.claim      decides granted | held | refused; grants reserve the most the discount can come to
//	offer.redeem     the code was used: what it really took off is spent, the rest of the reservation is free again
//	offer.cancel     an offer is taken back
//	offer.forget     a shopper is erased
//
// Promises, at every offset, per campaign: granted = live + redeemed + expired + cancelled; spent + reserved ≤ budget; no cap is
// exceeded; an offer is redeemed at most once; a discount takes no line below its item's floor or cost. A repeated claim (same id)
// and a repeated redemption (same offer and transaction) get their first answer. Check verifies this against everything remembered.
//
// Time is the log's clock: the record's. A day of a cap is a UTC day of it. Offers expire by Due and Expire, which the log's owner
// calls before each record of that time or later.
//
// Memory is bounded. A claim's outcome is remembered until a day after its offer's life ended (a day after the decision when there is
// no offer), and offers not yet expired always. At Config.MaxOutcomes the oldest outcome is forgotten early: its id would be decided
// anew, within the same budget and caps, and its code answers offer_ended. At Config.MaxOpen offers, and at Config.MaxShoppers
// shoppers counted for caps, claims are refused (too_many_open, too_many_shoppers). A campaign forgets its shoppers when it has
// ended and none of its offers is open.
//
// Concurrency: Apply, Expire, Due, Image, Load and Check belong to the goroutine that applies the log. Running, Campaign, Campaigns,
// Live and Offer answer from any goroutine without waiting for it.
//
// The package has no clock, no random and no I/O, never sees a visitor's id (Who is a keyed hash of it), and imports of ours only
// clickstream/record.
package offers

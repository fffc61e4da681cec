// Package recommender learns from facts what to show next, and answers from memory.
//
//	facts ──┬─▶ sessions    sequences of the newest visits, for nearest neighbours (session, viewed_together)
//	        ├─▶ copurchase  the newest baskets (bought_together)
//	        ├─▶ factors     item-to-item similarity over shoppers' histories (similar_shoppers)
//	        ├─▶ popular     sliding windows, bestsellers, categories (trending, bestseller)
//	        └─▶ outcomes    what of the shown was taken, by placement and kind: the weights of the blend
//	                 │
//	Query ──▶ Recommend: candidates of each source ──▶ weights of the placement ──▶ rules ──▶ filters ──▶ exploration in the tail ──▶ Answer
//
// Promises: an answer holds no item that is not Eligible, is excluded by a rule, is in the cart, was just bought, or is the page's own
// item. Sites share nothing. The same facts give the same state and the same snapshot, byte for byte, in whatever batches they came. A session that
// is retracted leaves no trace in the sessions fold. Every structure has a bound, written where it stands.
//
// Concurrency: each fold has one writer, the goroutine that applies its facts; it holds the fold's lock for a few dozen facts at a
// time. Engine's methods may be called from any goroutine and hold one fold's lock at a time, for reading.
//
// Without consent to Analytics nothing reaches the package. Without consent to Personalization a visit counts in what is the same for
// everybody (sessions, copurchase, popular) and not in shoppers' histories (factors), and answers use nothing of the shopper.
//
// The package has no clock, no global random and does no I/O. It imports clickstream for facts,
// clickstream/snapshot for its snapshots, and recommender/rules for what merchandisers decide.
package recommender

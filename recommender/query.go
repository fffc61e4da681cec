package recommender

// Placements, the places that a shop shows recommendations in. An unknown one is answered as Home.
const (
	Home         = "home"
	ItemPage     = "item"
	Cart         = "cart"
	Category     = "category"
	Search       = "search"
	PostPurchase = "post_purchase"
	Email        = "email"
)

// Kinds of reasons.
const (
	BoughtTogether  = "bought_together"
	ViewedTogether  = "viewed_together"
	InSession       = "session"
	SimilarShoppers = "similar_shoppers"
	Trending        = "trending"
	Recent          = "recent"
	Bestseller      = "bestseller"
	Pinned          = "pinned" // given by the server, never by this package
)

// Query is one question. Only Site is needed; the more is known the better the answer. It is borrowed for the call.
type Query struct {
	Site      string
	Visitor   string // "" for nobody in particular
	Placement string
	Item      string // the page's own item, "" if none
	Category  string // the page's category, "" if none

	// What is known of the shopper. Without Personal all of it is ignored.
	Session  []string // items of the running visit, oldest first, as SessionItems gives them
	History  []string // distinct items of earlier and this visit, newest first
	Cart     []string // in the order in which they were put in
	Bought   []string // bought lately, newest first
	Personal bool     // the shopper consents to personalization

	Limit    int                      // items wanted, 1 to MaxLimit; 0 is 10
	Eligible func(item string) bool   // in stock, published and allowed by every rule; nil: all are. Called without locks held.
	Group    func(item string) string // variants of one product share a group, of which one is shown; "" or nil: none
	Now      int64                    // the site's clock, Unix ms
	Seed     uint64                   // of the exploration; 0: from site, visitor, placement, item and the hour of Now
	Explain  bool                     // fill Scored.Trace
}

// MaxLimit bounds Query.Limit.
const MaxLimit = 1000

// Answer is what to show, best first. It is reused from call to call; its strings may be kept, its slices may not.
type Answer struct {
	Model string // ModelVersion of the site
	Items []Scored
}

// Scored is one recommended item.
type Scored struct {
	Item       string
	Score      float64  // 0 to 1 and more, comparable within the answer only
	Propensity float64  // the probability with which this query shows this item, over all seeds; see explore.go
	Kind       string   // the source that speaks most for it
	Because    []string // items of cart, visit or page that it is shown for, the strongest first; empty if it is not because of one
	Trace      []Part   // with Query.Explain: what each source gave
}

// Part is what one source gave to an item's score: Weight×Value.
type Part struct {
	Kind   string
	Value  float64 // the source's own score, its best candidate having 1
	Weight float64 // of the source at this placement of this site now
}

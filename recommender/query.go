package recommender

import "beckon/recommender/rules"

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
	Explain  bool                     // fill Scored.Trace and Scored.Touches
	Plain    bool                     // without exploration: two such answers differ only by what they were asked

	// What merchandisers decided. Without Rules the rest is not looked at.
	Rules    *rules.Set
	Facts    func(item string, dst *rules.Item) bool // what rules may ask of an item; false: the catalog does not have it
	Segments []string                                // ids of the shopper's segments
	Wall     int64                                   // the wall's clock for schedules, Unix ms; 0: Now

	Why []string // items asked about: Answer.Why says why each is not shown
}

// MaxLimit bounds Query.Limit.
const MaxLimit = 1000

// Answer is what to show, best first. It is reused from call to call; its strings may be kept, its slices may not.
type Answer struct {
	Model string // ModelVersion of the site
	Items []Scored
	Why   []WhyNot // of Query.Why, in its order
}

// Scored is one recommended item.
type Scored struct {
	Item       string
	Score      float64  // 0 to 1 and more, comparable within the answer only
	Propensity float64  // the probability with which this query shows this item, over all seeds; see explore.go
	Kind       string   // the source that speaks most for it
	Because    []string // items of cart, visit or page that it is shown for, the strongest first; empty if it is not because of one
	Trace      []Part   // with Query.Explain: what each source gave

	Rule    *rules.Rule   // the pin that shows it, or the first boost or bury that moved its score; nil: no rule did
	Touches []rules.Touch // with Query.Explain: what each rule did to its score
	Drawn   bool          // shown by exploration in place of a better one
}

// Part is what one source gave to an item's score: Weight×Value.
type Part struct {
	Kind   string
	Value  float64 // the source's own score, its best candidate having 1
	Weight float64 // of the source at this placement of this site now
}

// WhyNot says why an item is not in an answer, or where it stands in it.
type WhyNot struct {
	Item   string
	Reason Reason
	Place  int         // Shown: in the answer; BelowCut: in the whole order; 1 is the first
	Score  float64     // with rules applied, 0 if no source knows the item
	Rule   *rules.Rule // ExcludedByRule
	Other  string      // SameProduct: the variant that stands before it
}

// Reason is why an item is not shown.
type Reason string

// Reasons, in the order in which they are looked for: the first that holds is given.
const (
	Shown          Reason = "shown"
	OwnItem        Reason = "own_item"     // it is the page's own
	InCart         Reason = "in_cart"      // the shopper has it in the cart
	JustBought     Reason = "just_bought"  // the shopper bought it lately
	NotEligible    Reason = "not_eligible" // Query.Eligible says no; the server says whether by stock or by publication
	ExcludedByRule Reason = "excluded_by_rule"
	SameProduct    Reason = "same_product" // a variant of the same product stands before it
	BelowCut       Reason = "below_cut"    // others are better; or exploration did not draw it
	NoCandidate    Reason = "no_candidate" // no source brought it
)

package recommender

// The sources of candidates.
const (
	fromSession = iota // neighbours of the visit, or of the newest history without one
	fromBaskets
	fromFactors
	fromRecent
	fromTrending
	fromBestseller
	fromCategory
	sources
)

// kindNames is the reason's kind of each source; neighbours by the page's own item say ViewedTogether.
var sourceKinds = [sources]string{InSession, BoughtTogether, SimilarShoppers, Recent, Trending, Bestseller, Trending}

// sourceOf is the source whose outcomes a reason's kind counts for.
func sourceOf(kind string) (int, bool) {
	switch kind {
	case InSession, ViewedTogether:
		return fromSession, true
	case BoughtTogether:
		return fromBaskets, true
	case SimilarShoppers:
		return fromFactors, true
	case Recent:
		return fromRecent, true
	case Trending:
		return fromTrending, true
	case Bestseller:
		return fromBestseller, true
	}
	return 0, false
}

// placement is how one place on a shop's pages blends.
type placement struct {
	name    string
	weights [sources]float32 // what the outcomes start from
	remind  bool             // items of this visit and of earlier ones may be shown again
}

// placements start from these weights; outcomes move them. session, baskets, factors, recent, trending, bestseller, category.
var placements = [...]placement{
	{Home, [sources]float32{1, 0.3, 0.5, 0.45, 0.3, 0.2, 0}, true},
	{ItemPage, [sources]float32{1, 0.8, 0.3, 0, 0.05, 0.05, 0}, false},
	{Cart, [sources]float32{0.5, 1, 0.2, 0, 0.05, 0.05, 0}, false},
	{Category, [sources]float32{0.8, 0.2, 0.3, 0, 0.1, 0.1, 1}, false},
	{Search, [sources]float32{1, 0.2, 0.4, 0, 0.3, 0.1, 0}, false},
	{PostPurchase, [sources]float32{0.4, 1, 0.4, 0, 0.05, 0.1, 0}, false},
	{Email, [sources]float32{0.8, 0.3, 0.8, 0.4, 0.2, 0.3, 0}, true},
}

// placementOf is the index of a placement, Home's if there is none of the name.
func placementOf(name string) int {
	for i := range placements {
		if placements[i].name == name {
			return i
		}
	}
	return 0
}

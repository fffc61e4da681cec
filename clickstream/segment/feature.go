package segment

// Feature is one thing that is known of a shopper, by its name in definitions.
type Feature string

// Features with a number. Money is in minor units of the site's currency.
const (
	Visits       Feature = "visits"        // begun, this one included
	Orders       Feature = "orders"        // that were not taken back
	Spent        Feature = "spent"         // money, on all orders
	AverageOrder Feature = "average_order" // money
	SpentRank    Feature = "spent_rank"    // percent of the site's buyers who spent no more; 0 for who bought nothing
	ItemsViewed  Feature = "items_viewed"  // looked at, repeats included
	CartAdds     Feature = "cart_adds"     // times something was put into the cart
	Searches     Feature = "searches"
	CartItems    Feature = "cart_items"    // in the cart now
	CartValue    Feature = "cart_value"    // money, of the cart at current prices
	Wishlist     Feature = "wishlist"      // items on it
	DaysKnown    Feature = "days_known"    // since the first event
	DaysAway     Feature = "days_away"     // since the last event, or between the visit before and the one that runs
	ReducedShare Feature = "reduced_share" // percent of the items looked at lately that are below their list price now
	VisitMinutes Feature = "visit_minutes" // of the running visit
	VisitViews   Feature = "visit_views"   // items looked at in the running visit
)

// Features with texts.
const (
	Device         Feature = "device"   // desktop, mobile, tablet, other
	Source         Feature = "source"   // direct, a host, or a utm_source
	Customer       Feature = "customer" // yes: proved to be a user of the shop; no
	Category       Feature = "category" // of items looked at lately
	Brand          Feature = "brand"
	Item           Feature = "item"
	BoughtCategory Feature = "bought_category" // of items bought
	BoughtItem     Feature = "bought_item"
)

// numbers and texts list the features in the order of Features' fields.
var (
	numbers = []Feature{
		Visits, Orders, Spent, AverageOrder, SpentRank, ItemsViewed, CartAdds, Searches, CartItems, CartValue, Wishlist,
		DaysKnown, DaysAway, ReducedShare, VisitMinutes, VisitViews,
	}
	texts = []Feature{Device, Source, Customer, Category, Brand, Item, BoughtCategory, BoughtItem}
)

const (
	numberCount = 16
	textCount   = 8
)

// Numbers lists the features with a number, Texts those with texts.
func Numbers() []Feature { return append([]Feature(nil), numbers...) }

// Texts lists the features with texts.
func Texts() []Feature { return append([]Feature(nil), texts...) }

// Money says whether a feature is an amount in minor units.
func (f Feature) Money() bool {
	return f == Spent || f == AverageOrder || f == CartValue
}

// Percent says whether a feature is from 0 to 100.
func (f Feature) Percent() bool { return f == SpentRank || f == ReducedShare }

// place is a feature's index among numbers, or among texts after them; -1 for an unknown one.
func (f Feature) place() int {
	for i, x := range numbers {
		if x == f {
			return i
		}
	}
	for i, x := range texts {
		if x == f {
			return numberCount + i
		}
	}
	return -1
}

// IsText says whether a feature has texts.
func (f Feature) IsText() bool { return f.place() >= numberCount }

// Needs is a set of features.
type Needs uint32

// Has says whether a feature is asked for.
func (n Needs) Has(f Feature) bool { return n&(1<<f.place()) != 0 }

// Features is what is known of one shopper. Fields that a Set does not need may be left empty. It can be used again after Reset.
type Features struct {
	number [numberCount]float64
	text   [textCount][]string
}

// Reset empties f and keeps its room.
func (f *Features) Reset() {
	f.number = [numberCount]float64{}
	for i := range f.text {
		f.text[i] = f.text[i][:0]
	}
}

// Set sets a feature with a number.
func (f *Features) Set(feature Feature, v float64) { f.number[feature.place()] = v }

// Number is a feature's number.
func (f *Features) Number(feature Feature) float64 { return f.number[feature.place()] }

// Add adds a text to a feature's, once.
func (f *Features) Add(feature Feature, text string) {
	at := feature.place() - numberCount
	for _, x := range f.text[at] {
		if x == text {
			return
		}
	}
	f.text[at] = append(f.text[at], text)
}

// Texts are a feature's texts; they are f's.
func (f *Features) Texts(feature Feature) []string { return f.text[feature.place()-numberCount] }

package recommendations

import (
	"math"

	"beckon/dashboards/ui"
)

// View is the page.
type View struct {
	From, To string // days, both included, as 2026-11-21
	Presets  []ui.Tab
	Range    string // why the range that was asked for cannot be; "" it can

	Period, Items string // addresses of the parts that are fetched later; "" while Range says why not
	Preview       string // address of the preview
	Live          Live
}

// Live is what became of the newest items shown, by place and kind.
type Live struct{ Rows []LiveRow }

// LiveRow is a kind of recommendation at a place. Shown fades: an item shown long ago counts less, so these are about the last 20,000 of a
// place. Weight is what the kind counts for there now, Start what it began with.
type LiveRow struct {
	Placement, Kind string
	Shown, Taken    float64
	Weight, Start   float64
}

// Period is the part of a range of days.
type Period struct {
	Days          int   // of the range, and of the one before it
	OneIn         int64 // visitors that were looked at: one in so many
	Total, Before Row
	Rows          []Row // by placement and kind, the most shown first
	By            []Row // by placement, likewise
	ByDay         []Day // of the range
	DayBefore     []Day // of the range before
	Open          bool  // the range's end is less than the time in which purchases are counted ago
}

// Row is what items shown led to. Earlier is the same of the range before, nil if there was none.
type Row struct {
	Placement, Kind      string
	Shown, Clicks, Carts int64
	Purchases            int64
	Revenue              []Money
	Earlier              *Row
}

// Money is minor units of a currency.
type Money struct {
	Currency string
	Minor    int64
}

// Day is a day's items shown and clicks.
type Day struct {
	Start         int64 // Unix ms
	Shown, Clicks int64
}

// Items is the part about the catalog.
type Items struct {
	Catalog       int64 // items that may be shown
	Shown, Before int64 // different items shown in the range, and in the one before
	Half          int64 // the fewest items with half of all showings
	Impressions   int64
	Rows          []ItemRow
	CSV           string
}

// ItemRow is an item with what happened to it.
type ItemRow struct {
	Item                           ui.Item
	Shown, Views, Carts, Purchases int64
	Revenue                        []Money
	Why                            string // address of the preview that asks about it
}

// Interval is Wilson's 95 % interval of a rate (Wilson, JASA 1927) from counts that stand for oneIn times as many.
func Interval(part, whole, oneIn int64) (low, high float64) {
	n := float64(whole) / float64(max(oneIn, 1))
	if n <= 0 {
		return 0, 0
	}
	const z = 1.959964
	p := math.Min(1, float64(part)/float64(whole))
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, middle-half), min(1, middle+half)
}

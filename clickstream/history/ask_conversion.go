package history

import (
	"cmp"
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ConversionAsk asks what recommendations led to, by the place they were shown in and by the kind of their reason.
//
// It follows the impressions in the range, also behind its end. An item counts as shown where the impression says why, as all that the server
// answers does: what the beacon says came into view says no reason, and would count the same item again.
//
//   - A click is a select_item or view_item event of the visitor who was shown the item, with the impression's rec_id and item, within
//     ClickWindow. An impression is clicked once, however many such events there are.
//   - An add_to_cart and a purchase of an item count for the last click of its visitor on that item before it, if that is at most
//     BuyWindow ago: last touch, each line for one click only. If that last click was on an impression outside the range, it counts for
//     nothing here.
//   - Revenue is price times quantity of the lines that have a price. Repeated purchases count for nothing; refunds are not taken back.
type ConversionAsk struct {
	Scope                     // no Device: impressions have none
	Placement   string        // "" is all
	ClickWindow time.Duration // 24 h, at most 7 days
	BuyWindow   time.Duration // 7 days, at most 30
	Days        bool          // the same by UTC day of the impression, too; at most MaxIntervals days
}

// ConversionAnswer is ordered by impressions, the most first. Limit counts Rows.
type ConversionAnswer struct {
	OneIn int64
	Rows  []ConversionRow
	Days  []ConversionDay // of Rows, in order of Start and then theirs
}

// ConversionDay is what the impressions of a day led to, at any time.
type ConversionDay struct {
	Start int64 // Unix ms
	ConversionRow
}

// ConversionRow is a placement and a kind of recommendation.
type ConversionRow struct {
	Placement, Kind string
	Impressions     int64 // items shown
	Clicks          int64 // of them
	Carts           int64 // lines added
	Purchases       int64 // lines bought
	Quantity        int64 // pieces bought
	Revenue         []Money
	ClickRate       float64 // clicks of impressions
	CartRate        float64 // carts of clicks
	PurchaseRate    float64 // purchases of clicks
}

// Money is an amount in minor units of a currency. Amounts of different currencies are never added.
type Money struct {
	Currency string // ISO 4217; "" if the shop sent none
	Minor    int64
}

const (
	maxClickWindow = 7 * 24 * time.Hour
	maxBuyWindow   = 30 * 24 * time.Hour
)

// Conversion answers a ConversionAsk.
func (q *Questions) Conversion(ctx context.Context, ask ConversionAsk) (ConversionAnswer, error) {
	in, err := q.ask("conversion", ask.Scope)
	if err != nil {
		return ConversionAnswer{}, err
	}
	ask.ClickWindow, ask.BuyWindow = cmp.Or(ask.ClickWindow, 24*time.Hour), cmp.Or(ask.BuyWindow, 7*24*time.Hour)
	switch {
	case ask.ClickWindow < time.Millisecond || ask.ClickWindow > maxClickWindow:
		return ConversionAnswer{}, in.refuse("ClickWindow", "must be in 1ms-"+maxClickWindow.String())
	case ask.BuyWindow < time.Millisecond || ask.BuyWindow > maxBuyWindow:
		return ConversionAnswer{}, in.refuse("BuyWindow", "must be in 1ms-"+maxBuyWindow.String())
	}
	if err := in.refuseFields(true, false, false); err != nil {
		return ConversionAnswer{}, err
	}
	in.weight = 3 // every impression is looked at for each of its items, and joined
	if err := in.thin(ctx, ask.ClickWindow.Milliseconds(), "impression", "select_item", "view_item"); err != nil {
		return ConversionAnswer{}, err
	}
	if ask.Days && (ask.To-ask.From)/dayMs > MaxIntervals {
		return ConversionAnswer{}, in.refuse("Days", "are too many")
	}
	table := conversionTable{rows: map[placeKind]*ConversionRow{}, days: map[placeDay]*ConversionDay{}}
	err = in.each(ctx, in.shownText(&ask), func(rows driver.Rows) error {
		var at placeKind
		var starts []int64
		var counts []uint64
		if err := rows.Scan(&at.placement, &at.kind, &starts, &counts); err != nil {
			return err
		}
		for i, start := range starts {
			table.show(at, start, int64(counts[i])*in.oneIn)
		}
		return nil
	})
	if err != nil {
		return ConversionAnswer{}, err
	}
	err = in.each(ctx, in.attributedText(&ask), func(rows driver.Rows) error {
		var at placeKind
		var act, currency string
		var start, pieces, minor int64
		var lines uint64
		if err := rows.Scan(&at.placement, &at.kind, &act, &currency, &start, &lines, &pieces, &minor); err != nil {
			return err
		}
		if row, ok := table.rows[at]; ok { // or it is behind Limit
			row.add(act, int64(lines)*in.oneIn, pieces*in.oneIn, Money{currency, minor * in.oneIn})
			table.day(at, start).add(act, int64(lines)*in.oneIn, pieces*in.oneIn, Money{currency, minor * in.oneIn})
		}
		return nil
	})
	if err != nil {
		return ConversionAnswer{}, err
	}
	return table.answer(&ask, in.oneIn), nil
}

package history

import (
	"cmp"
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ConversionAsk asks what recommendations led to, by the place they were shown in and by the kind of their reason.
//
// It follows the impressions in the range, also behind its end:
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
}

// ConversionAnswer is ordered by impressions, the most first.
type ConversionAnswer struct {
	OneIn int64
	Rows  []ConversionRow
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
	answer := ConversionAnswer{OneIn: in.oneIn}
	at := map[[2]string]int{}
	err = in.each(ctx, in.shownText(&ask), func(rows driver.Rows) error {
		var r ConversionRow
		var n uint64
		if err := rows.Scan(&r.Placement, &r.Kind, &n); err != nil {
			return err
		}
		r.Impressions = int64(n) * in.oneIn
		at[[2]string{r.Placement, r.Kind}] = len(answer.Rows)
		answer.Rows = append(answer.Rows, r)
		return nil
	})
	if err != nil {
		return ConversionAnswer{}, err
	}
	err = in.each(ctx, in.attributedText(&ask), func(rows driver.Rows) error {
		var placement, kind, act, currency string
		var lines uint64
		var pieces, minor int64
		if err := rows.Scan(&placement, &kind, &act, &currency, &lines, &pieces, &minor); err != nil {
			return err
		}
		if i, ok := at[[2]string{placement, kind}]; ok { // or it is behind Limit
			answer.Rows[i].add(act, int64(lines)*in.oneIn, pieces*in.oneIn, Money{currency, minor * in.oneIn})
		}
		return nil
	})
	if err != nil {
		return ConversionAnswer{}, err
	}
	for i := range answer.Rows {
		r := &answer.Rows[i]
		r.ClickRate, r.CartRate, r.PurchaseRate = ratio(r.Clicks, r.Impressions), ratio(r.Carts, r.Clicks), ratio(r.Purchases, r.Clicks)
	}
	return answer, nil
}

func (r *ConversionRow) add(act string, lines, pieces int64, m Money) {
	switch act {
	case "click":
		r.Clicks += lines
	case "cart":
		r.Carts += lines
	default:
		r.Purchases += lines
		r.Quantity += pieces
		if m.Minor != 0 {
			r.Revenue = append(r.Revenue, m)
		}
	}
}

package recommendations

import (
	"iter"
	"strconv"
	"time"

	"beckon/web/text"
)

// PeriodCSV is a range of days as rows, one a place and kind. Amounts are in main units with a point, one column a currency.
func PeriodCSV(p *text.Printer, v *Period) (head []string, rows iter.Seq[[]string]) {
	currencies := currenciesOf(v.Rows)
	head = []string{
		p.T("recommendations.col.place"), p.T("recommendations.col.kind"), p.T("recommendations.col.shown"), p.T("recommendations.col.clicks"),
		p.T("recommendations.click_rate"), p.T("recommendations.csv.low"), p.T("recommendations.csv.high"), p.T("recommendations.col.carts"),
		p.T("recommendations.col.orders"), p.T("recommendations.csv.one_in"), p.T("recommendations.csv.shown_before"),
		p.T("recommendations.csv.clicks_before"),
	}
	for _, c := range currencies {
		head = append(head, p.T("recommendations.col.revenue")+" "+c)
	}
	return head, func(yield func([]string) bool) {
		for i := range v.Rows {
			r := &v.Rows[i]
			low, high := Interval(r.Clicks, r.Shown, v.OneIn)
			then := Row{}
			if r.Earlier != nil {
				then = *r.Earlier
			}
			row := []string{
				PlaceWord(p, r.Placement), KindWord(p, r.Kind), count(r.Shown), count(r.Clicks), share(rate(r.Clicks, r.Shown)), share(low), share(high),
				count(r.Carts), count(r.Purchases), count(v.OneIn), count(then.Shown), count(then.Clicks),
			}
			if !yield(append(row, amounts(r.Revenue, currencies)...)) {
				return
			}
		}
	}
}

// ItemsCSV is the items that were shown, one row each.
func ItemsCSV(p *text.Printer, v *Items) (head []string, rows iter.Seq[[]string]) {
	var all []Row
	for i := range v.Rows {
		all = append(all, Row{Revenue: v.Rows[i].Revenue})
	}
	currencies := currenciesOf(all)
	head = []string{
		p.T("recommendations.col.item"), p.T("recommendations.csv.title"), p.T("recommendations.col.shown"), p.T("recommendations.col.views"),
		p.T("recommendations.col.carts"), p.T("recommendations.col.orders"),
	}
	for _, c := range currencies {
		head = append(head, p.T("recommendations.col.revenue")+" "+c)
	}
	return head, func(yield func([]string) bool) {
		for i := range v.Rows {
			r := &v.Rows[i]
			row := []string{r.Item.ID, r.Item.Title, count(r.Shown), count(r.Views), count(r.Carts), count(r.Purchases)}
			if !yield(append(row, amounts(r.Revenue, currencies)...)) {
				return
			}
		}
	}
}

// DayOf writes a day as forms and files do.
func DayOf(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }

func count(n int64) string   { return strconv.FormatInt(n, 10) }
func share(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }
func currenciesOf(rows []Row) (list []string) {
	seen := map[string]bool{}
	for i := range rows {
		for _, m := range rows[i].Revenue {
			if !seen[m.Currency] {
				seen[m.Currency] = true
				list = append(list, m.Currency)
			}
		}
	}
	return list
}

func amounts(revenue []Money, currencies []string) []string {
	list := make([]string, len(currencies))
	for i, c := range currencies {
		for _, m := range revenue {
			if m.Currency == c {
				list[i] = text.Plain(m.Minor, c)
			}
		}
	}
	return list
}

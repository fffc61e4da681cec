package offers

import (
	"math"
	"strconv"

	"beckon/web/text"
)

// Sums over a view's campaigns; money is of those in the site's currency.

func (v *View) live() (n int64) {
	for i := range v.Campaigns {
		n += v.Campaigns[i].Live
	}
	return n
}

func (v *View) granted() (n int64) {
	for i := range v.Campaigns {
		n += v.Campaigns[i].Granted
	}
	return n
}

func (v *View) redeemed() (n int64) {
	for i := range v.Campaigns {
		n += v.Campaigns[i].Redeemed
	}
	return n
}

func (v *View) spent() (money int64) {
	for i := range v.Campaigns {
		if v.Campaigns[i].Currency == v.Currency {
			money += v.Campaigns[i].Spent
		}
	}
	return money
}

func (v *View) budget() (money int64) {
	for i := range v.Campaigns {
		if v.Campaigns[i].Currency == v.Currency {
			money += v.Campaigns[i].Budget
		}
	}
	return money
}

// rescued is how many carts all campaigns are estimated to have rescued; "–" while none can be told.
func rescued(p *text.Printer, v View) string {
	sum, told := 0.0, false
	for i := range v.Campaigns {
		if e := &v.Campaigns[i].Effect; e.told() && e.Rescued != nil {
			sum, told = sum+e.Rescued.Mid, true
		}
	}
	if !told {
		return "–"
	}
	return p.Int(whole(sum))
}

func whole(v float64) int64 { return int64(math.Round(v)) }

// between are an interval's ends in words.
func between(p *text.Printer, i *Interval) string {
	return p.T("offers.between", "low", p.Int(int64(math.Floor(i.Low))), "high", p.Int(int64(math.Ceil(i.High))))
}

// part is of's part of all as an SVG length.
func part(of, all int64) string {
	if all <= 0 {
		return "0%"
	}
	return strconv.FormatFloat(100*math.Min(1, float64(of)/float64(all)), 'f', 1, 64) + "%"
}

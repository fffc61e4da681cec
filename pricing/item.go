package pricing

import "fmt"

// Unset is an amount or a stock that the shop did not give.
const Unset = -1

// Item is what prices depend on of a catalog item, at one place of the log. Amounts are minor units.
type Item struct {
	Category []string // from the general to the particular
	Cost     int64    // Unset if not given
	Floor    int64    // Unset if not given
	Ceiling  int64    // Unset if not given
	Stock    int64    // free pieces; Unset if the item is not tracked
	Hidden   bool     // not published: it keeps its price and gets no decisions

	Price                    // in the base market
	Markets map[string]Price // the other markets, nil if none
}

// Price is an item's price in one market.
type Price struct {
	Currency string // ISO 4217; "" for an item without a price, which is never priced here
	List     int64  // the shop's own price
	Public   int64  // the price in force: what shoppers pay
	Version  uint64 // offset of the control record that put it in force
	PriceAt  int64  // Unix ms from which it has been in force
	// Markdown is what an announced reduction that is in force is measured from, 0 without one.
	Markdown int64
	// Prior is the lowest price in force in the 30 days that end at the place of the log where it is asked, the present price
	// included: what an announced reduction that begins there has to name.
	Prior int64
}

// Shelf is the catalog at the place of the record that is being applied.
type Shelf interface {
	Item(site, id string) (Item, bool)
	// SetPrice puts a public price in force, as a new version if the amount is another one; market "" is the base market, markdown
	// what an announced reduction is measured from, 0 for none. It is false where there is no such item, market or price.
	SetPrice(site, id, market string, amount, markdown int64) bool
}

// Refusal says why a record was not carried out; the state is as it was before.
type Refusal struct{ Code, Message string }

func (r *Refusal) Error() string { return r.Message }

// RefusalCode is a word for programs, snake_case.
func (r *Refusal) RefusalCode() string { return r.Code }

func refuse(code, format string, args ...any) *Refusal {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}

// Package recommendations shows what recommendations do for a shop, and why each of them is shown.
//
//	Page      right now, from memory (a live region), and two parts that are fetched after it:
//	Period    a range of days from the history: shown, clicked, put into carts, bought, earned, against the range before
//	Items     how much of the catalog was shown, and what was shown most
//	Preview   what any shopper would see at a place, why this, and why not that
//
// The server fills the views and asks whoever knows; this package chooses words, bars and order. Everything is a value or a pure function,
// safe from any goroutine. It imports dashboards/ui and web/text.
package recommendations

//go:generate go run github.com/a-h/templ/cmd/templ generate -path .

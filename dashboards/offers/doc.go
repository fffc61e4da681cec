// Package offers is the dashboard's page of campaigns: what each offers to whom, what is left of its budget, and what it brings against
// the shoppers who get nothing.
//
//	Page      all campaigns, live        OnePage   one campaign, live: budget, effect, its live offers, its history
//	EditPage  the form of a campaign     Words     an effect in a merchant's words, also for package experiments' pages
//
// Promises: an effect is told with its uncertainty and only where it can be told; a sentence never claims more than the interval behind
// it. Everything that a merchant or a shopper typed is escaped.
//
// Concurrency: everything is a value or a pure function. The package fetches nothing and decides nothing: the server fills its views. It
// imports dashboards/ui and web/text.
package offers

//go:generate go run github.com/a-h/templ/cmd/templ generate -path .

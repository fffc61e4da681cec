// Package prices is the dashboard's pages about prices.
//
//	Page          suggestions that wait for a person, the state of the engine, and the table of all items
//	ItemPage      one item: history, what is believed of its demand, why it costs what it costs, and a price tried before it is applied
//	SettingsPage  modes and limits of the site, a category or an item, with what each inherits from where
//	MarkdownsPage announced reductions, and the form that announces one with the reference price that the law wants
//	Trial, Reduced, Explained and Moves are fragments that these pages fetch.
//
// A page takes plain values and never fetches. Amounts are minor units, times Unix ms, shares fractions of 1; what is not known is said
// so by a field, never by a 0 that could be meant. Reasons, rules, kinds and modes come as the words of the price records: they are put
// into sentences here, in the reader's language.
//
// Everything may be rendered by any goroutine at any time. It imports dashboards/ui and web/text.
package prices

// Package stock is the dashboard's pages about stock: what needs somebody first, every item with its cover, and one item with its forecast.
//
//	Page   what is out while shoppers want it, what runs out, what everyone is flocking to, what nobody wants, and the table of all items
//	Item   one item: stock, forecast with its band, demand, reservations, and the form that states its stock
//
// A page takes plain values and never fetches: amounts are minor units, times Unix ms, lengths of stock days. What is not known is a
// negative number where 0 could be meant. Names of levels, kinds and sort keys are the words that the server's addresses have.
//
// Everything may be rendered by any goroutine at any time. It imports dashboards/ui and web/text.
package stock

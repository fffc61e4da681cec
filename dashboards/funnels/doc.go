// Package funnels shows where visitors stop on their way, and what was viewed before buying.
//
//	FunnelPage ── FunnelPart   steps that the person chooses, who was lost between them, by device or source, against the time before
//	PathsPage  ── PathsPart    what was viewed before purchases, as a tree towards the purchase and as the most frequent paths
//
// Both ask either the newest minutes, which are live, or a range of days of the history. The parts are fetched after the page. The server
// fills the views; everything here is a value or a pure function, safe from any goroutine. The package imports dashboards/ui and web/text.
package funnels

//go:generate go run github.com/a-h/templ/cmd/templ generate -path .

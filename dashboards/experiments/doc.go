// Package experiments is the dashboard's page of what is being tried out: the holdouts of offers and the price engine's tests, with what
// they have shown so far and how long it takes until they can show more.
//
// Promises: it shows only what runs, waits or has ended; nothing stands for what cannot be set up yet. A holdout's comparison is a
// component that the server takes from the offers' own page, so that the same campaign never reads differently on two pages.
//
// Concurrency: everything is a value or a pure function. The package fetches nothing; it imports dashboards/ui and web/text.
package experiments

//go:generate go run github.com/a-h/templ/cmd/templ generate -path .

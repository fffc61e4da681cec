// Package demo is a shop to try everything with: a generated catalog, the shop's pages and backend, and simulated shoppers.
//
//	NewCatalog ──▶ Register (pages below /shop, the backend of its checkout)
//	           ──▶ Fill     (PUT /v1/items, and two days of past behaviour by POST /v1/import)
//	           ──▶ Simulate (POST /v1/session, /v1/events, /v1/reservations, /v1/stock, PUT /v1/items, GET /v1/recommendations)
//
// Everything but the pages goes over plain HTTP with the demo site's keys, just as a customer's browsers and servers would: the
// demo has no way in that a shop has not.
//
// Promises: the same seed gives the same catalog, pictures and shoppers; only the timing of live shoppers depends on the clock.
// Shoppers wait as long as a 429 or 503 asks. Each of Fill and Simulate returns when its context ends, with all its goroutines.
//
// Concurrency: a Catalog is read only after NewCatalog. The handlers may run on any goroutine.
//
// The package imports of ours only web.
package demo

// Package web holds what browsers load: the beacon, and the pages, styles and scripts of the demo shop.
//
//	beacon/*.js, assets/*  ──go run ./web/build──▶  dist/  ──embed──▶  Beacon, BeaconCore, Named
//	*.templ                ──templ generate─────▶  *_templ.go
//
// dist and the generated Go are committed; tests fail when they are stale or when the beacon outgrows its bound (4 KB gzip without
// widgets, 7.5 KB with).
//
// Promises: the beacon never throws into the page, sets no cookie unless asked to, sends every event with an id that stays the
// same on every retry, and puts no text of others into a page as markup. Pages load nothing from other hosts and need no inline
// script or style, so that a strict Content-Security-Policy holds.
//
// Concurrency: everything returned is shared and read only.
//
// The package serves nothing itself, knows no catalog and imports nothing of ours.
package web

//go:generate go run github.com/a-h/templ/cmd/templ generate -path .
//go:generate go run ./build

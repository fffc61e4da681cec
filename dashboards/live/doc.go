// Package live is the dashboard's page of what happens this moment: the visits in progress, the newest events, and the page of one visitor.
//
// Promise: a page takes a View and shows it; the live regions are the same parts with the same values. Nothing is fetched, nothing is kept,
// and all of it may be rendered from any goroutine.
package live

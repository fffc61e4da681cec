// Package overview is the first page of the dashboard: what happens in the shop now, against the same time a week ago, and what needs
// a person.
//
// Promise: a page takes a View and shows it; the live regions are the same parts with the same values. Nothing is fetched, nothing is kept,
// and all of it may be rendered from any goroutine.
package overview

// Package stats holds the statistics of controlled experiments: intervals that stay valid while somebody watches, the check that the
// arms have the sizes they were meant to have, and winsorised sums of money.
//
// Everything is a pure function of its arguments or a small value with exact integer sums, so that the order in which shoppers come
// does not matter to the last bit. Nothing here knows what the arms are. Values have one writer; the functions may be called from any
// goroutine. The package imports nothing of ours.
package stats

// Package rules is what merchandisers decide over the models: pin, boost, bury and exclude.
//
//	[]Rule ──Compile──▶ Set ──At(context)──▶ Active ──Effect(item)──▶ excluded, or a factor for the score
//	                                               └─Pins()─────────▶ items and their places
//
// Precedence, from the strongest:
//
//  1. What may not be shown at all: not published, out of stock, in the cart, just bought, the page's own item. No rule lifts it.
//  2. Exclude. One exclude that holds hides the item, whatever other rules and their priorities say.
//  3. Pin. Pins come in order of precedence; each takes its place, or the next free one if a pin before it has that. At most MaxPins
//     are in an answer, one for each group of variants.
//  4. Boost and bury. The factors of all that hold are multiplied, and the product is kept within 1/MaxFactor and MaxFactor.
//
// Within one kind the higher Priority comes first, of equals the rule made later, then the lower id. For excludes and factors the order
// only decides who is named first in a trace.
//
// A rule holds where all conditions that it states hold: each list needs one of its words, each range its number. A number that is not
// known (an item without price, cost or tracked stock) is in no range.
//
// Promises: the package is pure: no clock, no random, no I/O; the same rules, item and context give the same effect. Effect and Pins
// allocate nothing; their cost grows with the rules that can touch the item, not with all of them.
//
// Concurrency: a Set never changes and may be shared. An Active belongs to one goroutine and is reused.
//
// The package imports nothing of ours. It knows time zones from the binary's own copy of the tz database.
package rules

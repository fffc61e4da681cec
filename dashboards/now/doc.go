// Package now is the live numbers of each site, a fold over facts: what happens this second, this minute, and in the minutes of the last
// eight days.
//
//	facts ──▶ minutes   counts and money of each minute, eight days        who visits, who bought, how far visits of that minute came
//	      ──▶ seconds   events of the last five minutes
//	      ──▶ visits    those that are not over, 16 bytes each             visitors of the last five minutes, visits of the last thirty
//	      ──▶ carts     what is in the carts of those visits
//	      ──▶ newest    the last events, visits and searches, in rings
//
// Promises: the numbers are exactly what the log says. Events count in the minute of their own time; visits in the minute in which they
// began, and are taken back when the log says so; orders, revenue and refunds are those of clickstream.Orders, with late ones and
// machines'. All else is of people and in time: what a machine did and what came late is counted apart. Of an erased visitor nothing
// stays but the counts of its minutes. Sites share nothing. The same facts give the same state, however they are cut into batches.
//
// Bounds, of each site: 25 KB for one in which nothing happens; minutes 670 KB, and 300 KB a currency, for one that is busy all the time;
// rings 120 KB, and 700 KB where all texts are as long as they may be; about 20 bytes a visit that is not over, free room counted; some
// 150 bytes an open cart, at most 100,000 carts. A million visitors of half an hour, one in thirty with a cart, are 23 MB.
//
// Concurrency: facts come from one goroutine; everything else may be called from any. Both hold a lock for microseconds. Nothing waits and
// there is nothing to close.
//
// The package has no clock: whoever asks says what time it is at the site, in Unix ms. It imports clickstream and its snapshot codec.
package now

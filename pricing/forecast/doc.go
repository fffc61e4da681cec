// Package forecast says how many units of an item will sell in the coming days, how sure that is, and when a stock will have run out.
//
// Promises: Days and FromRate are pure functions: the same history gives the same forecast, bit for bit. Intervals hold the noise of
// counting, the item's own overdispersion and what is not known of its rate; on simulated shops they cover what they say to within a
// few percent (a test measures it). A method more elaborate than repeating the last weeks is used only where, on the item's own past,
// it had the smaller scaled error (MASE: Hyndman and Koehler, 2006).
//
// It imports nothing of ours, has no clock and no randomness, and may be used from any goroutine.
package forecast

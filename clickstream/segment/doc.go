// Package segment says which segments a shopper is in: named conditions over what is known of the shopper.
//
//	Definition ──Check──▶ Compile ──▶ Set ──Match(Features)──▶ ids of the segments
//
// A definition is what a merchandiser writes: all or any of some conditions, each a feature, a comparison and a value. Five are given
// (Builtin): new, returning, lapsing, high_value, bargain_hunters. A shop may replace them and add its own, up to MaxDefinitions.
//
// Promises: pure; the same features give the same segments, in the order of their ids. A Set tells which features its definitions ask
// for (Needs), so that nobody computes the others. Matching allocates nothing but the answer.
//
// Sites is the fold over the control log that keeps every site's definitions.
//
// Concurrency: a Set never changes after Compile; see Sites for the fold.
//
// The package knows neither shoppers' records nor the catalog, and imports of ours only record.
package segment

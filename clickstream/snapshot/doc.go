// Package snapshot is the codec in which the folds over facts of recommender, pricing/demand and pricing/offers/watch write their state
// and read it back.
//
// A snapshot is a magic byte, which names the fold, a version from 1 on, and what the fold says:
//
//	Uint, Count, Flags   unsigned varint, 1-10 bytes; of flags the first is the lowest bit
//	Int                  zigzag varint, 1-10 bytes
//	Hash                 8 bytes, little-endian
//	Float, Float32       IEEE 754, 8 and 4 bytes, little-endian; finite
//	Text, Bytes          length as Uint, then the bytes
//	Fixed                the bytes, of a length that both sides know
//
// Varints are those of encoding/binary. A fold of sites has a form of its own, SaveSites and LoadSites: for each site in the order of
// names 1, the name, the site's state; then 0.
//
// Promises: the same calls give the same bytes, in this version and in every later one, so that a checkpoint of an earlier version can
// be read. An Encoder's writing error and a Decoder's first error stick: a fold writes or reads to the end and asks once. A Decoder
// never panics, whatever the bytes; it takes no number over the bound it is asked for, sets no more memory aside at once than that bound
// says, and after its error everything reads as zero, false and empty. What the numbers mean together is for the fold to check, which
// says so with Failf.
//
// Concurrency: an Encoder or Decoder belongs to one goroutine. There is nothing to close; memory is a buffer of 64 KiB each.
//
// The package has no clock and no randomness, does no I/O but with the reader or writer it is given, and imports nothing of ours.
package snapshot

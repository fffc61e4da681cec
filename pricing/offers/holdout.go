package offers

import (
	"crypto/sha256"
	"encoding/binary"
)

// HeldOut says whether who falls into the share of shoppers who are held out: u = hash64(salt ‖ who) / 2^64 < share, with the first 64
// bits of SHA-256 as the hash. A salt draws a share of its own.
func HeldOut(salt, who string, share float64) bool {
	if share <= 0 {
		return false
	}
	var room [128]byte
	sum := sha256.Sum256(append(append(room[:0], salt...), who...))
	return float64(binary.BigEndian.Uint64(sum[:])>>11)/(1<<53) < share
}

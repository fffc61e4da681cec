package recommender

// arena holds lists of item and sequence numbers in blocks of 2, 4, … 2048 words, so that a million short lists cost neither a
// million heap objects nor their headers. Freed blocks are used again by the next list of the size. Addresses count pairs of words.
type arena struct {
	chunks [][]uint32
	bump   uint32               // next free pair in the newest chunk
	free   [blockClasses]uint32 // 1 + address of the first free block; its first word chains to the next
	words  int                  // in blocks that are in use
}

const (
	blockClasses = 11      // 2<<0 … 2<<10 words
	maxBlock     = 2 << 10 // words: the longest sequence that is kept
	chunkPairs   = 1 << 15 // 256 KiB
)

// block is a list's place: its address and its size.
type block struct {
	at    uint32
	class uint8
}

func (b block) size() int { return 2 << b.class }

// slice is the block's memory, valid until the block is freed.
func (a *arena) slice(b block) []uint32 {
	off := int(b.at%chunkPairs) * 2
	return a.chunks[b.at/chunkPairs][off : off+b.size() : off+b.size()]
}

func (a *arena) alloc(class uint8) block {
	b := block{class: class}
	a.words += b.size()
	if head := a.free[class]; head != 0 {
		b.at = head - 1
		a.free[class] = a.slice(b)[0]
		return b
	}
	pairs := uint32(1) << class
	if len(a.chunks) == 0 || a.bump+pairs > chunkPairs {
		a.splitRest()
		a.chunks = append(a.chunks, make([]uint32, 2*chunkPairs))
		a.bump = 0
	}
	b.at = uint32(len(a.chunks)-1)*chunkPairs + a.bump
	a.bump += pairs
	return b
}

// splitRest frees what is left of the newest chunk as the largest blocks that fit.
func (a *arena) splitRest() {
	if len(a.chunks) == 0 {
		return
	}
	base := uint32(len(a.chunks)-1) * chunkPairs
	for class := blockClasses - 1; class >= 0; class-- {
		for pairs := uint32(1) << class; a.bump+pairs <= chunkPairs; a.bump += pairs {
			b := block{base + a.bump, uint8(class)}
			a.words += b.size()
			a.release(b)
		}
	}
}

func (a *arena) release(b block) {
	a.words -= b.size()
	a.slice(b)[0] = a.free[b.class]
	a.free[b.class] = b.at + 1
}

// grow moves the first n words of b into a block that holds twice as many.
func (a *arena) grow(b block, n int) block {
	bigger := a.alloc(b.class + 1)
	copy(a.slice(bigger), a.slice(b)[:n])
	a.release(b)
	return bigger
}

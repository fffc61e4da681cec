package recommender

import "math"

// factorPair is a followed pair, seen from one of its items.
type factorPair struct {
	id  uint32
	n   uint32  // times it grew
	sum float32 // Σ_u min(r_ui, r_uj), fading
}

const (
	rowPairs = 64 // followed pairs of an item; a new one takes the place of the one with the lowest sum

	// Hoeffding's bound: after n observations a similarity, which is in [0, 1], is with probability 1-prunedDelta less than
	// √(ln(1/prunedDelta)/2n) above what was seen.
	prunedDelta = 0.001
	neighbours  = 20 // of an item that matter
	firstPrune  = 8  // observations; later at each doubling
)

// together notes that a shopper did something with both items.
func (a *affinity) together(i, j uint32, by float32) {
	if a.pruned.has(i, j) {
		return
	}
	n := a.grow(i, j, by)
	a.grow(j, i, by)
	if n >= firstPrune && n&(n-1) == 0 {
		a.prune(i, j, n)
	}
}

// grow adds to j in i's row and returns how often it grew.
func (a *affinity) grow(i, j uint32, by float32) uint32 {
	row := a.items[i].row
	least := 0
	for k := range row {
		if row[k].id == j {
			row[k].sum += by
			row[k].n++
			return row[k].n
		}
		if row[k].sum < row[least].sum {
			least = k
		}
	}
	if len(row) < rowPairs {
		a.items[i].row = append(row, factorPair{j, 1, by})
		return 1
	}
	row[least] = factorPair{j, 1, by}
	return 1
}

func (a *affinity) similarity(i uint32, p *factorPair) float64 {
	return float64(p.sum) / math.Sqrt(float64(a.items[i].sum)*float64(a.items[p.id].sum))
}

// prune stops following a pair that cannot come among the neighbours of its items.
func (a *affinity) prune(i, j, n uint32) {
	at := a.find(i, j)
	if at < 0 {
		return
	}
	threshold := min(a.threshold(i), a.threshold(j))
	bound := math.Sqrt(math.Log(1/prunedDelta) / (2 * float64(n)))
	if bound >= threshold-a.similarity(i, &a.items[i].row[at]) {
		return
	}
	a.pruned.add(i, j)
	a.drop(i, at)
	if at := a.find(j, i); at >= 0 {
		a.drop(j, at)
	}
}

func (a *affinity) find(i, j uint32) int {
	for k := range a.items[i].row {
		if a.items[i].row[k].id == j {
			return k
		}
	}
	return -1
}

func (a *affinity) drop(i uint32, at int) {
	row := a.items[i].row
	row[at] = row[len(row)-1]
	a.items[i].row = row[:len(row)-1]
}

// threshold is the similarity that a pair must reach to be among an item's neighbours.
func (a *affinity) threshold(i uint32) float64 {
	row := a.items[i].row
	if len(row) < neighbours {
		return 0
	}
	var sims [rowPairs]float64
	for k := range row {
		sims[k] = a.similarity(i, &row[k])
	}
	selectFirst(sims[:len(row)], neighbours, func(x, y float64) bool { return x > y })
	least := sims[0]
	for _, s := range sims[1:neighbours] {
		least = min(least, s)
	}
	return least
}

// prunedPairs is a set of pairs in a bit per hash: at most prunedFull pairs, so that one pair in eight is taken for pruned that
// is not, and then it is emptied, which gives all of them another chance.
type prunedPairs struct {
	bits []uint64
	n    int
}

const (
	prunedBits = 1 << 20
	prunedFull = prunedBits / 8
)

func prunedBit(i, j uint32) uint64 {
	return mix(uint64(min(i, j))<<32|uint64(max(i, j))) & (prunedBits - 1)
}

func (p *prunedPairs) has(i, j uint32) bool {
	if p.n == 0 {
		return false
	}
	b := prunedBit(i, j)
	return p.bits[b/64]>>(b%64)&1 != 0
}

func (p *prunedPairs) add(i, j uint32) {
	if p.bits == nil {
		p.bits = make([]uint64, prunedBits/64)
	}
	if p.n == prunedFull {
		clear(p.bits)
		p.n = 0
	}
	b := prunedBit(i, j)
	p.bits[b/64] |= 1 << (b % 64)
	p.n++
}

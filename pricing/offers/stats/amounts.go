package stats

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// Amounts is the amounts of many shoppers, in minor units, as exact sums in buckets that are at most a quarter of their lower edge
// wide. That is enough to cut the highest at a quantile which is chosen when somebody looks, and to take an amount out again. Sums are
// integers: the order in which amounts come and go does not matter. The zero value is ready.
type Amounts struct {
	buckets []Bucket // by Index, none empty
}

// Bucket is the amounts from one edge to the next.
type Bucket struct {
	Index  int // of the edge: see bucketOf
	N      int64
	Sum    int64
	Square [2]uint64 // sum of squares, high and low half
}

// MaxAmount is what a larger amount counts as: ten billion of a currency with two decimals.
const MaxAmount = 1_000_000_000_000

// Buckets is above every Bucket.Index.
const Buckets = 4 * 40

// bucketOf numbers amounts from 1 by their highest bit and the two bits below it.
func bucketOf(x int64) int {
	if x < 4 {
		return int(x)
	}
	top := bits.Len64(uint64(x)) - 1
	return 4*(top-1) + int(x>>(top-2))&3
}

// edge is the lowest amount of bucket i.
func edge(i int) int64 {
	if i < 4 {
		return int64(i)
	}
	return int64(4+i%4) << (i/4 - 1)
}

// Add adds one shopper's amount. One of 0 or less is not kept: who brought nothing is only counted, by the caller.
func (a *Amounts) Add(x int64) { a.change(x, 1) }

// Remove takes out an amount that was added.
func (a *Amounts) Remove(x int64) { a.change(x, -1) }

func (a *Amounts) change(x, by int64) {
	if x <= 0 {
		return
	}
	x = min(x, MaxAmount)
	index := bucketOf(x)
	i, found := slices.BinarySearchFunc(a.buckets, index, byIndex)
	if !found {
		a.buckets = slices.Insert(a.buckets, i, Bucket{Index: index})
	}
	b := &a.buckets[i]
	b.N += by
	b.Sum += by * x
	high, low := bits.Mul64(uint64(x), uint64(x))
	var carry uint64
	if by > 0 {
		b.Square[1], carry = bits.Add64(b.Square[1], low, 0)
		b.Square[0] += high + carry
	} else {
		b.Square[1], carry = bits.Sub64(b.Square[1], low, 0)
		b.Square[0] -= high + carry
	}
	if b.N == 0 {
		a.buckets = slices.Delete(a.buckets, i, i+1)
	}
}

func byIndex(b Bucket, index int) int { return cmp.Compare(b.Index, index) }

// Each calls each for every bucket, by rising Index.
func (a *Amounts) Each(each func(b Bucket)) {
	for _, b := range a.buckets {
		each(b)
	}
}

// Len is how many buckets Each goes through.
func (a *Amounts) Len() int { return len(a.buckets) }

// Put puts back a bucket that Each gave, in the same order. It returns false for one that cannot be: out of order, empty, or with sums
// that its count of amounts does not come to.
func (a *Amounts) Put(b Bucket) bool {
	if b.Index <= 0 || b.Index >= Buckets || b.N <= 0 || len(a.buckets) > 0 && a.buckets[len(a.buckets)-1].Index >= b.Index {
		return false
	}
	mean, rest, highest := b.Sum/b.N, b.Sum%b.N, edge(b.Index+1)-1
	if mean < edge(b.Index) || mean > highest || mean == highest && rest > 0 {
		return false
	}
	a.buckets = append(a.buckets, b)
	return true
}

// Count is how many amounts there are, and Sum what they come to.
func (a *Amounts) Count() (n, sum int64) {
	for _, b := range a.buckets {
		n += b.N
		sum += b.Sum
	}
	return n, sum
}

// Cap is the amount at which winsorising cuts: the upper edge of the bucket with the quantile q of all amounts of all arms together,
// so that no arm has a say of its own. 0 if there are no amounts.
func Cap(q float64, arms ...*Amounts) int64 {
	var counts [Buckets]int64
	total := int64(0)
	for _, a := range arms {
		for _, b := range a.buckets {
			counts[b.Index] += b.N
			total += b.N
		}
	}
	if total == 0 {
		return 0
	}
	wanted := max(1, int64(math.Ceil(q*float64(total))))
	seen := int64(0)
	for i, n := range counts {
		if seen += n; seen >= wanted {
			return edge(i+1) - 1
		}
	}
	return MaxAmount
}

// Winsorised is the sample of n shoppers, of whom those not in a brought nothing, with amounts above cut counting as cut. cut must be
// one that Cap gave. As in Proportion the variance is that with one more shopper who brought cut and one who brought nothing.
func (a *Amounts) Winsorised(n, cut int64) Sample {
	if n <= 0 {
		return Sample{}
	}
	var sum, square float64
	for _, b := range a.buckets {
		if edge(b.Index) > cut {
			sum += float64(b.N) * float64(cut)
			square += float64(b.N) * float64(cut) * float64(cut)
			continue
		}
		sum += float64(b.Sum)
		square += float64(b.Square[0])*0x1p64 + float64(b.Square[1])
	}
	mean := sum / float64(n)
	sum, square = sum+float64(cut), square+float64(cut)*float64(cut)
	variance := (square - sum*sum/float64(n+2)) / float64(n+1)
	return Sample{N: float64(n), Mean: mean, Variance: max(0, variance)}
}

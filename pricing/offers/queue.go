package offers

// openOffer stands for an entry whose time is not over: live ones, and those redeemed, cancelled or held before it.
type openOffer struct {
	expires int64
	seq     uint64 // orders those that expire together
	place   uint32
}

func (o openOffer) before(p openOffer) bool {
	return o.expires < p.expires || o.expires == p.expires && o.seq < p.seq
}

// openHeap is a binary heap whose first element expires first. Most offers of a campaign live equally long, so that a new one mostly
// stays where it is appended.
type openHeap []openOffer

func (h *openHeap) push(o openOffer) {
	*h = append(*h, o)
	all := *h
	for i := len(all) - 1; i > 0; {
		up := (i - 1) / 2
		if !all[i].before(all[up]) {
			return
		}
		all[i], all[up] = all[up], all[i]
		i = up
	}
}

func (h *openHeap) pop() openOffer {
	all := *h
	first, last := all[0], len(all)-1
	all[0] = all[last]
	all = all[:last]
	*h = all
	for i := 0; ; {
		least := 2*i + 1
		if least >= last {
			return first
		}
		if right := least + 1; right < last && all[right].before(all[least]) {
			least = right
		}
		if !all[least].before(all[i]) {
			return first
		}
		all[i], all[least] = all[least], all[i]
		i = least
	}
}

// settledQueue is places of entries whose time is over, in the order in which it ended.
type settledQueue struct {
	places []uint32
	head   int
}

func (q *settledQueue) len() int          { return len(q.places) - q.head }
func (q *settledQueue) first() uint32     { return q.places[q.head] }
func (q *settledQueue) push(place uint32) { q.places = append(q.places, place) }

func (q *settledQueue) pop() uint32 {
	place := q.places[q.head]
	q.head++
	if q.head > 1024 && q.head > len(q.places)/2 {
		q.places = append(q.places[:0], q.places[q.head:]...)
		q.head = 0
	}
	return place
}

package recommender

import "math"

// rank turns what was gathered into the best limit candidates, best first. skip, where given, names items that must not be in the
// list. Equals stand in order of their ids.
func (x *index) rank(s *search, t *tables, limit int, less func(a, b string) bool, skip func(id uint32) bool) {
	x.finishScores(s, t)
	s.found = s.found[:0]
	worse := func(a, b candidate) bool {
		return a.score < b.score || a.score == b.score && less(x.items[b.id].name, x.items[a.id].name)
	}
	for _, id := range s.touched {
		c := candidate{id, s.tally[id].cause, s.tally[id].score}
		if c.score <= 0 || len(s.found) == limit && !worse(s.found[0], c) || skip != nil && skip(id) {
			continue
		}
		s.found = keepBest(s.found, limit, c, worse)
	}
	sortHeap(s.found, worse)
}

// finishScores applies to each touched item what depends on the item alone, and leaves its score in tally.score.
func (x *index) finishScores(s *search, t *tables) {
	topScore, topRule := float32(0), float32(0)
	for _, id := range s.touched {
		c := &s.tally[id]
		switch {
		case t.Rarity > 0:
			c.score *= float32(1 + t.Rarity*math.Log(float64(x.alive)/float64(x.items[id].df)))
		case t.PairsRarity:
			c.score *= float32(math.Log(float64(x.pairs) / float64(x.items[id].df)))
		}
		topScore, topRule = max(topScore, c.score), max(topRule, c.rule)
	}
	for _, id := range s.touched {
		c := &s.tally[id]
		if t.Rules > 0 {
			score := float32(0)
			if topScore > 0 {
				score = c.score / topScore
			}
			if topRule > 0 {
				score += float32(t.Rules) * c.rule / topRule
			}
			c.score = score
		}
		if c.seen == 0 {
			continue
		}
		c.score *= float32(t.Repeat)
		if s.focus[c.seen-1].back == 0 {
			c.score *= float32(t.Last)
		}
	}
}

// keepBest puts c into a heap of at most limit elements whose root is the worst.
func keepBest(heap []candidate, limit int, c candidate, worse func(a, b candidate) bool) []candidate {
	if len(heap) < limit {
		heap = append(heap, c)
		for i := len(heap) - 1; i > 0; {
			up := (i - 1) / 2
			if !worse(heap[i], heap[up]) {
				break
			}
			heap[i], heap[up] = heap[up], heap[i]
			i = up
		}
		return heap
	}
	if len(heap) > 0 && worse(heap[0], c) {
		heap[0] = c
		siftDown(heap, worse)
	}
	return heap
}

func siftDown(heap []candidate, worse func(a, b candidate) bool) {
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(heap) {
			return
		}
		if down+1 < len(heap) && worse(heap[down+1], heap[down]) {
			down++
		}
		if !worse(heap[down], heap[i]) {
			return
		}
		heap[i], heap[down] = heap[down], heap[i]
		i = down
	}
}

// sortHeap orders a heap of keepBest best first.
func sortHeap(heap []candidate, worse func(a, b candidate) bool) {
	for n := len(heap) - 1; n > 0; n-- {
		heap[0], heap[n] = heap[n], heap[0]
		siftDown(heap[:n], worse)
	}
}

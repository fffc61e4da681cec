package recommender

// rank turns what was gathered into the best limit candidates, best first, equals in the order of less. With discover no item of the
// session is among them.
func (x *index) rank(s *search, t *tables, limit int, less func(a, b string) bool, discover bool) {
	x.combine(s, t)
	s.found = s.found[:0]
	worse := func(a, b candidate) bool {
		return a.score < b.score || a.score == b.score && less(x.items[b.id].name, x.items[a.id].name)
	}
	for _, id := range s.touched {
		c := candidate{id, s.tally[id].cause, s.weighed(&s.tally[id], t.repeat, t.last)}
		if c.score <= 0 || len(s.found) == limit && !worse(s.found[0], c) || discover && s.tally[id].seen != 0 {
			continue
		}
		s.found = keepBest(s.found, limit, c, worse)
	}
	sortHeap(s.found, worse)
}

// combine applies to each touched item what depends on the item alone and adds its rules, so that all scores together are 1 (and
// Rules for theirs). Rules are left out where the method has none, and then scores keep their scale.
func (x *index) combine(s *search, t *tables) {
	scores, rules := float32(0), float32(0)
	alive, pairs, rarity := t.log(x.alive), t.log(x.pairs), float32(t.Rarity)
	for _, id := range s.touched {
		c := &s.tally[id]
		switch {
		case t.Rarity > 0:
			c.score *= 1 + rarity*(alive-t.log(int(x.items[id].df)))
		case t.PairsRarity:
			c.score *= pairs - t.log(int(x.items[id].df))
		}
		scores += c.score
		rules += c.rule
	}
	if t.Rules == 0 || scores == 0 {
		return
	}
	scores, rules = 1/scores, float32(t.Rules)/max(rules, 1e-30)
	for _, id := range s.touched {
		c := &s.tally[id]
		c.score = c.score*scores + c.rule*rules
	}
}

// weighed is an item's score with the factors for what is in the session already.
func (s *search) weighed(c *tally, repeat, last float32) float32 {
	switch {
	case c.seen == 0:
		return c.score
	case s.focus[c.seen-1].back == 0:
		return c.score * repeat * last
	}
	return c.score * repeat
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

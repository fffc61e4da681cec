package recommender

// factorSearch is the reused memory of one question to an affinity. score is as long as it has items.
type factorSearch struct {
	score   []float32 // by item number, zero between questions
	touched []uint32
	found   []candidate
}

// historyFading is the factor of an item of the history for each newer one.
const historyFading = 0.9

// like leaves the best n items for someone with a history, newest first, in s.found.
func (a *affinity) like(s *factorSearch, history []string, n int) {
	for _, id := range s.touched {
		s.score[id] = 0
	}
	s.touched, s.found = s.touched[:0], s.found[:0]
	if len(s.score) < len(a.items) {
		s.score = make([]float32, len(a.items)+len(a.items)/4+64)
	}
	weight := 1.0
	for _, name := range history {
		if id, ok := a.ids[name]; ok {
			row := a.items[id].row
			for k := range row {
				if s.score[row[k].id] == 0 {
					s.touched = append(s.touched, row[k].id)
				}
				s.score[row[k].id] += float32(weight * a.similarity(id, &row[k]))
			}
		}
		weight *= historyFading
	}
	worse := func(x, y candidate) bool {
		return x.score < y.score || x.score == y.score && before(a.items[y.id].name, a.items[x.id].name)
	}
	for _, id := range s.touched {
		c := candidate{id: id, score: s.score[id]}
		if c.score > 0 && (len(s.found) < n || worse(s.found[0], c)) {
			s.found = keepBest(s.found, n, c, worse)
		}
	}
	sortHeap(s.found, worse)
}

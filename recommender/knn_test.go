package recommender

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
)

// want is what the definitions in Method's comment say, computed with maps and full sorts: similarities, the neighbours in order, and
// scores. now is the recency of the running session.
func defined(m Method, history [][]string, now int, session []string) (sims map[int]float64, kept []int, scores map[string]float64) {
	L := float64(len(session))
	last := map[string]int{}
	for i, item := range session {
		last[item] = i + 1
	}
	df, pairs := map[string]float64{}, 0.0
	for _, h := range history {
		for item := range set(h) {
			df[item]++
			pairs++
		}
	}
	weigh := func(pos float64) float64 {
		switch {
		case m.Position > 0:
			return math.Exp((pos - L) / m.Position)
		case m.Absolute:
			return pos
		}
		return pos / L
	}
	squares := 0.0
	for _, pos := range last {
		squares += weigh(float64(pos)) * weigh(float64(pos))
	}
	var candidates []int
	for n := len(history) - 1; n >= 0 && len(candidates) < m.Candidates; n-- {
		for item := range set(history[n]) {
			if last[item] > 0 {
				candidates = append(candidates, n)
				break
			}
		}
	}
	sims = map[int]float64{}
	for _, n := range candidates {
		for item := range set(history[n]) {
			if last[item] > 0 {
				sims[n] += weigh(float64(last[item]))
			}
		}
		if m.PerItem {
			sims[n] /= float64(len(last))
		}
		if m.Cosine {
			sims[n] /= math.Sqrt(squares) * math.Sqrt(float64(len(set(history[n]))))
		}
		if m.Age > 0 {
			sims[n] *= math.Exp(-float64(now-n) / m.Age)
		}
	}
	sort.SliceStable(candidates, func(i, j int) bool { return sims[candidates[i]] > sims[candidates[j]]+1e-7 })
	kept = candidates[:min(m.Neighbours, len(candidates))]
	scores = map[string]float64{}
	for _, n := range kept {
		h := history[n]
		match, anchor := 0, 0
		for i, item := range h {
			if last[item] > 0 {
				match, anchor = max(match, last[item]), i
			}
		}
		step := L - float64(match) + 1
		for item := range set(h) {
			gives := sims[n]
			at := 0
			for i := range h {
				if h[i] == item {
					at = i
				}
			}
			switch {
			case m.Reciprocal:
				gives /= step
			case m.Linear:
				gives *= max(0, 1-step/10)
			case m.Step > 0:
				gives *= math.Exp(-(step - 1) / m.Step)
			}
			if m.Near > 0 {
				gives *= math.Exp(-math.Abs(float64(at-anchor)) / m.Near)
			}
			switch {
			case m.PairsRarity:
				gives *= math.Log(pairs / df[item])
			case m.Rarity > 0:
				gives *= 1 + m.Rarity*math.Log(float64(len(history))/df[item])
			}
			scores[item] += gives
		}
	}
	return sims, kept, scores
}

func set(items []string) map[string]bool {
	out := map[string]bool{}
	for _, i := range items {
		out[i] = true
	}
	return out
}

// asked is what the index says: by age of the neighbour, 0 the newest.
func asked(m Method, history [][]string, idle int, session []string) (sims map[int]float64, kept []int, scores map[string]float64) {
	x := newIndex(ringWidth, 1<<40)
	for _, h := range history {
		n := x.begin(0)
		for _, item := range h {
			x.extend(n, item)
		}
	}
	for range idle { // time passes: sessions that came and were taken back
		x.remove(x.begin(0))
	}
	var s search
	x.query(&s, newTables(m), session, 0)
	sims, scores = map[int]float64{}, map[string]float64{}
	near := slices.Clone(s.near)
	sort.SliceStable(near, func(i, j int) bool {
		return near[i].sim > near[j].sim || near[i].sim == near[j].sim && near[i].age < near[j].age
	})
	for _, n := range near {
		index := len(history) + idle - 1 - int(n.age)
		sims[index] = float64(n.sim)
		kept = append(kept, index)
	}
	x.combine(&s, newTables(m))
	for _, id := range s.touched {
		scores[x.items[id].name] = float64(s.tally[id].score)
	}
	return sims, kept, scores
}

func near(got, want float64) bool { return math.Abs(got-want) <= 2e-6*max(1, math.Abs(want)) }

func compareScores(t *testing.T, name string, got, want map[string]float64) {
	t.Helper()
	for item, w := range want {
		if !near(got[item], w) {
			t.Errorf("%s: score of %s %.6f, want %.6f", name, item, got[item], w)
		}
	}
	for item, g := range got {
		if _, ok := want[item]; !ok && g != 0 {
			t.Errorf("%s: score of %s %.6f, want none", name, item, g)
		}
	}
}

func textbook() []Method {
	vsknn, vmis, vstan := VSkNN(), VMISkNN(), VSTAN()
	for _, m := range []*Method{&vsknn, &vmis, &vstan} {
		m.Candidates, m.Neighbours = 9, 4
	}
	return []Method{vsknn, vmis, vstan}
}

func TestScoresFollowTheDefinitions(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 7))
		draw := func() (out []string) {
			for range 2 + r.IntN(5) {
				out = append(out, fmt.Sprint(r.IntN(9)))
			}
			return out
		}
		var history [][]string
		for range 30 {
			history = append(history, draw())
		}
		session := append(draw(), "unknown")[:2+r.IntN(2)]
		for _, m := range textbook() {
			m.Neighbours = 9 // a tie at the border may be broken by rounding
			_, _, got := asked(m, history, 0, session)
			_, _, want := defined(m, history, len(history), session)
			compareScores(t, fmt.Sprint(m.Name, " seed ", seed), got, want)
		}
	}
}

// A worked example: three visits, the session p q.
func TestWorkedExample(t *testing.T) {
	history := [][]string{{"p", "r"}, {"q", "p", "s"}, {"q", "r"}}
	m := VSkNN()
	m.Neighbours = 2
	sims, kept, scores := asked(m, history, 0, []string{"p", "q"})
	// sim: visit 0 has p at 1/2; visit 1 both, 1/2+1; visit 2 q at 1; all over two items. The best two are 1 and 2, both with step 1.
	for n, want := range map[int]float64{1: 0.75, 2: 0.5} {
		if !near(sims[n], want) {
			t.Errorf("similarity of visit %d: %f, want %f", n, sims[n], want)
		}
	}
	if !slices.Equal(kept, []int{1, 2}) {
		t.Errorf("neighbours %v, want [1 2]", kept)
	}
	compareScores(t, m.Name, scores, map[string]float64{"q": 1.25, "p": 0.75, "s": 0.75, "r": 0.5})
}

func evalData(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("BECKON_EVAL_DATA")
	if dir == "" {
		t.Skip("BECKON_EVAL_DATA names no folder with evaluation data")
	}
	return dir
}

func TestFixturesAreReproduced(t *testing.T) {
	path := filepath.Join(evalData(t), "fixtures.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Skip(err)
	}
	type fixture struct {
		Sim        map[string]float64
		Neighbours []int
		Scores     map[string]float64
	}
	var file struct {
		History map[string][]string `json:"history(id=recency)"`
		Session []string
		VSkNN   fixture `json:"vsknn m=4 k=3"`
		VMIS    fixture `json:"vmis m=4 k=3"`
		VSTAN   fixture `json:"vstan m=4 k=3 spw1.5 snh5 inh2 ipw1.5 idf1 now=10 t=id"`
		LLR     [][2]json.RawMessage
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	var history [][]string
	for id := 1; id <= len(file.History); id++ {
		history = append(history, file.History[fmt.Sprint(id)])
	}
	vsknn, vmis, vstan := VSkNN(), VMISkNN(), VSTAN()
	vstan.Position, vstan.Age, vstan.Near, vstan.Step, vstan.Rarity = 1.5, 5, 2, 1.5, 1
	for _, c := range []struct {
		m    Method
		idle int // sessions between the last and now: session 5 is the last and now is 10
		want fixture
	}{{vsknn, 0, file.VSkNN}, {vmis, 0, file.VMIS}, {vstan, 4, file.VSTAN}} {
		c.m.Candidates, c.m.Neighbours = 4, 3
		sims, kept, scores := asked(c.m, history, c.idle, file.Session)
		delete(scores, droppedBy(c.m, file.Session))
		compareScores(t, c.m.Name, scores, c.want.Scores)
		for i := range kept {
			if kept[i]+1 != c.want.Neighbours[i] {
				t.Errorf("%s: neighbours %v (from 0), want %v", c.m.Name, kept, c.want.Neighbours)
			}
			if want := c.want.Sim[fmt.Sprint(kept[i]+1)]; math.Abs(sims[kept[i]]-want) > 1e-6 {
				t.Errorf("%s: similarity of %d: %f, want %f", c.m.Name, kept[i]+1, sims[kept[i]], want)
			}
		}
	}
	for _, row := range file.LLR {
		var k [4]float64
		var want float64
		if err := json.Unmarshal(row[0], &k); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(row[1], &want); err != nil {
			t.Fatal(err)
		}
		if got := LLR(k[0], k[1], k[2], k[3]); math.Abs(got-want) > 1e-4 {
			t.Errorf("LLR%v = %.4f, want %.4f", k, got, want)
		}
	}
}

// droppedBy is the item that a method never answers with: Serenade's the last.
func droppedBy(m Method, session []string) string {
	if m.Last == 0 {
		return session[len(session)-1]
	}
	return ""
}

func TestNextKeepsItsPromises(t *testing.T) {
	m := NewSessionModel(VSkNN(), 1<<40)
	for range 5 {
		m.Learn(strings.Fields("10 9 8"))
	}
	m.Learn([]string{"alone"})
	var p Predictor
	names := func(list []Prediction) (out []string) {
		for _, x := range list {
			out = append(out, x.Item)
		}
		return out
	}
	for _, c := range []struct {
		name     string
		session  []string
		limit    int
		discover bool
		want     []string
	}{
		{"equals in natural order", []string{"8"}, 20, false, []string{"8", "9", "10"}},
		{"no more than asked for", []string{"8"}, 2, false, []string{"8", "9"}},
		{"nothing of the session", []string{"8", "9"}, 20, true, []string{"10"}},
		{"unknown item", []string{"77"}, 20, false, nil},
		{"empty session", nil, 20, false, nil},
		{"a visit of one item teaches nothing", []string{"alone"}, 20, false, nil},
	} {
		if got := names(m.Next(nil, &p, c.session, c.limit, c.discover)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLLRChecks(t *testing.T) {
	for _, c := range []struct{ k11, k12, k21, k22, want float64 }{
		{1, 0, 0, 1, 2 * 2 * math.Ln2}, // two baskets, two worlds: 2·N·ln 2
		{7, 0, 0, 7, 14 * 2 * math.Ln2},
		{4, 4, 4, 4, 0}, // independent
	} {
		if got := LLR(c.k11, c.k12, c.k21, c.k22); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("LLR(%v, %v, %v, %v) = %v, want %v", c.k11, c.k12, c.k21, c.k22, got, c.want)
		}
	}
	if got := association(1, 50, 50, 100); got != 0 {
		t.Errorf("association of items that avoid each other: %v, want 0", got)
	}
}

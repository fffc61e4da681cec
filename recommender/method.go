package recommender

import "math"

// Method is how neighbours of a running visit are weighed and what they say is summed. The zero fields switch a term off.
//
// With a session s of length L, pos(i) the last position of i in it (1 to L), a neighbour n, and i* the last item of n that is in s:
//
//	sim(n)   = Σ_{i∈s∩n} w(pos(i)) × age(n) [÷ norms]
//	score(c) = Σ_n sim(n) × step(n) × near(|pos_n(c) − pos_n(i*)|) × rarity(c)
type Method struct {
	Name       string
	Candidates int // m: the newest sequences that share an item with the session
	Neighbours int // k: the most similar of them

	Position    float64 // w = exp((pos−L)/Position); 0: pos/L, linear as in VS-kNN
	PerItem     bool    // ÷ distinct items of the session
	Absolute    bool    // w = pos, as in VMIS-kNN
	Cosine      bool    // ÷ √Σw²·√|n|
	Age         float64 // × exp(−age/Age), age in sequences
	Step        float64 // × exp(−(step−1)/Step), step being 1 + the distance from the end of s to the latest item in n
	Reciprocal  bool    // × 1/step
	Linear      bool    // × max(0, 1 − step/10)
	Near        float64 // × exp(−distance/Near) between c and i* in n
	After       float64 // × After where c comes after i* in n; 0: 1
	Rarity      float64 // × (1 + Rarity·ln(sequences/df))
	PairsRarity bool    // × ln(pairs/df)

	Rules      float64 // weight of sequential rules, scaled to their best, beside neighbours scaled to theirs
	RuleSteps  int     // items that a rule reaches ahead, weighing 1/distance
	RuleItems  int     // latest distinct items of the session whose rules are read
	RuleFading float64 // × RuleFading for each distinct item that came later
	Repeat     float64 // × for items that are in the session
	Last       float64 // × for the session's last item
	Adapt      bool    // Repeat and Last are found from what visits go on with; see repeats.go
}

// VSkNN is VS-kNN (Jannach and Ludewig, RecSys 2017).
func VSkNN() Method {
	return Method{Name: "vsknn", Candidates: 500, Neighbours: 100, PerItem: true, Reciprocal: true, Repeat: 1, Last: 1}
}

// VMISkNN is VMIS-kNN (Kersbergen et al., SIGMOD 2022) as in Serenade, which never answers with the last item.
func VMISkNN() Method {
	return Method{Name: "vmisknn", Candidates: 500, Neighbours: 100, Absolute: true, PerItem: true, Linear: true, PairsRarity: true, Repeat: 1}
}

// VSTAN is V-STAN (Ludewig et al., UMUAI 2021, after STAN, Garg et al., SIGIR 2019).
func VSTAN() Method {
	return Method{
		Name: "vstan", Candidates: 500, Neighbours: 100, Position: 4, Cosine: true, Age: 100_000, Step: 4, Near: 0.85, Rarity: 1,
		Repeat: 1, Last: 1,
	}
}

// Hybrid is the product's own: neighbours by a plain dot product, sequential rules, and repeats weighed as the site's visits show.
// Its numbers were found on the last twelfth of published training sessions of three shops.
func Hybrid() Method {
	return Method{
		Name: "hybrid", Candidates: 1000, Neighbours: 150, Position: 6, Age: 100_000, Step: 3, Near: 5, After: 0.8, Rarity: 5,
		Rules: 0.05, RuleSteps: 12, RuleItems: 1, RuleFading: 0.7, Repeat: 1.8, Last: 0.4, Adapt: true,
	}
}

// Methods are those that can be named, the product's own first.
func Methods() []Method { return []Method{Hybrid(), VSkNN(), VMISkNN(), VSTAN()} }

// maxFocus bounds the distinct items of a session that neighbours are sought by, latest first. An index into them fits 8 bits.
const maxFocus = 200

// tables are a method's functions of small distances, computed once.
type tables struct {
	Method
	position, step, near [maxFocus + 1]float32
	reciprocal           [maxFocus + 1]float32 // 1/(i+1)
	after, repeat, last  float32
	faint                float32       // weights below are not worth a search
	logs                 [4096]float32 // ln(i)
	aged, agedMore       [1024]float32 // exp(−i/Age), exp(−1024·i/Age)
}

func newTables(m Method) *tables {
	t := &tables{Method: m, after: 1, repeat: float32(m.Repeat), last: float32(m.Last)}
	if m.After > 0 {
		t.after = float32(m.After)
	}
	if m.Position > 0 {
		t.faint = float32(math.Exp(-6))
	}
	for i := range t.logs {
		t.logs[i] = float32(math.Log(float64(max(i, 1))))
	}
	for i := range t.aged {
		t.aged[i], t.agedMore[i] = 1, 1
		if m.Age > 0 {
			t.aged[i], t.agedMore[i] = float32(math.Exp(-float64(i)/m.Age)), float32(math.Exp(-1024*float64(i)/m.Age))
		}
	}
	for i := range t.step {
		d := float64(i)
		t.position[i], t.step[i], t.near[i], t.reciprocal[i] = 1, 1, 1, float32(1/(d+1))
		if m.Position > 0 {
			t.position[i] = float32(math.Exp(-d / m.Position))
		}
		switch {
		case m.Reciprocal:
			t.step[i] = float32(1 / max(d, 1))
		case m.Linear:
			t.step[i] = float32(max(0, 1-d/10))
		case m.Step > 0:
			t.step[i] = float32(math.Exp(-(d - 1) / m.Step))
		}
		if m.Near > 0 {
			t.near[i] = float32(math.Exp(-d / m.Near))
		}
	}
	return t
}

// log is ln(n).
func (t *tables) log(n int) float32 {
	if n < len(t.logs) {
		return t.logs[n]
	}
	return float32(math.Log(float64(n)))
}

// fade is exp(−age/Age).
func (t *tables) fade(age uint32) float32 {
	if more := age >> 10; more < uint32(len(t.agedMore)) {
		return t.aged[age&1023] * t.agedMore[more]
	}
	return float32(math.Exp(-float64(age) / t.Age))
}

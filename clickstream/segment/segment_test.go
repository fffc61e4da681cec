package segment

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPlacesAreWhatTheirArraysHold(t *testing.T) {
	if len(numbers) != numberCount || len(texts) != textCount || numberCount+textCount > 32 {
		t.Fatalf("%d numbers, %d texts", len(numbers), len(texts))
	}
}

func TestBuiltinSegments(t *testing.T) {
	set := Compile(nil)
	for _, d := range Builtin() {
		if err := d.Check(); err != nil {
			t.Errorf("%s: %v", d.ID, err)
		}
	}
	for _, c := range []struct {
		name string
		set  map[Feature]float64
		want []string
	}{
		{"first visit", map[Feature]float64{Visits: 1}, []string{New}},
		{"second visit", map[Feature]float64{Visits: 2}, []string{Returning}},
		{"a buyer who is away", map[Feature]float64{Visits: 3, Orders: 1, DaysAway: 20, SpentRank: 50}, []string{Lapsing, Returning}},
		{"a buyer of much", map[Feature]float64{Visits: 3, Orders: 9, SpentRank: 95}, []string{HighValue, Returning}},
		{"who looks at what is reduced", map[Feature]float64{Visits: 1, ItemsViewed: 6, ReducedShare: 60}, []string{BargainHunters, New}},
	} {
		var f Features
		for feature, v := range c.set {
			f.Set(feature, v)
		}
		if got := set.Match(nil, &f); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestOwnDefinitionsReplaceBuiltinOnes(t *testing.T) {
	own := Definition{ID: New, Title: "Fresh", Conditions: []Condition{{Feature: Visits, Op: AtMost, Value: 3}}}
	set := Compile([]Definition{own})
	var f Features
	f.Set(Visits, 3)
	if got := set.Match(nil, &f); !slices.Equal(got, []string{New, Returning}) {
		t.Errorf("%v", got)
	}
	if d, ok := set.Definition(New); !ok || d.Title != "Fresh" || len(set.Definitions()) != len(Builtin()) {
		t.Errorf("%+v, %d definitions", d, len(set.Definitions()))
	}
}

// TestMatchAgreesWithTheWords compares with a plain reading of random definitions.
func TestMatchAgreesWithTheWords(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"a", "b", "c", "d"}
	for range 3000 {
		d := Definition{ID: "x", Title: "x", Any: r.IntN(2) == 0}
		for range 1 + r.IntN(4) {
			if r.IntN(2) == 0 {
				d.Conditions = append(d.Conditions, Condition{Feature: numbers[r.IntN(numberCount)], Op: []Op{AtLeast, AtMost}[r.IntN(2)], Value: float64(r.IntN(4))})
			} else {
				d.Conditions = append(d.Conditions, Condition{Feature: texts[r.IntN(textCount)], Op: []Op{Is, IsNot}[r.IntN(2)], Values: words[:1+r.IntN(4)]})
			}
		}
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		var f Features
		for _, n := range numbers {
			f.Set(n, float64(r.IntN(5)))
		}
		for _, x := range texts {
			for range r.IntN(3) {
				f.Add(x, words[r.IntN(4)])
			}
		}
		held := 0
		for _, c := range d.Conditions {
			if plainly(c, &f) {
				held++
			}
		}
		want := held == len(d.Conditions) || d.Any && held > 0
		if got := slices.Contains(Compile([]Definition{d}).Match(nil, &f), "x"); got != want {
			t.Fatalf("%+v of %+v: %v, want %v", d, f, got, want)
		}
	}
}

func plainly(c Condition, f *Features) bool {
	common := slices.ContainsFunc(c.Values, func(v string) bool { return c.Feature.IsText() && slices.Contains(f.Texts(c.Feature), v) })
	switch c.Op {
	case AtLeast:
		return f.Number(c.Feature) >= c.Value
	case AtMost:
		return f.Number(c.Feature) <= c.Value
	case Is:
		return common
	}
	return !common
}

func TestWrongDefinitionsNameTheirField(t *testing.T) {
	ok := []Condition{{Feature: Visits, Op: AtLeast, Value: 1}}
	for field, d := range map[string]Definition{
		"id":                    {ID: "A b", Title: "t", Conditions: ok},
		"title":                 {ID: "a", Conditions: ok},
		"conditions":            {ID: "a", Title: "t"},
		"conditions[1].feature": {ID: "a", Title: "t", Conditions: append(slices.Clone(ok), Condition{Feature: "mood"})},
		"conditions[0].op":      {ID: "a", Title: "t", Conditions: []Condition{{Feature: Visits, Op: Is}}},
		"conditions[0].value":   {ID: "a", Title: "t", Conditions: []Condition{{Feature: SpentRank, Op: AtLeast, Value: 101}}},
		"conditions[0].values":  {ID: "a", Title: "t", Conditions: []Condition{{Feature: Device, Op: Is}}},
	} {
		var wrong *FieldError
		if err := d.Check(); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// FuzzDefinition: what Check takes can be compiled and matched.
func FuzzDefinition(f *testing.F) {
	for _, d := range Builtin() {
		text, err := json.Marshal(d)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var d Definition
		if json.Unmarshal(text, &d) != nil || d.Check() != nil {
			return
		}
		var features Features
		Compile([]Definition{d}).Match(nil, &features)
	})
}

func BenchmarkMatch(b *testing.B) {
	set := Compile(nil)
	var f Features
	f.Set(Visits, 3)
	var room [8]string
	b.ReportAllocs()
	for b.Loop() {
		set.Match(room[:0], &f)
	}
}

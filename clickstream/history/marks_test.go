package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestMarksAreTheSkeletonOfAStretch(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var m marksWriter
	for range 50 {
		m.reset()
		var want []string
		at, partition := int64(1_790_000_000_000), 0
		for range rng.IntN(400) {
			if rng.IntN(4) == 0 {
				partition, at = rng.IntN(65), at+rng.Int64N(50)
			}
			kind, payload := rng.IntN(3), ""
			if kind == markPayload {
				payload = strings.Repeat("x", rng.IntN(3)*rng.IntN(200))
			}
			m.add(kind, &place{partition: partition, time: at, payload: payload})
			want = append(want, fmt.Sprint(kind, partition, at, payload))
		}
		var got []string
		err := walkMarks(m.text(), func(kind, partition int, at int64, payload string) error {
			got = append(got, fmt.Sprint(kind, partition, at, payload))
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
	}
}

func TestMarksOfRunsAreSmall(t *testing.T) {
	var m marksWriter
	for i := range 1000 {
		m.add(markEvent, &place{partition: i / 100, time: 1_790_000_000_000 + int64(i/100), payload: "an event that is a row"})
	}
	if n := len(m.text()); n > 10*5+8 {
		t.Errorf("got %d bytes for ten runs", n)
	}
}

func FuzzMarks(f *testing.F) {
	var m marksWriter
	for i := range 20 {
		m.add(i%3, &place{partition: i / 2, time: int64(i), payload: "p"})
	}
	f.Add(m.text())
	f.Fuzz(func(t *testing.T, marks string) {
		var again marksWriter
		n := 0
		err := walkMarks(marks, func(kind, partition int, at int64, payload string) error {
			if n++; n > 2000 {
				return errMarks
			}
			again.add(kind, &place{partition: partition, time: at, payload: payload})
			return nil
		})
		if err != nil || n == 0 {
			return
		}
		var once, twice []string
		collect := func(to *[]string) func(kind, partition int, at int64, payload string) error {
			return func(kind, partition int, at int64, payload string) error {
				*to = append(*to, fmt.Sprint(kind, partition, at, payload))
				return nil
			}
		}
		if err := walkMarks(marks, collect(&once)); err != nil {
			t.Fatal(err)
		}
		if err := walkMarks(again.text(), collect(&twice)); err != nil || !slices.Equal(once, twice) {
			t.Fatalf("%q came back as %q: %v", once, twice, err)
		}
	})
}

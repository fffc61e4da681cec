package clickstream

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestTableKnowsWhatAMapKnows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	table := newDedupTable(3 * hourMillis)
	seen := map[uint64]int64{} // hour in which it was first seen
	var hour int64 = 500000
	table.advance(hour * hourMillis)
	id := func() uint64 {
		if rng.IntN(3) == 0 {
			return rng.Uint64N(3000) // all in the first part, the smallest possible
		}
		return rng.Uint64N(3000) * 0x9e3779b97f4a7c15
	}
	for range 100_000 {
		switch x := id(); rng.IntN(1000) {
		case 0:
			hour++
			table.advance(hour * hourMillis)
			table.sweep(len(table.parts))
			for x, h := range seen {
				if hour-h > 3 {
					delete(seen, x)
				}
			}
		case 1, 2, 3, 4, 5, 6, 7, 8, 9:
			if x != 0 && x != 1 { // these two are one
				table.remove(x)
				delete(seen, x)
			}
		default:
			if x == 0 {
				x = 1
			}
			_, known := seen[x]
			if got := table.insert(x); got == known {
				t.Fatalf("insert(%d): new %v, but known is %v", x, got, known)
			}
			if !known {
				seen[x] = hour
			}
		}
		if table.ids != len(seen) {
			t.Fatalf("got %d ids, want %d", table.ids, len(seen))
		}
	}
}

func TestTableMemoryIsAsStated(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	table := newDedupTable(hourMillis)
	for table.ids < 600_000 {
		table.insert(rng.Uint64())
		if table.ids < 300_000 || table.ids%20_000 != 0 {
			continue
		}
		slots := 0
		for i := range table.parts {
			slots += len(table.parts[i].ids)
		}
		if perID := float64(9*slots) / float64(table.ids); perID < 10 || perID > 13 {
			t.Errorf("%d ids take %.2f bytes each, want 10 to 13", table.ids, perID)
		}
	}
}

func TestAClockThatGoesBackForgetsNothing(t *testing.T) {
	table := newDedupTable(2 * hourMillis)
	table.advance(1000 * hourMillis)
	table.insert(42)
	table.advance(10 * hourMillis)
	table.sweep(len(table.parts))
	if table.insert(42) {
		t.Error("forgotten")
	}
}

func BenchmarkDedupTable(b *testing.B) {
	for _, size := range []struct {
		name string
		ids  int
	}{{"1M", 1 << 20}, {"16M", 16 << 20}} {
		b.Run(size.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			table := newDedupTable(25 * hourMillis)
			table.reserve(size.ids * 5 / 4)
			for table.ids < size.ids {
				table.insert(rng.Uint64())
			}
			var ids [touched]uint64
			for _, touch := range []bool{false, true} {
				b.Run(fmt.Sprint("touch=", touch), func(b *testing.B) {
					for b.Loop() {
						for i := range ids {
							ids[i] = rng.Uint64()
						}
						if touch {
							table.touch(ids[:])
						}
						for _, id := range ids {
							table.insert(id)
						}
						for _, id := range ids {
							table.remove(id)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*touched), "ns/id")
				})
			}
		})
	}
}

package recommender

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// check compares an index with one built from what it keeps.
func check(t *testing.T, x *index) {
	t.Helper()
	fresh := newIndex(x.width, 1<<40)
	pairs, alive := 0, 0
	for i := range x.count {
		number := x.first + i
		if x.seq(number).n == 0 {
			continue
		}
		alive++
		again := fresh.begin(0)
		for _, id := range x.body(number) {
			fresh.extend(again, x.items[id].name)
		}
		pairs += int(fresh.seq(again).distinct)
		if got, want := x.seq(number).distinct, fresh.seq(again).distinct; got != want {
			t.Fatalf("sequence %d: %d distinct items, want %d", number, got, want)
		}
	}
	if x.alive != alive || x.pairs != pairs {
		t.Fatalf("alive %d pairs %d, want %d and %d", x.alive, x.pairs, alive, pairs)
	}
	if len(x.ids) != len(fresh.ids) {
		t.Fatalf("%d items, want %d", len(x.ids), len(fresh.ids))
	}
	for name, id := range x.ids {
		other := fresh.ids[name]
		if got, want := x.items[id].df, fresh.items[other].df; got != want {
			t.Fatalf("df of %s: %d, want %d", name, got, want)
		}
		if got, want := held(x, id), held(fresh, other); !slices.Equal(got, want) {
			t.Fatalf("ring of %s: %v, want %v", name, got, want)
		}
	}
}

// held is an item's ring as sequences spelled out, so that numbers do not matter.
func held(x *index, id uint32) (out []string) {
	older, newer := x.spans(id)
	for _, n := range slices.Concat(older, newer) {
		s := ""
		for _, i := range x.body(n) {
			s += x.items[i].name + " "
		}
		out = append(out, s)
	}
	return out
}

func TestIndexEqualsOneBuiltFromWhatItKeeps(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		x := newIndex(1+r.IntN(6), 1<<40)
		if seed%3 == 0 {
			x.first = ^uint32(0) - 20 // numbers wrap around
		}
		if seed%2 == 0 {
			x.budget = 9000
		}
		var live []uint64
		for step := range 600 {
			switch p := r.IntN(10); {
			case p < 3 || len(live) == 0:
				key := uint64(step + 1)
				x.extend(x.begin(key), fmt.Sprint(r.IntN(12)))
				live = append(live, key)
			case p < 8:
				if n, ok := x.open[live[r.IntN(len(live))]]; ok {
					x.extend(n, fmt.Sprint(r.IntN(12)))
				}
			default:
				i := r.IntN(len(live))
				if n, ok := x.open[live[i]]; ok {
					switch r.IntN(3) {
					case 0:
						x.remove(n)
					case 1:
						x.take(n, x.body(n)[0])
					default:
						x.finish(n)
					}
				}
				live = slices.Delete(live, i, i+1)
			}
			x.evict()
			if step%50 == 0 {
				check(t, x)
			}
		}
		check(t, x)
	}
}

func TestIndexStaysWithinItsBudget(t *testing.T) {
	const budget = 1 << 20
	x := newIndex(500, budget)
	r := rand.New(rand.NewPCG(1, 2))
	for range 60_000 {
		n := x.begin(0)
		for range 2 + r.IntN(6) {
			x.extend(n, fmt.Sprint("item-", r.IntN(5000)))
		}
		x.evict()
		if got := x.bytes(); got > budget {
			t.Fatalf("%d bytes held, want at most %d", got, budget)
		}
	}
	if x.alive < 3000 {
		t.Errorf("only %d sequences kept in %d bytes", x.alive, budget)
	}
	check(t, x)
}

func TestLongSequenceDropsItsOldestItems(t *testing.T) {
	x := newIndex(10, 1<<40)
	n := x.begin(0)
	for i := range maxBlock + 10 {
		x.extend(n, fmt.Sprint(i))
	}
	if got := len(x.body(n)); got != maxBlock {
		t.Fatalf("%d items kept, want %d", got, maxBlock)
	}
	if _, known := x.item("9"); known {
		t.Error("item 9 is known, want it gone with the front")
	}
	if x.pairs != maxBlock || len(x.ids) != maxBlock {
		t.Errorf("%d pairs, %d items, want %d of each", x.pairs, len(x.ids), maxBlock)
	}
}

func TestArenaUsesFreedBlocksAgain(t *testing.T) {
	var a arena
	var blocks []block
	for i := range 20_000 {
		b := a.alloc(uint8(i % blockClasses))
		for j := range a.slice(b) {
			a.slice(b)[j] = uint32(i)
		}
		blocks = append(blocks, b)
	}
	for i, b := range blocks {
		for _, v := range a.slice(b) {
			if v != uint32(i) {
				t.Fatalf("block %d holds %d", i, v)
			}
		}
	}
	chunks := len(a.chunks)
	for _, b := range blocks {
		a.release(b)
	}
	if a.words != 0 {
		t.Fatalf("%d words in use after all were released", a.words)
	}
	for i := range 20_000 {
		a.alloc(uint8(i % blockClasses))
	}
	if len(a.chunks) != chunks {
		t.Errorf("%d chunks after using freed blocks again, want %d", len(a.chunks), chunks)
	}
}

func TestSelectFirstFindsTheLeast(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		a := make([]int, 1+r.IntN(80))
		for i := range a {
			a[i] = r.IntN(20)
		}
		sorted := slices.Sorted(slices.Values(a))
		k := r.IntN(len(a) + 1)
		selectFirst(a, k, func(x, y int) bool { return x < y })
		got := slices.Sorted(slices.Values(a[:k]))
		if !slices.Equal(got, sorted[:k]) {
			t.Fatalf("first %d: %v, want %v", k, got, sorted[:k])
		}
	}
}

package snapshot

import (
	"bytes"
	"io"
	"testing"
)

// A round is what a fold says of one item: a name, ten small numbers, three large ones.
const rounds = 10_000

func saveRounds(e *Encoder) {
	for i := range uint64(rounds) {
		e.Text("sku-1234567")
		for j := range uint64(10) {
			e.Uint(i * j)
		}
		e.Int(1_790_000_000_000)
		e.Hash(i << 40)
		e.Float(0.5)
	}
}

func BenchmarkEncode(b *testing.B) {
	b.SetBytes(int64(len(written(b, saveRounds))))
	b.ReportAllocs()
	for b.Loop() {
		e := NewEncoder(io.Discard, 'x', 3)
		saveRounds(e)
		_ = e.Flush()
	}
}

func BenchmarkDecode(b *testing.B) {
	whole := written(b, saveRounds)
	b.SetBytes(int64(len(whole)))
	b.ReportAllocs()
	for b.Loop() {
		d := NewDecoder(bytes.NewReader(whole), 'x', 3)
		for range rounds {
			d.Text()
			for range 10 {
				d.Uint()
			}
			d.Int()
			d.Hash()
			d.Float()
		}
		if err := d.End(); err != nil {
			b.Fatal(err)
		}
	}
}

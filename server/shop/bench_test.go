package shop

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// catalogLines is n plausible items of about 400 bytes.
func catalogLines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"item_id":"sku-%d","title":"Stainless steel kettle with thermometer, model %d","url":"https://shop.example/p/sku-%d","image":"https://cdn.shop.example/img/sku-%d-large.jpg",`+
			`"category":["Home","Kitchen","Kettles %d"],"brand":"Brand %d","price":%d,"currency":"EUR","cost":%d,"stock":%d,"tags":["new","t%d"],"published":true,"group":"g%d","low_stock":5,"attributes":{"color":"black","volume":"1.7 l"}}`+"\n",
			i, i, i, i, i%50, i%300, 1000+i%9000, 500+i%400, i%100, i%20, i/4)
	}
	return b.Bytes()
}

func openBench(b *testing.B) *Store {
	b.Helper()
	s, err := Open(b.Context(), Config{Log: newMemLog(), Dir: b.TempDir(), Secret: testSecret, Now: (&clock{ms: t0}).now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if _, err := s.CreateSite(b.Context(), "bench", "s", Settings{}); err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkPut100kItems(b *testing.B) {
	lines := catalogLines(100_000)
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		s := openBench(b)
		if a, err := s.PutItems(b.Context(), "bench", "s", bytes.NewReader(lines), ""); err != nil || a.Accepted != 100_000 {
			b.Fatal(a, err)
		}
	}
}

func BenchmarkCatalogMemory(b *testing.B) {
	lines := catalogLines(100_000)
	for b.Loop() {
		heap := func() uint64 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		sealer, err := newSealer(testSecret)
		if err != nil {
			b.Fatal(err)
		}
		before := heap()
		f := newFold(sealer, nil)
		f.sitePut(&control{Site: "s", Settings: &Settings{}, New: true})
		err = readItems(bytes.NewReader(lines), "", func(got *incoming) error {
			_, _, err := f.itemPut(f.sites["s"], &control{Item: &got.item}, 0, nil)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(heap()-before)/100_000, "B/item")
		runtime.KeepAlive(f)
	}
}

// BenchmarkAvailable asks for hot items, as one answer's candidates are, and for cold ones, whose cost is the memory's.
func BenchmarkAvailable(b *testing.B) {
	s := openBench(b)
	if _, err := s.PutItems(b.Context(), "bench", "s", bytes.NewReader(catalogLines(100_000)), ""); err != nil {
		b.Fatal(err)
	}
	for name, n := range map[string]int{"hot": 512, "cold": 65536} {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprint("sku-", i*7919%100_000)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				s.Available("s", ids[i&(n-1)])
				i++
			}
		})
	}
}

func BenchmarkNoteSeen(b *testing.B) {
	s := openBench(b)
	ids := make([]string, 4096)
	for i := range ids {
		ids[i] = fmt.Sprint("sku-", i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		s.NoteSeen("s", ids[i&4095], "", "", t0)
		i++
	}
}

func BenchmarkKey(b *testing.B) {
	s := openBench(b)
	k, err := s.CreateKey(b.Context(), "bench", "s", KeySpec{Kind: SecretKey})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := s.Key(k.Text); !ok {
			b.Fatal("no key")
		}
	}
}

func BenchmarkRestore100kItems(b *testing.B) {
	s := openBench(b)
	if _, err := s.PutItems(b.Context(), "bench", "s", bytes.NewReader(catalogLines(100_000)), ""); err != nil {
		b.Fatal(err)
	}
	var text bytes.Buffer
	im := s.fold.image()
	if err := im.write(&text, "", 0); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, _, err := readSnapshot(strings.NewReader(text.String()), s.fold.sealer, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStockDelta(b *testing.B) {
	s := openBench(b)
	if _, err := s.PutItems(b.Context(), "bench", "s", bytes.NewReader(catalogLines(1000)), ""); err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := s.PostStock(b.Context(), "bench", "s", strings.NewReader(`{"item_id":"sku-7","delta":1}`)); err != nil {
				b.Error(err)
			}
		}
	})
}

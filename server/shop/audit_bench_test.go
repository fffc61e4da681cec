package shop

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"beckon/clickstream/eventlog"
)

// filled is a store on a log on disk with n changes of a site by people, each of one of a hundred things.
func filled(b *testing.B, n int) *rig {
	b.Helper()
	log, err := eventlog.Open(eventlog.Config{Dir: b.TempDir(), Partitions: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { log.Close() })
	r := &rig{log: log, dir: b.TempDir(), clock: &clock{ms: t0}}
	r.Store, err = Open(b.Context(), r.config())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.Close() })
	if _, err := r.CreateSite(b.Context(), "test", "s1", Settings{Currency: "EUR"}); err != nil {
		b.Fatal(err)
	}
	in := &intake{store: r.Store, ctx: b.Context(), actor: "user anna", site: "s1"}
	for i := range n {
		r.clock.add(60_000)
		if err := in.add(i, "", &control{Do: doSitePut, Settings: &Settings{Name: fmt.Sprint("Shop ", i), Currency: "EUR", Origins: []string{"https://shop.example"}}}); err != nil {
			b.Fatal(err)
		}
	}
	if a, err := in.finish(nil); err != nil || a.Accepted != n {
		b.Fatalf("%+v, %v", a, err)
	}
	return r
}

// BenchmarkAuditPage is a page of the list with before and after, read from the log, at a full index.
func BenchmarkAuditPage(b *testing.B) {
	r := filled(b, maxAudited+20_000)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	for name, q := range map[string]AuditQuery{
		"newest": {Limit: 40}, "filtered": {Limit: 40, Actor: "nobody"}, "older than remembered": {Limit: 40, Before: 15_000}, "brief": {Limit: 40, Brief: true},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := r.AuditPage("s1", q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("snapshot", func(b *testing.B) {
		size := 0
		for b.Loop() {
			im := r.fold.changes.image()
			var out bytes.Buffer
			whole := image{audit: im}
			if err := whole.write(&out, "e", 1); err != nil {
				b.Fatal(err)
			}
			size = out.Len()
		}
		b.ReportMetric(float64(size)/(1<<20), "MB")
	})
	b.Run("image", func(b *testing.B) {
		for b.Loop() {
			r.fold.changes.image()
		}
	})
}

// BenchmarkNote is what the index costs a record that it remembers, and one of the machinery.
func BenchmarkNote(b *testing.B) {
	f := newFold(nil, nil)
	out := outcome{}
	b.Run("change", func(b *testing.B) {
		c := control{Do: doSitePut, Site: "s1", Actor: "user anna", Settings: &Settings{}}
		for i := uint64(0); b.Loop(); i++ {
			f.audit(&c, i, &out)
		}
	})
	b.Run("import line", func(b *testing.B) {
		c := control{Do: doItemPut, Site: "s1", Actor: "key k", Item: &itemJSON{ID: "sku-1"}}
		for i := uint64(1 << 40); b.Loop(); i++ {
			f.audit(&c, i, &out)
		}
	})
	b.Run("machinery", func(b *testing.B) {
		c := control{Do: "offer.claim", Site: "s1", Actor: "engine"}
		for i := uint64(1 << 41); b.Loop(); i++ {
			f.audit(&c, i, &out)
		}
	})
}

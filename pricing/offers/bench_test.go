package offers

import (
	"runtime"
	"strconv"
	"testing"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

// benchClaims is n claims of different shoppers on one campaign, with carts of two lines.
func benchClaims(n int) (ids []string, bodies [][]byte) {
	for i := range n {
		c := Claim{Campaign: "spring", Who: whoOf(i), Item: "kettle", Currency: "EUR", Value: 6000, Lines: []Line{{"kettle", 1, 5000}, {"mug", 1, 1000}}}
		ids = append(ids, OfferID("demo", "spring", strconv.Itoa(i)))
		bodies = append(bodies, AppendClaim(nil, &c))
	}
	return ids, bodies
}

// benchLedger has one running campaign with a budget for n offers of 500.
func benchLedger(b *testing.B, n int64, more func(*Put)) (*driver, *Ledger) {
	d := newDriver(b, Config{})
	d.put("spring", func(p *Put) { p.Budget.Amount = 500 * n; more(p) })
	return d, d.Ledger
}

// BenchmarkClaim decides claims one after the other: granted ones, and those that the budget refuses.
func BenchmarkClaim(b *testing.B) {
	const n = 1 << 17
	ids, bodies := benchClaims(n)
	for name, budget := range map[string]int64{"granted": n, "refused": 1} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			d, l := benchLedger(b, budget, func(p *Put) { p.TTL = 60 })
			r := record.Control{Time: t0, Do: DoClaim, Site: "demo"}
			i := 0
			for b.Loop() {
				if i == n { // the same shoppers again, after the offers' life and the day they are remembered
					b.StopTimer()
					d, l = benchLedger(b, budget, func(p *Put) { p.TTL = 60 })
					i = 0
					b.StartTimer()
				}
				r.ID, r.Body = ids[i], bodies[i]
				if _, err := apply(l, &r, d.shelf); err != nil {
					b.Fatal(err)
				}
				i++
			}
			if err := l.Check(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkClaimDuplicate(b *testing.B) {
	ids, bodies := benchClaims(1)
	d, l := benchLedger(b, 10, func(*Put) {})
	r := record.Control{Time: t0, Do: DoClaim, Site: "demo", ID: ids[0], Body: bodies[0]}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := apply(l, &r, d.shelf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeClaim(b *testing.B) {
	_, bodies := benchClaims(1)
	b.Run("by hand", func(b *testing.B) {
		b.ReportAllocs()
		var c Claim
		for b.Loop() {
			if err := DecodeClaim(bodies[0], &c); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var c plainClaim
			if err := json.Unmarshal(bodies[0], &c); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkAppendClaim(b *testing.B) {
	c := Claim{Campaign: "spring", Who: whoOf(1), Item: "kettle", Currency: "EUR", Value: 6000, Lines: []Line{{"kettle", 1, 5000}, {"mug", 1, 1000}}}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendClaim(dst[:0], &c)
	}
}

func BenchmarkOfferID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		OfferID("demo", "spring", "01JABCDEFGHJKMNPQRSTVWXYZ0")
	}
}

// BenchmarkImage is what an image of a million remembered claims costs the goroutine that applies the log.
func BenchmarkImage(b *testing.B) {
	const n = 1 << 20
	d, l := benchLedger(b, n, func(p *Put) { p.Caps.PerShopper = 9 })
	ids, bodies := benchClaims(n)
	for i := range ids {
		r := record.Control{Time: t0, Do: DoClaim, Site: "demo", ID: ids[i], Body: bodies[i]}
		if _, err := apply(l, &r, d.shelf); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("taken", func(b *testing.B) {
		for b.Loop() {
			l.Image()
		}
	})
	b.Run("written", func(b *testing.B) {
		for b.Loop() {
			if err := l.Image()(func(any) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
	image := imageOf(b, l)
	b.Run("loaded", func(b *testing.B) {
		for b.Loop() {
			loaded(b, Config{}, image)
		}
	})
}

// BenchmarkMemory is what a live offer takes, and what is left of it when it has expired.
func BenchmarkMemory(b *testing.B) {
	const n = 1 << 19
	ids, bodies := benchClaims(n)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := heap()
		d, l := benchLedger(b, n, func(p *Put) { p.TTL = 60 })
		for i := range ids {
			r := record.Control{Time: t0, Do: DoClaim, Site: "demo", ID: ids[i], Body: bodies[i]}
			if _, err := apply(l, &r, d.shelf); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(heap()-before)/n, "B/live")
		l.Expire(t0 + 60_000)
		b.ReportMetric(float64(heap()-before)/n, "B/expired")
		runtime.KeepAlive(l)
	}
}

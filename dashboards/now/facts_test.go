package now

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
	"beckon/clickstream/record"
)

const noon = 1_790_000_000_000/dayMs*dayMs + 12*hourMs

// kept is a fact fold that keeps what it gets.
type kept struct{ facts []clickstream.Fact }

func (k *kept) ApplyFacts(facts []clickstream.Fact) error {
	for _, f := range facts {
		if f.Event != nil {
			e := *f.Event
			e.Items = slices.Clone(e.Items)
			f.Event = &e
		}
		f.Changes = slices.Clone(f.Changes)
		k.facts = append(k.facts, f)
	}
	return nil
}

func (k *kept) Snapshot(io.Writer) error { return nil }
func (k *kept) Restore(io.Reader) error  { return nil }

// factsOf gives the facts that a runner makes of a log with these events; erase says who is erased before which of them.
func factsOf(t testing.TB, events []clickstream.Event, erase map[int]string) []clickstream.Fact {
	t.Helper()
	const partitions = 4
	log, err := eventlog.Open(eventlog.Config{Dir: t.TempDir(), Partitions: partitions + 1})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	fold := &kept{}
	r, err := clickstream.OpenRunner(t.Context(), clickstream.RunnerConfig{
		Log: log, Partitions: partitions, Dir: t.TempDir(), Folds: []clickstream.NamedFold{{Name: "kept", Fold: fold}}, CheckpointEvery: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Start()
	var parts [partitions]record.Append
	flush := func() {
		var some []record.Append
		for i := range parts {
			if parts[i].Records.Len() > 0 {
				parts[i].Partition = i
				some = append(some, parts[i])
			}
		}
		if _, err := log.Append(t.Context(), some); err != nil {
			t.Fatal(err)
		}
		for i := range parts {
			parts[i].Records.Reset()
		}
	}
	for i := range events {
		e := &events[i]
		if who := erase[i]; who != "" {
			p := &parts[clickstream.PartitionOf(e.Site, who, partitions)]
			p.Records.Data = clickstream.AppendErase(p.Records.Data, &clickstream.Erase{Site: e.Site, Visitor: clickstream.VisitorHash(who)})
			p.Records.Close()
		}
		p := &parts[clickstream.PartitionOf(e.Site, e.Visitor, partitions)]
		p.Records.Data = clickstream.AppendEvent(p.Records.Data, e)
		p.Records.Close()
		if i%40 == 39 || i == len(events)-1 {
			flush()
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := r.Wait(ctx, log.Cut(nil)); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
	return fold.facts
}

// random is the events of two sites with all that can go wrong: out of order, late, doubled orders, refunds of known and unknown ones,
// machines, withdrawals and erasures.
func random(seed uint64, n int) ([]clickstream.Event, map[int]string) {
	r := rand.New(rand.NewPCG(seed, 5))
	kinds := []clickstream.Kind{
		clickstream.PageView, clickstream.ViewItem, clickstream.ViewItem, clickstream.ViewItem, clickstream.Search, clickstream.AddToCart,
		clickstream.AddToCart, clickstream.RemoveFromCart, clickstream.ViewCart, clickstream.BeginCheckout, clickstream.Purchase,
		clickstream.Refund, clickstream.Heartbeat, clickstream.Custom,
	}
	agents := []string{
		"", "Mozilla/5.0 (Windows NT 10.0)", "Mozilla/5.0 (iPhone) Mobile", "Mozilla/5.0 (iPad)",
	}
	events := make([]clickstream.Event, n)
	erase := map[int]string{}
	for i := range events {
		at := int64(noon) + int64(i)*4000
		switch r.IntN(40) {
		case 0:
			at -= r.Int64N(80 * minuteMs)
		case 1, 2, 3:
			at -= r.Int64N(9 * minuteMs)
		}
		site := []string{"shop", "shop", "other"}[r.IntN(3)]
		who := r.IntN(60)
		if r.IntN(3) == 0 {
			who = i / 100 * 7 // some come once and leave
		}
		e := clickstream.Event{
			Site: site, Visitor: fmt.Sprint("v", who), ID: fmt.Sprint("e", i), Kind: kinds[r.IntN(len(kinds))], Time: at, Received: at + 500,
			Consent: 3, UserAgent: agents[who%len(agents)],
		}
		e.Name = e.Kind.String()
		if r.IntN(50) == 0 || who%19 == 3 {
			e.Bot = clickstream.BotAgent
		}
		if r.IntN(4) == 0 {
			e.URL, e.Ref = "https://shop.example/?utm_source=s"+fmt.Sprint(r.IntN(30)), ""
		}
		switch e.Kind {
		case clickstream.PageView, clickstream.Heartbeat, clickstream.BeginCheckout:
		case clickstream.Search:
			e.SearchTerm = fmt.Sprint("Term ", r.IntN(10))
		case clickstream.Custom:
			e.Name = "wave"
			e.Generated = r.IntN(2) == 0
		case clickstream.Purchase, clickstream.Refund:
			e.Transaction = fmt.Sprint("t", r.IntN(i/20+2))
			e.Currency = []string{"EUR", "EUR", "USD"}[r.IntN(3)]
			if r.IntN(2) == 0 {
				e.Value = 1 + r.Int64N(9000)
			}
			fallthrough
		default:
			for range 1 + r.IntN(2) {
				e.Items = append(e.Items, clickstream.Item{ID: fmt.Sprint("sku-", r.IntN(20)), Price: r.Int64N(5000) - 1, Quantity: 1 + r.Int64N(3)})
			}
			if e.Currency == "" {
				e.Currency = "EUR"
			}
		}
		events[i] = e
		if r.IntN(400) == 0 {
			erase[i] = fmt.Sprint("v", r.IntN(60))
		}
	}
	return events, erase
}

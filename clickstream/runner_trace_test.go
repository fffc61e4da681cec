package clickstream

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"beckon/clickstream/record"
)

// traceFold hashes every fact in order, so that two runs can be told apart by its snapshot.
type traceFold struct {
	facts uint64
	sum   uint64
	last  uint64
	fail  error
}

func (f *traceFold) ApplyFacts(facts []Fact) error {
	for i := range facts {
		x := &facts[i]
		if f.fail != nil {
			return f.fail
		}
		if x.Seq <= f.last && f.facts > 0 {
			return fmt.Errorf("seq %d after %d", x.Seq, f.last)
		}
		f.last = x.Seq
		f.facts++
		text := fmt.Sprint(x.Seq, x.Cause, x.Site, x.Clock, x.Late, x.Bot, x.Repeat)
		if x.Event != nil {
			text += fmt.Sprint(*x.Event)
		}
		if x.Erase != nil {
			text += fmt.Sprint(*x.Erase)
		}
		for _, c := range x.Changes {
			text += fmt.Sprint(c.Retracted, c.Added)
			if c.Session != nil {
				text += fmt.Sprint(*c.Session)
			}
		}
		for _, b := range []byte(text) {
			f.sum = f.sum*1099511628211 ^ uint64(b)
		}
	}
	return nil
}

func (f *traceFold) Snapshot(w io.Writer) error {
	b := binary.BigEndian.AppendUint64([]byte{1}, f.facts)
	_, err := w.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, f.sum), f.last))
	return err
}

func (f *traceFold) Restore(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil || len(b) != 25 || b[0] != 1 {
		return fmt.Errorf("trace of %d bytes: %w", len(b), err)
	}
	f.facts, f.sum, f.last = binary.BigEndian.Uint64(b[1:]), binary.BigEndian.Uint64(b[9:]), binary.BigEndian.Uint64(b[17:])
	return nil
}

// randomLog is a day of a shop: visits, purchases, logins, ticks, settings, late events and robots.
func randomLog(t testing.TB, seed uint64, partitions, events int) *foldLog {
	rng := rand.New(rand.NewPCG(seed, 7))
	log := newFoldLog(partitions + 1)
	clock := int64(1_790_000_000_000)
	var batch []Event
	for i := range events {
		clock += rng.Int64N(40_000)
		e := Event{
			Site: fmt.Sprint("s", rng.IntN(2)), Visitor: fmt.Sprint("v", rng.IntN(1+events/20)), ID: fmt.Sprint("e", i),
			Kind: Kind(rng.IntN(int(kinds))), Time: clock - rng.Int64N(15*minuteMs), Received: clock,
		}
		if rng.IntN(50) == 0 {
			e.Time -= 3 * 60 * minuteMs
		}
		if rng.IntN(30) == 0 {
			e.Consent = Analytics
		}
		for range rng.IntN(4) {
			e.Items = append(e.Items, Item{ID: fmt.Sprint("i", rng.IntN(50)), Price: int64(rng.IntN(1000)), Quantity: 1 + rng.Int64N(3)})
		}
		switch e.Kind {
		case Purchase, Refund:
			e.Transaction, e.Currency = fmt.Sprint("t", rng.IntN(1+events/20)), "EUR"
		case Login, Identify:
			e.User, e.Linked = fmt.Sprint("u", rng.IntN(1+events/60)), rng.IntN(3) > 0
		case Search:
			e.SearchTerm = fmt.Sprint("q", rng.IntN(9))
		case Impression:
			e.Generated = true
		}
		batch = append(batch, e)
		if rng.IntN(20) == 0 {
			putEvents(t, log, partitions, batch...)
			batch = batch[:0]
		}
		if rng.IntN(100) == 0 {
			putEverywhere(t, log, partitions, AppendTick(nil, &Tick{Site: e.Site, Clock: clock}))
		}
		if i%150 == 149 { // beside its visitor's partition it says nothing
			putEverywhere(t, log, partitions, AppendErase(nil, &Erase{e.Site, VisitorHash(e.Visitor)}))
		}
		if rng.IntN(500) == 0 {
			putEverywhere(t, log, partitions, AppendSettings(nil, &Settings{
				Site: e.Site, Gap: (10 + rng.Int64N(40)) * minuteMs, Lateness: rng.Int64N(20) * minuteMs, Longest: dayMs / (1 + rng.Int64N(12)),
			}))
		}
	}
	putEvents(t, log, partitions, batch...)
	return log
}

// putEverywhere appends a record to every data partition, and something to the last one as the collector does.
func putEverywhere(t testing.TB, log Log, partitions int, data []byte) {
	t.Helper()
	var parts []record.Append
	for p := range partitions + 1 {
		a := record.Append{Partition: p, Records: record.Packed{Data: bytes.Clone(data)}}
		if p == partitions {
			a.Records.Data = []byte{RecordLedger}
		}
		a.Records.Close()
		parts = append(parts, a)
	}
	if _, err := log.Append(context.Background(), parts); err != nil {
		t.Fatal(err)
	}
}

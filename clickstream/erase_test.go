package clickstream

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"beckon/clickstream/record"
)

func eraseOf(visitor string) string {
	return string(AppendErase(nil, &Erase{Site: "s", Visitor: VisitorHash(visitor)}))
}

func TestEraseForgetsAShopperAndTakesItsLiveSessionsBack(t *testing.T) {
	h := newSessionHarness(t, sessionRule{gap: 10, lateness: 5, longest: 100})
	h.event(login("v", "u", 1))
	h.event(viewOf("v", 1, "a"))
	h.event(viewOf("v", 30, "b")) // the first session is closed by now
	h.event(viewOf("w", 30, "c"))
	before := h.shard.count
	f := h.record(eraseOf("v"))
	if f.Erase == nil || f.Erase.Visitor != VisitorHash("v") || f.Site != "s" || f.Clock != 30 || f.Event != nil {
		t.Errorf("fact %+v", f)
	}
	if want := []SessionKey{{"v", 30}}; len(f.Changes) != 1 || !slices.Equal(f.Changes[0].Retracted, want) || f.Changes[0].Session != nil {
		t.Errorf("changes %+v, want %v retracted", f.Changes, want)
	}
	var v ShopperView
	if h.shard.view("s", "v", &v) || h.shard.count != before-1 {
		t.Errorf("still known: %+v", v)
	}
	if snap := string(h.shard.appendSnapshot(nil)); strings.Contains(snap, "\x01v") || strings.Contains(snap, "u") {
		t.Errorf("snapshot still has it: %q", snap)
	}
	if f := h.record(eraseOf("v")); len(f.Changes) != 0 || f.Erase == nil {
		t.Errorf("again: %+v", f)
	}
	if f := h.record(eraseOf("nobody")); len(f.Changes) != 0 || f.Erase == nil {
		t.Errorf("of an unknown visitor: %+v", f)
	}
	h.event(viewOf("v", 31, "new"))
	if !h.shard.view("s", "v", &v) || names(v.Recent) != "new " || v.Views != 1 || v.User != "" {
		t.Errorf("a new life: %+v", v)
	}
	h.finish()
}

func TestEraseOfAnotherSiteChangesNothing(t *testing.T) {
	h := newSessionHarness(t, defaultRule)
	h.event(viewOf("v", 1, "a"))
	before := h.shard.appendSnapshot(nil)
	h.record(string(AppendErase(nil, &Erase{Site: "other", Visitor: VisitorHash("v")})))
	if !bytes.Equal(h.shard.appendSnapshot(nil), before) {
		t.Error("the shard changed")
	}
}

func TestOrdersOfAnErasedVisitorKeepTheHashOfTheirTransactionAlone(t *testing.T) {
	o := NewOrders(10)
	buy := sale(Purchase, "t1", 250, Item{ID: "a", Price: 250, Quantity: 1})
	buy.Visitor = "v"
	other := sale(Purchase, "t2", 100, Item{ID: "b", Price: 100, Quantity: 1})
	other.Visitor = "w"
	o.apply([]Fact{{Event: &buy}, {Event: &other}})
	o.apply([]Fact{{Erase: &Erase{"s", VisitorHash("v")}}})
	total := o.Totals(nil, "s")
	if want := []OrderTotals{{"EUR", 350, 2, 2, 0}}; !slices.Equal(total, want) {
		t.Errorf("totals %+v, want %+v", total, want)
	}
	again := []Fact{{Event: &buy}}
	if o.apply(again); !again[0].Repeat {
		t.Error("a repeat counted again")
	}
	refund := sale(Refund, "t1", 0)
	o.apply([]Fact{{Event: &refund}})
	if got := o.Totals(nil, "s"); !slices.Equal(got, total) {
		t.Errorf("after a refund %+v, want %+v", got, total)
	}
	refund.Transaction = "t2"
	o.apply([]Fact{{Event: &refund}})
	if got := o.Totals(nil, "s")[0].Refunded; got != 100 {
		t.Errorf("refunded %d of the other's order, want 100", got)
	}
	fresh := NewOrders(10)
	if err := fresh.restore(string(o.appendSnapshot(nil))); err != nil || !reflect.DeepEqual(fresh.appendSnapshot(nil), o.appendSnapshot(nil)) {
		t.Errorf("restored differs: %v", err)
	}
}

func TestOrdersFromBeforeVisitorsAreRead(t *testing.T) {
	old, err := os.ReadFile(filepath.Join("testdata", "snapshot-orders-without-visitors.raw"))
	if err != nil {
		t.Fatal(err)
	}
	o := NewOrders(10)
	if err := o.restore(string(old)); err != nil {
		t.Fatal(err)
	}
	if len(o.orders) != 1 || o.oldest.visitor != 0 || len(o.oldest.lines) != 1 {
		t.Errorf("orders %+v", o.oldest)
	}
}

func TestEraseUnlinksAVisitorFromItsUser(t *testing.T) {
	id := NewIdentity(10)
	applyEvents(t, id, login("v", "u", 1), login("w", "u", 2))
	if err := id.ApplyFacts([]Fact{{Erase: &Erase{"s", VisitorHash("v")}}, {Erase: &Erase{"s", VisitorHash("nobody")}}}); err != nil {
		t.Fatal(err)
	}
	if got := id.Visitors("s", "u"); !slices.Equal(got, []string{"w"}) || id.User("s", "v") != "" {
		t.Errorf("devices %v, user %q", got, id.User("s", "v"))
	}
}

func TestEraseRecordsAreRefusedWhenCut(t *testing.T) {
	whole := AppendErase(nil, &Erase{"s", 7})
	taken := AppendErased(nil, &Erased{Erase: Erase{"s", 7}, Partition: 1, Offset: 2, Events: 3, Generated: 4, Letters: 5})
	var e Erase
	var d Erased
	if err := DecodeErase(string(whole), &e); err != nil || e != (Erase{"s", 7}) {
		t.Errorf("%+v, %v", e, err)
	}
	if err := DecodeErased(string(taken), &d); err != nil || d.Events != 3 || d.Letters != 5 || d.Offset != 2 {
		t.Errorf("%+v, %v", d, err)
	}
	for n := range whole {
		if DecodeErase(string(whole[:n]), &e) == nil {
			t.Errorf("took %d bytes for an erase record", n)
		}
	}
	for n := range taken {
		if DecodeErased(string(taken[:n]), &d) == nil {
			t.Errorf("took %d bytes for a record of what was erased", n)
		}
	}
}

func FuzzEraseRecords(f *testing.F) {
	f.Add(AppendErase(nil, &Erase{"s", 7}))
	f.Add(AppendErased(nil, &Erased{Erase: Erase{"s", 7}, Partition: 1, Offset: 2, Events: 3, Generated: 4, Letters: 5}))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e Erase
		if DecodeErase(string(data), &e) == nil && DecodeErase(string(AppendErase(nil, &e)), &e) != nil {
			t.Error("an erase record is not read again")
		}
		var d, again Erased
		if DecodeErased(string(data), &d) == nil && (DecodeErased(string(AppendErased(nil, &d)), &again) != nil || again != d) {
			t.Error("a record of what was erased is not read again")
		}
	})
}

// rewriteAll does to l what an event log's Rewrite does.
func (l *intakeLog) rewriteAll(replace func(at record.Position, seq uint64, payload string) string) (changed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.parts {
		for k := range l.parts[p].batches {
			b := &l.parts[p].batches[k]
			var fresh record.Packed
			for i := range b.Len() {
				payload := b.At(i)
				if payload != "" {
					if now := replace(record.Position{Partition: p, Offset: b.First + uint64(i)}, b.Seq+uint64(i), payload); now != payload {
						payload = now
						changed++
					}
				}
				fresh.Data = append(fresh.Data, payload...)
				fresh.Close()
			}
			b.Data, b.Ends = string(fresh.Data), fresh.Ends
		}
	}
	return changed
}

func TestErasureLeavesNothingAndTheLedgerSaysWhatItTook(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, func(cfg *CollectorConfig) { cfg.LetterBytes = 1 << 20 })
	const who = "v_secret"
	c.mustCollect(t, "a", bodyOf(who, "1", "2", "!3"))
	c.mustCollect(t, "a", bodyOf("v_other", "1", "!5"))
	c.mustCollect(t, "b", bodyOf(who, "1", "!4"))
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Generate(t.Context(), []Event{{Site: "a", Visitor: who, ID: "i", Kind: Impression, Name: "impression", Time: testNow}}); err != nil {
		t.Fatal(err)
	}
	c.mustCollect(t, "a", bodyOf(who, "1", "!6")) // a duplicate, and a letter that is in no file yet
	before := c.Ledger("a")

	v := VisitorID{"a", who}
	at, err := c.Erase(t.Context(), []VisitorID{v})
	if err != nil || len(at) != 1 || at[0].Partition != PartitionOf("a", who, testPartitions) {
		t.Fatalf("%+v, %v", at, err)
	}
	c.mustCollect(t, "a", bodyOf(who, "new", "!7"))
	audit := func(what string, erasing int) {
		t.Helper()
		sites, _, err := Audit(t.Context(), collectorConfig(log, crash(t, dir), nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sites {
			if !s.Balances() || s.Site == "a" && s.Erasing != erasing {
				t.Errorf("%s: %+v", what, s)
			}
		}
	}
	audit("begun", 1)
	took, err := CountErased(t.Context(), log, v, at[0])
	if want := (Erased{Erase: Erase{"a", VisitorHash(who)}, Partition: at[0].Partition, Offset: at[0].Offset, Events: 2, Generated: 1, Letters: 2}); err != nil || took != want {
		t.Fatalf("counted %+v, want %+v, %v", took, want, err)
	}
	gone := map[VisitorID]Erasing{v: at[0]}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := log.rewriteAll(ErasesFromLog(log.Partitions(), gone)); n != 5 {
		t.Errorf("%d records were emptied, want 5", n)
	}
	audit("emptied", 1)
	for range 2 { // it can be repeated
		if err := c.EraseLetters(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := HasErased(t.Context(), log, 0, at[0]); has || err != nil {
		t.Errorf("has %v, %v", has, err)
	}
	if err := c.Erased(t.Context(), &took); err != nil {
		t.Fatal(err)
	}
	if has, err := HasErased(t.Context(), log, 0, at[0]); !has || err != nil {
		t.Errorf("has %v, %v", has, err)
	}
	audit("ended", 0)

	want := before
	want.Received, want.Stored, want.Rejected, want.DeadLetters, want.Erased = before.Received+2, before.Stored+1, before.Rejected+1, before.DeadLetters+1, 2
	if got := c.Ledger("a"); got != want {
		t.Errorf("ledger %+v, want %+v", got, want)
	}
	mustBalance(t, c.Ledger("a"))
	again := openCollector(t, log, crash(t, dir), nil)
	whole := openCollector(t, log, t.TempDir(), nil) // without files, from the log alone
	for name, c := range map[string]*Collector{"running": c, "restarted": again, "from the log alone": whole} {
		if got := c.Ledger("a"); got != want {
			t.Errorf("%s: ledger %+v, want %+v", name, got, want)
		}
		letters, err := c.DeadLetters("", 100)
		var ids []string
		for _, l := range letters {
			ids = append(ids, l.Site+l.EventID)
		}
		if wantIDs := []string{"a7", "b4", "a5"}; err != nil || !slices.Equal(ids, wantIDs) {
			t.Errorf("%s: letters %v, want %v, %v", name, ids, wantIDs, err)
		}
	}
	if _, err := c.letters.get("a", 0); err == nil {
		t.Error("an erased letter is still there")
	}
	r := c.mustCollect(t, "a", bodyOf(who, "2"))
	if r.Duplicates != 1 {
		t.Errorf("an erased event's id was taken again: %+v", r)
	}
	for p := range log.parts {
		for _, b := range log.parts[p].batches {
			for i := range b.Len() {
				if site, visitor, ok := PeekVisitor(b.At(i)); ok && site == "a" && visitor == who && b.First+uint64(i) < at[0].Offset {
					t.Errorf("partition %d offset %d still has it", p, b.First+uint64(i))
				}
			}
		}
	}
}

func TestRenewLeavesNoCheckpointFromBefore(t *testing.T) {
	log, dir := newFoldLog(3), t.TempDir()
	r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: dir})
	r.Start()
	defer closeRunner(t, r)
	advance := func(e Event) { putEvents(t, log, 2, e) }
	for i := range 3 {
		advance(viewOf("v_secret", int64(i+1), "a"))
		settled(t, r)
		if err := r.Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, left := range []string{"tmp-" + checkpointDir(2), checkpointDir(1) + ".old"} {
		if err := os.MkdirAll(filepath.Join(dir, left), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p := PartitionOf("s", "v_secret", 2)
	at, err := log.Append(t.Context(), []record.Append{{Partition: p, Records: record.Packed{Data: []byte(eraseOf("v_secret")), Ends: []uint32{uint32(len(eraseOf("v_secret")))}}}})
	if err != nil {
		t.Fatal(err)
	}
	n := int64(10)
	if err := r.Renew(t.Context(), at+1, func(ctx context.Context) error {
		n++
		advance(viewOf("other", n, "a"))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Fatalf("%v, %v", entries, err)
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), "v_secret") {
			t.Errorf("%s has the visitor", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

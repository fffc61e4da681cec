package clickstream

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	testPartitions = 8
	testNow        = int64(1790000000000)
)

func shopper1() *Source {
	return &Source{Site: "a", Received: testNow, UserAgent: "Mozilla/5.0", IP: "203.0.113.9", DefaultConsent: Analytics | Personalization}
}

// open starts a collector on log and dir and closes it with the test.
func openCollector(t testing.TB, log Log, dir string, change func(cfg *CollectorConfig)) *Collector {
	t.Helper()
	c, err := OpenCollector(t.Context(), collectorConfig(log, dir, change))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return c
}

func collectorConfig(log Log, dir string, change func(cfg *CollectorConfig)) CollectorConfig {
	cfg := CollectorConfig{Log: log, Dir: dir, Partitions: testPartitions, Seed: 7, Now: func() int64 { return testNow }}
	if change != nil {
		change(&cfg)
	}
	return cfg
}

func (c *Collector) mustCollect(t testing.TB, site, body string) Result {
	t.Helper()
	src := shopper1()
	src.Site = site
	result, err := c.Collect(t.Context(), src, []byte(body), nil)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return result
}

// body is a body of one visitor with these events; "!" before an id makes it a rejected one.
func bodyOf(visitor string, ids ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"sent_at":%d,"visitor":"%s","events":[`, testNow, visitor)
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		name := "leave"
		if cut, bad := strings.CutPrefix(id, "!"); bad {
			id, name = cut, ""
		}
		fmt.Fprintf(&b, `{"id":"%s","name":"%s","ts":%d}`, id, name, testNow-1000)
	}
	b.WriteString(`]}`)
	return b.String()
}

func mustBalance(t testing.TB, l Ledger) {
	t.Helper()
	if l.Received != l.Stored+l.Duplicates+l.Rejected {
		t.Errorf("the ledger does not balance: %+v", l)
	}
}

func TestAnEventCountsOnce(t *testing.T) {
	log := newIntakeLog(testPartitions + 1)
	c := openCollector(t, log, t.TempDir(), nil)
	r := c.mustCollect(t, "a", bodyOf("v", "1", "2", "1"))
	if r.Accepted != 2 || r.Duplicates != 1 {
		t.Errorf("got %+v, want the second of two in one body to be the duplicate", r)
	}
	r = c.mustCollect(t, "a", bodyOf("v", "2", "3"))
	if r.Accepted != 1 || r.Duplicates != 1 {
		t.Errorf("got %+v, want one of each", r)
	}
	for _, other := range []struct{ site, visitor string }{{"a", "w"}, {"b", "v"}} {
		if r := c.mustCollect(t, other.site, bodyOf(other.visitor, "1")); r.Accepted != 1 {
			t.Errorf("site %s visitor %s: got %+v, want the id to be new there", other.site, other.visitor, r)
		}
	}
	if got, want := c.Ledger("a"), (Ledger{Received: 6, Stored: 4, Duplicates: 2}); got != want {
		t.Errorf("ledger: got %+v, want %+v", got, want)
	}
	if got := c.Ledger(""); got.Received != 7 || got.Stored != 5 {
		t.Errorf("all sites: got %+v", got)
	}
	if got, want := c.SiteClock("a"), int64(testNow-1000); got != want {
		t.Errorf("clock: got %d, want %d", got, want)
	}
	if n := len(storedIDs(t, log)); n != 4 { // a 1 is there twice, of two visitors
		t.Errorf("got %d ids in the log, want 4", n)
	}
}

func TestUnreadableAndRefusedBodiesCountNothing(t *testing.T) {
	log := newIntakeLog(testPartitions + 1)
	c := openCollector(t, log, t.TempDir(), nil)
	var bad *BodyError
	if _, err := c.Collect(t.Context(), shopper1(), []byte(`{"events":`), nil); !errors.As(err, &bad) {
		t.Errorf("got %v, want a BodyError", err)
	}
	refusal := errors.New("too many")
	_, err := c.Collect(t.Context(), shopper1(), []byte(bodyOf("v", "1", "!2")), func(visitor string, events int) error {
		if visitor != "v" || events != 2 {
			t.Errorf("asked for %q and %d events, want v and 2", visitor, events)
		}
		return refusal
	})
	if err != refusal {
		t.Errorf("got %v, want admit's error as it is", err)
	}
	if l := c.Ledger(""); l != (Ledger{}) {
		t.Errorf("got %+v, want nothing counted", l)
	}
	if seq := log.Cut(nil).Seq; seq != 0 {
		t.Errorf("got %d records, want none", seq)
	}
	if q := c.Stats().QueueBytes; q != 0 {
		t.Errorf("got %d bytes still reserved", q)
	}
}

func TestLedgerBalancesWhateverFails(t *testing.T) {
	var turn int
	log := newIntakeLog(testPartitions + 1)
	log.fail = func() error { // called by one goroutine
		if turn++; turn%3 == 0 {
			return errors.New("injected")
		}
		return nil
	}
	dir := t.TempDir()
	c, err := OpenCollector(t.Context(), collectorConfig(log, dir, nil))
	if err != nil {
		t.Fatal(err)
	}
	const callers, posts = 8, 150
	stop := make(chan struct{})
	var readers, wg sync.WaitGroup
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				mustBalance(t, c.Ledger(""))
				mustBalance(t, c.Ledger("s1"))
				runtime.Gosched()
			}
		}
	})
	acked := make([]map[string]bool, callers)
	for k := range callers {
		acked[k] = map[string]bool{}
		wg.Go(func() {
			for i := range posts {
				// Callers of one site send the same ids, so that duplicates of what is still under way are common.
				site, visitor := fmt.Sprintf("s%d", k%2), "v"
				ids := []string{fmt.Sprint(i), fmt.Sprint(i + 1), "!bad"}
				src := shopper1()
				src.Site = site
				for {
					r, err := c.Collect(context.Background(), src, []byte(bodyOf(visitor, ids...)), nil)
					if err != nil {
						continue
					}
					if r.Accepted+r.Duplicates != 2 || len(r.Rejected) != 1 {
						t.Errorf("got %+v", r)
					}
					acked[k][site+" "+ids[0]], acked[k][site+" "+ids[1]] = true, true
					break
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	readers.Wait()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	got := storedIDs(t, log)
	for k := range acked {
		for id := range acked[k] {
			if got[id] != 1 {
				t.Errorf("%s: acknowledged, and stored %d times", id, got[id])
			}
		}
	}
	l := c.Ledger("")
	mustBalance(t, l)
	if l.Stored != int64(len(got)) || l.Stored != 2*(posts+1) || l.Rejected != callers*posts || l.DeadLetters != l.Rejected {
		t.Errorf("got %+v with %d ids in the log", l, len(got))
	}
	// What was counted can be counted again from the log alone.
	again := openCollector(t, log, t.TempDir(), func(cfg *CollectorConfig) { cfg.LetterBytes = 1 << 20 })
	if got := again.Ledger(""); got != l {
		t.Errorf("recovered from the log: got %+v, want %+v", got, l)
	}
	// And from the files alone.
	files := openCollector(t, log, dir, nil)
	if got := files.Ledger(""); got != l {
		t.Errorf("recovered from files: got %+v, want %+v", got, l)
	}
	if n := files.Stats().Recovered.Scanned; n != 0 {
		t.Errorf("a clean restart scanned %d records", n)
	}
}

func TestOverloadIsAnsweredNotQueued(t *testing.T) {
	gate := make(chan struct{})
	log := newIntakeLog(testPartitions + 1)
	log.fail = func() error { <-gate; return nil }
	one := bodyOf("v", "1")
	pressure := error(nil)
	c := openCollector(t, log, t.TempDir(), func(cfg *CollectorConfig) {
		cfg.QueueBytes = int64(len(one)) + 10
		cfg.Pressure = func() error { return pressure }
	})
	var wg sync.WaitGroup
	wg.Go(func() { c.mustCollect(t, "a", one) })
	for c.Stats().QueueBytes == 0 {
		runtime.Gosched()
	}
	var over *OverloadedError
	if _, err := c.Collect(t.Context(), shopper1(), []byte(bodyOf("w", "1")), nil); !errors.As(err, &over) || over.RetryAfter <= 0 || !errors.Is(err, ErrOverloaded) {
		t.Errorf("got %v, want an OverloadedError", err)
	}
	close(gate)
	wg.Wait()
	pressure = &OverloadedError{"folds are behind", 2 * time.Second}
	if _, err := c.Collect(t.Context(), shopper1(), []byte(bodyOf("w", "1")), nil); err != pressure {
		t.Errorf("got %v, want what Pressure said", err)
	}
	if err := c.Generate(t.Context(), []Event{{Site: "a", Visitor: "v", ID: "i"}}); err != pressure {
		t.Errorf("generate: got %v, want what Pressure said", err)
	}
	if err := c.Settings(t.Context(), Settings{"a", 1, 2, 3}); err != nil {
		t.Errorf("settings: got %v, want them written under pressure too", err)
	}
	if n := c.Stats().Refused; n != 3 {
		t.Errorf("got %d refused, want 3", n)
	}
	if l := c.Ledger(""); l.Received != 1 {
		t.Errorf("got %+v, want only what was admitted", l)
	}
}

func TestAFullWindowRefusesAndForgetsNothing(t *testing.T) {
	c := openCollector(t, newIntakeLog(testPartitions+1), t.TempDir(), func(cfg *CollectorConfig) { cfg.MaxIDs = 3 })
	c.mustCollect(t, "a", bodyOf("v", "1", "2"))
	src := shopper1()
	src.Site = "a"
	if _, err := c.Collect(t.Context(), src, []byte(bodyOf("v", "3", "4")), nil); !errors.Is(err, ErrOverloaded) {
		t.Errorf("got %v, want ErrOverloaded", err)
	}
	if r := c.mustCollect(t, "a", bodyOf("v", "1")); r.Duplicates != 1 {
		t.Errorf("got %+v, want the first ids still known", r)
	}
}

func TestClosedCollectorSaysSo(t *testing.T) {
	c := openCollector(t, newIntakeLog(testPartitions+1), t.TempDir(), nil)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Collect(t.Context(), shopper1(), []byte(bodyOf("v", "1")), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("collect: got %v", err)
	}
	if _, err := c.Import(t.Context(), shopper1(), strings.NewReader("{}")); !errors.Is(err, ErrClosed) {
		t.Errorf("import: got %v", err)
	}
	if err := c.Tick(t.Context(), []Tick{{"a", 1}}); !errors.Is(err, ErrClosed) {
		t.Errorf("tick: got %v", err)
	}
	if err := c.Flush(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("flush: got %v", err)
	}
}

// A goroutine that outlived Close would keep the bubble from ending, and fail the test.
func TestCloseWaitsForItsGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := OpenCollector(t.Context(), collectorConfig(newIntakeLog(testPartitions+1), t.TempDir(), nil))
		if err != nil {
			t.Fatal(err)
		}
		c.mustCollect(t, "a", bodyOf("v", "1"))
		if _, err := c.Import(t.Context(), importer1(), strings.NewReader(importLine("v", "2", "leave"))); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Second) // of the bubble: some flushes
		if lag := c.Stats().FlushLag; lag != 0 {
			t.Errorf("got %d bytes not flushed after some seconds", lag)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestGeneratedEventsCountAsGeneratedOnly(t *testing.T) {
	log := newIntakeLog(testPartitions + 1)
	dir := t.TempDir()
	c := openCollector(t, log, dir, nil)
	shown := []Event{
		{Site: "a", Visitor: "v", ID: "i1", Kind: Impression, Name: "impression", Time: testNow, Received: testNow},
		{Site: "b", Visitor: "v", ID: "i1", Kind: Impression, Name: "impression", Time: testNow, Received: testNow},
	}
	for range 2 {
		if err := c.Generate(t.Context(), shown); err != nil {
			t.Fatal(err)
		}
	}
	want := Ledger{Generated: 1}
	if got := c.Ledger("a"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := c.SiteClock("a"); got != 0 {
		t.Errorf("got clock %d, want what the server made to leave it alone", got)
	}
	if shown[0].Generated {
		t.Error("the caller's event was changed")
	}
	if got := openCollector(t, log, t.TempDir(), nil).Ledger("b"); got != want {
		t.Errorf("recovered: got %+v, want %+v", got, want)
	}
}

func TestTicksAndSettingsReachEveryPartition(t *testing.T) {
	log := newIntakeLog(testPartitions + 1)
	c := openCollector(t, log, t.TempDir(), nil)
	if err := c.Settings(t.Context(), Settings{"a", 1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if err := c.Tick(t.Context(), []Tick{{"a", 5}, {"b", 6}}); err != nil {
		t.Fatal(err)
	}
	for p := range testPartitions {
		var got []byte
		for _, b := range log.parts[p].batches {
			for i := range b.Len() {
				got = append(got, RecordType(b.At(i)))
			}
		}
		if string(got) != string([]byte{RecordSettings, RecordTick, RecordTick}) {
			t.Errorf("partition %d: got record types %v", p, got)
		}
	}
	if end := log.parts[testPartitions].end; end != 0 {
		t.Errorf("intake: got %d records, want none", end)
	}
}

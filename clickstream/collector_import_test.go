package clickstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
)

// importLine is a line of an import; without a name it is rejected.
func importLine(visitor, id, name string) string {
	return fmt.Sprintf(`{"id":"%s","visitor":"%s","name":"%s","ts":%d}`, id, visitor, name, testNow-1000)
}

func importer1() *Source {
	return &Source{Site: "a", Secret: true, Import: true, Received: testNow, DefaultConsent: Analytics}
}

// history is lines of 50 visitors, every 97th rejected and every 89th a duplicate of the one before.
func history(n int) (text string, accepted, duplicates int, rejected []int) {
	var b strings.Builder
	id := ""
	for i := range n {
		visitor, name := fmt.Sprint("v", i%50), "page_view"
		again := i%89 == 88 && i%97 > 0 && i%97 < 96 // neither it nor what it repeats is rejected
		if again {
			visitor = fmt.Sprint("v", (i-1)%50)
		} else {
			id = fmt.Sprintf("%07d", i)
		}
		switch {
		case i%97 == 96:
			name = ""
			rejected = append(rejected, i)
		case again:
			duplicates++
		default:
			accepted++
		}
		b.WriteString(importLine(visitor, id, name) + "\n")
		if i%1000 == 0 {
			b.WriteString("\n \r\n")
		}
	}
	return b.String(), accepted, duplicates, rejected
}

func TestImportCountsEveryLineInOrder(t *testing.T) {
	text, accepted, duplicates, rejected := history(20_000)
	for name, r := range map[string]io.Reader{
		"whole":       strings.NewReader(text),
		"halves":      iotest.HalfReader(strings.NewReader(text)),
		"error early": iotest.DataErrReader(strings.NewReader(text)),
		"no last end": strings.NewReader(strings.TrimSuffix(text, "\n")),
	} {
		log := newIntakeLog(testPartitions + 1)
		c := openCollector(t, log, t.TempDir(), nil)
		got, err := c.Import(t.Context(), importer1(), r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.Accepted != accepted || got.Duplicates != duplicates || got.RejectedTotal != len(rejected) {
			t.Errorf("%s: got %d, %d, %d, want %d, %d, %d", name, got.Accepted, got.Duplicates, got.RejectedTotal, accepted, duplicates, len(rejected))
		}
		for i, r := range got.Rejected {
			if r.Index != rejected[i] || r.ID != fmt.Sprintf("%07d", rejected[i]) || r.Code != MissingName {
				t.Fatalf("%s: rejection %d: got %+v, want index %d", name, i, r, rejected[i])
			}
		}
		mustBalance(t, c.Ledger("a"))
		for p := range log.parts { // ids rise in time, so each visitor's must rise in the log
			last := map[string]string{}
			for _, b := range log.parts[p].batches {
				for i := range b.Len() {
					var e Event
					if RecordType(b.At(i)) != RecordEvent {
						continue
					}
					if err := DecodeEvent(b.At(i), &e); err != nil {
						t.Fatal(err)
					}
					if e.ID <= last[e.Visitor] {
						t.Fatalf("%s: %s of %s comes after %s", name, e.ID, e.Visitor, last[e.Visitor])
					}
					last[e.Visitor] = e.ID
				}
			}
		}
	}
}

func TestLongLinesAreRejectedAndTheRestRead(t *testing.T) {
	long := func(n int) string {
		return `{"id":"long","name":"leave","visitor":"v","ts":1790000000000,"props":{"x":"` + strings.Repeat("x", n) + `"}}`
	}
	for _, n := range []int{MaxEventBytes, importBytes, 2 * importBytes, maxLine, 3 * maxLine} {
		for _, end := range []string{"\n", ""} {
			text := importLine("v", "1", "leave") + "\n" + long(n) + "\n" + importLine("v", "2", "leave") + "\n" + long(n) + end
			c := openCollector(t, newIntakeLog(testPartitions+1), t.TempDir(), nil)
			got, err := c.Import(t.Context(), importer1(), strings.NewReader(text))
			if err != nil || got.Accepted != 2 || got.RejectedTotal != 2 || got.Rejected[0].Code != TooLarge || got.Rejected[0].Index != 1 || got.Rejected[1].Index != 3 {
				t.Errorf("%d bytes: got %+v, %v", n, got, err)
			}
			letters, err := c.DeadLetters("a", 1)
			if err != nil || len(letters) != 1 || letters[0].Raw != long(n)[:min(maxLine, len(long(n)))] {
				t.Errorf("%d bytes: got %d letters, %v, want the line, of the longest its first MiB", n, len(letters), err)
			}
		}
	}
}

func TestListedRejectionsAreBoundedAndCountsExact(t *testing.T) {
	c := openCollector(t, newIntakeLog(testPartitions+1), t.TempDir(), nil)
	got, err := c.Import(t.Context(), importer1(), strings.NewReader(strings.Repeat("x\n", MaxListed+5000)))
	if err != nil || len(got.Rejected) != MaxListed || got.RejectedTotal != MaxListed+5000 {
		t.Errorf("got %d listed of %d, %v", len(got.Rejected), got.RejectedTotal, err)
	}
	for i := range got.Rejected {
		if got.Rejected[i].Index != i {
			t.Fatalf("rejection %d has index %d", i, got.Rejected[i].Index)
		}
	}
	if l := c.Ledger(""); l.Rejected != MaxListed+5000 || l.DeadLetters != l.Rejected {
		t.Errorf("got %+v", l)
	}
}

func TestABrokenImportKeepsWholeLinesOnly(t *testing.T) {
	text, _, _, _ := history(5000)
	broken := errors.New("connection reset")
	log := newIntakeLog(testPartitions + 1)
	c := openCollector(t, log, t.TempDir(), nil)
	cut := len(text) - 10
	got, err := c.Import(t.Context(), importer1(), io.MultiReader(strings.NewReader(text[:cut]), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the reader's error", err)
	}
	if n := got.Accepted + got.Duplicates + got.RejectedTotal; n != 4999 || int(c.Ledger("a").Received) != n {
		t.Errorf("got %d, ledger %+v, want all lines but the broken one", n, c.Ledger("a"))
	}
	again, err := c.Import(t.Context(), importer1(), strings.NewReader(text))
	if err != nil || again.Accepted != 1 {
		t.Errorf("sent again: got %+v, %v, want what was missing", again.Accepted, err)
	}
}

func TestAFailedAppendStopsAnImport(t *testing.T) {
	text, _, _, _ := history(50_000)
	broken := errors.New("disk full")
	log := newIntakeLog(testPartitions + 1)
	turn := 0
	log.fail = func() error {
		if turn++; turn == 2 {
			return broken
		}
		return nil
	}
	c := openCollector(t, log, t.TempDir(), nil)
	got, err := c.Import(t.Context(), importer1(), strings.NewReader(text))
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the log's error", err)
	}
	if l := c.Ledger("a"); int(l.Stored) != got.Accepted || int(l.Stored) != len(storedIDs(t, log)) {
		t.Errorf("got %+v, ledger %+v, %d in the log", got.Accepted, l, len(storedIDs(t, log)))
	}
	all, err := c.Import(t.Context(), importer1(), strings.NewReader(text))
	if err != nil || got.Accepted+all.Accepted != len(storedIDs(t, log)) {
		t.Errorf("sent again: got %d and %d, %v, want %d together", got.Accepted, all.Accepted, err, len(storedIDs(t, log)))
	}
}

func TestImportWaitsUnderPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		overload := &OverloadedError{Reason: "folds are behind"}
		var until atomic.Int64
		until.Store(10)
		c := openCollector(t, newIntakeLog(testPartitions+1), t.TempDir(), func(cfg *CollectorConfig) {
			cfg.Pressure = func() error {
				if asked.Add(1) < until.Load() {
					return overload
				}
				return nil
			}
		})
		text := importLine("v", "1", "leave") + "\n"
		if r, err := c.Import(t.Context(), importer1(), strings.NewReader(text)); err != nil || r.Accepted != 1 || asked.Load() < 10 {
			t.Errorf("got %+v, %v after %d questions", r, err, asked.Load())
		}
		until.Store(1 << 60)
		if _, err := c.Import(t.Context(), importer1(), strings.NewReader(text)); !errors.Is(err, ErrOverloaded) {
			t.Errorf("got %v, want ErrOverloaded when it does not end", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Import(ctx, importer1(), strings.NewReader(text)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestImportsAtOnceAreBounded(t *testing.T) {
	c := openCollector(t, newIntakeLog(testPartitions+1), t.TempDir(), func(cfg *CollectorConfig) { cfg.Imports = 1 })
	r, w := io.Pipe()
	done := make(chan error)
	go func() {
		_, err := c.Import(context.Background(), importer1(), r)
		done <- err
	}()
	if _, err := io.WriteString(w, "\n"); err != nil { // it is being read
		t.Fatal(err)
	}
	if _, err := c.Import(t.Context(), importer1(), strings.NewReader("")); !errors.Is(err, ErrOverloaded) {
		t.Errorf("got %v, want ErrOverloaded", err)
	}
	w.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := c.Import(t.Context(), importer1(), strings.NewReader("")); err != nil {
		t.Errorf("got %v, want room again", err)
	}
}

package clickstream

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRejectedEventsAreKeptByteForByte(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, nil)
	raws := []string{
		`{ "id" : "a b",	"name":"leave", "ts": 1790000000000, "props":{"x":[1, 2 ,3]} }`,
		`{"id":"1","ts":1790000000000,"note":"café ☕\n\u00e9"}`,
		"{\"id\":\"2\",\"name\":\"\xff\xfe\",\"ts\":1790000000000}",
		`[]`,
		`{"id":"3","name":"leave","ts":1790000000000,"props":{"big":"` + strings.Repeat("x", MaxEventBytes) + `"}}`,
	}
	r := c.mustCollect(t, "a", `{"visitor":"v","events":[`+strings.Join(raws, ",")+`]}`)
	if len(r.Rejected) != len(raws) || r.RejectedTotal != len(raws) {
		t.Fatalf("got %+v, want all rejected", r)
	}
	for round, c := range []*Collector{c, openCollector(t, log, crash(t, dir), nil)} {
		letters, err := c.DeadLetters("a", 100)
		if err != nil || len(letters) != len(raws) {
			t.Fatalf("round %d: got %d letters, %v", round, len(letters), err)
		}
		for i, raw := range raws {
			l := letters[len(raws)-1-i] // newest first
			if l.Raw != raw {
				t.Errorf("letter %d: got %.100q, want %.100q", i, l.Raw, raw)
			}
			if l.Code != r.Rejected[i].Code || l.Message == "" || l.Site != "a" || l.Time != testNow || l.ID != fmt.Sprintf("%d-%d", testPartitions, i) {
				t.Errorf("letter %d: got %.300v", i, l)
			}
		}
	}
}

func TestWithoutConsentNothingIsKept(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, nil)
	const secret = "whatsheisbuying"
	r := c.mustCollect(t, "a", `{"visitor":"v","consent":{"analytics":false},"events":[{"id":"1","name":"`+secret+`","ts":1790000000000},{"id":"`+secret+`"}]}`)
	if len(r.Rejected) != 2 || r.Rejected[0].Code != NoConsent {
		t.Fatalf("got %+v", r)
	}
	if got, want := c.Ledger("a"), (Ledger{Received: 2, Rejected: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if letters, err := c.DeadLetters("", 10); err != nil || len(letters) != 0 {
		t.Errorf("got %+v, %v, want no letters", letters, err)
	}
	for p := range log.parts {
		for _, b := range log.parts[p].batches {
			if strings.Contains(b.Data, secret) {
				t.Errorf("it stands in partition %d", p)
			}
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, path := range files {
		if data, err := os.ReadFile(path); err != nil || strings.Contains(string(data), secret) {
			t.Errorf("%s has it, %v", path, err)
		}
	}
}

func TestReplayTakesWhatCanNowBeTaken(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, nil)
	old := fmt.Sprintf(`{"sent_at":%d,"visitor":"v","consent":{"personalization":false},"events":[{"id":"1","name":"leave","ts":%d},{"id":"2","name":""}]}`,
		testNow+5000, testNow-40*24*3600*1000)
	if r := c.mustCollect(t, "a", old); r.RejectedTotal != 2 || r.Rejected[0].Code != TooOld {
		t.Fatalf("got %+v", r)
	}
	find := func(c *Collector, event string) DeadLetter {
		t.Helper()
		letters, err := c.DeadLetters("a", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			if l.EventID == event {
				return l
			}
		}
		t.Fatalf("no letter of %s in %+v", event, letters)
		return DeadLetter{}
	}
	src := &Source{Site: "a", Secret: true, Received: testNow + 999_999}
	for _, id := range []string{"", "8", "8-", "8-99", "7-0", "x-0", "8-0-0", "8--1"} {
		if _, err := c.Replay(t.Context(), src, id); !errors.Is(err, ErrNoDeadLetter) {
			t.Errorf("%q: got %v, want ErrNoDeadLetter", id, err)
		}
	}
	if _, err := c.Replay(t.Context(), &Source{Site: "b", Secret: true}, find(c, "1").ID); !errors.Is(err, ErrNoDeadLetter) {
		t.Errorf("another site: got %v, want ErrNoDeadLetter", err)
	}
	r, err := c.Replay(t.Context(), src, find(c, "1").ID)
	if err != nil || r.RejectedTotal != 1 || find(c, "1").Replayed {
		t.Errorf("as it was: got %+v, %v, want it rejected again and not marked", r, err)
	}
	src.Import = true
	for i, want := range []Result{{Accepted: 1}, {Duplicates: 1}} {
		r, err := c.Replay(t.Context(), src, find(c, "1").ID)
		if err != nil || r.Accepted != want.Accepted || r.Duplicates != want.Duplicates || r.RejectedTotal != 0 {
			t.Errorf("replay %d: got %+v, %v, want %+v", i, r, err, want)
		}
	}
	if r, err := c.Replay(t.Context(), src, find(c, "2").ID); err != nil || r.RejectedTotal != 1 {
		t.Errorf("got %+v, %v, want what cannot be taken rejected", r, err)
	}
	if got, want := c.Ledger("a"), (Ledger{Received: 6, Stored: 1, Duplicates: 1, Rejected: 4, DeadLetters: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var e Event
	p := PartitionOf("a", "v", testPartitions)
	if err := DecodeEvent(log.parts[p].batches[0].At(0), &e); err != nil {
		t.Fatal(err)
	}
	if e.Visitor != "v" || e.Time != testNow-5000-40*24*3600*1000 || e.Received != testNow || e.Consent != Analytics || e.IP != "203.0.113.0" || e.UserAgent != "Mozilla/5.0" {
		t.Errorf("got %+v, want it as it would have been then", e)
	}
	for what, c := range map[string]*Collector{"running": c, "crashed": openCollector(t, log, crash(t, dir), never)} {
		if !find(c, "1").Replayed || find(c, "2").Replayed {
			t.Errorf("%s: the wrong letters are marked", what)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if c := openCollector(t, log, dir, never); !find(c, "1").Replayed || find(c, "2").Replayed {
		t.Error("closed: the wrong letters are marked")
	}
}

func TestLettersMakeRoomOldestFirst(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	small := func(cfg *CollectorConfig) { cfg.LetterBytes = 4000 }
	c := openCollector(t, log, dir, small)
	const n = 60
	for i := range n {
		c.mustCollect(t, "a", bodyOf("v", fmt.Sprint("!", i)))
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	letters, err := c.DeadLetters("a", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range letters {
		if want := fmt.Sprint(n - 1 - i); l.EventID != want {
			t.Fatalf("letter %d: got %s, want %s", i, l.EventID, want)
		}
	}
	if gone := c.Stats().LettersGone; gone == 0 || len(letters) < 5 || int(gone)+len(letters) != n {
		t.Errorf("got %d letters and %d gone, want %d together", len(letters), gone, n)
	}
	var size int64
	files, _ := filepath.Glob(filepath.Join(dir, "letters-*"))
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > 4000+500 {
		t.Errorf("got %d bytes in %d files, want at most a letter over 4000", size, len(files))
	}
	gone := c.Stats().LettersGone
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	again := openCollector(t, log, dir, small)
	if got, err := again.DeadLetters("a", 1000); err != nil || len(got) != len(letters) || again.Stats().LettersGone != gone {
		t.Errorf("after a restart: got %d letters, %d gone, %v; want %d, %d", len(got), again.Stats().LettersGone, err, len(letters), gone)
	}
}

func TestDamagedLettersAreCutAndACopyKept(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, nil)
	c.mustCollect(t, "a", bodyOf("v", "!1", "!2", "!3"))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "letters-000001.dead")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := int64(0); cut < info.Size(); cut += 7 {
		dir := crash(t, dir)
		path := filepath.Join(dir, filepath.Base(path))
		if err := os.Truncate(path, cut); err != nil {
			t.Fatal(err)
		}
		for round := range 2 {
			c := openCollector(t, log, dir, nil)
			c.mustCollect(t, "a", bodyOf("v", fmt.Sprint("!", cut, "-", round)))
			letters, err := c.DeadLetters("a", 100)
			if err != nil || len(letters) < round+1 || letters[0].EventID != fmt.Sprint(cut, "-", round) {
				t.Fatalf("cut at %d, start %d: got %+v, %v", cut, round, letters, err)
			}
			if err := c.Close(); err != nil {
				t.Fatalf("cut at %d, start %d: %v", cut, round, err)
			}
		}
	}
}

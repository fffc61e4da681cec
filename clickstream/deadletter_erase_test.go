package clickstream

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestLettersNameWholeIdsOnly(t *testing.T) {
	v := VisitorID{"a", "v_1"}
	for text, want := range map[string]bool{
		`{"visitor":"v_1"}`: true, `{"visitor":"v_12"}`: false, `{"visitor":"xv_1"}`: false, `{"visitor":"v_1.x"}`: false, `v_1`: true,
		`{"visitor":"\u0076_1"}`: true, `{"visitor":"\u0076_\u00312"}`: false, `v_12 v_1!`: true, `{"a":"\u00e9v_1"`: true, `\u00`: false, ``: false,
	} {
		for _, l := range []DeadLetter{{Site: "a", Raw: text}, {Site: "a", letterSource: letterSource{head: text}}} {
			if got := LetterNames(string(appendLetter(nil, &l)), v); got != want {
				t.Errorf("%s: got %v, want %v", text, got, want)
			}
		}
		l := DeadLetter{Site: "b", Raw: text}
		if LetterNames(string(appendLetter(nil, &l)), v) {
			t.Errorf("%s: took another site's letter", text)
		}
	}
	l := DeadLetter{Site: "a", Raw: "{}", letterSource: letterSource{visitor: "v_1"}}
	if !LetterNames(string(appendLetter(nil, &l)), v) {
		t.Error("a letter whose visitor a token fixed is not its")
	}
}

func TestErasedLettersLeaveTheFilesOfAllTurns(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, nil)
	for i := range 12 {
		c.mustCollect(t, "a", bodyOf(fmt.Sprint("v_", i%2), "!x"+fmt.Sprint(i)))
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if i%4 == 3 { // as after a failed write: the next goes to a new file
			if err := c.flusher.between(t.Context(), func() error { c.letters.failed = true; c.letters.close(); return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "letters-*.dead"))
	if len(files) < 2 {
		t.Fatalf("only %v", files)
	}
	if err := os.WriteFile(files[0]+".damaged", []byte(`{"visitor":"v_1"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	v := VisitorID{"a", "v_1"}
	if err := c.EraseLetters(t.Context(), map[VisitorID]Erasing{v: {Intake: ^uint64(0)}}); err != nil {
		t.Fatal(err)
	}
	c.mustCollect(t, "a", bodyOf("v_0", "!after"))
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, path := range all {
		if data, err := os.ReadFile(path); err != nil || namesID(string(data), "v_1") {
			t.Errorf("%s still names the visitor, %v", path, err)
		}
	}
	for _, c := range []*Collector{c, openCollector(t, log, crash(t, dir), nil)} {
		letters, err := c.DeadLetters("a", 100)
		if err != nil || len(letters) < 4 || letters[0].EventID != "after" {
			t.Fatalf("%d letters, %v", len(letters), err)
		}
		for _, l := range letters {
			if l.names(v) {
				t.Errorf("still there: %+v", l)
			}
		}
	}
}

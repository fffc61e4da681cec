package shop

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write golden files")

// golden compares got with the file, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", name, firstDifference(got, want))
	}
}

func TestGoogleFeedsGiveTheseItems(t *testing.T) {
	for _, name := range []string{"google.rss.xml", "google.atom.xml", "google.tsv"} {
		r := newRig(t, newMemLog())
		r.makeSite("s")
		file, err := os.Open("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		answer, err := r.PutItems(t.Context(), "test", "s", file, "google")
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		out := json.NewEncoder(&b)
		out.SetEscapeHTML(false)
		out.SetIndent("", " ")
		for _, it := range r.Items("s", "", 1000) {
			if err := out.Encode(it); err != nil {
				t.Fatal(err)
			}
		}
		if err := out.Encode(answer); err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/"+name+".golden", b.Bytes())
	}
}

func TestFeedKeepsCountedStockWhileItIsInStock(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	feed := func(availability string) {
		t.Helper()
		in := strings.NewReader("id\tprice\tavailability\na\t1 EUR\t" + availability + "\n")
		if a, err := r.PutItems(t.Context(), "test", "s", in, "google"); err != nil || a.Accepted != 1 {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	f := func(want string) {
		t.Helper()
		if got := fmt.Sprintf("%d %s", r.item("s", "a").Stock, shown(r.item("s", "a"))); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	feed("in_stock")
	f("-1 in")
	r.stock("s", `{"item_id":"a","stock":3}`)
	feed("in_stock")
	f("3 low 3")
	feed("out_of_stock")
	f("0 out")
	feed("in_stock")
	f("-1 in")
}

func TestBrokenFeedsAreRefusedAfterWhatWasWhole(t *testing.T) {
	f := func(name, feed string, accepted int, code string) {
		t.Helper()
		r := newRig(t, newMemLog())
		r.makeSite("s")
		a, err := r.PutItems(t.Context(), "test", "s", strings.NewReader(feed), "google")
		if a.Accepted != accepted {
			t.Errorf("%s: %d accepted, want %d", name, a.Accepted, accepted)
		}
		refused(t, err, code)
	}
	item := `<item><id>a</id></item>`
	f("cut off", `<rss><channel>`+item+`<item><id>b`, 1, "bad_feed")
	f("wrong end", `<rss><channel>`+item+`</rss>`, 1, "bad_feed")
	f("unknown encoding", `<?xml version="1.0" encoding="ebcdic"?><rss/>`, 0, "bad_feed")
	f("entity bomb", `<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel><item><id>&b;</id></item></channel></rss>`, 0, "bad_feed")
	f("endless text", `<rss><channel>`+item+strings.Repeat("x", 3*maxSpan), 1, "bad_feed")
	f("endless product", `<rss><channel>`+item+`<item><id>`+strings.Repeat("x", 3*maxSpan), 1, "bad_feed")
	f("no id column", "title\tprice\nx\t1 EUR\n", 0, "bad_feed")
}

func TestTooLargeAProductIsRejectedAlone(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	feed := `<rss><channel><item><id>a</id><title>` + strings.Repeat("x", maxProduct) + `</title></item><item><id>b</id></item></channel></rss>`
	a, err := r.PutItems(t.Context(), "test", "s", strings.NewReader(feed), "google")
	if err != nil || a.Accepted != 1 || len(a.Rejected) != 1 || a.Rejected[0].ID != "a" || a.Rejected[0].Code != "too_large" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestReadersOwnErrorIsPassedOn(t *testing.T) {
	own := errors.New("body too large")
	for _, format := range []string{"ndjson", "google"} {
		for _, body := range []string{`{"item_id":"a"}` + "\n", "id\na\n", `<rss><channel><item><id>a</id></item>`} {
			if (format == "google") == (body[0] == '{') {
				continue
			}
			r := newRig(t, newMemLog())
			r.makeSite("s")
			a, err := r.PutItems(t.Context(), "test", "s", io.MultiReader(strings.NewReader(body), errReader{own}), format)
			if !errors.Is(err, own) {
				t.Errorf("%s %q: error %v, want the reader's", format, body, err)
			}
			if format == "ndjson" && a.Accepted != 1 {
				t.Errorf("%s: %+v", format, a)
			}
		}
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

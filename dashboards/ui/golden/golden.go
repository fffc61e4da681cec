// Package golden compares what a component renders with a file that is kept beside the test.
//
//	golden.Check(t, "list_empty_de", component)   compares testdata/list_empty_de.html; go test -update rewrites it
//
// The files have a tag on each line, so that a difference is read in one place. It imports nothing of ours.
package golden

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/a-h/templ"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// forbidden is what a page may not hold: styles and scripts of its own.
var forbidden = regexp.MustCompile(`(?i)<style\b|<script(?:\s[^>]*)?>[^<]|<[a-z](?:[^<>"]|"[^"]*")*\s(?:style|on[a-z]+)\s*=|"javascript:`)

// lines puts each tag on a line of its own.
func lines(html []byte) []byte {
	return append(bytes.ReplaceAll(html, []byte("><"), []byte(">\n<")), '\n')
}

// Check fails the test where component's HTML is not the one in testdata/name.html.
func Check(t *testing.T, name string, component templ.Component) {
	t.Helper()
	var out bytes.Buffer
	if err := component.Render(context.Background(), &out); err != nil {
		t.Fatalf("render %s: %v", name, err)
	}
	got := lines(out.Bytes())
	for _, fault := range forbidden.FindAll(got, 5) {
		t.Errorf("%s: %q is refused by the Content-Security-Policy", name, fault)
	}
	file := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what is rendered; go test -update and look at the difference\n got %s\nwant %s", file, got, want)
	}
}

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
var forbidden = regexp.MustCompile(`(?i)<style\b|<script(?:\s[^>]*)?>[^<\s]|<[a-z](?:[^<>"]|"[^"]*")*\s(?:style|on[a-z]+)\s*=|"javascript:`)

// lines puts each tag on a line of its own.
func lines(html []byte) []byte {
	return append(bytes.ReplaceAll(html, []byte("><"), []byte(">\n<")), '\n')
}

// asset is the hash in the name of a script or style.
var asset = regexp.MustCompile(`(/assets/[a-z]+\.)[0-9a-f]{16}\.`)

// main is the part of a document that is the page's own.
var main = regexp.MustCompile(`(?s)<main\b.*</main>`)

// Check fails the test where component's HTML is not the one in testdata/name.html. Of a whole document it keeps what is inside main:
// the frame around it is the same on every page.
func Check(t *testing.T, name string, component templ.Component) {
	t.Helper()
	html := render(t, name, component)
	if own := main.Find(html); own != nil {
		html = own
	}
	compare(t, name, html)
}

// CheckDocument is Check for a document with its frame.
func CheckDocument(t *testing.T, name string, component templ.Component) {
	t.Helper()
	compare(t, name, render(t, name, component))
}

func render(t *testing.T, name string, component templ.Component) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := component.Render(context.Background(), &out); err != nil {
		t.Fatalf("render %s: %v", name, err)
	}
	for _, fault := range forbidden.FindAll(out.Bytes(), 5) {
		t.Errorf("%s: %q is refused by the Content-Security-Policy", name, fault)
	}
	return out.Bytes()
}

func compare(t *testing.T, name string, html []byte) {
	t.Helper()
	got := lines(asset.ReplaceAll(html, []byte("${1}HASH.")))
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
		t.Errorf("%s differs from what is rendered in line %d; go test -update and look at the difference", file, differs(got, want))
	}
}

// differs is the first line that is not the same.
func differs(a, b []byte) int {
	as, bs := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range as {
		if i >= len(bs) || !bytes.Equal(as[i], bs[i]) {
			return i + 1
		}
	}
	return len(as) + 1
}

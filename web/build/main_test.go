package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

func TestBeaconIsFresh(t *testing.T) {
	built, err := Bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("../dist")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(built) {
		t.Errorf("dist holds %d files, the build makes %d", len(files), len(built))
	}
	for name, want := range built {
		got, err := os.ReadFile(filepath.Join("../dist", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("dist/%s is stale: run make generate", name)
		}
	}
}

func TestBeaconStaysSmall(t *testing.T) {
	small(t, map[string]int{"b-core.js": 4 << 10, "b.js": 7<<10 + 512})
}

// TestDashboardStaysSmall: a page with everything it loads is promised to be below 100 KB, and most of that belongs to the page.
func TestDashboardStaysSmall(t *testing.T) {
	small(t, map[string]int{"admin.js": 34 << 10, "admin.css": 10 << 10})
}

// small holds files of dist to their most bytes with gzip.
func small(t *testing.T, files map[string]int) {
	t.Helper()
	for name, most := range files {
		body, err := os.ReadFile(filepath.Join("../dist", name))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		zw, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		zw.Write(body)
		zw.Close()
		t.Logf("%s: %d bytes, %d with gzip", name, len(body), out.Len())
		if out.Len() > most {
			t.Errorf("%s has %d bytes with gzip, at most %d are promised", name, out.Len(), most)
		}
	}
}

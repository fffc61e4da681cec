package engine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// packed is a package with one library and something else in it.
func packed(t testing.TB, name string, library []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	files := tar.NewWriter(zip)
	for _, f := range []struct {
		name string
		data []byte
	}{{"package/package.json", []byte("{}")}, {name, library}} {
		if err := files.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.data)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(files.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sum512(b []byte) string {
	sum := sha512.Sum512(b)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// someLibrary is a MiB that gzip cannot make smaller.
func someLibrary() []byte {
	b := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(b) // never fails
	return b
}

// fetcherOf fetches from a server of the test's.
func fetcherOf(t *testing.T, sum string, serve http.HandlerFunc) *fetcher {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	return &fetcher{
		registry: server.URL, source: tarball{"lib", sum}, place: filepath.Join(t.TempDir(), "libchdb-1", "libchdb.so"),
		client: server.Client(), stall: 10 * time.Second, pause: time.Millisecond,
		free: func(string) (int64, error) { return 1 << 40, nil },
	}
}

// wantLibrary fails unless the library, and nothing but it and the lock, is in its folder.
func wantLibrary(t *testing.T, f *fetcher, want []byte) {
	t.Helper()
	got, err := os.ReadFile(f.place)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the library has %d bytes that are not the %d packed", len(got), len(want))
	}
	left, err := os.ReadDir(filepath.Dir(f.place))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left {
		if l.Name() != "libchdb.so" && l.Name() != "fetch.lock" {
			t.Errorf("%s is left", l.Name())
		}
	}
}

func TestFetchBringsTheLibraryOnceWithProgress(t *testing.T) {
	library := someLibrary()
	pack := packed(t, "package/libchdb.so", library)
	var asked atomic.Int32
	f := fetcherOf(t, sum512(pack), func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if want := "/@chdb/lib/-/lib-" + Version + ".tgz"; r.URL.Path != want {
			t.Errorf("asked for %s, want %s", r.URL.Path, want)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pack))
	})
	var last, total int64
	f.progress = func(done, of int64) {
		if done < last {
			t.Errorf("progress went back from %d to %d", last, done)
		}
		last, total = done, of
	}
	for range 2 {
		if err := f.run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	wantLibrary(t, f, library)
	if asked.Load() != 1 {
		t.Errorf("asked %d times, want once", asked.Load())
	}
	if last != int64(len(pack)) || total != last {
		t.Errorf("progress ended at %d of %d, want %d", last, total, len(pack))
	}
}

func TestFetchAtOnceByTwoDownloadsOnce(t *testing.T) {
	library := someLibrary()
	pack := packed(t, "package/libchdb.so", library)
	var asked atomic.Int32
	f := fetcherOf(t, sum512(pack), func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pack))
	})
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := f.run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	wantLibrary(t, f, library)
	if asked.Load() != 1 {
		t.Errorf("asked %d times, want once", asked.Load())
	}
}

func TestFetchGoesOnWhereAConnectionWasCut(t *testing.T) {
	library := someLibrary()
	pack := packed(t, "package/libchdb.so", library)
	var ranges []string
	f := fetcherOf(t, sum512(pack), func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		if len(ranges) == 1 {
			w.Header().Set("Content-Length", fmt.Sprint(len(pack)))
			_, _ = w.Write(pack[:1<<19])
			panic(http.ErrAbortHandler) // cuts the connection
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pack))
	})
	if err := f.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLibrary(t, f, library)
	if len(ranges) != 2 || !strings.HasPrefix(ranges[1], "bytes=") {
		t.Errorf("ranges %q, want the whole and then a rest", ranges)
	}
}

func TestFetchStartsAgainWhenTheRestDoesNotFit(t *testing.T) {
	library := someLibrary()
	pack := packed(t, "package/libchdb.so", library)
	f := fetcherOf(t, sum512(pack), func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pack))
	})
	part := filepath.Join(filepath.Dir(f.place), "package.tgz.part")
	if err := os.MkdirAll(filepath.Dir(part), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, left := range [][]byte{[]byte("of another package"), append(bytes.Clone(pack), "too long"...)} {
		if err := os.WriteFile(part, left, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := f.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantLibrary(t, f, library)
		if err := os.Remove(f.place); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFetchSaysWhatIsWrong(t *testing.T) {
	pack := packed(t, "package/libchdb.so", []byte("library"))
	whole := func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pack))
	}
	for name, c := range map[string]struct {
		sum    string
		serve  http.HandlerFunc
		change func(f *fetcher)
		want   string
	}{
		"another package": {sum: sum512([]byte("another")), serve: whole, want: "not the package that was tested"},
		"no such package": {sum: sum512(pack), serve: http.NotFound, want: "404 Not Found"},
		"a broken registry": {sum: sum512(pack), want: "502 Bad Gateway", serve: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
		}},
		"a full disk": {sum: sum512(pack), serve: whole, want: "MB are needed", change: func(f *fetcher) {
			f.free = func(string) (int64, error) { return 100 << 20, nil }
		}},
		"no network": {sum: sum512(pack), serve: whole, want: "no way to the package registry", change: func(f *fetcher) {
			f.registry = "http://127.0.0.1:1"
		}},
		"a silent registry": {
			sum: sum512(pack), want: "no byte for", change: func(f *fetcher) { f.stall = 20 * time.Millisecond },
			serve: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		},
		"no library inside": {
			sum: sum512(packed(t, "package/other.so", []byte("x"))), want: "no libchdb",
			serve: func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write(packed(t, "package/other.so", []byte("x")))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := fetcherOf(t, c.sum, c.serve)
			if c.change != nil {
				c.change(f)
			}
			err := f.run(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if there(f.place) {
				t.Error("a library is there")
			}
		})
	}
}

func TestFetchAsksTheRegistryForAnUnknownChecksum(t *testing.T) {
	library := someLibrary()
	pack := packed(t, "package/libchdb.dylib", library)
	f := fetcherOf(t, "", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/@chdb/lib/"+Version {
			fmt.Fprintf(w, `{"dist":{"integrity":"sha512-%s"}}`, sum512(pack))
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(pack))
	})
	if err := f.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLibrary(t, f, library)
}

func TestFetchEndsWithItsContext(t *testing.T) {
	f := fetcherOf(t, "x", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := f.run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want a deadline", err)
	}
}

func FuzzUnpackLibrary(f *testing.F) {
	f.Add(packed(f, "package/libchdb.so", []byte("library")))
	f.Add(packed(f, "package/x", nil))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		if err := unpackLibrary(io.LimitReader(bytes.NewReader(data), 1<<20), &out); err == nil && out.Len() == 0 {
			t.Error("an empty library passes")
		}
	})
}

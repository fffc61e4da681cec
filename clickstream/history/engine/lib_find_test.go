package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheLibraryIsLookedForWhereItIsGivenThenNamedThenFetched(t *testing.T) {
	dir := t.TempDir()
	write := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("library"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	t.Setenv(LibraryVariable, "")
	missing := func(given, where string) {
		t.Helper()
		_, err := Library(given)
		var m *MissingError
		if !errors.As(err, &m) || !strings.Contains(err.Error(), where) || !strings.Contains(err.Error(), FetchCommand) {
			t.Errorf("error %v, want a MissingError with %s and %s", err, where, FetchCommand)
		}
	}
	found := func(given, want string) {
		t.Helper()
		if got, err := Library(given); got != want || err != nil {
			t.Errorf("Library(%q) = %q, %v, want %q", given, got, err, want)
		}
	}
	place, err := libraryPlace()
	if err != nil {
		t.Fatal(err)
	}
	missing("", place)
	rel, err := filepath.Rel(dir, place)
	if err != nil {
		t.Fatal(err)
	}
	found("", write(rel))
	t.Setenv(LibraryVariable, write("named.so"))
	found("", filepath.Join(dir, "named.so"))
	found(write("given.so"), filepath.Join(dir, "given.so"))
	missing(filepath.Join(dir, "none.so"), "none.so")
	missing(dir, dir)
	t.Setenv(LibraryVariable, "")
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	missing("", "no folder for it")
}

package web_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// madeIn names a template inside its generated code, as it was called where the generator ran.
var madeIn = regexp.MustCompile("FileName: `[^`]*`")

// TestGeneratedCodeIsFresh generates the code of every template of the module again, elsewhere, and compares.
func TestGeneratedCodeIsFresh(t *testing.T) {
	dir, sources := t.TempDir(), 0
	eachFile(t, ".templ", func(name string, text []byte) {
		sources++
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	})
	if sources == 0 {
		t.Fatal("no template was found")
	}
	if out, err := exec.Command("go", "run", "github.com/a-h/templ/cmd/templ", "generate", "-path", dir).CombinedOutput(); err != nil {
		t.Fatalf("templ generate: %v\n%s", err, out)
	}
	eachFile(t, ".templ", func(name string, _ []byte) {
		made := strings.TrimSuffix(name, ".templ") + "_templ.go"
		want, err := os.ReadFile(filepath.Join(dir, made))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", made))
		if err != nil {
			t.Fatal(err)
		}
		if madeIn.ReplaceAllString(string(got), "") != madeIn.ReplaceAllString(string(want), "") {
			t.Errorf("%s is stale: run make generate", made)
		}
	})
	eachFile(t, "_templ.go", func(name string, _ []byte) {
		if _, err := os.Stat(filepath.Join("..", strings.TrimSuffix(name, "_templ.go")+".templ")); err != nil {
			t.Errorf("%s has no template any more: %v", name, err)
		}
	})
}

// eachFile gives every file of the module that ends so, by its path from the module's root.
func eachFile(t *testing.T, ending string, do func(name string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || len(d.Name()) > 2 && d.Name()[0] == '.') {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ending) {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel("..", file)
		if err != nil {
			return err
		}
		do(name, text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

package ui_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// inline is what the dashboard's Content-Security-Policy refuses in a template.
var inline = regexp.MustCompile(`[\s"]style=["{]|\son[a-z]+=["{]|<style|<script(?:[^>]*\ssrc=)?(?:\s[^>]*)?>[^<\s]|javascript:|^\s*script [a-z]+\(|^\s*css [a-z]+\(`)

// TestNoTemplateHasStylesOrScriptsOfItsOwn reads every template of the dashboard.
func TestNoTemplateHasStylesOrScriptsOfItsOwn(t *testing.T) {
	eachSource(t, "..", ".templ", func(name, source string) {
		for i, line := range strings.Split(source, "\n") {
			if fault := inline.FindString(line); fault != "" {
				t.Errorf("%s:%d: %q is refused by the Content-Security-Policy", name, i+1, fault)
			}
		}
	})
	eachSource(t, "../../web/assets/admin/js", ".js", func(name, source string) {
		for _, fault := range []string{`setAttribute("style`, "eval(", "new Function", "document.write", "style=", "onclick"} {
			if strings.Contains(source, fault) {
				t.Errorf("%s: %s", name, fault)
			}
		}
	})
}

var (
	classes = regexp.MustCompile(`class="([^"{}]+)"`)
	built   = regexp.MustCompile(`class=\{([^}]*)\}`)
	asked   = regexp.MustCompile(`[=!]= "[^"]*"|tone\("[^"]*"\)`)
	quoted  = regexp.MustCompile(`"([a-z][a-z -]*)"`)
	styled  = regexp.MustCompile(`\.([a-z][a-z0-9-]*)`)
)

// TestEveryClassHasItsStyle finds classes that no style sheet knows: misspelt, or forgotten.
func TestEveryClassHasItsStyle(t *testing.T) {
	known := map[string]bool{}
	eachSource(t, "../../web/assets/admin/css", ".css", func(_, source string) {
		for _, m := range styled.FindAllStringSubmatch(source, -1) {
			known[m[1]] = true
		}
	})
	eachSource(t, "..", ".templ", func(name, source string) {
		var used []string
		for _, m := range classes.FindAllStringSubmatch(source, -1) {
			used = append(used, strings.Fields(m[1])...)
		}
		for _, m := range built.FindAllStringSubmatch(source, -1) {
			for _, q := range quoted.FindAllStringSubmatch(asked.ReplaceAllString(m[1], ""), -1) {
				used = append(used, strings.Fields(q[1])...)
			}
		}
		slices.Sort(used)
		for _, class := range slices.Compact(used) {
			if !known[class] && !strings.HasSuffix(class, "-") {
				t.Errorf("%s: no style for class %q", name, class)
			}
		}
	})
}

func eachSource(t *testing.T, root, ending string, do func(name, source string)) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ending) {
			return err
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		seen++
		do(name, string(source))
		return nil
	})
	if err != nil || seen == 0 {
		t.Fatalf("%d files below %s: %v", seen, root, err)
	}
}

package text

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// built are the beginnings of keys that are made while running, each with the values that its end comes from. A key that is spelled out
// anywhere in the code needs no entry.
var built = map[string]string{
	"audit.ask.":         "what control records do, asked before they are taken back",
	"audit.do.":          "what control records do",
	"audit.field.":       "fields of their bodies",
	"audit.kind.":        "kinds of what they are about",
	"audit.lines.":       "kinds that come by import",
	"audit.noundo.":      "reasons of shop.NoUndo",
	"audit.scope.":       "scopes of price settings",
	"audit.value.":       "values in them",
	"audit.verb.":        "ends of what records do",
	"audit.who.":         "actors that are no person and no key",
	"health.check.":      "checks of dashboards/health",
	"health.code.":       "codes of dead letters",
	"health.do.":         "checks of dashboards/health that may be not good",
	"health.fold.":       "names of folds",
	"health.group.":      "groups of checks",
	"health.means.":      "checks of dashboards/health that may be not good",
	"health.placement.":  "placements of recommendations",
	"offers.acts.":       "states of a campaign",
	"offers.refused.":    "why a claim was refused: the ledger's codes",
	"live.kind.":         "names of events",
	"overview.device.":   "devices",
	"overview.need.":     "kinds of alerts",
	"overview.tone.":     "how grave they are",
	"rules.action.":      "actions of rules",
	"rules.action_help.": "what each action does",
	"rules.conflict.":    "kinds of conflicts of rules",
	"rules.conflict_do.": "what to do about each",
	"rules.day.":         "days of the week",
	"rules.error.":       "fields of a rule's form",
	"rules.placement.":   "placements",
	"rules.source.":      "sources of candidates",
	"rules.state.":       "states of rules",
	"segments.builtin.":  "segments that every shop has",
	"segments.feature.":  "what conditions are about",
	"segments.group.":    "groups of features",
	"segments.op.":       "comparisons of conditions",
	"shop.about_":        "kinds of the demo shop's catalog, described",
	"shop.category_":     "departments of the demo shop",
	"shop.code_":         "why a code is refused: the ledger's codes of refusal",
	"shop.colour_":       "series of the demo shop's catalog, by their colour",
	"shop.department_":   "departments of the demo shop, described",
	"shop.kinds_":        "kinds of the demo shop's catalog",
}

// TestLanguagesHaveTheSameMessages: same keys, same placeholders, plural where the other is.
func TestLanguagesHaveTheSameMessages(t *testing.T) {
	en, de := read(t, "en"), read(t, "de")
	for _, key := range slices.Sorted(maps.Keys(en)) {
		other, ok := de[key]
		if !ok {
			t.Errorf("%s: not in German", key)
			continue
		}
		compare(t, key, en[key], other)
	}
	for _, key := range slices.Sorted(maps.Keys(de)) {
		if _, ok := en[key]; !ok {
			t.Errorf("%s: not in English", key)
		}
	}
	for _, lang := range []string{"fr", "es"} {
		for key, m := range read(t, lang) {
			if _, ok := en[key]; !ok {
				t.Errorf("%s: in %s, but not in English", key, lang)
			}
			compare(t, key, en[key], m)
		}
	}
}

func compare(t *testing.T, key string, a, b message) {
	t.Helper()
	if got, want := placeholders(b), placeholders(a); !slices.Equal(got, want) {
		t.Errorf("%s: placeholders %v, in English %v", key, got, want)
	}
	if a.plural != b.plural {
		t.Errorf("%s: plural in one language only", key)
	}
}

// placeholders are those of all forms. "one" may do without {n}.
func placeholders(m message) []string {
	seen := map[string]bool{}
	for _, f := range []form{m.one, m.other} {
		for i := 1; i < len(f); i += 2 {
			seen[f[i]] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func read(t *testing.T, lang string) map[string]message {
	t.Helper()
	m, err := readMessages(lang)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var (
	called  = regexp.MustCompile(`\.(T|N)\(\s*"([^"]*)"`)
	literal = regexp.MustCompile(`"([a-z]+\.[a-z0-9_.]+)"`)
	script  = regexp.MustCompile(`\b(t|count)\('([a-z_]+)'`) // in the demo shop's scripts
	quoted  = regexp.MustCompile(`'([a-z_]+)'`)
)

// TestKeysInTheCodeAreThere: every T("…") and N("…") of the module has its message, T only those without plural forms; and every
// message is spelled somewhere, or stands in the list of built ones.
func TestKeysInTheCodeAreThere(t *testing.T) {
	en := read(t, "en")
	used := map[string]bool{}
	files := 0
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		ext := filepath.Ext(name)
		if ext == ".js" && strings.Contains(filepath.ToSlash(name), "web/assets/shop/") {
			return readScript(t, name, en, used)
		}
		if ext != ".go" && ext != ".templ" || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files++
		test := strings.HasSuffix(name, "_test.go")
		for _, m := range called.FindAllSubmatch(source, -1) {
			key := string(m[2])
			if test || !strings.Contains(key, ".") || strings.HasSuffix(key, ".") || strings.HasSuffix(key, "_") {
				continue // another T or N, or the beginning of a built key
			}
			if message, ok := en[key]; !ok {
				t.Errorf("%s: there is no message %q", name, key)
			} else if message.plural && string(m[1]) == "T" {
				t.Errorf("%s: %q has plural forms, and needs N", name, key)
			}
		}
		if test {
			return nil
		}
		for _, m := range literal.FindAllSubmatch(source, -1) {
			used[string(m[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Fatalf("only %d files read", files)
	}
	var unused []string
	for _, key := range slices.Sorted(maps.Keys(en)) {
		if !used[key] && !isBuilt(key) {
			unused = append(unused, key)
		}
	}
	if len(unused) > 0 {
		t.Errorf("%d messages are used nowhere:\n  %s", len(unused), strings.Join(unused, "\n  "))
	}
	for prefix := range built {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(en)), func(key string) bool { return strings.HasPrefix(key, prefix) }) {
			t.Errorf("built keys %s…: there is none", prefix)
		}
	}
}

// readScript notes what a script of the demo shop uses of the area "script", and names what is not there.
func readScript(t *testing.T, name string, en map[string]message, used map[string]bool) error {
	t.Helper()
	source, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for _, m := range script.FindAllSubmatch(source, -1) {
		if message, ok := en["script."+string(m[2])]; !ok || message.plural != (string(m[1]) == "count") {
			t.Errorf("%s: there is no message %q for %s", name, "script."+string(m[2]), m[1])
		}
	}
	for _, m := range quoted.FindAllSubmatch(source, -1) {
		used["script."+string(m[1])] = true
	}
	return nil
}

func isBuilt(key string) bool {
	for prefix := range built {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// TestGermanIsGerman finds texts that were copied without being translated. Short texts may be the same word.
func TestGermanIsGerman(t *testing.T) {
	en, de := read(t, "en"), read(t, "de")
	for key, m := range en {
		text := strings.Join(m.other, " ")
		if strings.Join(de[key].other, " ") == text && len(strings.Fields(text)) >= 4 && len(m.other) < 5 {
			t.Errorf("%s: the German text is the English one: %q", key, text)
		}
		for _, spelled := range []string{"fuer ", "ueber", "Aender", "koenn", "moeg"} {
			if strings.Contains(strings.Join(de[key].other, " "), spelled) {
				t.Errorf("%s: %q is spelled without its umlaut", key, spelled)
			}
		}
	}
}

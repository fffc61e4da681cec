package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which of our packages each package may import; "*" is all. A package that is not named may import nothing of ours.
var mayImport = map[string][]string{
	"clickstream/record":         {},
	"clickstream/snapshot":       {},
	"clickstream/eventlog":       {"clickstream/record"},
	"clickstream":                {"clickstream/record"},
	"clickstream/history":        {"clickstream", "clickstream/record"},
	"clickstream/history/engine": {},
	"clickstream/segment":        {"clickstream/record"},
	"recommender":                {"recommender/rules", "clickstream", "clickstream/record", "clickstream/snapshot"},
	"recommender/rules":          {"clickstream/record"},
	"recommender/drift":          {"clickstream", "clickstream/record", "clickstream/snapshot"},
	"recommender/evaluation":     {"recommender", "clickstream", "clickstream/record"},
	"pricing":                    {"pricing/guard", "pricing/policy", "clickstream/record"}, // never clickstream: prices cannot see shoppers
	"pricing/guard":              {},
	"pricing/policy":             {},
	"pricing/quote":              {},
	"pricing/forecast":           {},
	"pricing/simulate":           {"pricing", "pricing/guard", "pricing/policy"},
	"pricing/demand":             {"clickstream", "clickstream/record", "clickstream/snapshot"},
	"pricing/offers":             {"clickstream/record"},
	"pricing/offers/watch":       {"clickstream", "clickstream/record", "clickstream/snapshot", "pricing/offers/stats"},
	"pricing/offers/stats":       {},
	"dashboards":                 {},
	"dashboards/ui":              {"web", "web/text"},
	"dashboards/ui/golden":       {},
	"dashboards/now":             {"clickstream", "clickstream/record", "clickstream/snapshot"},
	"dashboards/trail":           {"clickstream", "clickstream/snapshot"},
	"dashboards/overview":        {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/live":            {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/recommendations": {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/funnels":         {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/prices":          {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/stock":           {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/offers":          {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/experiments":     {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/steer":           {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/segments":        {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/audit":           {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/health":          {"dashboards/ui", "web", "web/text", "clickstream"},
	"dashboards/people":          {"dashboards/ui", "web", "web/text", "clickstream"},
	"migrations":                 {},
	"web":                        {"web/text"},
	"web/text":                   {},
	"web/build":                  {},
	"web/axe":                    {},
	"web/axe/fetch":              {"web/axe"},
	"server/push":                {},
	"server/shop":                {"clickstream", "clickstream/record"},
	"server/demo":                {"web", "web/text", "clickstream", "clickstream/record"},
	"server/replay":              {},
	"server":                     {"*"},
}

// fences names the only packages that may import a third party; "dashboards/*" is every package below it.
var fences = map[string][]string{
	"github.com/gofiber/fiber":      {"server", "server/demo"},
	"github.com/valyala/fasthttp":   {"server", "server/demo"},
	"github.com/coder/websocket":    {"server", "server/push"},
	"github.com/redis/go-redis":     {"server/push", "clickstream/redislog"},
	"github.com/ClickHouse":         {"clickstream/history", "clickstream/history/engine", "migrations"},
	"github.com/ebitengine/purego":  {"clickstream/history/engine"},
	"github.com/a-h/templ":          {"web", "dashboards/*", "server", "server/demo"},
	"github.com/evanw/esbuild":      {"web/build"},
	"github.com/prometheus":         {"server"},
	"github.com/schollz":            {"server", "recommender/evaluation"},
	"github.com/mileusna/useragent": {"clickstream"},
	"github.com/pquerna/otp":        {"server/shop"},
	"github.com/boombuler/barcode":  {"server"},
	"github.com/go-playground":      {"web/text"},
}

func TestImportsFollowTheTable(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		seen++
		pkg := path.Dir(filepath.ToSlash(rel))
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			checkImport(t, pkg, rel, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Fatalf("only %d Go files found under %s", seen, root)
	}
}

func checkImport(t *testing.T, pkg, file, name string) {
	t.Helper()
	if ours, ok := strings.CutPrefix(name, "beckon/"); ok {
		allowed := mayImport[pkg]
		for _, a := range allowed {
			if a == "*" || a == ours {
				return
			}
		}
		t.Errorf("%s: %s may not import %s", file, pkg, ours)
		return
	}
	for prefix, who := range fences {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		ok := false
		for _, w := range who {
			folder, below := strings.CutSuffix(w, "*")
			ok = ok || w == pkg || below && strings.HasPrefix(pkg, folder)
		}
		if !ok {
			t.Errorf("%s: %s may not import %s", file, pkg, name)
		}
	}
}

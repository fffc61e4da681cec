package pricing_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"beckon/pricing"
	"beckon/pricing/guard"
	"beckon/pricing/policy"
	"beckon/pricing/quote"
)

// The packages that make, guard and promise a price. None of them may see what shoppers do, not even through another.
var pricePackages = []string{"pricing", "pricing/guard", "pricing/policy", "pricing/quote"}

// A price is the same for everybody because nothing of a shopper can reach the code that makes it: not by an import …
func TestPricesImportNothingThatKnowsShoppers(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range pricePackages {
		seen := map[string][]string{pkg: {pkg}}
		todo := []string{pkg}
		for len(todo) > 0 {
			at := todo[0]
			todo = todo[1:]
			if at != "clickstream/record" && !strings.HasPrefix(at, "pricing") {
				t.Errorf("%s reaches %s: %s", pkg, at, strings.Join(seen[at], " → "))
			}
			if at == "pricing/demand" || strings.HasPrefix(at, "pricing/offers") {
				t.Errorf("%s reaches %s, which reads what shoppers do: %s", pkg, at, strings.Join(seen[at], " → "))
			}
			for _, next := range importsOf(t, filepath.Join(root, filepath.FromSlash(at))) {
				if seen[next] == nil {
					seen[next] = append(slices.Clone(seen[at]), next)
					todo = append(todo, next)
				}
			}
		}
	}
}

// importsOf is our own packages that a package's code, without its tests, imports.
func importsOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	var ours []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if own, ok := strings.CutPrefix(path, "beckon/"); ok {
				ours = append(ours, own)
			}
		}
	}
	return ours
}

// … and not by an argument: the functions take one value each, and no field of it, however deep, can carry who somebody is.
func TestPriceFunctionsTakeNoShopper(t *testing.T) {
	for _, c := range []struct {
		function any
		takes    []reflect.Type
		names    []string // the only text: what is priced, where and in what
	}{
		{guard.Apply, []reflect.Type{reflect.TypeFor[guard.Input]()}, nil},
		{guard.ApplyTo, []reflect.Type{reflect.TypeFor[guard.Input](), reflect.TypeFor[[]guard.Step]()}, []string{"guard.Step.Rule"}},
		{guard.Violation, []reflect.Type{reflect.TypeFor[guard.Input](), reflect.TypeFor[int64]()}, nil},
		{policy.Propose, []reflect.Type{reflect.TypeFor[policy.Input]()}, nil},
		{pricing.Decide, []reflect.Type{reflect.TypeFor[pricing.Input]()}, []string{"pricing.Input.Site", "pricing.Input.Item", "pricing.Input.Market"}},
		{
			quote.Honour,
			[]reflect.Type{reflect.TypeFor[*quote.Quote](), reflect.TypeFor[int64](), reflect.TypeFor[int64]()},
			[]string{"quote.Quote.Site", "quote.Quote.Item", "quote.Quote.Market", "quote.Quote.Currency", "quote.Quote.Cart"},
		},
	} {
		f := reflect.TypeOf(c.function)
		if f.NumIn() != len(c.takes) || f.IsVariadic() {
			t.Errorf("%v takes other arguments than %v", f, c.takes)
			continue
		}
		for i, want := range c.takes {
			if f.In(i) != want {
				t.Errorf("%v takes %v, want %v", f, f.In(i), want)
			}
			w := walk{allowed: c.names, seen: map[reflect.Type]bool{}}
			w.visit(want, want.String())
			for _, p := range w.problems {
				t.Errorf("%v: %s", f, p)
			}
		}
	}
}

// What the walk is for: it finds a shopper wherever one is put.
func TestTheWalkFindsAShopper(t *testing.T) {
	type inner struct{ Name string }
	for _, c := range []any{
		struct{ Visitor int64 }{},
		struct{ UserHash uint64 }{},
		struct{ Tag string }{},
		struct{ Key []byte }{},
		struct{ Key [16]byte }{},
		struct{ Extra any }{},
		struct{ Extra map[int64]int64 }{},
		struct{ Look func() int64 }{},
		struct{ In []*inner }{},
		struct{ cartValue int64 }{},
		struct{ At os.File }{},
	} {
		w := walk{seen: map[reflect.Type]bool{}}
		w.visit(reflect.TypeOf(c), "Input")
		if len(w.problems) == 0 {
			t.Errorf("%T passes", c)
		}
	}
}

// walk looks at every type that a value can hold.
type walk struct {
	allowed  []string // package.Type.Field of the text fields
	seen     map[reflect.Type]bool
	problems []string
}

// persons are words of fields that would say who is asking.
var persons = []string{"visitor", "user", "shopper", "customer", "client", "person", "profile", "account", "session", "device", "browser", "agent", "ip", "email", "phone", "segment", "who", "cart", "basket", "wallet", "gender", "income", "loyalty"}

func (w *walk) visit(of reflect.Type, at string) {
	switch of.Kind() {
	case reflect.String:
		if !slices.Contains(w.allowed, at) {
			w.add("%s is a text, which can hold anybody's name", at)
		}
		return
	case reflect.Slice, reflect.Array:
		if of.Elem().Kind() == reflect.Uint8 {
			w.add("%s is bytes, which can hold anybody's name", at)
			return
		}
		w.visit(of.Elem(), at)
		return
	case reflect.Pointer:
		w.visit(of.Elem(), at)
		return
	case reflect.Map, reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Uintptr:
		w.add("%s is a %s, which can bring anything", at, of.Kind())
		return
	case reflect.Struct:
	default:
		return
	}
	if w.seen[of] {
		return
	}
	w.seen[of] = true
	if p := of.PkgPath(); p != "" && !strings.HasPrefix(p, "beckon/pricing") {
		w.add("%s is a %s, of another package", at, of)
		return
	}
	for i := range of.NumField() {
		f := of.Field(i)
		path := of.String() + "." + f.Name
		for _, word := range words(f.Name) {
			if slices.Contains(persons, word) && !slices.Contains(w.allowed, path) {
				w.add("%s is named after a person's %s", path, word)
			}
		}
		w.visit(f.Type, path)
	}
}

func (w *walk) add(format string, args ...any) {
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

// words splits a Go name: UserHash is user and hash.
func words(name string) []string {
	var out []string
	for i, r := range name {
		if i == 0 || unicode.IsUpper(r) && !unicode.IsUpper(rune(name[i-1])) {
			out = append(out, "")
		}
		out[len(out)-1] += string(unicode.ToLower(r))
	}
	return out
}

package shop

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	json "github.com/go-json-experiment/json"
)

// Bounds of an item's fields, in bytes where nothing else is said.
const (
	maxTitle      = 1000
	maxURL        = 2048
	maxWord       = 200 // brand, group, a category, a tag
	maxCategories = 16
	maxTags       = 100
	maxMarkets    = 300
	maxAttributes = 16 << 10
)

// incoming is one line on its way in: an item to put, or why not.
type incoming struct {
	index     int
	item      itemJSON
	stockMode string
	rejected  *lineError
}

// lineError is what is wrong with a line.
type lineError struct{ code, message string }

func wrong(code, format string, args ...any) *lineError {
	return &lineError{code, fmt.Sprintf(format, args...)}
}

// readItems gives every line of NDJSON to take. The error is the reader's or take's.
func readItems(r io.Reader, currency string, take func(*incoming) error) error {
	in := newLines(r)
	for index := 0; ; {
		line, tooLong, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(line) == 0 && !tooLong {
			continue
		}
		got := incoming{index: index}
		if tooLong {
			got.rejected = wrong("too_large", "line: longer than %d bytes", maxLine)
		} else {
			got.decode(line, currency)
		}
		if err := take(&got); err != nil {
			return err
		}
		index++
	}
}

// decode reads one JSON object. A stock that is absent keeps what is known; null ends tracking.
func (in *incoming) decode(line []byte, currency string) {
	absent := int64(math.MinInt64)
	in.item.Stock = &absent
	if in.rejected = decodeLine(line, &in.item, &in.item.ID); in.rejected != nil {
		return
	}
	if in.item.Stock != nil && *in.item.Stock == math.MinInt64 {
		in.item.Stock, in.stockMode = nil, stockKeep
	}
	in.rejected = in.item.check(currency)
}

// decodeLine reads one JSON object into v. When it cannot, id is still filled if the line has one.
func decodeLine(line []byte, v any, id *string) *lineError {
	err := json.Unmarshal(line, v)
	if err == nil {
		return nil
	}
	var named struct {
		ID string `json:"item_id"`
	}
	if json.Unmarshal(line, &named) == nil && len(named.ID) <= maxWord {
		*id = named.ID
	}
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		if !utf8.Valid(line) {
			return wrong("bad_utf8", "line: not UTF-8")
		}
		return wrong("bad_json", "line: %s", strings.TrimPrefix(err.Error(), "jsontext: "))
	}
	path := string(semantic.JSONPointer)
	field, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if field == "" {
		return wrong("bad_json", "line: not an object")
	}
	code, want := wantOf(field)
	return wrong(code, "%s: %s, not %s", strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "."), want, kindName(semantic))
}

func wantOf(field string) (code, want string) {
	switch field {
	case "item_id":
		return "bad_item", "want a string"
	case "price", "cost", "floor", "ceiling", "markets":
		return "bad_price", "want a whole number of minor units"
	case "currency":
		return "bad_currency", "want a string"
	case "stock", "delta", "low_stock":
		return "bad_stock", "want a whole number"
	case "category", "tags":
		return "bad_field", "want a list of strings"
	case "published":
		return "bad_field", "want true or false"
	case "lines":
		return "bad_lines", "want lines of item_id, a string, and quantity, a whole number"
	case "ttl_s":
		return "bad_ttl", "want a whole number of seconds"
	case "attributes":
		return "bad_field", "want an object"
	}
	return "bad_field", "want a string"
}

func kindName(e *json.SemanticError) string {
	if v := string(e.JSONValue); v != "" && len(v) <= 40 {
		return v
	}
	switch e.JSONKind {
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 'n':
		return "null"
	}
	return "true or false"
}

// check fills in the currency and says what of w the catalog does not take.
func (w *itemJSON) check(currency string) *lineError {
	if w.ID == "" {
		return wrong("missing_item", "item_id: missing")
	}
	if !validItemID(w.ID) {
		w.ID = w.ID[:min(len(w.ID), maxWord)]
		return wrong("bad_item", "item_id: want 1-64 of A-Z a-z 0-9 _ . : -")
	}
	if w.Price == nil {
		w.Currency = ""
	} else if w.Currency == "" {
		w.Currency = currency
	}
	if err := w.checkMoney(); err != nil {
		return err
	}
	for _, n := range [...]struct {
		name  string
		value *int64
	}{{"stock", w.Stock}, {"low_stock", w.LowStock}} {
		if n.value != nil && (*n.value < 0 || *n.value > maxStock) {
			return wrong("bad_stock", "%s: %d, want 0 to %d", n.name, *n.value, int64(maxStock))
		}
	}
	return w.checkText()
}

func (w *itemJSON) checkMoney() *lineError {
	for _, m := range [...]struct {
		name  string
		value *int64
	}{{"price", w.Price}, {"cost", w.Cost}, {"floor", w.Floor}, {"ceiling", w.Ceiling}} {
		if m.value != nil && (*m.value < 0 || *m.value > maxAmount) {
			return wrong("bad_price", "%s: %d, want 0 to %d minor units", m.name, *m.value, int64(maxAmount))
		}
	}
	if w.Floor != nil && w.Ceiling != nil && *w.Floor > *w.Ceiling {
		return wrong("bad_price", "floor: %d is above the ceiling %d", *w.Floor, *w.Ceiling)
	}
	if w.Price != nil && !validCurrency(w.Currency) {
		return wrong("bad_currency", "currency: %q is not of ISO 4217", clip(w.Currency))
	}
	if len(w.Markets) > maxMarkets {
		return wrong("too_large", "markets: %d of them, %d at most", len(w.Markets), maxMarkets)
	}
	for name, m := range w.Markets {
		switch {
		case name == "" || len(name) > 32:
			return wrong("bad_field", "markets: %q is not a name of 1-32 bytes", clip(name))
		case m.Price < 0 || m.Price > maxAmount:
			return wrong("bad_price", "markets.%s.price: %d, want 0 to %d minor units", name, m.Price, int64(maxAmount))
		case !validCurrency(m.Currency):
			return wrong("bad_currency", "markets.%s.currency: %q is not of ISO 4217", name, clip(m.Currency))
		}
	}
	return nil
}

func (w *itemJSON) checkText() *lineError {
	for _, t := range [...]struct {
		name, value string
		most        int
	}{{"title", w.Title, maxTitle}, {"brand", w.Brand, maxWord}, {"group", w.Group, maxWord}, {"url", w.URL, maxURL}, {"image", w.Image, maxURL}} {
		if len(t.value) > t.most {
			return wrong("too_large", "%s: %d bytes, %d at most", t.name, len(t.value), t.most)
		}
	}
	for _, u := range [...]struct{ name, value string }{{"url", w.URL}, {"image", w.Image}} {
		if !validURL(u.value) {
			return wrong("bad_url", "%s: want http://, https:// or a path from /", u.name)
		}
	}
	for _, l := range [...]struct {
		name  string
		words []string
		most  int
	}{{"category", w.Category, maxCategories}, {"tags", w.Tags, maxTags}} {
		if len(l.words) > l.most {
			return wrong("too_large", "%s: %d of them, %d at most", l.name, len(l.words), l.most)
		}
		for _, word := range l.words {
			if len(word) > maxWord {
				return wrong("too_large", "%s: one of %d bytes, %d at most", l.name, len(word), maxWord)
			}
		}
	}
	switch a := w.Attributes; {
	case a == nil || a.Kind() == 'n':
		w.Attributes = nil
	case a.Kind() != '{':
		return wrong("bad_field", "attributes: want an object")
	case len(a) > maxAttributes:
		return wrong("too_large", "attributes: %d bytes, %d at most", len(a), maxAttributes)
	}
	return nil
}

// validURL takes what a page may link to: no scheme that runs code, no address that another host could be smuggled into.
func validURL(u string) bool {
	if u == "" {
		return true
	}
	if strings.HasPrefix(u, "/") {
		return !strings.HasPrefix(u, "//") && !strings.HasPrefix(u, "/\\") && !hasControl(u)
	}
	scheme, rest, ok := strings.Cut(u, "://")
	return ok && rest != "" && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")) && !hasControl(u)
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

func validItemID(id string) bool {
	if len(id) == 0 || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		switch b := id[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '_', b == '.', b == ':', b == '-':
		default:
			return false
		}
	}
	return true
}

func clip(s string) string { return s[:min(len(s), 40)] }

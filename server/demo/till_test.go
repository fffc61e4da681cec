package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// books is the API as the till needs it: items with 5 pieces at 1000 each, and what was posted to the stock.
type books struct {
	stock  []string
	answer int // status of stock posts
}

func (b *books) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Authorization") != "Bearer sk_demo":
		w.WriteHeader(401)
	case r.URL.Path == "/v1/items/isar-mug":
		w.WriteHeader(404)
	case strings.HasPrefix(r.URL.Path, "/v1/items/"):
		io.WriteString(w, `{"price":1000,"stock":5}`)
	case r.URL.Path == "/v1/stock" && b.answer == 200:
		text, _ := io.ReadAll(r.Body)
		b.stock = append(b.stock, string(text))
		io.WriteString(w, `{"accepted":1,"rejected":[]}`)
	default:
		w.WriteHeader(503)
	}
}

func post(t *testing.T, app *fiber.App, body string) (int, map[string]any) {
	t.Helper()
	req := httptest.NewRequest("POST", "/shop/checkout", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	resp, err := app.Test(req, 6000)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}

func TestOrderTakesPiecesOffTheShelf(t *testing.T) {
	b := &books{answer: 200}
	api := httptest.NewServer(b)
	defer api.Close()
	status, got := post(t, newApp(api.URL), `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":2,"price":1},{"id":"gala-throw","quantity":1}],"total":1}`)
	if status != 200 || got["total"] != 3000.0 || got["currency"] != "EUR" || got["order"] != "web-1-abc" {
		t.Errorf("%d %v: prices are the shop's, not the page's", status, got)
	}
	want := `{"delta":-2,"id":"web-1-abc","item_id":"isar-kettle"}` + "\n" + `{"delta":-1,"id":"web-1-abc","item_id":"gala-throw"}` + "\n"
	if len(b.stock) != 1 || b.stock[0] != want {
		t.Errorf("posted %q", b.stock)
	}
}

func TestTillRefusesWhatItCannotSell(t *testing.T) {
	b := &books{answer: 200}
	api := httptest.NewServer(b)
	defer api.Close()
	app := newApp(api.URL)
	for _, c := range []struct {
		name, body, code string
		status           int
	}{
		{"no JSON", `{`, "bad_json", 400},
		{"no lines", `{"order":"web-1-abc","lines":[]}`, "bad_order", 400},
		{"no number", `{"order":"","lines":[{"id":"isar-kettle","quantity":1}]}`, "bad_order", 400},
		{"a number with spaces", `{"order":"a b c d e f","lines":[{"id":"isar-kettle","quantity":1}]}`, "bad_order", 400},
		{"unknown item", `{"order":"web-1-abc","lines":[{"id":"none","quantity":1}]}`, "bad_line", 400},
		{"no pieces", `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":0}]}`, "bad_line", 400},
		{"negative pieces", `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":-1}]}`, "bad_line", 400},
		{"more than there are", `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":6}]}`, "sold_out", 409},
		{"not sold any more", `{"order":"web-1-abc","lines":[{"id":"isar-mug","quantity":1}]}`, "not_sold", 409},
		{"too large", strings.Repeat(" ", 17<<10), "too_large", 413},
	} {
		status, got := post(t, app, c.body)
		if e, ok := got["error"].(map[string]any); status != c.status || !ok || e["code"] != c.code || e["message"] == "" {
			t.Errorf("%s: %d %v, want %d %s", c.name, status, got, c.status, c.code)
		}
	}
	if len(b.stock) > 0 {
		t.Errorf("posted %q", b.stock)
	}
	b.answer = 503
	if status, got := post(t, app, `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":1}]}`); status != 503 {
		t.Errorf("without the API: %d %v", status, got)
	}
}

package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// books is the API as the till needs it: items at 1000 each of which 5 pieces are free, one quote for 900, one code worth 150.
type books struct {
	free   int
	closed bool
	held   map[string]int    // reservation: pieces
	ended  map[string]string // reservation: state
	redeem string            // the last body
	steps  []string          // what was asked for, besides prices
}

func newBooks(t *testing.T) (*books, *fiber.App) {
	b := &books{free: 5, held: map[string]int{}, ended: map[string]string{}}
	api := httptest.NewServer(b)
	t.Cleanup(api.Close)
	return b, newApp(api.URL)
}

func (b *books) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	path := r.URL.Path
	id, _ := strings.CutPrefix(path, "/v1/reservations/")
	id, commit := strings.CutSuffix(id, "/commit")
	fail := func(status int, text string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":%s}`, text)
	}
	if path != "/v1/quotes/verify" && !strings.HasPrefix(path, "/v1/items/") {
		b.steps = append(b.steps, r.Method+" "+path)
	}
	switch {
	case r.Header.Get("Authorization") != "Bearer sk_demo":
		w.WriteHeader(401)
	case path == "/v1/items/isar-mug":
		fail(404, `{"code":"unknown_item"}`)
	case strings.HasPrefix(path, "/v1/items/"):
		io.WriteString(w, `{"price":1200,"public":1000,"stock":5}`)
	case b.closed:
		w.WriteHeader(503)
	case path == "/v1/quotes/verify":
		fmt.Fprintf(w, `{"valid":%v,"item_id":"isar-kettle","amount":900}`, strings.Contains(string(body), `"q_good"`))
	case path == "/v1/offers/redeem" && !strings.Contains(string(body), "KETTLE15"):
		fail(404, `{"code":"unknown_code","message":"code: it is not one of this site's"}`)
	case path == "/v1/offers/redeem":
		b.redeem = string(body)
		io.WriteString(w, `{"valid":true,"discount":150}`)
	case path == "/v1/reservations":
		b.reserve(w, body, fail)
	case r.Method == "DELETE":
		b.free += b.held[id]
		delete(b.held, id)
		io.WriteString(w, `{}`)
	case commit:
		delete(b.held, id)
		b.ended[id] = "committed"
		io.WriteString(w, `{}`)
	default:
		w.WriteHeader(404)
	}
}

func (b *books) reserve(w http.ResponseWriter, body []byte, fail func(int, string)) {
	var in struct {
		ID    string
		Lines []struct {
			Item     string `json:"item_id"`
			Quantity int
		}
	}
	if json.Unmarshal(body, &in) != nil {
		w.WriteHeader(400)
		return
	}
	pieces := 0
	for _, l := range in.Lines {
		pieces += l.Quantity
	}
	switch was, open := b.held[in.ID]; {
	case b.ended[in.ID] != "":
		fail(409, `{"code":"reservation_committed"}`)
		return
	case open && was != pieces:
		fail(409, `{"code":"reservation_differs"}`)
		return
	case !open && pieces > b.free:
		fail(409, fmt.Sprintf(`{"code":"sold_out","item_id":%q,"free":%d}`, in.Lines[0].Item, b.free))
		return
	case !open:
		b.free -= pieces
	}
	b.held[in.ID] = pieces
	fmt.Fprintf(w, `{"id":%q,"expires":4102444800000}`, in.ID)
}

func post(t *testing.T, app *fiber.App, path, body string) (int, map[string]any) {
	t.Helper()
	req := httptest.NewRequest("POST", path, strings.NewReader(body))
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

// refusal is the error of an answer.
func refusal(got map[string]any) map[string]any {
	e, _ := got["error"].(map[string]any)
	return e
}

func TestOrderHoldsPiecesAndSellsThem(t *testing.T) {
	b, app := newBooks(t)
	status, got := post(t, app, "/shop/checkout/hold", `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":2}]}`)
	if status != 200 || got["for_ms"].(float64) <= 0 || b.free != 3 {
		t.Errorf("held: %d %v, %d free", status, got, b.free)
	}
	cart := `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":2,"price":1100},{"id":"gala-throw","quantity":1,"price":1000}],"total":1}`
	status, got = post(t, app, "/shop/checkout", cart)
	if status != 200 || got["total"] != 3000.0 || got["currency"] != "EUR" || got["order"] != "web-1-abc" {
		t.Errorf("%d %v: prices are the shop's, a drop is passed on", status, got)
	}
	if status, again := post(t, app, "/shop/checkout", cart); status != 200 || !reflect.DeepEqual(again, got) {
		t.Errorf("the same order again: %d %v, want %v", status, again, got)
	}
	want := []string{
		"POST /v1/reservations",
		"POST /v1/reservations", "DELETE /v1/reservations/web-1-abc", "POST /v1/reservations", "POST /v1/reservations/web-1-abc/commit", // the cart had changed
		"POST /v1/reservations", // the second time it is known to be sold
	}
	if !reflect.DeepEqual(b.steps, want) || b.free != 2 {
		t.Errorf("%q, %d free", b.steps, b.free)
	}
}

func TestTillSaysWhoWasFaster(t *testing.T) {
	b, app := newBooks(t)
	b.free = 1
	for _, path := range []string{"/shop/checkout/hold", "/shop/checkout"} {
		status, got := post(t, app, path, `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":2,"price":1000}]}`)
		e := refusal(got)
		if status != 409 || e["code"] != "sold_out" || e["item"] != "isar-kettle" || e["free"] != 1.0 || e["message"] != "Someone else was faster. Of Isar Kettle only 1 can be had." {
			t.Errorf("%s: %d %v", path, status, got)
		}
	}
}

func TestPricesThatRoseNeedConsent(t *testing.T) {
	_, app := newBooks(t)
	f := func(line, agreed string, status int, total float64) {
		t.Helper()
		got, answer := post(t, app, "/shop/checkout", fmt.Sprintf(`{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":1,%s}]%s}`, line, agreed))
		o := answer
		if got == 409 {
			if refusal(answer)["code"] != "price_rose" {
				t.Errorf("%s: %v", line, answer)
			}
			o = answer["order"].(map[string]any)
		}
		if got != status || o["total"] != total {
			t.Errorf("%s %s: %d %v, want %d and %v", line, agreed, got, answer, status, total)
		}
	}
	f(`"price":950`, "", 409, 1000)
	f(`"price":950`, `,"agreed":999`, 409, 1000)
	f(`"price":950,"quote":"q_old"`, "", 409, 1000)
	f(`"price":950,"quote":"q_good"`, "", 200, 900) // the quote holds
	f(`"price":900,"quote":"q_good"`, "", 200, 900)
	f(`"price":950`, `,"agreed":1000`, 200, 1000)
	f(`"price":1050`, "", 200, 1000)
}

func TestCodeIsTakenOffOnce(t *testing.T) {
	b, app := newBooks(t)
	status, got := post(t, app, "/shop/checkout", `{"order":"web-1-abc","code":"NONE","lines":[{"id":"isar-kettle","quantity":2,"price":1000}]}`)
	if e := refusal(got); status != 409 || e["code"] != "bad_code" || len(b.ended) > 0 {
		t.Errorf("a bad code: %d %v", status, got)
	}
	for range 2 {
		status, got = post(t, app, "/shop/checkout", `{"order":"web-1-abc","code":"KETTLE15","lines":[{"id":"isar-kettle","quantity":2,"price":1000}]}`)
		if status != 200 || got["discount"] != 150.0 || got["total"] != 1850.0 {
			t.Errorf("%d %v", status, got)
		}
	}
	want := `{"cart":{"value":2000,"currency":"EUR","lines":[{"item_id":"isar-kettle","quantity":2,"price":1000}]},"code":"KETTLE15","transaction_id":"web-1-abc"}`
	var a, z any
	if json.Unmarshal([]byte(b.redeem), &a) != nil || json.Unmarshal([]byte(want), &z) != nil || !reflect.DeepEqual(a, z) {
		t.Errorf("asked with %s", b.redeem)
	}
}

func TestTillRefusesWhatItCannotSell(t *testing.T) {
	b, app := newBooks(t)
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
		{"more than there are", `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":6,"price":1000}]}`, "sold_out", 409},
		{"not sold any more", `{"order":"web-1-abc","lines":[{"id":"isar-mug","quantity":1,"price":1000}]}`, "not_sold", 409},
		{"too large", strings.Repeat(" ", maxOrderBytes+1), "too_large", 413},
	} {
		status, got := post(t, app, "/shop/checkout", c.body)
		if e := refusal(got); status != c.status || e["code"] != c.code || e["message"] == "" {
			t.Errorf("%s: %d %v, want %d %s", c.name, status, got, c.status, c.code)
		}
	}
	if len(b.ended) > 0 {
		t.Errorf("sold %q", b.ended)
	}
	b.closed = true
	if status, got := post(t, app, "/shop/checkout", `{"order":"web-1-abc","lines":[{"id":"isar-kettle","quantity":1,"price":1000}]}`); status != 503 {
		t.Errorf("without the API: %d %v", status, got)
	}
}

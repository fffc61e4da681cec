package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// shopperSocket is one shopper's browser: a token and an open socket.
type shopperSocket struct {
	t       *testing.T
	in      *installation
	visitor string
	token   string
	ws      *websocket.Conn
}

type pushed struct {
	Type      string
	Epoch     string
	Offset    uint64
	TS        int64
	Recovered bool
	Placement string
	ItemID    string `json:"item_id"`
	Level     string
	Left      *int
	Reserved  bool
	Sold      bool
	Amount    int64
	Currency  string
	List      int64
	Lowest    int64  `json:"lowest_30d"`
	Why       string `json:"reason"` // of a price
	Quote     string
	Expires   int64
	Items     []struct {
		ItemID string `json:"item_id"`
		Reason struct {
			Kind    string
			Because []string
			Text    string
		}
		Stock struct{ Level string }
	}
}

func (in *installation) shopper() *shopperSocket {
	in.t.Helper()
	s := &shopperSocket{t: in.t, in: in}
	var session struct{ Visitor, Token, WS string }
	in.want(200, "POST", "/v1/session", in.public, "", &session)
	s.visitor, s.token = session.Visitor, session.Token
	ws, resp, err := websocket.Dial(in.t.Context(), session.WS+"?k="+in.public, &websocket.DialOptions{
		Subprotocols: []string{"beckon.v1"}, HTTPHeader: http.Header{"Origin": {"https://shop.example"}, "Accept-Language": {"de-AT,de;q=0.9,en;q=0.5"}},
	})
	if err != nil {
		in.t.Fatalf("dial: %v, %+v", err, resp)
	}
	in.t.Cleanup(func() { ws.CloseNow() })
	s.ws = ws
	s.send(fmt.Sprintf(`{"type":"hello","token":%q}`, s.token))
	s.await("hello", nil)
	return s
}

func (s *shopperSocket) send(text string) {
	s.t.Helper()
	if err := s.ws.Write(s.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
}

// await reads frames until one of kind that fits comes.
func (s *shopperSocket) await(kind string, fits func(pushed) bool) pushed {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	var seen []string
	for {
		_, text, err := s.ws.Read(ctx)
		if err != nil {
			s.t.Fatalf("waiting for %s: %v; seen %s", kind, err, strings.Join(seen, "\n"))
		}
		var f pushed
		if err := json.Unmarshal(text, &f); err != nil {
			s.t.Fatalf("frame %s: %v", text, err)
		}
		if f.Epoch == "" && f.Type != "pong" && f.Type != "error" {
			s.t.Errorf("frame without epoch: %s", text)
		}
		if f.Type == kind && (fits == nil || fits(f)) {
			return f
		}
		seen = append(seen, string(text))
	}
}

var eventCount int

// did posts one event of the shopper.
func (s *shopperSocket) did(name, item, more string) {
	s.t.Helper()
	eventCount++
	fields := itemOf(item)
	if more != "" {
		fields += "," + more
	}
	s.in.want(202, "POST", "/v1/events", s.in.public, batch(s.visitor, event(fmt.Sprint("l", eventCount), name, fields)), nil)
}

func TestAnOwnClickIsFollowedByRecommendations(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.stock(8)
	for v := range 12 { // others look at sku-1 and then at sku-2
		in.want(202, "POST", "/v1/events", in.public, batch(fmt.Sprint("other", v),
			event(fmt.Sprintf("o%d-1", v), "view_item", itemOf("sku-1")), event(fmt.Sprintf("o%d-2", v), "view_item", itemOf("sku-2"))), nil)
	}
	in.settle()
	s := in.shopper()
	s.send(`{"type":"subscribe","items":["sku-3"]}`)
	s.await("stock", func(f pushed) bool { return f.ItemID == "sku-3" && f.Level == "in" })
	s.send(`{"type":"subscribe","placements":["home"]}`)
	s.await("recommendations", nil)
	s.did("view_item", "sku-1", "")
	got := s.await("recommendations", func(f pushed) bool {
		for _, it := range f.Items {
			if it.ItemID == "sku-2" && it.Reason.Kind == "session" {
				return true
			}
		}
		return false
	})
	for _, it := range got.Items {
		if it.Reason.Kind == "session" && it.Reason.Text != "Weil Sie Item 1 angesehen haben" {
			t.Errorf("reason %q to a browser that prefers German", it.Reason.Text)
		}
	}
	if got.Placement != "home" || got.Offset == 0 || got.TS == 0 {
		t.Errorf("frame %+v", got)
	}
}

func TestStockAndPriceReachThoseWhomTheyConcern(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.stock(20)
	cart, page := in.shopper(), in.shopper()
	cart.did("add_to_cart", "sku-1", "")
	cart.send(`{"type":"subscribe","placements":["cart"]}`)
	cart.await("recommendations", nil)
	page.send(`{"type":"subscribe","items":["sku-1"]}`)
	page.await("stock", func(f pushed) bool { return f.Level == "in" && f.Left == nil })
	page.await("price", func(f pushed) bool { return f.Amount == 1001 && f.Currency == "EUR" })

	in.want(202, "POST", "/v1/stock", in.secret, `{"item_id":"sku-1","stock":3}`, nil)
	for _, s := range []*shopperSocket{cart, page} {
		f := s.await("stock", func(f pushed) bool { return f.ItemID == "sku-1" && f.Level == "low" })
		if f.Left == nil || *f.Left != 3 {
			t.Errorf("left %v, want 3", f.Left)
		}
	}
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-1","title":"Item 1","price":900,"currency":"EUR","stock":3}`, nil)
	page.await("price", func(f pushed) bool { return f.ItemID == "sku-1" && f.Amount == 900 })
	in.want(202, "POST", "/v1/stock", in.secret, `{"item_id":"sku-1","delta":-3,"id":"order-1"}`, nil)
	page.await("stock", func(f pushed) bool { return f.Level == "out" })
	in.want(202, "POST", "/v1/stock", in.secret, `{"item_id":"sku-1","delta":-3,"id":"order-1"}`, nil)
	in.want(202, "POST", "/v1/stock", in.secret, `{"item_id":"sku-1","stock":50}`, nil)
	page.await("stock", func(f pushed) bool { return f.Level == "back" || f.Level == "in" })
}

// TestSoldOutIsNeverRecommended flips stock and asks: the very next answer must know.
func TestSoldOutIsNeverRecommended(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.stock(6)
	for v := range 10 {
		in.want(202, "POST", "/v1/events", in.public, batch(fmt.Sprint("w", v), event(fmt.Sprint("w", v), "view_item", itemOf(fmt.Sprint("sku-", v%6)))), nil)
	}
	for round := range 6 {
		item := fmt.Sprint("sku-", round)
		in.want(202, "POST", "/v1/stock", in.secret, fmt.Sprintf(`{"item_id":%q,"stock":0}`, item), nil)
		text := in.want(200, "GET", "/v1/recommendations?placement=home&visitor=w1&limit=20", in.secret, "", nil)
		if strings.Contains(text, fmt.Sprintf(`"item_id":%q`, item)) {
			t.Errorf("%s is sold out and recommended: %s", item, text)
		}
	}
}

func TestForeignPagesGetNoSocket(t *testing.T) {
	in := newInstallation(t)
	in.start()
	address := "ws" + in.url[len("http"):] + "/v1/live?k=" + in.public
	for _, origin := range []string{"https://evil.example", "null"} {
		_, resp, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{Subprotocols: []string{"beckon.v1"}, HTTPHeader: http.Header{"Origin": {origin}}})
		if err == nil || resp == nil || resp.StatusCode != 403 {
			t.Errorf("origin %s: %v %v, want 403", origin, resp, err)
		}
	}
	ws, _, err := websocket.Dial(t.Context(), address, &websocket.DialOptions{Subprotocols: []string{"beckon.v1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(`{"type":"hello","token":"forged"}`)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, _, err = ws.Read(t.Context())
	}
	if got := websocket.CloseStatus(err); got != 3501 {
		t.Errorf("a forged token was closed with %d, want 3501", got)
	}
}

// stock puts n items, sku-0 to sku-(n-1), 20 pieces each, into the catalog.
func (in *installation) stock(n int) {
	in.t.Helper()
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, `{"item_id":"sku-%d","title":"Item %d","price":%d,"currency":"EUR","stock":20}`+"\n", i, i, 1000+i)
	}
	var a struct{ Accepted int }
	in.want(202, "PUT", "/v1/items", in.secret, lines.String(), &a)
	if a.Accepted != n {
		in.t.Fatalf("%d of %d items taken", a.Accepted, n)
	}
}

package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"beckon/clickstream"
)

// counter is the API as shoppers see it, answering within the test's own time.
type counter struct {
	mu      sync.Mutex
	visitor int
	ids     map[string]int      // times that an event came
	names   map[string]int      // events by name
	visits  map[string][]string // names by visitor
	first   time.Time           // when the first event came
	orders  map[string]int      // transaction: pieces sold
	held    map[string]int      // order: pieces reserved
	taken   map[string]int      // order: pieces off the stock
	puts    int
	reduced int
	redeems map[string]int // transaction: times that a code was used for it
	catalog *Catalog
	refuse  func(path string) (status, after int)
}

func newCounter() *counter {
	return &counter{ids: map[string]int{}, names: map[string]int{}, visits: map[string][]string{}, orders: map[string]int{}, held: map[string]int{}, taken: map[string]int{}, redeems: map[string]int{}, catalog: NewCatalog(1)}
}

// RoundTrip makes the counter the network.
func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse != nil {
		if status, after := c.refuse(r.URL.Path); status != 0 {
			rec.Header().Set("Retry-After", fmt.Sprint(after))
			rec.WriteHeader(status)
			return rec.Result(), nil
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c.answer(rec, r, body)
	return rec.Result(), nil
}

func (c *counter) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	switch r.URL.Path {
	case "/v1/session":
		c.visitor++
		fmt.Fprintf(w, `{"visitor":"v%d","token":"t%d"}`, c.visitor, c.visitor)
	case "/v1/recommendations":
		io.WriteString(w, `{"rec_id":"r_1","items":[{"item_id":"isar-kettle"},{"item_id":"gala-throw"},{"item_id":"elin-vase"}]}`)
	case "/v1/events":
		c.collect(w, body)
	case "/v1/prices":
		fmt.Fprintf(w, `{"prices":[{"amount":%d}]}`, c.catalog.Item(r.URL.Query().Get("items")).Price)
	case "/v1/offers":
		if c.visitor%2 == 0 {
			io.WriteString(w, `{"offers":[{"code":"K"}]}`)
			return
		}
		io.WriteString(w, `{"offers":[]}`)
	case "/v1/offers/redeem":
		var redeem struct {
			Code, Visitor string
			Transaction   string `json:"transaction_id"`
			Cart          struct{ Value int64 }
		}
		if json.Unmarshal(body, &redeem) != nil || redeem.Code != "K" || redeem.Visitor == "" || redeem.Cart.Value <= 0 {
			w.WriteHeader(400)
			return
		}
		c.redeems[redeem.Transaction]++
		io.WriteString(w, `{"valid":true,"discount":100}`)
	case "/v1/reservations":
		var held struct {
			ID    string
			Lines []struct{ Quantity int }
		}
		if json.Unmarshal(body, &held) == nil {
			c.held[held.ID] = 0
			for _, l := range held.Lines {
				c.held[held.ID] += l.Quantity
			}
		}
		w.WriteHeader(201)
		io.WriteString(w, `{}`)
	case "/v1/stock":
		io.WriteString(w, `{}`)
	case "/v1/markdowns":
		if c.reduced++; c.reduced%4 == 0 {
			w.WriteHeader(409)
		}
	case "/v1/items":
		if r.Method == "PUT" {
			c.puts++
		}
		io.WriteString(w, `{"items":[{"item_id":"isar-kettle","stock":0}]}`)
	default:
		if id, ok := strings.CutPrefix(r.URL.Path, "/v1/reservations/"); ok {
			id, _ = strings.CutSuffix(id, "/commit")
			c.taken[id] += c.held[id]
			delete(c.held, id)
			io.WriteString(w, `{}`)
			return
		}
		w.WriteHeader(404)
	}
}

func (c *counter) collect(w http.ResponseWriter, body []byte) {
	var b batch
	if err := json.Unmarshal(body, &b); err != nil {
		w.WriteHeader(400)
		return
	}
	if c.first.IsZero() {
		c.first = time.Now()
	}
	for _, e := range b.Events {
		c.ids[b.Visitor+" "+e.ID]++
		c.names[e.Name]++
		c.visits[b.Visitor] = append(c.visits[b.Visitor], e.Name)
		if e.Name == "purchase" {
			for _, it := range e.Items {
				c.orders[e.Transaction] += it.Quantity
			}
		}
	}
	w.WriteHeader(202)
	fmt.Fprintf(w, `{"accepted":%d,"duplicates":0,"rejected":[]}`, len(b.Events))
}

// simulate runs shoppers for a while of fake time.
func simulate(t *testing.T, c *counter, shoppers int, seed uint64, length time.Duration) Tally {
	t.Helper()
	tally, err := Simulate(t.Context(), Simulation{
		Account: Account{URL: "http://shop", Public: "pk", Secret: "sk", Client: &http.Client{Transport: c}},
		Catalog: NewCatalog(1), Shoppers: shoppers, Seed: seed, For: length,
	})
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

func TestThirtyShoppersBringLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter()
		begin := time.Now()
		tally := simulate(t, c, 30, 1, 10*time.Minute)
		if c.first.Sub(begin) > time.Second || tally.Errors > 0 || tally.Rejected > 0 {
			t.Errorf("first event after %v, %+v", c.first.Sub(begin), tally)
		}
		for _, name := range []string{"page_view", "view_item_list", "select_item", "view_item", "search", "add_to_cart", "remove_from_cart", "add_to_wishlist", "view_cart", "begin_checkout", "purchase", "impression", "leave"} {
			if c.names[name] == 0 {
				t.Errorf("nobody did %s", name)
			}
		}
		if perSecond := float64(tally.Events) / 600; perSecond < 5 || perSecond > 50 {
			t.Errorf("%.1f events a second", perSecond)
		}
		if len(c.orders) < 20 || tally.Purchases != int64(len(c.orders)) {
			t.Errorf("%d purchases, %d orders", tally.Purchases, len(c.orders))
		}
		for order, pieces := range c.orders {
			if c.taken[order] != pieces {
				t.Errorf("order %s is of %d pieces, %d left the shelf", order, pieces, c.taken[order])
			}
		}
		for order, times := range c.redeems {
			if times != 1 || c.orders[order] == 0 {
				t.Errorf("a code was used %d times for %s, which is of %d pieces", times, order, c.orders[order])
			}
		}
		if len(c.redeems) == 0 {
			t.Error("nobody came back for an offer")
		}
		if c.reduced < 10 {
			t.Errorf("%d items reduced", c.reduced)
		}
		for visitor, names := range c.visits {
			if names[0] != "page_view" {
				t.Errorf("%s began with %s", visitor, names[0])
			}
		}
		t.Logf("%+v", tally)
	})
}

func TestNobodyIsFasterThanAHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter()
		tally, err := Simulate(t.Context(), Simulation{
			Account: Account{URL: "http://shop", Public: "pk", Client: &http.Client{Transport: c}},
			Catalog: NewCatalog(1), Shoppers: 10, Rate: 40, Seed: 1, For: time.Minute,
		})
		if err != nil {
			t.Fatal(err)
		}
		if tally.Events < 1500 {
			t.Errorf("%d events in a minute at forty times the pace of ten", tally.Events)
		}
		for visitor, names := range c.visits {
			if len(names) > 110 {
				t.Errorf("%s did %d things in a minute", visitor, len(names))
			}
		}
	})
}

func TestSameSeedSameShoppers(t *testing.T) {
	runs := make([][]string, 3)
	for i, seed := range []uint64{7, 7, 8} {
		synctest.Test(t, func(t *testing.T) {
			c := newCounter()
			simulate(t, c, 5, seed, 2*time.Minute)
			for _, names := range c.visits {
				runs[i] = append(runs[i], strings.Join(names, " "))
			}
			slices.Sort(runs[i])
		})
	}
	if !slices.Equal(runs[0], runs[1]) {
		t.Error("the same seed made different shoppers")
	}
	if slices.Equal(runs[0], runs[2]) {
		t.Error("two seeds made the same shoppers")
	}
}

func TestShoppersWaitAsLongAsTheyAreAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter()
		closedUntil := time.Now().Add(30 * time.Second)
		asked := 0
		c.refuse = func(string) (int, int) {
			if left := time.Until(closedUntil); left > 0 {
				asked++
				return 429 + 74*(asked%2), int(left.Seconds()) + 1
			}
			return 0, 0
		}
		tally := simulate(t, c, 10, 1, time.Minute)
		if asked > 15 { // each of the ten once, and the office
			t.Errorf("%d requests to a server that asked to wait", asked)
		}
		if tally.Waits == 0 || tally.Errors > 2 || tally.Events == 0 {
			t.Errorf("%+v", tally)
		}
	})
}

func TestRetriesKeepTheirIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter()
		n := 0
		c.refuse = func(path string) (int, int) {
			if n++; n%3 == 0 && path == "/v1/events" {
				return 503, 1
			}
			return 0, 0
		}
		simulate(t, c, 5, 1, 2*time.Minute)
		if most := slices.Max(slices.Collect(maps.Values(c.ids))); most != 1 {
			t.Errorf("an id came %d times", most)
		}
		for visitor, names := range c.visits {
			for i := range names {
				if c.ids[fmt.Sprintf("%s %s-%d", visitor, visitor, i+1)] != 1 {
					t.Errorf("%s lost event %d of %d", visitor, i+1, len(names))
				}
			}
		}
	})
}

func TestHistoryIsTakenWhole(t *testing.T) {
	c := NewCatalog(1)
	now := time.UnixMilli(1790000000000)
	lines := History(c, 1, now)
	if !bytes.Equal(lines, History(c, 1, now)) {
		t.Error("the same seed gave two histories")
	}
	src := &clickstream.Source{Site: "demo", Secret: true, Import: true, Received: now.UnixMilli(), DefaultConsent: clickstream.Analytics | clickstream.Personalization}
	var p clickstream.Parser
	var d clickstream.Decoded
	for line := range bytes.Lines(lines) {
		p.Line(string(bytes.TrimSpace(line)), src, &d)
	}
	if len(d.Rejected) > 0 {
		t.Fatalf("%d rejected, the first: %+v", len(d.Rejected), d.Rejected[0])
	}
	bought, last, visits, visitors := 0, int64(0), 0, map[string]bool{}
	for _, p := range past {
		visits += p.visits
	}
	for i := range d.Events {
		e := &d.Events[i]
		if e.Time < last || e.Time > now.UnixMilli() || e.Time < now.Add(-27*day).UnixMilli() {
			t.Fatalf("event %d at %d after %d", i, e.Time, last)
		}
		last = e.Time
		visitors[e.Visitor] = true
		if e.Kind == clickstream.Purchase {
			bought++
		}
		if clickstream.AgentSigns(e.UserAgent) != 0 {
			t.Fatalf("%q is taken for a machine", e.UserAgent)
		}
	}
	if bought < visits/10 || len(visitors) > visits*9/10 {
		t.Errorf("%d purchases and %d visitors in %d visits", bought, len(visitors), visits)
	}
	t.Logf("%d events, %d purchases, %d visitors", len(d.Events), bought, len(visitors))
}

func TestFillLeavesAShopWithItemsAlone(t *testing.T) {
	c := newCounter()
	got, err := Fill(t.Context(), Account{URL: "http://shop", Secret: "sk", Client: &http.Client{Transport: c}}, NewCatalog(1), 1, time.Now())
	if err != nil || got != (Filled{}) || c.puts > 0 {
		t.Errorf("filled %+v with %d requests: %v", got, c.puts, err)
	}
}

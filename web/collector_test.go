package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"beckon/web"
)

// sent is an event as the collector got it.
type sent struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	TS          int64          `json:"ts"`
	User        string         `json:"user"`
	UserHash    string         `json:"user_hash"`
	Currency    string         `json:"currency"`
	Value       *int64         `json:"value"`
	Transaction string         `json:"transaction_id"`
	Search      string         `json:"search_term"`
	Placement   string         `json:"placement"`
	Rec         string         `json:"rec_id"`
	Page        map[string]any `json:"page"`
	Props       map[string]any `json:"props"`
	Items       []struct {
		ID       string `json:"item_id"`
		Price    *int64 `json:"price"`
		Quantity *int64 `json:"quantity"`
	} `json:"items"`

	visitor string
	consent map[string]bool
}

// collector is a server with the parts of the API that the beacon speaks to: it counts every (visitor, id) once and can be told to
// refuse, to forget to answer, and to be away.
type collector struct {
	t      *testing.T
	addr   string
	server *http.Server
	served chan struct{}

	mu       sync.Mutex
	changed  chan struct{}
	seen     map[string]bool
	events   []sent // counted
	doubles  int
	batches  []int    // events of each body
	bodies   []string // of events
	sessions int
	frames   []map[string]any // from sockets
	sockets  []*websocket.Conn
	asked    []string // recommendation queries
	refuse   func(n int, names []string) (status int, header map[string]string)
	swallow  bool // take the events and answer nothing
	token    string
	ahead    time.Duration // of its clock before the browser's
	prices   string        // the answer to a question for prices
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{t: t, seen: map[string]bool{}, changed: make(chan struct{}), token: "t1"}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.addr = ln.Addr().String()
	c.serve(ln)
	t.Cleanup(c.stop)
	return c
}

func (c *collector) serve(ln net.Listener) {
	mux := http.NewServeMux()
	mux.HandleFunc("/b.js", c.script(web.Beacon()))
	mux.HandleFunc("/b-core.js", c.script(web.BeaconCore()))
	mux.HandleFunc("/v1/session", c.session)
	mux.HandleFunc("/v1/events", c.collect)
	mux.HandleFunc("/v1/recommendations", c.recommend)
	mux.HandleFunc("/v1/prices", c.price)
	mux.HandleFunc("/v1/live", c.live)
	c.server = &http.Server{Handler: cors(mux)}
	c.served = make(chan struct{})
	go func() {
		defer close(c.served)
		_ = c.server.Serve(ln) // ends with ErrServerClosed
	}()
}

// stop is a server that goes away: connections break.
func (c *collector) stop() {
	c.mu.Lock()
	for _, s := range c.sockets {
		_ = s.CloseNow() // it may be closed already
	}
	c.sockets = nil
	c.mu.Unlock()
	_ = c.server.Close() // it may be closed already
	<-c.served
}

// restart is the same server, with all it knew, at the same address.
func (c *collector) restart() {
	c.t.Helper()
	ln, err := net.Listen("tcp", c.addr)
	if err != nil {
		c.t.Fatal(err)
	}
	c.serve(ln)
}

func cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "*")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
		if r.Method == "OPTIONS" {
			w.WriteHeader(204)
			if r.URL.Path == "/v1/events" {
				w.WriteHeader(500) // the beacon must not need it
			}
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *collector) script(a *web.Asset) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", a.Type)
		w.Write(a.Body)
	}
}

func (c *collector) session(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Visitor, Token string }
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		w.WriteHeader(400)
		return
	}
	c.mu.Lock()
	c.sessions++
	visitor := fmt.Sprintf("v_%d", c.sessions)
	if ask.Token != "" && ask.Visitor != "" {
		visitor = ask.Visitor
	}
	token := c.token
	now := time.Now().Add(c.ahead).UnixMilli()
	c.noteLocked()
	c.mu.Unlock()
	json.NewEncoder(w).Encode(map[string]any{
		"visitor": visitor, "token": token, "expires": now + 24*3600_000, "server_time": now, "ws": "ws://" + c.addr + "/v1/live",
	})
}

func (c *collector) collect(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var in struct {
		SentAt  int64 `json:"sent_at"`
		Visitor string
		Consent map[string]bool
		Events  []sent
	}
	if err := json.Unmarshal(body, &in); err != nil || r.URL.Query().Get("k") != "pk_test" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") {
		c.t.Errorf("body %s of type %q: %v", body, r.Header.Get("Content-Type"), err)
		w.WriteHeader(400)
		return
	}
	var names []string
	for _, e := range in.Events {
		names = append(names, e.Name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.noteLocked()
	c.batches = append(c.batches, len(in.Events))
	c.bodies = append(c.bodies, string(body))
	if c.refuse != nil {
		if status, header := c.refuse(len(c.batches), names); status != 0 {
			for k, v := range header {
				w.Header().Set(k, v)
			}
			w.WriteHeader(status)
			return
		}
	}
	accepted, doubles := 0, 0
	for _, e := range in.Events {
		if key := in.Visitor + " " + e.ID; c.seen[key] {
			doubles++
		} else {
			c.seen[key] = true
			e.visitor, e.consent = in.Visitor, in.Consent
			c.events = append(c.events, e)
			accepted++
		}
	}
	c.doubles += doubles
	if c.swallow {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(202)
	fmt.Fprintf(w, `{"accepted":%d,"duplicates":%d,"rejected":[]}`, accepted, doubles)
}

// recommend answers with three items of which the first is named by the query.
func (c *collector) recommend(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	ok := r.Header.Get("X-Beckon-Token") == c.token && r.Header.Get("X-Beckon-Key") == "pk_test"
	c.asked = append(c.asked, r.URL.RawQuery)
	c.noteLocked()
	c.mu.Unlock()
	if !ok {
		w.WriteHeader(401)
		return
	}
	q := r.URL.Query()
	w.Write([]byte(answer("r_get", q.Get("placement"), "for-"+q.Get("item"), "b", "c")))
}

func (c *collector) price(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Header.Get("X-Beckon-Token") != c.token || r.URL.Query().Get("items") != "sku-1,sku-2" {
		w.WriteHeader(401)
		return
	}
	w.Write([]byte(c.prices))
}

// answer is a recommendations object.
func answer(rec, placement string, ids ...string) string {
	var items []string
	for _, id := range ids {
		items = append(items, fmt.Sprintf(`{"item_id":%q,"title":"<b>%s</b>","url":"/p/%s","image":"/i/%s.svg","reason":{"kind":"trending","because":[],"text":"Trending"},"price":{"amount":1999,"currency":"EUR","list":1999},"stock":{"level":"in"}}`, id, id, id, id))
	}
	return fmt.Sprintf(`{"rec_id":%q,"placement":%q,"items":[%s]}`, rec, placement, strings.Join(items, ","))
}

func (c *collector) live(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"beckon.v1"}, InsecureSkipVerify: true})
	if err != nil {
		return
	}
	c.mu.Lock()
	c.sockets = append(c.sockets, ws)
	c.mu.Unlock()
	for {
		_, text, err := ws.Read(context.Background())
		if err != nil {
			return
		}
		var frame map[string]any
		if err := json.Unmarshal(text, &frame); err != nil {
			c.t.Errorf("frame %s: %v", text, err)
			return
		}
		c.mu.Lock()
		c.frames = append(c.frames, frame)
		bad := frame["type"] == "hello" && frame["token"] != c.token
		c.noteLocked()
		c.mu.Unlock()
		switch {
		case bad:
			_ = ws.Close(3501, "bad token") // the peer may be gone
			return
		case frame["type"] == "hello":
			_ = ws.Write(context.Background(), websocket.MessageText, []byte(`{"type":"hello","epoch":"e1","offset":7,"ts":1,"recovered":false}`)) // the reader notices
		}
	}
}

// push sends a frame to every open socket.
func (c *collector) push(frame string) {
	c.mu.Lock()
	sockets := c.sockets
	c.mu.Unlock()
	for _, s := range sockets {
		_ = s.Write(context.Background(), websocket.MessageText, []byte(frame)) // pages that are gone hear nothing
	}
}

func (c *collector) noteLocked() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// set changes how the collector behaves.
func (c *collector) set(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// wait waits until what it has got satisfies ok.
func (c *collector) wait(what string, ok func() bool) {
	c.t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		c.mu.Lock()
		done, changed := ok(), c.changed
		c.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			c.mu.Lock()
			defer c.mu.Unlock()
			c.t.Fatalf("waited in vain for %s; got %s, %d doubles, frames %v", what, c.namesLocked(), c.doubles, c.frames)
		}
	}
}

// waitEvents waits for n events called name.
func (c *collector) waitEvents(name string, n int) []sent {
	c.t.Helper()
	c.wait(fmt.Sprintf("%d %s", n, name), func() bool { return len(c.namedLocked(name)) >= n })
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.namedLocked(name)
}

func (c *collector) namedLocked(name string) []sent {
	var out []sent
	for _, e := range c.events {
		if e.Name == name {
			out = append(out, e)
		}
	}
	return out
}

// count is how many events called name were counted so far.
func (c *collector) count(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.namedLocked(name))
}

func (c *collector) namesLocked() string {
	var names []string
	for _, e := range c.events {
		names = append(names, e.Name)
	}
	return strings.Join(names, " ")
}

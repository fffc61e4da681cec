package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"beckon/pricing/offers"
	"beckon/pricing/offers/watch"
)

// offerFrame is an offer as a page gets it.
type offerFrame struct {
	Type, ID, Title, Code, Disclosure string
	Expires                           int64
	Discount                          struct {
		Kind          string
		Value, Amount int64
	}
}

// offersUntil reads frames until one of kind comes and returns the offers among those before it.
func (s *shopperSocket) offersUntil(kind string) (got []offerFrame) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	for {
		_, text, err := s.ws.Read(ctx)
		if err != nil {
			s.t.Fatalf("waiting for %s: %v", kind, err)
		}
		var f offerFrame
		if err := json.Unmarshal(text, &f); err != nil {
			s.t.Fatalf("frame %s: %v", text, err)
		}
		if f.Type == "offer" {
			got = append(got, f)
		}
		if f.Type == kind {
			return got
		}
	}
}

// sells puts an item and a campaign for carts that are idle for a second.
func (in *installation) sells(campaign string) {
	in.t.Helper()
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-1","title":"Kettle","price":2000,"cost":500,"currency":"EUR","stock":99}`, nil)
	in.want(201, "PUT", "/v1/campaigns/cart", in.secret, `{"title":"Your kettle waits","trigger":{"kind":"cart_at_risk","idle_s":1,"need_search":true},
		"discount":{"kind":"percent","value":10},"budget":{"amount":1000000,"currency":"EUR"},"ttl_s":600`+campaign+`}`, nil)
}

// fills posts the way of a shopper to a cart, the last act so long ago.
func (in *installation) fills(visitor string, ago time.Duration) {
	in.t.Helper()
	now := time.Now()
	act := func(before time.Duration, name, more string) string {
		eventCount++
		return fmt.Sprintf(`{"id":"w%d","name":%q,"ts":%d,%s}`, eventCount, name, now.Add(-ago-before).UnixMilli(), more)
	}
	in.want(202, "POST", "/v1/events", in.public, fmt.Sprintf(`{"sent_at":%d,"visitor":%q,"events":[%s]}`, now.UnixMilli(), visitor, strings.Join([]string{
		act(3*time.Second, "search", `"search_term":"kettle"`),
		act(2*time.Second, "view_item", itemOf("sku-1")),
		act(time.Second, "view_item", itemOf("sku-1")),
		act(0, "add_to_cart", `"currency":"EUR","items":[{"item_id":"sku-1","price":2000,"quantity":1}]`),
	}, ",")), nil)
}

// passes lets another shopper's event move the site's clock to now.
func (in *installation) passes() {
	in.t.Helper()
	eventCount++
	in.want(202, "POST", "/v1/events", in.public, batch("passer-by", event(fmt.Sprint("w", eventCount), "page_view", "")), nil)
}

// until asks again until it is so.
func (in *installation) until(what string, so func() bool) {
	in.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !so() {
		if time.Now().After(deadline) {
			in.t.Fatalf("half a minute without %s\n%s", what, in.out)
		}
		<-time.After(10 * time.Millisecond)
	}
}

func (in *installation) totals() (t offers.Totals) {
	in.t.Helper()
	var c struct{ Totals offers.Totals }
	in.want(200, "GET", "/v1/campaigns/cart", in.secret, "", &c)
	return c.Totals
}

func (in *installation) uplift() (r watch.Report) {
	in.t.Helper()
	in.want(200, "GET", "/v1/campaigns/cart/uplift", in.secret, "", &r)
	return r
}

func TestAShopperWhoPausesGetsAnOfferThatRedeems(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.sells("")
	s := in.shopper()
	in.fills(s.visitor, 20*time.Second)
	in.passes()
	got := s.offersUntil("offer")[0]
	if !offers.ValidOfferID(got.ID) || got.Title != "Your kettle waits" || got.Discount.Amount != 200 || got.Disclosure == "" || got.Expires < time.Now().UnixMilli() {
		t.Errorf("offer %+v", got)
	}
	in.until("an exposure", func() bool { in.settle(); return in.uplift().Exposed.Offer == 1 })
	s.send(fmt.Sprintf(`{"type":"seen","id":%q}`, got.ID))
	s.send(fmt.Sprintf(`{"type":"seen","id":%q}`, got.ID))
	s.send(`{"type":"seen","id":"o_00000000000000000000000000000000"}`)
	names := func() []string {
		x, _ := in.export(s.visitor)
		return eventNames(x.Events)
	}
	in.until("an offer_seen", func() bool { return slices.Contains(names(), watch.SeenName) })

	in.fills(s.visitor, 5*time.Second) // goes on and pauses again: the episode has its answer
	in.passes()
	in.settle()
	s.send(`{"type":"ping"}`)
	if more := s.offersUntil("pong"); len(more) > 0 {
		t.Errorf("a second offer: %+v", more)
	}
	seen := 0
	for _, name := range names() {
		if name == watch.SeenName {
			seen++
		}
	}
	if totals := in.totals(); totals.Granted != 1 || totals.Live != 1 || seen != 1 {
		t.Errorf("%+v and %d offer_seen, want one offer, seen once", totals, seen)
	}

	var redeemed struct {
		Valid    bool
		Offer    string
		Discount int64
	}
	in.want(200, "POST", "/v1/offers/redeem", in.secret, fmt.Sprintf(`{"code":%q,"transaction_id":"t1","visitor":%q,"cart":{"value":2000,"currency":"EUR","lines":[{"item_id":"sku-1","quantity":1}]}}`, got.Code, s.visitor), &redeemed)
	if !redeemed.Valid || redeemed.Offer != got.ID || redeemed.Discount != 200 {
		t.Errorf("redeemed %+v", redeemed)
	}
	resp, err := http.Get(in.ops + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(text), `beckon_offer_triggers_total{outcome="granted"} 1`) {
		t.Errorf("no granted trigger in the metrics, %v", err)
	}
	if report := in.uplift(); report.Hidden != "no_holdout" {
		t.Errorf("a report without a holdout: %+v", report)
	}
	in.want(400, "GET", "/v1/campaigns/cart/uplift?alpha=2", in.secret, "", nil)
	in.want(404, "GET", "/v1/campaigns/none/uplift", in.secret, "", nil)
}

func TestWhoIsHeldOutSeesNothing(t *testing.T) {
	const n = 12
	in := newInstallation(t)
	in.start()
	in.sells(`,"holdout":0.5`)
	var all []*shopperSocket
	for range n {
		s := in.shopper()
		in.fills(s.visitor, 20*time.Second)
		all = append(all, s)
	}
	in.passes()
	in.until("everybody's exposure", func() bool {
		in.settle()
		e := in.uplift().Exposed
		return e.Offer+e.Holdout == n
	})
	granted := int64(0)
	for _, s := range all {
		var answer struct{ Offers []offerFrame }
		in.want(200, "GET", "/v1/offers?visitor="+s.visitor, in.secret, "", &answer)
		if len(answer.Offers) == 1 {
			granted++
			if got := s.offersUntil("offer"); got[0].ID != answer.Offers[0].ID {
				t.Errorf("pushed %+v, held %+v", got, answer.Offers)
			}
			continue
		}
		s.send(`{"type":"ping"}`)
		if got := s.offersUntil("pong"); len(got) > 0 {
			t.Errorf("held out and shown %+v", got)
		}
	}
	if totals := in.totals(); totals.Granted != granted || totals.Held != n-granted {
		t.Errorf("%+v, %d offers are held of %d", totals, granted, n)
	}
}

func TestWhoAbandonsAgainAndAgainGetsNone(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.sells("")
	for _, ago := range []time.Duration{5 * time.Hour, 4 * time.Hour, 3 * time.Hour, 21 * time.Second} {
		in.fills("abuser", ago)
	}
	s := in.shopper()
	in.fills(s.visitor, 20*time.Second)
	in.passes()
	s.offersUntil("offer") // the abuser's cart was due before
	in.until("the first answer", func() bool { return in.totals().Granted == 1 })
	var answer struct{ Offers []offerFrame }
	in.want(200, "GET", "/v1/offers?visitor=abuser", in.secret, "", &answer)
	if len(answer.Offers) > 0 {
		t.Errorf("the abuser got %+v", answer.Offers)
	}
}

func TestAnOfferOutlivesAKillAndIsMadeOnce(t *testing.T) {
	in := newInstallation(t)
	p := in.startProcess()
	in.sells("")
	var session struct{ Visitor, Token, WS string }
	in.want(200, "POST", "/v1/session", in.public, "", &session)
	in.fills(session.Visitor, 20*time.Second)
	in.passes()
	in.until("an offer", func() bool { return in.totals().Granted == 1 })
	p.kill()
	in.startProcess()
	in.want(200, "POST", "/v1/session", in.public, fmt.Sprintf(`{"visitor":%q,"token":%q}`, session.Visitor, session.Token), &session)
	ws, _, err := websocket.Dial(t.Context(), session.WS+"?k="+in.public, &websocket.DialOptions{Subprotocols: []string{"beckon.v1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	s := &shopperSocket{t: t, in: in, visitor: session.Visitor, token: session.Token, ws: ws}
	s.send(fmt.Sprintf(`{"type":"hello","token":%q}`, session.Token))
	if got := s.offersUntil("offer"); len(got) != 1 {
		t.Errorf("after the kill: %+v", got)
	}
	in.settle()
	if totals, e := in.totals(), in.uplift().Exposed; totals.Granted != 1 || e.Offer != 1 {
		t.Errorf("granted %d, exposed %d, want one of each", totals.Granted, e.Offer)
	}
}

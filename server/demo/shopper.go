package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"
)

// agents are what simulated browsers call themselves: a real browser's words, and at the end what they are.
var agents = []string{
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Simulated/1.0",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1 Simulated/1.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15 Simulated/1.0",
	"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 Simulated/1.0",
}

const maxTries = 30 // of one request, all with the same ids

// place is one shopper's place in the shop: when one has left, the next comes. It is for one goroutine.
type place struct {
	account *Account
	catalog *Catalog
	speed   float64
	seed    uint64
	number  uint64
	count   *counters

	r              *rand.Rand
	visitor, token string
	agent          string
	from           int       // their place in arrivals
	prices         priceList // what this visitor saw
	sent           int       // events of this visitor, for their ids
}

// run lets shoppers come and go until ctx ends.
func (p *place) run(ctx context.Context) {
	for n := uint64(0); ctx.Err() == nil; n++ {
		p.r = rand.New(rand.NewPCG(p.seed, p.number<<32+n))
		p.agent, p.from = agents[p.r.IntN(len(agents))], p.r.IntN(len(arrivals))
		if !p.enter(ctx) {
			return
		}
		p.count.sessions.Add(1)
		w := walk{
			r: p.r, c: p.catalog, taste: newTaste(p.r), now: time.Now, visit: p.visit, advise: p.advise, hold: p.hold, order: p.order,
			price: p.price, offer: p.offer, redeem: p.redeem, cost: p.prices.total,
			orderID: orderNumber(fmt.Sprintf("s%x-%d", uint32(time.Now().UnixMilli()), p.number), n),
		}
		w.run(ctx)
		p.visit(ctx, page{path: "/shop", title: "Home", acts: []act{{name: "leave"}}})
		if !p.think(ctx, time.Duration(3+p.r.IntN(15))*time.Second) {
			return
		}
	}
}

// enter gets a visitor and a token, as a browser without storage does.
func (p *place) enter(ctx context.Context) bool {
	var got struct{ Visitor, Token string }
	ok := p.try(ctx, request{method: "POST", path: "/v1/session", kind: "text/plain", body: []byte("{}"), into: &got})
	p.visitor, p.token, p.sent, p.prices = got.Visitor, got.Token, 0, priceList{}
	return ok
}

// visit sends what is done on a page, in one batch, and stays for a while.
func (p *place) visit(ctx context.Context, pg page) bool {
	now := time.Now()
	b := batch{Visitor: p.visitor, Consent: map[string]bool{"analytics": true, "personalization": true}}
	for i := range pg.acts {
		p.sent++
		e := newEvent(fmt.Sprintf("%s-%d", p.visitor, p.sent), now, p.account.URL, &pg, &pg.acts[i], p.prices)
		if p.sent == 1 {
			e.Page.URL, e.Page.Ref = e.Page.URL+arrivals[p.from].query, arrivals[p.from].ref
		}
		b.Events = append(b.Events, e)
		if pg.acts[i].name == "purchase" {
			p.count.purchases.Add(1)
		}
	}
	b.SentAt = time.Now().UnixMilli()
	body, err := json.Marshal(&b)
	if err != nil {
		panic(err) // plain structs of ours always encode
	}
	var got counts
	if p.try(ctx, request{method: "POST", path: "/v1/events?k=" + p.account.Public, kind: "text/plain;charset=UTF-8", body: body, into: &got}) {
		p.count.events.Add(got.Accepted)
		p.count.duplicates.Add(got.Duplicates)
		p.count.rejected.Add(int64(len(got.Rejected)))
	}
	return p.think(ctx, pg.stay)
}

// advise asks for recommendations with the shopper's token, as a widget does.
func (p *place) advise(ctx context.Context, placement, item string) *advice {
	query := url.Values{"placement": {placement}, "limit": {"6"}}
	if item != "" {
		query.Set("item", item)
	}
	var got struct {
		Rec   string `json:"rec_id"`
		Items []struct {
			ID string `json:"item_id"`
		}
	}
	if !p.try(ctx, request{method: "GET", path: "/v1/recommendations?" + query.Encode(), token: p.token, into: &got}) {
		return nil
	}
	a := advice{rec: got.Rec, placement: placement}
	for _, it := range got.Items {
		if known := p.catalog.Item(it.ID); known != nil {
			a.items = append(a.items, known)
		}
	}
	return &a
}

// hold is the shop's backend at the beginning of a checkout: it reserves the pieces under the order's number.
func (p *place) hold(ctx context.Context, id string, cart []line) bool {
	if p.account.Secret == "" {
		return true
	}
	return p.try(ctx, request{method: "POST", path: "/v1/reservations", secret: true, kind: "application/json", body: reservationOf(id, cart, holdTime)})
}

// order is the shop's backend at the till: what was held is sold, once for each order whatever is retried.
func (p *place) order(ctx context.Context, id string, _ []line) bool {
	if p.account.Secret == "" {
		return true
	}
	return p.try(ctx, request{method: "POST", path: "/v1/reservations/" + id + "/commit", secret: true})
}

// try sends a request until it is answered for good, waiting as long as the server asks. A 409 is no error: someone else was faster.
func (p *place) try(ctx context.Context, r request) bool {
	if !r.secret {
		r.agent = p.agent
	}
	for range maxTries {
		err := p.account.send(ctx, r)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if conflict(err) {
			return false
		}
		wait, again := retry(err)
		if !again {
			break
		}
		p.count.waits.Add(1)
		if !pause(ctx, wait) {
			return false
		}
	}
	p.count.errors.Add(1)
	return false
}

// think waits as a shopper of this speed does.
func (p *place) think(ctx context.Context, d time.Duration) bool {
	return pause(ctx, time.Duration(float64(d)/p.speed))
}

package demo

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// past is the demo's past: how many visits between two times ago. Today and the same hours a week ago are busy, so that pages which
// compare the two have something to compare.
var past = []struct {
	visits     int
	from, till time.Duration // ago
	later      float64       // 1 spreads visits evenly, more makes them denser towards the end
}{
	{120, 26 * day, 10 * day, 1},
	{600, 7*day + 2*time.Hour, 7*day - 2*time.Hour, 1},
	{400, 9 * day, 2 * day, 1},
	{600, 2 * day, time.Minute, 3},
}

const (
	day       = 24 * time.Hour
	returning = .35 // of visits, by somebody who was there before
)

// arrivals are where people come from, as their first page says it; the empty one is direct.
var arrivals = []struct{ query, ref string }{
	{},
	{},
	{},
	{},
	{"", "https://www.search.example/"},
	{"", "https://www.search.example/"},
	{"", "https://www.search.example/"},
	{"?utm_source=newsletter", ""},
	{"?utm_source=social", "https://social.example/"},
}

// Filled says what Fill did; both are 0 when the site had items.
type Filled struct{ Items, Events int }

// Fill puts the catalog into an empty site and imports past behaviour of four weeks, most of it of the last two days, so that models
// know something at once. It is simulated behaviour like all of the demo's, by shoppers with the tastes that Simulate's have. A site that
// has items is left as it is.
func Fill(ctx context.Context, account Account, catalog *Catalog, seed uint64, now time.Time) (Filled, error) {
	var known struct {
		Items []struct {
			ID string `json:"item_id"`
		} `json:"items"`
	}
	if err := account.send(ctx, request{method: "GET", path: "/v1/items?limit=1", secret: true, into: &known}); err != nil {
		return Filled{}, fmt.Errorf("list items: %w", err)
	}
	if len(known.Items) > 0 {
		return Filled{}, nil
	}
	var items bytes.Buffer
	if err := catalog.WriteNDJSON(&items); err != nil {
		return Filled{}, err
	}
	if err := account.put(ctx, items.Bytes()); err != nil {
		return Filled{}, err
	}
	if err := arrange(ctx, account); err != nil {
		return Filled{}, fmt.Errorf("arrange prices and offers: %w", err)
	}
	filled := Filled{Items: len(catalog.Items)}
	var got counts
	lines := History(catalog, seed, now)
	if err := account.send(ctx, request{method: "POST", path: "/v1/import", secret: true, kind: "application/x-ndjson", body: lines, into: &got}); err != nil {
		return filled, fmt.Errorf("import history: %w", err)
	}
	filled.Events = int(got.Accepted)
	if len(got.Rejected) > 0 {
		r := got.Rejected[0]
		return filled, fmt.Errorf("import history: %d events rejected, the first: %s %s", len(got.Rejected), r.Code, r.Message)
	}
	return filled, nil
}

// put upserts items; a line that is refused is an error.
func (a *Account) put(ctx context.Context, lines []byte) error {
	var got counts
	if err := a.send(ctx, request{method: "PUT", path: "/v1/items", secret: true, kind: "application/x-ndjson", body: lines, into: &got}); err != nil {
		return fmt.Errorf("put items: %w", err)
	}
	if len(got.Rejected) > 0 {
		return fmt.Errorf("put items: %s: %s", got.Rejected[0].Code, got.Rejected[0].Message)
	}
	return nil
}

// History is NDJSON for POST /v1/import: what shoppers did before now, in the order of time.
func History(c *Catalog, seed uint64, now time.Time) []byte {
	var events []event
	n := uint64(0)
	for _, p := range past {
		for range p.visits {
			r := rand.New(rand.NewPCG(seed, 1<<32+n))
			ago := p.till + time.Duration(float64(p.from-p.till)*math.Pow(r.Float64(), p.later))
			person := n
			if n > 0 && r.Float64() < returning {
				person = r.Uint64N(n)
			}
			events = append(events, pastVisit(c, r, newPerson(seed, person, now), n, now.Add(-ago-time.Minute), now)...)
			n++
		}
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.TS, b.TS) })
	var out []byte
	for i := range events {
		out = appendLine(out, &events[i])
	}
	return out
}

// person is a shopper of the past, the same in every visit.
type person struct {
	visitor, agent string
	taste          taste
}

func newPerson(seed, number uint64, now time.Time) person {
	r := rand.New(rand.NewPCG(seed, 1<<33+number))
	return person{fmt.Sprintf("v_past-%d-%d", now.UnixMilli(), number), agents[r.IntN(len(agents))], newTaste(r)}
}

func pastVisit(c *Catalog, r *rand.Rand, who person, n uint64, at, end time.Time) []event {
	var out []event
	from := arrivals[r.IntN(len(arrivals))]
	w := walk{
		r: r, c: c, taste: who.taste, orderID: orderNumber("past"+fmt.Sprint(end.UnixMilli()), n),
		now:    func() time.Time { return at },
		advise: func(context.Context, string, string) *advice { return nil },
		order:  func(context.Context, string, []line) bool { return true },
		visit: func(_ context.Context, p page) bool {
			for i := range p.acts {
				if at = at.Add(200 * time.Millisecond); !at.Before(end) {
					return false
				}
				e := newEvent(fmt.Sprintf("%s-%d-%d", who.visitor, n, len(out)), at, pastShop, &p, &p.acts[i], nil)
				e.Visitor, e.UserAgent = who.visitor, who.agent
				if len(out) == 0 {
					e.Page.URL, e.Page.Ref = e.Page.URL+from.query, from.ref
				}
				out = append(out, e)
			}
			at = at.Add(p.stay)
			return at.Before(end)
		},
	}
	w.run(context.Background())
	return out
}

// pastShop is where the shop stood in its past.
const pastShop = "http://shop.example"

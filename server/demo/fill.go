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

const (
	pastVisits = 600
	pastLength = 48 * time.Hour
)

// Filled says what Fill did; both are 0 when the site had items.
type Filled struct{ Items, Events int }

// Fill puts the catalog into an empty site and imports two days of past behaviour, denser towards now, so that models know
// something at once. It is simulated behaviour like all of the demo's, by shoppers with the tastes that Simulate's have. A site that
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
	past := History(catalog, seed, now)
	if err := account.send(ctx, request{method: "POST", path: "/v1/import", secret: true, kind: "application/x-ndjson", body: past, into: &got}); err != nil {
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

// History is NDJSON for POST /v1/import: what shoppers did in the two days before now, in the order of time.
func History(c *Catalog, seed uint64, now time.Time) []byte {
	var events []event
	for n := range uint64(pastVisits) {
		r := rand.New(rand.NewPCG(seed, 1<<32+n))
		ago := time.Duration(float64(pastLength) * math.Pow(r.Float64(), 3))
		events = append(events, pastVisit(c, r, n, now.Add(-ago-time.Minute), now)...)
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.TS, b.TS) })
	var out []byte
	for i := range events {
		out = appendLine(out, &events[i])
	}
	return out
}

func pastVisit(c *Catalog, r *rand.Rand, n uint64, at, end time.Time) []event {
	var out []event
	visitor := fmt.Sprintf("v_past-%d-%d", end.UnixMilli(), n)
	agent := agents[r.IntN(len(agents))]
	w := walk{
		r: r, c: c, taste: newTaste(r), orderID: orderNumber("past"+fmt.Sprint(end.UnixMilli()), n),
		now:    func() time.Time { return at },
		advise: func(context.Context, string, string) *advice { return nil },
		order:  func(context.Context, string, []line) bool { return true },
		visit: func(_ context.Context, p page) bool {
			for i := range p.acts {
				if at = at.Add(200 * time.Millisecond); !at.Before(end) {
					return false
				}
				e := newEvent(fmt.Sprintf("%s-%d", visitor, len(out)), at, "", &p, &p.acts[i], nil)
				e.Visitor, e.UserAgent = visitor, agent
				out = append(out, e)
			}
			at = at.Add(p.stay)
			return at.Before(end)
		},
	}
	w.run(context.Background())
	return out
}

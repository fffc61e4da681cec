package demo

import (
	"context"
	"math/rand/v2"
	"time"
)

// office is the demo shop's back office: lorries bring what is sold out, and every now and then a price goes down for some minutes.
type office struct {
	account *Account
	catalog *Catalog
	seed    uint64
	count   *counters

	reduced []reduction
}

// reduction is a price that goes back up.
type reduction struct {
	item  *Item
	until time.Time
}

const (
	restockEvery = 20 * time.Second
	repriceEvery = 12 * time.Second
	reducedFor   = 4 * time.Minute
	closeTime    = 2 * time.Second
	perLorry     = 2   // items that one delivery brings
	scarce       = 0.1 // share of the catalog that may be low before lorries come for it
)

func (o *office) run(ctx context.Context) {
	r := rand.New(rand.NewPCG(o.seed, 1<<40))
	restock, reprice := time.NewTicker(restockEvery), time.NewTicker(repriceEvery)
	defer restock.Stop()
	defer reprice.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			o.close()
			return
		case <-restock.C:
			err = o.restock(ctx, r)
		case now := <-reprice.C:
			err = o.reprice(ctx, r, now)
		}
		if err != nil && ctx.Err() == nil {
			o.count.errors.Add(1)
			if wait, again := retry(err); again {
				pause(ctx, wait)
			}
		}
	}
}

// restock brings a few pieces of what is sold out, and of what is low once much of the catalog is.
func (o *office) restock(ctx context.Context, r *rand.Rand) error {
	var got struct {
		Items []struct {
			ID    string `json:"item_id"`
			Stock *int64 `json:"stock"`
		} `json:"items"`
	}
	if err := o.account.send(ctx, request{method: "GET", path: "/v1/items?limit=1000", secret: true, into: &got}); err != nil {
		return err
	}
	var out, low []string
	for _, it := range got.Items {
		switch {
		case it.Stock == nil || o.catalog.Item(it.ID) == nil:
		case *it.Stock == 0:
			out = append(out, it.ID)
		case *it.Stock <= lowStock:
			low = append(low, it.ID)
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	bring := out[:min(len(out), perLorry)]
	if float64(len(low)) > scarce*float64(len(o.catalog.Items)) {
		bring = append(bring, low[r.IntN(len(low))])
	}
	var body []byte
	for _, id := range bring {
		body = appendLine(body, map[string]any{"item_id": id, "delta": 6 + r.IntN(30)})
	}
	if body == nil {
		return nil
	}
	return o.account.send(ctx, request{method: "POST", path: "/v1/stock", secret: true, kind: "application/x-ndjson", body: body})
}

// reprice reduces one item, mostly one that is talked about, and ends what has been reduced for long enough.
func (o *office) reprice(ctx context.Context, r *rand.Rand, now time.Time) error {
	var body []byte
	for len(o.reduced) > 0 && now.After(o.reduced[0].until) {
		it := o.reduced[0].item
		body = appendLine(body, it.line(it.Price, false))
		o.reduced = o.reduced[1:]
	}
	m := momentAt(o.catalog, now)
	it, _ := choose(r, o.pointers(), func(it *Item) float64 { return m.boost(it) })
	percent := []int64{10, 15, 20}[r.IntN(3)]
	body = appendLine(body, it.line(shelfPrice(float64(it.Price*(100-percent)/100)), false))
	o.reduced = append(o.reduced, reduction{it, now.Add(reducedFor)})
	return o.account.put(ctx, body)
}

// close puts reduced prices back, so that the next start finds the shop as it was. A server that is gone keeps them.
func (o *office) close() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	var body []byte
	for _, red := range o.reduced {
		body = appendLine(body, red.item.line(red.item.Price, false))
	}
	if body != nil && o.account.put(ctx, body) != nil {
		o.count.errors.Add(1)
	}
}

func (o *office) pointers() []*Item {
	out := make([]*Item, len(o.catalog.Items))
	for i := range o.catalog.Items {
		out[i] = &o.catalog.Items[i]
	}
	return out
}

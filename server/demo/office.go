package demo

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// office is the demo shop's back office: lorries bring what is sold out, and every now and then an item is reduced for some minutes, as an
// announced markdown. All other changes of prices are the engine's.
type office struct {
	account *Account
	catalog *Catalog
	seed    uint64
	count   *counters
}

const (
	restockEvery = 20 * time.Second
	reduceEvery  = 12 * time.Second
	reducedFor   = 4 * time.Minute
	perLorry     = 2   // items that one delivery brings
	scarce       = 0.1 // share of the catalog that may be low before lorries come for it
)

func (o *office) run(ctx context.Context) {
	r := rand.New(rand.NewPCG(o.seed, 1<<40))
	restock, reduce := time.NewTicker(restockEvery), time.NewTicker(reduceEvery)
	defer restock.Stop()
	defer reduce.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-restock.C:
			err = o.restock(ctx, r)
		case now := <-reduce.C:
			err = o.reduce(ctx, r, now)
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

// reduce announces a markdown of one item, mostly one that is talked about. It ends by itself.
func (o *office) reduce(ctx context.Context, r *rand.Rand, now time.Time) error {
	m := momentAt(o.catalog, now)
	it, _ := choose(r, o.pointers(), func(it *Item) float64 { return m.boost(it) })
	body, err := json.Marshal(map[string]any{"items": []string{it.ID}, "percent": []int{10, 15, 20}[r.IntN(3)], "until": now.Add(reducedFor).UnixMilli()})
	if err != nil {
		return err
	}
	err = o.account.send(ctx, request{method: "POST", path: "/v1/markdowns", secret: true, kind: "application/json", body: body})
	var status *StatusError
	if errors.As(err, &status) && status.Status == http.StatusConflict { // it is reduced already, or lower of its own
		return nil
	}
	return err
}

func (o *office) pointers() []*Item {
	out := make([]*Item, len(o.catalog.Items))
	for i := range o.catalog.Items {
		out[i] = &o.catalog.Items[i]
	}
	return out
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"beckon/pricing"
	"beckon/server/shop"
)

// days is closedSlots of a shop in which demand answers to the price: each call tells one day, of the past.
type days struct {
	n    *node
	next int64 // start of the day that is told next
	ids  []string
}

const dayOfTest = int64(24 * time.Hour / time.Millisecond)

func (d *days) observations(site string, now int64) []pricing.ObservationBatch {
	if d.next+dayOfTest > now {
		return nil
	}
	b := pricing.ObservationBatch{Slot: d.next, Ms: dayOfTest}
	d.next += dayOfTest
	for i, id := range d.ids {
		it, _ := d.n.shop.Item(site, id)
		units := float64(20 + i%3 - int((it.Public-1000)/100))
		b.Lines = append(b.Lines, pricing.Observation{Item: id, Price: it.Public, Views: 200, Units: max(units, 0), Season: 1, Clean: true})
	}
	return []pricing.ObservationBatch{b}
}

// reviewed is a node with cheap kettles, demand for them, and the engine in a mode.
func reviewed(t *testing.T, mode string) (*node, *reviewer, *days) {
	n := openHere(t, 0)
	var lines strings.Builder
	d := &days{n: n, next: (time.Now().UnixMilli() - 60*dayOfTest) / dayOfTest * dayOfTest}
	for i := range 12 {
		id := fmt.Sprintf("k%02d", i)
		d.ids = append(d.ids, id)
		fmt.Fprintf(&lines, `{"item_id":%q,"title":"Kettle","category":["kettles"],"price":1000,"currency":"EUR","cost":300,"ceiling":1500}`+"\n", id)
	}
	if a, err := n.shop.PutItems(t.Context(), "test", "test", strings.NewReader(lines.String()), ""); err != nil || a.Accepted != 12 {
		t.Fatalf("%+v, %v", a, err)
	}
	set := fmt.Sprintf(`{"scope":"site","settings":{"mode":%q,"dwell_ms":0,"breaker":1}}`, mode)
	if _, _, err := n.shop.Submit(t.Context(), "test", shop.Command{Do: pricing.DoSettings, Site: "test", Body: []byte(set)}); err != nil {
		t.Fatal(err)
	}
	return n, &reviewer{n: n, slots: d, pause: map[string]time.Time{}, held: map[string]time.Time{}}, d
}

func TestTheEngineObservesDecidesAndPublishes(t *testing.T) {
	n, r, d := reviewed(t, "auto")
	for range 30 {
		r.all(t.Context())
	}
	moved, decided := 0, 0
	for _, id := range d.ids {
		it, _ := n.shop.Item("test", id)
		if it.Public != it.Price {
			moved++
		}
		v := n.folds.book.Item("test", id, *pricingItem(it, n.now().UnixMilli()), n.now().UnixMilli())
		if v.Decision != nil {
			decided++
		}
		if it.Public < 315 || it.Public > 1500 {
			t.Errorf("%s costs %d, outside its limits", id, it.Public)
		}
	}
	if decided != len(d.ids) || moved == 0 {
		t.Fatalf("%d of %d items decided, %d prices moved", decided, len(d.ids), moved)
	}
}

func TestTheEngineWaitsForAPersonInSuggest(t *testing.T) {
	n, r, d := reviewed(t, "suggest")
	for range 30 {
		r.all(t.Context())
	}
	open := n.folds.book.Suggestions("test", n.now().UnixMilli(), 100)
	if len(open) == 0 {
		t.Fatal("nothing was suggested")
	}
	for _, id := range d.ids {
		if it, _ := n.shop.Item("test", id); it.Public != 1000 {
			t.Fatalf("%s costs %d, and nobody approved", id, it.Public)
		}
	}
	body := []byte(fmt.Sprintf(`{"suggestion":%q}`, open[0].ID))
	if _, _, err := n.shop.Submit(t.Context(), "user anna", shop.Command{Do: pricing.DoApprove, Site: "test", Body: body}); err != nil {
		t.Fatal(err)
	}
	if it, _ := n.shop.Item("test", open[0].Item); it.Public != open[0].Decision.Price {
		t.Fatalf("approved, and costs %d instead of %d", it.Public, open[0].Decision.Price)
	}
}

func TestAFreezeStopsTheEngineWithItsRecord(t *testing.T) {
	n, r, d := reviewed(t, "auto")
	for range 10 {
		r.all(t.Context())
	}
	if _, _, err := n.shop.Submit(t.Context(), "user anna", shop.Command{Do: pricing.DoFreeze, Site: "test", Body: []byte(`{"scope":"site","on":true}`)}); err != nil {
		t.Fatal(err)
	}
	before := map[string]uint64{}
	for _, id := range d.ids {
		it, _ := n.shop.Item("test", id)
		before[id] = it.Version
	}
	for range 10 {
		r.all(t.Context())
	}
	for _, id := range d.ids {
		if it, _ := n.shop.Item("test", id); it.Version != before[id] {
			t.Errorf("%s moved to %d while everything was frozen", id, it.Public)
		}
	}
}

func TestReplayAndExplainReadTheLogAlone(t *testing.T) {
	n, r, d := reviewed(t, "auto")
	for range 40 {
		r.all(t.Context())
	}
	between := n.now().UnixMilli()
	for range 10 {
		r.all(t.Context())
	}
	var audit pricing.Audit
	s, err := n.dir.openSecret(n.cfg.secret)
	if err != nil {
		t.Fatal(err)
	}
	past, err := foldUntil(t.Context(), n.control, s, 0, pricing.Config{OnDecision: audit.Decision})
	if err != nil {
		t.Fatal(err)
	}
	if audit.Accepted < 300 || audit.Equal != audit.Accepted {
		t.Fatalf("%+v", audit)
	}
	for _, id := range d.ids {
		now, _ := n.shop.Item("test", id)
		then, _ := past.store.Item("test", id)
		if now.Public != then.Public || now.Version != then.Version {
			t.Fatalf("%s costs %d, by the log %d", id, now.Public, then.Public)
		}
	}
	if err := past.close(); err != nil {
		t.Fatal(err)
	}

	// The price of a moment is the same from memory and from the log, whatever followed.
	for _, id := range d.ids {
		it, _ := n.shop.Item("test", id)
		x, err := n.folds.book.Explain("test", id, "", *pricingItem(it, between), between)
		if err != nil {
			t.Fatal(err)
		}
		y, err := n.explainFromLog("test", id, "", between, x)
		if err != nil {
			t.Fatal(err)
		}
		if x.Amount != y.Amount || x.Version != y.Version || x.Kind != y.Kind {
			t.Fatalf("%s: from memory %+v, from the log %+v", id, x, y)
		}
		if x.Kind == pricing.KindEngine && (y.Decision == nil || len(y.Words) < 4) {
			t.Fatalf("%s: no steps in %+v", id, y)
		}
	}
}

func TestThePricesCommandReplaysACopyOfTheLog(t *testing.T) {
	n, r, d := reviewed(t, "auto")
	for range 5 {
		r.all(t.Context())
	}
	var stdout, stderr output
	getenv := func(string) string { return "" }
	if err := run(t.Context(), []string{"prices", "replay", "--json", "--data", string(n.dir)}, getenv, &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var audit pricing.Audit
	if err := json.Unmarshal([]byte(stdout.String()), &audit); err != nil || audit.Accepted != 5*len(d.ids) || audit.Equal != audit.Accepted {
		t.Fatalf("%s: %+v, %v", stdout.String(), audit, err)
	}
	stdout = output{}
	if err := run(t.Context(), []string{"prices", "explain", "--site", "test", "--item", d.ids[0], "--data", string(n.dir)}, getenv, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stdout.String(), "the price was") {
		t.Fatalf("explain printed %q", stdout.String())
	}
	if err := run(t.Context(), []string{"prices", "explain", "--data", string(n.dir)}, getenv, &stdout, &stderr); err == nil {
		t.Fatal("explain without an item was taken")
	}
}

func TestTheReviewEnds(t *testing.T) {
	_, r, _ := reviewed(t, "auto")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.run(ctx) }()
	cancel()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("it runs on")
	}
}

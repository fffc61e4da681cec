package shop

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
)

// whole fails unless an accepted item is one that the catalog may hold.
func whole(t *testing.T, got *incoming) {
	t.Helper()
	if got.rejected != nil {
		if got.rejected.code == "" || got.rejected.message == "" {
			t.Fatalf("rejected without a reason: %+v", got)
		}
		return
	}
	w := &got.item
	if !validItemID(w.ID) || w.Price != nil && (*w.Price < 0 || !validCurrency(w.Currency)) || w.Stock != nil && *w.Stock < 0 || !utf8.ValidString(w.Title) {
		t.Fatalf("accepted %+v", w)
	}
	text, err := json.Marshal(w.item())
	if err != nil || len(text) > 2*maxLine+maxAttributes*6 {
		t.Fatalf("item of %d bytes: %v", len(text), err)
	}
}

func FuzzItemLine(f *testing.F) {
	f.Add([]byte(`{"item_id":"a","title":"T","price":1,"currency":"EUR","stock":null,"category":["a"],"markets":{"de":{"price":1,"currency":"EUR"}},"attributes":{"a":[1]}}`))
	f.Add([]byte(`{"item_id":"a","stock":1.5}`))
	f.Add([]byte("{\"item_id\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, line []byte) {
		var got incoming
		got.decode(line, "EUR")
		whole(t, &got)
	})
}

func FuzzStockLine(f *testing.F) {
	f.Add([]byte(`{"item_id":"a","stock":1}`))
	f.Add([]byte(`{"item_id":"a","delta":-1,"id":"x"}`))
	f.Add([]byte(`{"item_id":"a","stock":null}`))
	f.Add([]byte(`{"item_id":"a","delta":-1,"reservation":"c"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		rec, item, bad := decodeStock(line)
		if bad == nil && (!validItemID(item) || rec.ID != item || (rec.Add != nil) == (rec.Set != nil || rec.Untrack) || rec.Reservation != "" && soldPieces(&rec) < 1) {
			t.Fatalf("accepted %+v", rec)
		}
	})
}

func FuzzReservation(f *testing.F) {
	f.Add([]byte(`{"id":"c","lines":[{"item_id":"b","quantity":1},{"item_id":"a","quantity":2},{"item_id":"b","quantity":3}],"ttl_s":60}`))
	f.Add([]byte(`{"lines":[{"item_id":"a","quantity":1e3}]}`))
	f.Add([]byte(`{"lines":null,"ttl_s":-1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := DecodeReservation(body)
		if err != nil {
			if code(err) == "" || err.Error() == "" {
				t.Fatalf("refused without a reason: %#v", err)
			}
			return
		}
		if req.ID == "" {
			req.ID = "made"
		}
		if bad := checkReservation(req.ID, req.Lines, req.TTL); bad != nil {
			t.Fatalf("accepted %+v: %+v", req, bad)
		}
	})
}

func FuzzGoogleFeed(f *testing.F) {
	for _, name := range []string{"google.rss.xml", "google.atom.xml", "google.tsv"} {
		feed, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(feed)
	}
	f.Add([]byte("id\tprice\na\t1 EUR\n"))
	f.Fuzz(func(t *testing.T, feed []byte) {
		next := 0
		readGoogle(bytes.NewReader(feed), "EUR", t0, func(got *incoming) error {
			if got.index != next {
				t.Fatalf("product %d after %d", got.index, next)
			}
			next++
			whole(t, got)
			return nil
		})
	})
}

// FuzzRecord: whatever stands in the log, applying it neither panics nor leaves a state that a snapshot cannot hold.
func FuzzRecord(f *testing.F) {
	seed := func(c control) {
		text, err := jsonv2.Marshal(&c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	price, one := int64(5), int64(1)
	seed(control{Time: t0, Do: doSitePut, Site: "s", Settings: &Settings{Currency: "EUR"}})
	seed(control{Time: t0, Do: doItemPut, Site: "s", Item: &itemJSON{ID: "a", Price: &price, Currency: "EUR", Stock: &one}})
	seed(control{Time: t0, Do: doItemPut, Site: "s", StockMode: stockSome, Item: &itemJSON{ID: "a"}})
	seed(control{Time: t0, Do: doStock, Site: "s", ID: "a", Add: &one, Ref: "r"})
	seed(control{Time: 3, Do: doStock, Site: "s", ID: "a", Set: &one, Reservation: "c"})
	seed(control{Time: 3, Do: doReservationPut, Site: "s", ID: "c1", Lines: []ReservedLine{{"a", 1}}, TTL: MinReservationTTL})
	seed(control{Time: 3, Do: doReservationCommit, Site: "s", ID: "c"})
	seed(control{Time: 3, Do: doReservationRelease, Site: "s", ID: "c"})
	seed(control{Time: 3, Do: doItemCover, Site: "s", ID: "a", Body: []byte(`{"low":true}`)})
	seed(control{Time: t0, Do: doKeyPut, Site: "s", Key: &keyState{ID: "k", Kind: PublicKey, Text: "pk_x"}, Replaces: "k0", Grace: 1})
	seed(control{Time: t0, Do: doUserPut, ID: "u", Role: Admin, Hash: "h", New: true})
	f.Add([]byte(`{"do":"rule.put","item":1}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		sealer, err := newSealer(testSecret)
		if err != nil {
			t.Fatal(err)
		}
		fold := newFold(sealer, nil)
		for i, p := range [][]byte{
			[]byte(`{"t":1,"do":"site.put","site":"s","settings":{"low_stock":2},"new":true}`),
			[]byte(`{"t":1,"do":"item.put","site":"s","item":{"item_id":"a","stock":3,"price":4,"currency":"EUR"}}`),
			[]byte(`{"t":1,"do":"key.put","site":"s","key":{"id":"k0","kind":"public","text":"pk_0"}}`),
			[]byte(`{"t":2,"do":"reservation.put","site":"s","id":"c","lines":[{"item_id":"a","quantity":2}],"ttl":60000}`),
			payload, payload,
		} {
			if _, _, err := fold.apply(p, uint64(i), nil); err != nil && i < 4 {
				t.Fatal(err)
			}
		}
		before := state(t, fold)
		again, _, err := readSnapshot(bytes.NewReader(before), sealer, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, before)
		}
		if after := state(t, again); !bytes.Equal(after, before) {
			t.Fatal(firstDifference(after, before))
		}
	})
}

func FuzzSnapshot(f *testing.F) {
	sealer, err := newSealer(testSecret)
	if err != nil {
		f.Fatal(err)
	}
	fold := newFold(sealer, nil)
	for i, p := range []string{
		`{"t":1,"do":"site.put","site":"s","settings":{"low_stock":2},"new":true}`,
		`{"t":1,"do":"item.put","site":"s","item":{"item_id":"a","stock":3,"price":4,"currency":"EUR"}}`,
		`{"t":1,"do":"stock","site":"s","id":"a","add":-1,"ref":"x"}`,
		`{"t":2,"do":"reservation.put","site":"s","id":"c","lines":[{"item_id":"a","quantity":1}],"ttl":60000}`,
		`{"t":2,"do":"reservation.put","site":"s","id":"d","lines":[{"item_id":"a","quantity":1}],"ttl":60000}`,
		`{"t":3,"do":"reservation.commit","site":"s","id":"d"}`,
		`{"t":1,"do":"key.put","site":"s","key":{"id":"k0","kind":"public","text":"pk_0"}}`,
		`{"t":1,"do":"user.put","id":"u","role":"admin","hash":"h","new":true}`,
	} {
		if _, _, err := fold.apply([]byte(p), uint64(i), nil); err != nil {
			f.Fatal(err)
		}
	}
	var b bytes.Buffer
	im := fold.image()
	if err := im.write(&b, "e1", 5); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add(strings.Replace(b.String(), `"version":1`, `"version":2`, 1))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		got, _, err := readSnapshot(strings.NewReader(text), sealer, nil)
		if err == nil {
			state(t, got)
		}
	})
}

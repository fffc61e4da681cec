package shop

import (
	"bytes"
	"reflect"
	"testing"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

func TestTheEnvelopeIsTheSameTextByHand(t *testing.T) {
	f := func(c control, byHand bool) {
		t.Helper()
		want, err := json.Marshal(&c, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		got, ok := c.appendEnvelope(nil)
		if ok != byHand || ok && string(got) != string(want) {
			t.Errorf("%t %s\nwant %t %s", ok, got, byHand, want)
		}
		var p record.Packed
		if err := c.appendBody(&p); err != nil || string(p.At(0)) != string(want) {
			t.Errorf("%s, %v, want %s", p.Data, err, want)
		}
		var back control
		if err := back.parse(want, &words{}); err != nil || !reflect.DeepEqual(back, c) {
			t.Errorf("%s came back as %+v, %v", want, back, err)
		}
	}
	body := []byte(`{"a":[1,"}"]}`)
	f(control{Time: 1790000000000, Actor: "engine", Do: "offer.claim", Site: "demo", ID: "c_1", Body: body}, true)
	f(control{Time: 1, Do: "offer.claim", Body: body}, true)
	f(control{Time: 1, Actor: `a "friend"`, Do: "offer.claim", Body: body}, false)
	f(control{Time: 1, Actor: "Jürgen", Do: "offer.claim", Body: body}, false)
	f(control{Time: 1, Do: "offer.claim", ID: "ends\\", Body: []byte(`"x"`)}, false)
	f(control{Time: -1, Do: "price.freeze", Site: "demo", Body: []byte(`{}`)}, true)
	f(control{Time: 0, Do: "price.freeze", Site: "demo", Body: []byte(`0`)}, true)
}

// FuzzEnvelope: what is read by hand is what JSON says, wherever both read it.
func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(`{"t":1790000000000,"by":"engine","do":"offer.claim","site":"demo","id":"c_1","body":{"a":1}}`))
	f.Add([]byte(`{"t":1,"do":"clock"}`))
	f.Add([]byte(`{"t":-1,"do":"a.b","body":1}`))
	f.Add([]byte(`{"t":1,"by":"x","site":"s","do":"a.b","body":{},"id":"y"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var hand, ordinary control
		if !hand.parseEnvelope(payload, &words{}) {
			return
		}
		text := string(payload)
		again, ok := hand.appendEnvelope(nil)
		if !ok {
			t.Fatalf("%q was read and cannot be written", text)
		}
		if err := json.Unmarshal(payload, &ordinary); err != nil {
			return // a body that is no JSON is its fold's to refuse
		}
		hand.Body = bytes.TrimSpace(hand.Body)
		if string(again) == text && !reflect.DeepEqual(hand, ordinary) {
			t.Fatalf("%q: by hand %+v, ordinary %+v", text, hand, ordinary)
		}
	})
}

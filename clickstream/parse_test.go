package clickstream

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const (
	testReceived = int64(1790000001000)
	testSentAt   = int64(1790000000500)
)

func browserSource() *Source {
	return &Source{
		Site: "shop", Received: testReceived, UserAgent: "Mozilla/5.0", IP: "203.0.113.77",
		DefaultConsent: Analytics | Personalization,
	}
}

// documented is the body that the API's description shows.
const documented = `{"sent_at":1790000000500,"visitor":"v_01J","consent":{"analytics":true,"personalization":true},
 "events":[{"id":"01J","name":"view_item","ts":1790000000000,"user":"c-42",
   "page":{"url":"https://shop/p/1","ref":"","title":"Kettle"},
   "items":[{"item_id":"sku-1","price":1999,"quantity":1,"category":"kitchen"}],
   "currency":"EUR","value":1999,"transaction_id":"","search_term":"","placement":"","rec_id":"","props":{}}]}`

func parseBody(t *testing.T, body string, src *Source) *Decoded {
	t.Helper()
	var p Parser
	var d Decoded
	if err := p.Body(body, src, &d); err != nil {
		t.Fatalf("Body(%s): %v", body, err)
	}
	return &d
}

func parseOne(t *testing.T, body string, src *Source) Event {
	t.Helper()
	d := parseBody(t, body, src)
	if len(d.Events) != 1 || len(d.Rejected) != 0 {
		t.Fatalf("got %d events and rejections %+v, want one event, of %s", len(d.Events), d.Rejected, body)
	}
	return d.Events[0]
}

// bodyWith wraps fields into a body around a valid event; later fields win over the valid ones.
func bodyWith(fields string) string {
	if fields != "" {
		fields = "," + fields
	}
	return fmt.Sprintf(`{"sent_at":%d,"visitor":"v_1","events":[{"id":"e_1","name":"heartbeat","ts":%d%s}]}`, testSentAt, testSentAt-500, fields)
}

func TestDocumentedBodyIsRead(t *testing.T) {
	got := parseOne(t, documented, browserSource())
	want := Event{
		Site: "shop", Visitor: "v_01J", ID: "01J", Kind: ViewItem, Name: "view_item", Time: 1790000000500, Received: testReceived,
		User: "c-42", Consent: Analytics | Personalization, URL: "https://shop/p/1", Title: "Kettle",
		Items:    []Item{{ID: "sku-1", Price: 1999, Quantity: 1, Category: "kitchen"}},
		Currency: "EUR", Value: 1999, UserAgent: "Mozilla/5.0", IP: "203.0.113.0",
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestEachRuleHasItsCode(t *testing.T) {
	long := strings.Repeat("a", 65)
	for _, c := range []struct{ fields, code, names string }{
		{`"id":""`, MissingID, "id"},
		{`"id":null`, MissingID, "id"},
		{`"id":7`, BadID, "id"},
		{`"id":"a b"`, BadID, "id"},
		{`"id":"é"`, BadID, "id"},
		{`"id":"` + long + `"`, BadID, "id"},
		{`"name":""`, MissingName, "name"},
		{`"name":null`, MissingName, "name"},
		{`"name":5`, BadJSON, "name"},
		{`"name":"` + long + `"`, BadJSON, "name"},
		{`"name":"a\u0000"`, BadJSON, "name"},
		{`"ts":null`, BadTimestamp, "ts"},
		{`"ts":0`, BadTimestamp, "ts"},
		{`"ts":-5`, BadTimestamp, "ts"},
		{`"ts":"1790000000000"`, BadTimestamp, "ts"},
		{`"ts":1790000000000.5`, BadTimestamp, "ts"},
		{`"ts":99999999999999999999`, BadTimestamp, "ts"},
		{`"ts":1790000060501`, FutureTimestamp, "ts"},
		{`"ts":1787408000499`, TooOld, "ts"},
		{`"name":"view_item"`, MissingItem, "items"},
		{`"name":"add_to_cart","items":[]`, MissingItem, "items"},
		{`"name":"add_to_cart","items":null`, MissingItem, "items"},
		{`"items":{}`, BadItem, "items"},
		{`"items":[7]`, BadItem, "items[0]"},
		{`"items":[{}]`, BadItem, "items[0].item_id"},
		{`"items":[{"item_id":"a"},{"item_id":""}]`, BadItem, "items[1].item_id"},
		{`"items":[{"item_id":5}]`, BadItem, "items[0].item_id"},
		{`"items":[{"item_id":"a","quantity":0}]`, BadItem, "items[0].quantity"},
		{`"items":[{"item_id":"a","quantity":1.5}]`, BadItem, "items[0].quantity"},
		{`"items":[{"item_id":"a","quantity":"1"}]`, BadItem, "items[0].quantity"},
		{`"items":[{"item_id":"a","category":["a"]}]`, BadItem, "items[0].category"},
		{`"items":[{"item_id":"a","propensity":1.5}]`, BadItem, "items[0].propensity"},
		{`"items":[{"item_id":"a","price":19.99}]`, BadPrice, "items[0].price"},
		{`"items":[{"item_id":"a","price":20.0}]`, BadPrice, "items[0].price"},
		{`"items":[{"item_id":"a","price":"1999"}]`, BadPrice, "items[0].price"},
		{`"items":[{"item_id":"a","price":-1}]`, BadPrice, "items[0].price"},
		{`"items":[{"item_id":"a","price":1e3}]`, BadPrice, "items[0].price"},
		{`"value":-5`, BadPrice, "value"},
		{`"value":"5"`, BadPrice, "value"},
		{`"value":9223372036854775808`, BadPrice, "value"},
		{`"currency":"EURO"`, BadCurrency, "currency"},
		{`"currency":"eur"`, BadCurrency, "currency"},
		{`"currency":"XYZ"`, BadCurrency, "currency"},
		{`"currency":978`, BadCurrency, "currency"},
		{`"name":"purchase","items":[{"item_id":"a"}]`, MissingTransaction, "transaction_id"},
		{`"name":"refund"`, MissingTransaction, "transaction_id"},
		{`"name":"refund","transaction_id":""`, MissingTransaction, "transaction_id"},
		{`"transaction_id":5`, BadJSON, "transaction_id"},
		{`"page":"https://shop"`, BadJSON, "page"},
		{`"page":{"url":5}`, BadJSON, "page.url"},
		{`"props":[]`, BadJSON, "props"},
		{`"user":5`, BadJSON, "user"},
		{`"user":"` + strings.Repeat("u", 257) + `"`, BadJSON, "user"},
		{`"search_term":{}`, BadJSON, "search_term"},
		{`"props":{"a":"` + strings.Repeat("a", MaxEventBytes) + `"}`, TooLarge, ""},
		{`"props":{"a":"` + "\xff" + `"}`, BadUTF8, "UTF-8"},
		{`"consent":{"analytics":false}`, NoConsent, "consent"},
	} {
		body := bodyWith(c.fields)
		d := parseBody(t, body, browserSource())
		if len(d.Rejected) != 1 || len(d.Events) != 0 {
			t.Errorf("%.80s: got %d events, %d rejections, want it rejected as %s", c.fields, len(d.Events), len(d.Rejected), c.code)
			continue
		}
		r := d.Rejected[0]
		if r.Code != c.code || !strings.Contains(r.Message, c.names) {
			t.Errorf("%.80s: got %s %q, want %s with %q", c.fields, r.Code, r.Message, c.code, c.names)
		}
		if kept := r.Raw != ""; kept != (c.code != NoConsent) {
			t.Errorf("%.80s: kept the text: %v", c.fields, kept)
		}
		if r.Raw != "" && !strings.Contains(body, r.Raw) {
			t.Errorf("%.80s: Raw is not the event's text: %s", c.fields, r.Raw)
		}
	}
}

func TestLimitsThemselvesAreTaken(t *testing.T) {
	for _, fields := range []string{
		`"id":"` + strings.Repeat("Z", 64) + `"`,
		`"id":"AZaz09_.:-"`,
		`"ts":1790000060500`,
		`"ts":1787408000500`,
		`"name":"` + strings.Repeat("é", 32) + `"`,
		`"items":[{"item_id":"a","price":0,"quantity":1000000,"propensity":1}]`,
		`"items":[{"item_id":"a","price":1000000000000,"propensity":2.5e-1,"reason":{"kind":"trending","because":[]}}]`,
		`"name":"refund","transaction_id":"t"`,
		`"name":"view_cart","items":[]`,
		`"props":null,"page":null,"items":null,"value":null,"currency":null,"user":null`,
		`"unknown":[{"deep":[true,false,null,1e5]}],"\u0069d":"other"`,
		`"currency":"KWD","value":9007199254740992`,
	} {
		parseOne(t, bodyWith(fields), browserSource())
	}
}

func TestOneBadEventLeavesTheOthers(t *testing.T) {
	d := parseBody(t, `{"visitor":"v","events":[5,{"id":"a","name":"leave","ts":1790000000000},null,{"id":"b"},[],{"id":"c","name":"leave","ts":1790000000000}]}`, browserSource())
	if len(d.Events) != 2 || d.Events[0].ID != "a" || d.Events[1].ID != "c" {
		t.Errorf("got events %+v", d.Events)
	}
	var got []string
	for _, r := range d.Rejected {
		got = append(got, fmt.Sprintf("%d %s %s", r.Index, r.ID, r.Code))
	}
	if want := "[0  bad_json 2  bad_json 3 b missing_name 4  bad_json]"; fmt.Sprint(got) != want {
		t.Errorf("got rejections %v, want %s", got, want)
	}
}

func TestUnreadableBodiesAreRefusedWhole(t *testing.T) {
	many := `{"visitor":"v","events":[` + strings.Repeat(`{},`, MaxEvents) + `{}]}`
	for _, c := range []struct{ body, code string }{
		{``, BadJSON},
		{`null`, BadJSON},
		{`[]`, BadJSON},
		{`"x"`, BadJSON},
		{`{}`, "missing_events"},
		{`{"visitor":"v"}`, "missing_events"},
		{`{"events":null}`, "missing_events"},
		{`{"events":{}}`, "missing_events"},
		{`{"events":[]`, BadJSON},
		{`{"events":[],}`, BadJSON},
		{`{"events":[{},]}`, BadJSON},
		{`{"events":[]}x`, BadJSON},
		{`{"events":[{"id":"a"`, BadJSON},
		{`{"events":[{"id":01}]}`, BadJSON},
		{`{"events":[{"id":"\x"}]}`, BadJSON},
		{"{\"events\":[{\"id\":\"\n\"}]}", BadJSON},
		{"\ufeff{\"events\":[]}", BadJSON},
		{`{"events":[` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `]}`, BadJSON},
		{"{\"visitor\":\"\xff\",\"events\":[]}", BadUTF8},
		{many, "too_many_events"},
		{`{"type":"unknown"}`, "missing_events"},
	} {
		var p Parser
		d := Decoded{Events: []Event{{ID: "old"}}}
		err := p.Body(c.body, browserSource(), &d)
		var bad *BodyError
		if !errors.As(err, &bad) || bad.Code != c.code {
			t.Errorf("%.60q: got %v, want %s", c.body, err, c.code)
		}
		if len(d.Events)+len(d.Rejected) != 0 {
			t.Errorf("%.60q: left %d events, %d rejections", c.body, len(d.Events), len(d.Rejected))
		}
	}
}

func TestTimeIsCorrectedOnce(t *testing.T) {
	for _, c := range []struct {
		sent   string
		ts     int64
		want   int64
		reject string
	}{
		{`"sent_at":1790000000500,`, 1790000000000, testReceived - 500, ""},
		{`"sent_at":1790000000500,`, 1790000030500, testReceived, ""}, // ahead of its own sent_at: clamped
		{`"sent_at":946684800500,`, 946684800000, testReceived - 500, ""},
		{`"sent_at":4102444800500,`, 4102444800000, testReceived - 500, ""},
		{``, testReceived - 7, testReceived - 7, ""},
		{`"sent_at":null,`, testReceived - 7, testReceived - 7, ""},
		{`"sent_at":-5,`, 1, 0, ""},
		{`"sent_at":"1790000000500",`, testReceived, 0, BadTimestamp},
		{`"sent_at":1e3,`, testReceived, 0, BadTimestamp},
		{`"sent_at":946684800500,`, testReceived, 0, FutureTimestamp},
		{`"sent_at":4102444800500,`, testReceived, 0, TooOld},
	} {
		d := parseBody(t, fmt.Sprintf(`{%s"visitor":"v","events":[{"id":"a","name":"leave","ts":%d}]}`, c.sent, c.ts), browserSource())
		switch {
		case c.reject != "":
			if len(d.Rejected) != 1 || d.Rejected[0].Code != c.reject {
				t.Errorf("%s ts %d: got %+v, want %s", c.sent, c.ts, d.Rejected, c.reject)
			}
		case len(d.Events) != 1:
			t.Errorf("%s ts %d: rejected %+v", c.sent, c.ts, d.Rejected)
		case c.want != 0 && d.Events[0].Time != c.want:
			t.Errorf("%s ts %d: got %d, want %d", c.sent, c.ts, d.Events[0].Time, c.want)
		}
	}
}

func TestLastOfDuplicateKeysCounts(t *testing.T) {
	e := parseOne(t, bodyWith(`"page":{"url":"a","title":"b"},"page":{"url":"c"},"items":[{"item_id":"x"}],"items":[{"item_id":"y","price":1,"price":2}]`), browserSource())
	if e.URL != "c" || e.Title != "" || len(e.Items) != 1 || e.Items[0].ID != "y" || e.Items[0].Price != 2 {
		t.Errorf("got %+v", e)
	}
	d := parseBody(t, `{"events":[{}],"events":[{"id":"a","name":"leave","ts":1790000000000}],"visitor":"u","visitor":"v"}`, browserSource())
	if len(d.Events) != 1 || len(d.Rejected) != 0 || d.Events[0].Visitor != "v" {
		t.Errorf("got %+v", d)
	}
}

func TestDecodedStringsOutliveTheNextCall(t *testing.T) {
	var p Parser
	var d Decoded
	src := browserSource()
	if err := p.Body(bodyWith(`"search_term":"caf\u00e9 \"au\" lait"`), src, &d); err != nil {
		t.Fatal(err)
	}
	term, ip := d.Events[0].SearchTerm, d.Events[0].IP
	for i := range 300 {
		if err := p.Body(bodyWith(fmt.Sprintf(`"search_term":"\u00e9%d%s"`, i, strings.Repeat(`\n`, i))), src, &d); err != nil {
			t.Fatal(err)
		}
	}
	if term != `café "au" lait` || ip != "203.0.113.0" {
		t.Errorf("got %q and %q", term, ip)
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	var p Parser
	var d Decoded
	src := browserSource()
	src.IP = "" // a truncated address is new text: bytes of a shared block
	for _, body := range []string{documented, fiveEvents()} {
		n := testing.AllocsPerRun(100, func() {
			if err := p.Body(body, src, &d); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("got %v allocations, want none", n)
		}
	}
}

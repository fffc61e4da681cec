package clickstream

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

// seedBodies are bodies that reach every branch of the parser.
func seedBodies(f *testing.F) (bodies []string) {
	f.Helper()
	files, err := filepath.Glob("testdata/intake/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		bodies = append(bodies, string(body))
	}
	return append(bodies,
		documented, fiveEvents(), bodyWith(``), bodyWith(`"id":5`), bodyWith(`"items":[{"item_id":"a","price":1.0,"quantity":2}]`),
		bodyWith(`"name":"caf\u00e9 \ud83d\ude00 \ud83d \udE00x","page":{"url":"a","ref":null,"title":"\"\\\/\b\f\n\r\t"}`),
		bodyWith(`"name":"purchase","transaction_id":"T","items":[{"item_id":"a","price":0,"quantity":1000000,"propensity":1e-3,"reason":"x"}]`),
		bodyWith(`"consent":{"analytics":false},"consent":{"analytics":true,"personalization":false},"ts":1790000000000`),
		bodyWith(`"consent":{"ad_storage":"denied"},"props":{"a":[1,-0.5e+7,true,false,null,{}]},"value":-0`),
		`{"events":[1,null,{},[],"x",{"id":null}],"visitor":null,"sent_at":1e5}`, `{"events":[],}`, ` {"events" : [ { } , { } ] } `,
		`{"type":"track","event":"Order Completed","userId":5,"properties":{"order_id":7,"total":"1e1"}}`,
	)
}

func FuzzBodyAgainstEncodingJSON(f *testing.F) {
	for _, body := range seedBodies(f) {
		f.Add(body)
	}
	var p Parser
	var d Decoded
	f.Fuzz(func(t *testing.T, body string) {
		agree(t, &p, &d, body)
	})
}

// agree reads body and compares with the oracle, if that has an opinion.
func agree(t *testing.T, p *Parser, d *Decoded, body string) bool {
	t.Helper()
	src := browserSource()
	src.IP, src.UserAgent = "", ""
	err := p.Body(body, src, d)
	want, wantErr, ok := oracle(body, src)
	if !ok {
		return false
	}
	if (err != nil) != wantErr {
		t.Fatalf("got error %v, the oracle says it is one: %v", err, wantErr)
	}
	events, rejected := d.Events, d.Rejected
	for i := range want {
		w := &want[i]
		if w.code != "" {
			if len(rejected) == 0 || rejected[0].Index != i || rejected[0].Code != w.code {
				t.Fatalf("event %d: want it rejected as %s, got %+v", i, w.code, d.Rejected)
			}
			rejected = rejected[1:]
			continue
		}
		if len(events) == 0 {
			t.Fatalf("event %d: want %+v, got it rejected: %+v", i, w.Event, d.Rejected)
		}
		e := events[0]
		events = events[1:]
		w.Site, w.Received = src.Site, src.Received
		w.URL, w.Ref = p.scrubbed(w.URL), p.scrubbed(w.Ref)
		if !sameEvent(&e, &w.Event) {
			t.Fatalf("event %d:\ngot  %+v\nwant %+v", i, e, w.Event)
		}
	}
	if len(events)+len(rejected) != 0 {
		t.Fatalf("more than the oracle: %+v %+v", events, rejected)
	}
	return true
}

func FuzzBody(f *testing.F) {
	for _, body := range seedBodies(f) {
		f.Add(body, true)
		f.Add(body, false)
	}
	var p, again Parser
	var d, repeat Decoded
	f.Fuzz(func(t *testing.T, body string, secret bool) {
		src := browserSource()
		src.Secret, src.Currency = secret, "JPY"
		if err := p.Body(body, src, &d); err != nil {
			if len(d.Events)+len(d.Rejected) != 0 {
				t.Fatal("an unreadable body gave events")
			}
			return
		}
		checkSound(t, &d)
		for _, r := range d.Rejected {
			if r.Code == NoConsent && r.Raw+r.Head != "" {
				t.Fatalf("kept without consent: %+v", r)
			}
			if r.Code == NoConsent || r.Code == BadUTF8 || !utf8.ValidString(r.Head) {
				continue
			}
			// A dead letter read again gives what it gave.
			if err := again.Body(r.Head+r.Raw+"]}", src, &repeat); err != nil {
				t.Fatalf("%s%s]}: %v", r.Head, r.Raw, err)
			}
		}
	})
}

func FuzzLine(f *testing.F) {
	for _, body := range seedBodies(f) {
		f.Add(body)
	}
	f.Add(`{"id":"a","name":"view_item","ts":1,"visitor":"v","items":[{"item_id":"x"}],"ip":"::1","sent_at":5}`)
	var p Parser
	var d Decoded
	f.Fuzz(func(t *testing.T, line string) {
		src := browserSource()
		src.Secret, src.Import = true, true
		d.Reset()
		p.Line(line, src, &d)
		n := len(d.Events) + len(d.Rejected)
		p.Line(line, src, &d)
		if len(d.Events)+len(d.Rejected) != 2*n {
			t.Fatalf("the line gave %d, then %d", n, len(d.Events)+len(d.Rejected)-n)
		}
		checkSound(t, &d)
	})
}

// checkSound checks what every accepted event must hold.
func checkSound(t *testing.T, d *Decoded) {
	t.Helper()
	var buf []byte
	var back Event
	for i := range d.Events {
		e := &d.Events[i]
		if !isID(e.ID) || !isID(e.Visitor) || e.Name == "" || e.Time <= 0 || e.Time > e.Received || e.Consent&Analytics == 0 {
			t.Fatalf("taken: %+v", *e)
		}
		if e.Kind.needsItem() && len(e.Items) == 0 || e.Kind.needsTransaction() && e.Transaction == "" || e.Value < 0 {
			t.Fatalf("taken: %+v", *e)
		}
		for _, it := range e.Items {
			if !isID(it.ID) || it.Price < NoPrice || it.Price > maxItemPrice || it.Quantity < 1 || it.Quantity > maxPieces {
				t.Fatalf("taken: %+v", it)
			}
		}
		buf = AppendEvent(buf[:0], e)
		if !utf8.Valid([]byte(e.Title + e.URL + e.Props + e.SearchTerm + e.Name + e.User + e.Transaction)) {
			t.Fatalf("not UTF-8: %+v", *e)
		}
		if err := DecodeEvent(string(buf), &back); err != nil || !sameEvent(&back, e) {
			t.Fatalf("got %+v, %v back, want %+v", back, err, *e)
		}
	}
	last := -1
	for _, r := range d.Rejected {
		if r.Index <= last || r.Code == "" || r.Message == "" {
			t.Fatalf("rejections: %+v", d.Rejected)
		}
		last = r.Index
	}
}

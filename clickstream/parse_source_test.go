package clickstream

import (
	"fmt"
	"strings"
	"testing"
)

func TestImportTakesAnyAge(t *testing.T) {
	src := browserSource()
	src.Secret, src.Import = true, true
	var p Parser
	var d Decoded
	p.Line(`{"id":"a","name":"leave","ts":1000000000000,"visitor":"v"}`, src, &d)
	p.Line(`   `, src, &d)
	p.Line(`{"id":"b","name":"leave","ts":4000000000000,"visitor":"v","ip":"2001:db8:1:2::3","user_agent":"UA","user":"u"}`+"\r", src, &d)
	p.Line(`{"id":"c","name":"leave","ts":1000000000000}`, src, &d)
	p.Line(`{"id":"d","ip":"198.51.100.7","name":`, src, &d)
	p.Line(`{"client_id":"9.9","timestamp_micros":1000000000000000,"events":[{"name":"search","params":{"search_term":"tea"}},{"name":"leave"}]}`, src, &d)
	if len(d.Events) != 4 || d.Events[0].Time != 1000000000000 || d.Events[1].Time != testReceived {
		t.Fatalf("got %+v", d.Events)
	}
	if e := d.Events[1]; e.IP != "2001:db8:1::" || e.UserAgent != "UA" || !e.Linked {
		t.Errorf("got %+v, want what the shop said of its shopper", e)
	}
	if e := d.Events[2]; e.SearchTerm != "tea" || e.Visitor != "9.9" || e.Time != 1000000000000 {
		t.Errorf("got %+v", e)
	}
	if len(d.Rejected) != 2 || d.Rejected[0].Code != MissingID || d.Rejected[0].Index != 2 || d.Rejected[1].Code != BadJSON || d.Rejected[1].Index != 3 {
		t.Fatalf("got %+v", d.Rejected)
	}
	if got, want := d.Rejected[1].Raw, `{"id":"d","ip":"198.51.100.0","name":`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOnlyProofLinksAUser(t *testing.T) {
	body := bodyWith(`"name":"identify","user":"c-42","user_hash":"good"`)
	src := browserSource()
	if e := parseOne(t, body, src); e.User != "c-42" || e.Linked {
		t.Errorf("got user %q, linked %v without anyone to ask", e.User, e.Linked)
	}
	src.ProveUser = func(user, hash string) bool { return user == "c-42" && hash == "good" }
	if !parseOne(t, body, src).Linked {
		t.Error("not linked by its hash")
	}
	if parseOne(t, strings.Replace(body, "good", "evil", 1), src).Linked || parseOne(t, strings.Replace(body, "c-42", "c-43", 1), src).Linked {
		t.Error("linked by a wrong hash")
	}
	src.ProveUser, src.Secret = nil, true
	if !parseOne(t, body, src).Linked {
		t.Error("not linked by a secret key")
	}
	if parseOne(t, bodyWith(`"name":"identify"`), src).Linked {
		t.Error("linked without a user")
	}
}

func TestWhoseVisitorCounts(t *testing.T) {
	body := bodyWith(`"visitor":"v_2","ip":"198.51.100.7","user_agent":"curl"`)
	src := browserSource()
	if e := parseOne(t, body, src); e.Visitor != "v_1" || e.IP != "203.0.113.0" || e.UserAgent != "Mozilla/5.0" {
		t.Errorf("browser: got %+v", e)
	}
	src.Secret = true
	if e := parseOne(t, body, src); e.Visitor != "v_2" || e.IP != "198.51.100.0" || e.UserAgent != "curl" {
		t.Errorf("server: got %+v", e)
	}
	if e := parseOne(t, bodyWith(``), src); e.Visitor != "v_1" || e.IP != "" || e.UserAgent != "" {
		t.Errorf("server, by body: got %+v", e)
	}
	src.Secret, src.Visitor = false, "v_token"
	if d := parseBody(t, body, src); d.Events[0].Visitor != "v_token" || d.Visitor != "v_token" {
		t.Errorf("token: got %+v", d)
	}
	for body, code := range map[string]string{
		`{"events":[{"id":"a","name":"leave","ts":1790000000000}]}`:                 MissingID,
		`{"visitor":"a b","events":[{"id":"a","name":"leave","ts":1790000000000}]}`: BadID,
		`{"visitor":77,"events":[{"id":"a","name":"leave","ts":1790000000000}]}`:    BadID,
	} {
		if d := parseBody(t, body, browserSource()); len(d.Rejected) != 1 || d.Rejected[0].Code != code || !strings.Contains(d.Rejected[0].Message, "visitor") {
			t.Errorf("%s: got %+v, want %s", body, d.Rejected, code)
		}
	}
}

func TestUserAgentsAreKeptShortAndValid(t *testing.T) {
	src := browserSource()
	src.UserAgent = strings.Repeat("a", 511) + "é" + "more"
	if got := parseOne(t, bodyWith(``), src).UserAgent; got != strings.Repeat("a", 511) {
		t.Errorf("got %d bytes, %q at the end", len(got), got[len(got)-2:])
	}
	src.UserAgent = "Mozilla\xff/5.0"
	if got := parseOne(t, bodyWith(``), src).UserAgent; got != "Mozilla/5.0" {
		t.Errorf("got %q", got)
	}
}

func TestUnreadablePayloadOnALineIsOneRejection(t *testing.T) {
	var p Parser
	var d Decoded
	src := browserSource()
	p.Line(`{"events":5}`, src, &d)
	p.Line(`{"events":5,"consent":{"analytics":false}}`, src, &d)
	p.Line(`{"consent":{"analytics":false},"name":`, src, &d)
	p.Line(`{"events":[`+strings.Repeat(`{},`, MaxEvents)+`{}]}`, src, &d)
	var got []string
	for _, r := range d.Rejected {
		got = append(got, fmt.Sprint(r.Index, " ", r.Code, " ", r.Raw != ""))
	}
	if want := "[0 bad_json true 1 no_consent false 2 no_consent false 3 bad_json true]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

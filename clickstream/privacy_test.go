package clickstream

import (
	"fmt"
	"strings"
	"testing"
)

func TestAddressesAreTruncated(t *testing.T) {
	for ip, want := range map[string]string{
		"203.0.113.77": "203.0.113.0", "203.0.113.0": "203.0.113.0", "::ffff:203.0.113.77": "203.0.113.0", "255.255.255.255": "255.255.255.0",
		"2001:db8:85a3:8d3:1319:8a2e:370:7348": "2001:db8:85a3::", "2001:db8:85a3::": "2001:db8:85a3::", "::1": "::", "fe80::1%eth0": "fe80::",
		"": "", "localhost": "", "203.0.113": "", "203.0.113.77:80": "", "203.0.113.77, 10.0.0.1": "", "1e9": "",
	} {
		if got := string(TruncateIP([]byte("x"), ip)); got != "x"+want {
			t.Errorf("TruncateIP(%q) = %q, want %q", ip, got[1:], want)
		}
	}
}

func TestSecretsLeaveURLs(t *testing.T) {
	for url, want := range map[string]string{
		"https://shop/p?token=abc":                           "https://shop/p?token=",
		"https://shop/p?a=1&Email=jo%40x.com&b=2":            "https://shop/p?a=1&Email=&b=2",
		"https://shop/p?a=1;password=x;b=2#c":                "https://shop/p?a=1;password=;b=2#c",
		"https://shop/p#access_token=x&state=y&id_token=z":   "https://shop/p#access_token=&state=y&id_token=",
		"https://jo:pw@shop/p":                               "https://shop/p",
		"https://jo@shop/p?sid=5#sid=6":                      "https://shop/p?sid=#sid=",
		"/relative?reset=1":                                  "/relative?reset=",
		"?token=a&token=b":                                   "?token=&token=",
		"https://shop/p?token=a=b?c":                         "https://shop/p?token=",
		"https://shop/p?a=1&b=token":                         "",
		"https://shop/p?token&token=":                        "",
		"https://shop/@jo?x=1":                               "",
		"https://shop/p?tokens=5&" + strings.Repeat("a", 99): "",
		"": "",
	} {
		got, ok := ScrubURL([]byte("x"), url)
		if ok != (want != "") || string(got) != "x"+want {
			t.Errorf("ScrubURL(%q) = %q, %v, want %q", url, got, ok, want)
		}
	}
}

func TestConsentIsWhatWasSaid(t *testing.T) {
	const none, analytics, personal, all = Consent(0), Analytics, Personalization, Analytics | Personalization
	for _, c := range []struct {
		body, event string
		byDefault   Consent
		want        Consent
	}{
		{`null`, `null`, all, all},
		{`null`, `null`, none, none},
		{`{}`, `{}`, analytics, analytics},
		{`{"analytics":true,"personalization":true}`, `null`, none, all},
		{`{"analytics":true}`, `null`, none, analytics},
		{`{"personalization":true}`, `null`, analytics, all},
		{`{"analytics":true,"personalization":false}`, `null`, all, analytics},
		{`{"analytics":true,"personalization":true}`, `{"personalization":false}`, all, analytics},
		{`{"analytics":false}`, `{"analytics":true}`, all, all},
		{`{"analytics":true}`, `{"analytics":false}`, all, personal},
		{`{"analytics":null,"personalization":null}`, `null`, all, all},
		{`true`, `null`, none, all},
		{`false`, `null`, all, none},
		{`"denied"`, `null`, all, none},
		// What cannot be read was not given.
		{`{"analytics":"yes"}`, `null`, all, personal},
		{`{"analytics":1,"personalization":[]}`, `null`, all, none},
		{`5`, `null`, all, none},
		{`"G2"`, `null`, all, none},
		// Google Consent Mode.
		{`{"analytics_storage":"granted","ad_storage":"denied","ad_user_data":"granted","ad_personalization":"granted"}`, `null`, none, analytics},
		{`{"analytics_storage":"granted","ad_user_data":"granted","ad_personalization":"granted"}`, `null`, none, all},
		{`{"analytics_storage":"granted","ad_user_data":"granted","ad_personalization":"denied"}`, `null`, all, analytics},
		{`{"ad_personalization":"DENIED"}`, `null`, all, analytics},
		{`{"analytics_storage":"denied"}`, `null`, all, personal},
		{`{"analytics_storage":"denied","analytics":true}`, `null`, all, all}, // our own field is more exact
		{`{"gcs":"G111"}`, `null`, none, all},
		{`{"gcs":"G100"}`, `null`, all, none},
		{`"G110"`, `null`, all, personal},
		{`"G101"`, `null`, all, analytics},
		{`"G1--"`, `null`, analytics, analytics},
		{`{"categoryPreferences":{"Analytics":true,"Advertising":false}}`, `null`, all, analytics},
	} {
		src := browserSource()
		src.DefaultConsent = c.byDefault
		body := fmt.Sprintf(`{"visitor":"v","events":[{"id":"a","name":"leave","ts":%d,"consent":%s}],"consent":%s}`, testReceived, c.event, c.body)
		d := parseBody(t, body, src)
		got := "rejected"
		if len(d.Events) == 1 {
			got = fmt.Sprintf("%02b", d.Events[0].Consent)
		} else if d.Rejected[0].Code == NoConsent {
			got = fmt.Sprintf("%02b", c.want&Personalization)
		}
		if want := fmt.Sprintf("%02b", c.want); got != want || (len(d.Events) == 1) != (c.want&Analytics != 0) {
			t.Errorf("body %s event %s default %02b: got %s, %d events, want %s", c.body, c.event, c.byDefault, got, len(d.Events), want)
		}
		src.OptOut = true
		if d = parseBody(t, body, src); len(d.Events) == 1 && d.Events[0].Consent&Personalization != 0 {
			t.Errorf("body %s event %s: personalized in spite of GPC", c.body, c.event)
		}
	}
}

func TestNothingStaysWithoutConsent(t *testing.T) {
	var p Parser
	var d Decoded
	body := `{"visitor":"v-secret","events":[{"id":"a","name":"secret-name","ts":"bad","user":"secret-user","items":[{"item_id":"secret-item"}],
		"props":{"secret":"prop"},"consent":{"analytics":false},"ip":"secret"},{"id":"b","name":5,"consent":false},7],"consent":{"analytics":false}}`
	if err := p.Body(body, browserSource(), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Events) != 0 || len(d.Rejected) != 3 {
		t.Fatalf("got %+v", d)
	}
	d.Visitor = ""
	if left := fmt.Sprintf("%+v %+v", d.Rejected, d.Events[:cap(d.Events)]); strings.Contains(left, "secret") {
		t.Errorf("left over: %s", left)
	}
	for _, r := range d.Rejected {
		if r.Code != NoConsent || r.Raw != "" || r.Head != "" {
			t.Errorf("got %+v", r)
		}
	}
}

func TestDeadLettersHoldNoAddress(t *testing.T) {
	var p Parser
	for raw, want := range map[string]string{
		`{"ip":"203.0.113.77","a":1}`:                             `{"ip":"203.0.113.0","a":1}`,
		`{"ip" : "2001:db8:1:2::3","x":{"ip":"198.51.100.1"}}`:    `{"ip" : "2001:db8:1::","x":{"ip":"198.51.100.0"}}`,
		`{"ip_override":"203.0.113.77"}`:                          `{"ip_override":"203.0.113.0"}`,
		`{"ip":"not one"}`:                                        `{"ip":""}`,
		`{"ip":"203.0.113.77`:                                     `{"ip":"203.0.113.0`,
		`{"ip":5,"ship":"203.0.113.77","ip2":"1.2.3.4","a":"ip"}`: `{"ip":5,"ship":"203.0.113.77","ip2":"1.2.3.4","a":"ip"}`,
		`"ip"`: `"ip"`, ``: ``,
	} {
		if got := p.redacted(raw); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestDeadLetterReadsAgainAsItWas(t *testing.T) {
	body := `{"sent_at":1790000000500,"visitor":"v_1","consent":{"analytics":true,"personalization":false},
		"events":[{"id":"a","name":"leave","ts":1790000000000,"user":"u","items":[{"item_id":"a b"}]}]}`
	src := browserSource()
	r := parseBody(t, body, src).Rejected[0]
	again := r.Head + strings.Replace(r.Raw, "a b", "a_b", 1) + "]}"
	e := parseOne(t, again, src)
	if e.Visitor != "v_1" || e.Time != 1790000000500 || e.Consent != Analytics || e.Linked {
		t.Errorf("got %+v from %s", e, again)
	}
}

package offers

import (
	stdjson "encoding/json"
	"reflect"
	"strings"
	"testing"

	json "github.com/go-json-experiment/json"
)

// plainClaim is a claim as a decoder with reflection reads it: the oracle of the one by hand.
type plainClaim struct {
	Campaign string `json:"campaign"`
	Who      string `json:"who"`
	Item     string `json:"item_id"`
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
	Max      int64  `json:"max"`
	Lines    []Line `json:"lines"`
}

func TestClaimBodyIsReadableJSONAndComesBack(t *testing.T) {
	c := Claim{Campaign: "spring", Who: whoOf(7), Item: "kettle", Currency: "EUR", Value: 6000, Max: 250, Lines: []Line{{"kettle", 1, 5000}, {"mug", 2, 0}}}
	text := AppendClaim(nil, &c)
	want := `{"campaign":"spring","who":"00000000000000000000000000000008","item_id":"kettle","currency":"EUR","value":6000,"max":250,` +
		`"lines":[{"item_id":"kettle","quantity":1,"price":5000},{"item_id":"mug","quantity":2}]}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	var back Claim
	if err := DecodeClaim(text, &back); err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("got  %+v, %v\nwant %+v", back, err, c)
	}
	odd := Claim{Campaign: "a\"b\\c\nü\xff", Lines: []Line{}}
	if text := AppendClaim(nil, &odd); !stdjson.Valid(text) {
		t.Errorf("not JSON: %s", text)
	}
}

func TestClaimIsReadHoweverItIsWritten(t *testing.T) {
	text := " {\n\t\"lines\" : [ { \"price\":0, \"quantity\" : 3 , \"item_id\":\"\\u006dug\",\"x\":[{\"y\":null}] } ] , \"new\":{\"a\":[1.5e3,\"}\"]},\"campaign\":\"s\",\"who\":\"w\",\"value\":0}\r\n"
	var c Claim
	if err := DecodeClaim([]byte(text), &c); err != nil || !reflect.DeepEqual(c, Claim{Campaign: "s", Who: "w", Lines: []Line{{"mug", 3, 0}}}) {
		t.Errorf("%+v, %v", c, err)
	}
	line := `{"item_id":"a","quantity":1},`
	for name, bad := range map[string]string{
		"nothing":        ``,
		"a list":         `[]`,
		"cut":            `{"campaign":"s","who":`,
		"no comma":       `{"campaign":"s" "who":"w"}`,
		"more":           `{"campaign":"s"}}`,
		"comma":          `{"campaign":"s",}`,
		"no name":        `{:1}`,
		"a fraction":     `{"campaign":"s","value":1.5}`,
		"an exponent":    `{"campaign":"s","value":1e3}`,
		"a leading zero": `{"campaign":"s","value":01}`,
		"too large":      `{"campaign":"s","value":99999999999999999999}`,
		"negative":       `{"campaign":"s","value":-1}`,
		"control":        "{\"campaign\":\"s\n\"}",
		"not UTF-8":      "{\"campaign\":\"s\xff\"}",
		"bad escape":     `{"campaign":"\x"}`,
		"no end":         `{"campaign":"s\"}`,
		"quantity":       `{"campaign":"s","lines":[{"item_id":"a","quantity":0}]}`,
		"line without":   `{"campaign":"s","lines":[{"quantity":1}]}`,
		"many lines":     `{"campaign":"s","lines":[` + strings.Repeat(line, 100) + line[:len(line)-1] + `]}`,
		"bad skipped":    `{"campaign":"s","x":{]}`,
	} {
		if err := DecodeClaim([]byte(bad), &c); codeOfError(err) != "bad_body" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOfferIDIsTheSameForTheSameTrigger(t *testing.T) {
	id := OfferID("demo", "spring", "e1")
	if raw, ok := parseID(id); !ok || formatID(raw) != id || id != OfferID("demo", "spring", "e1") {
		t.Errorf("id %s", id)
	}
	for _, other := range [][3]string{{"demos", "pring", "e1"}, {"demo", "springe", "1"}, {"demo", "spring", "e2"}, {"", "demospring", "e1"}} {
		if OfferID(other[0], other[1], other[2]) == id {
			t.Errorf("%v has the same id", other)
		}
	}
	for _, bad := range []string{"", "o_", id[:33], id + "0", strings.ToUpper(id), "o-" + id[2:]} {
		if _, ok := parseID(bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func FuzzClaim(f *testing.F) {
	f.Add(`{"campaign":"spring","who":"00000000000000000000000000000008","item_id":"kettle","value":6000,"lines":[{"item_id":"mug","quantity":2,"price":5}]}`)
	f.Add(`{"campaign":"s","x":[{}],"lines":[]}`)
	f.Add(`{"campaign":"\u0073"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var got Claim
		if err := DecodeClaim([]byte(text), &got); err != nil {
			return
		}
		if !stdjson.Valid([]byte(text)) {
			t.Fatalf("took what is not JSON: %q", text)
		}
		again := AppendClaim(nil, &got)
		var back Claim
		if err := DecodeClaim(again, &back); err != nil || !reflect.DeepEqual(trim(back), trim(got)) {
			t.Fatalf("%q came back as %+v, %v", text, back, err)
		}
		var want plainClaim
		if json.Unmarshal([]byte(text), &want) != nil {
			return // a name twice, or null: json/v2 takes neither or both
		}
		if want := Claim(want); !strings.Contains(text, "null") && !reflect.DeepEqual(trim(want), trim(got)) {
			t.Fatalf("%q: got  %+v\nwant %+v", text, got, want)
		}
	})
}

// trim makes no lines and an empty list of them the same.
func trim(c Claim) Claim {
	if len(c.Lines) == 0 {
		c.Lines = nil
	}
	return c
}

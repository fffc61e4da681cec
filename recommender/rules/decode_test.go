package rules

import (
	"errors"
	"strings"
	"testing"

	json "github.com/go-json-experiment/json"
)

func TestRefusalsNameTheField(t *testing.T) {
	long := strings.Repeat("x", 201)
	for _, c := range []struct{ body, field string }{
		{`[]`, ""},
		{`{"title":"t"`, ""},
		{`{"title":"t","action":"boost","where":{"brands":["a"]},"colour":"red"}`, "colour"},
		{`{"title":"t","action":"boost","where":{"brandz":["a"]}}`, "where.brandz"},
		{`{"title":"t","action":"boost","where":{"brands":"a"}}`, "where.brands"},
		{`{"id":"other","title":"t","action":"boost","where":{"brands":["a"]}}`, "id"},
		{`{"title":"","action":"boost","where":{"brands":["a"]}}`, "title"},
		{`{"title":"` + long + `","action":"boost","where":{"brands":["a"]}}`, "title"},
		{`{"title":"t","action":"hide","where":{"brands":["a"]}}`, "action"},
		{`{"title":"t","action":"boost","strength":1,"where":{"brands":["a"]}}`, "strength"},
		{`{"title":"t","action":"boost","strength":101,"where":{"brands":["a"]}}`, "strength"},
		{`{"title":"t","action":"exclude","strength":2,"where":{"brands":["a"]}}`, "strength"},
		{`{"title":"t","action":"pin","position":0,"where":{"brands":["a"]}}`, "where.items"},
		{`{"title":"t","action":"pin","position":101,"where":{"items":["a"]}}`, "position"},
		{`{"title":"t","action":"boost","position":1,"where":{"items":["a"]}}`, "position"},
		{`{"title":"t","action":"pin","where":{"items":["1","2","3","4","5","6","7","8","9","10","11"]}}`, "where.items"},
		{`{"title":"t","action":"boost","where":{}}`, "where"},
		{`{"title":"t","action":"boost","where":{"brands":[" "]}}`, "where"},
		{`{"title":"t","action":"boost","where":{"brands":["` + long + `"]}}`, "where.brands"},
		{`{"title":"t","action":"boost","where":{"price":{"min":5,"max":4}}}`, "where.price.max"},
		{`{"title":"t","action":"boost","where":{"stock":{"min":-1}}}`, "where.stock.min"},
		{`{"title":"t","action":"boost","where":{"margin":{"min":0.5,"max":0.4}}}`, "where.margin.max"},
		{`{"title":"t","action":"boost","where":{"new_days":-1}}`, "where.new_days"},
		{`{"title":"t","action":"boost","priority":1000001,"where":{"brands":["a"]}}`, "priority"},
		{`{"title":"t","action":"boost","state":"off","where":{"brands":["a"]}}`, "state"},
		{`{"title":"t","action":"boost","where":{"brands":["a"]},"when":{"placements":["moon"]}}`, "when.placements"},
		{`{"title":"t","action":"boost","where":{"brands":["a"]},"when":{"schedule":{"starts":5,"ends":5}}}`, "when.schedule.ends"},
		{`{"title":"t","action":"boost","where":{"brands":["a"]},"when":{"schedule":{"zone":"Mars/Olympus"}}}`, "when.schedule.zone"},
		{`{"title":"t","action":"boost","where":{"brands":["a"]},"when":{"schedule":{"zone":"Local"}}}`, "when.schedule.zone"},
		{`{"title":"t","action":"boost","where":{"brands":["a"]},"when":{"schedule":{"weekly":[{"from":"9:00","to":"10:00"}]}}}`, "when.schedule.weekly.0.from"},
		{`{"title":"t","action":"boost","where":{"brands":["a"]},"when":{"schedule":{"weekly":[{"from":"09:00","to":"09:00"}]}}}`, "when.schedule.weekly.0.to"},
		{`{"title":"t","action":"boost","where":{"brands":["a"]},"when":{"schedule":{"weekly":[{"from":"09:00","to":"10:00","days":["monday"]}]}}}`, "when.schedule.weekly.0.days"},
	} {
		_, err := Decode("r", []byte(c.body))
		var no *Refusal
		if !errors.As(err, &no) || no.Field != c.field || no.Code != BadRule || no.Message == "" {
			t.Errorf("%s: %#v, want a refusal of %q", c.body, err, c.field)
		} else if !strings.HasPrefix(no.Message, c.field) {
			t.Errorf("%s: %q does not begin with the field %q", c.body, no.Message, c.field)
		}
	}
	if _, err := Decode("not an id", []byte(`{"title":"t","action":"boost","where":{"brands":["a"]}}`)); err == nil {
		t.Error("an id with spaces was taken")
	}
	if _, err := Decode("r", []byte(`{"title":"`+strings.Repeat(" ", MaxBody)+`t"}`)); err == nil {
		t.Error("a body of more than 16 KiB was taken")
	}
}

func TestWhatIsNotGivenHasItsDefault(t *testing.T) {
	r, err := Decode("r", []byte(`{"title":" Kettles ","action":"boost","where":{"brands":["a","a "," b"],"categories":["kitchen>kettles"],"price":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if r.Strength != 2 || r.State != Running || r.Title != "Kettles" || len(r.Where.Brands) != 2 || r.Where.Categories[0] != "kitchen > kettles" || r.Where.Price != nil {
		t.Errorf("got %+v", r)
	}
	p, err := Decode("p", []byte(`{"title":"t","action":"pin","where":{"items":["b","a"]}}`))
	if err != nil || p.Position != 1 || p.Where.Items[0] != "b" {
		t.Errorf("got %+v, %v; want position 1 and the items in their order", p, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"title":"t","action":"pin","position":3,"where":{"items":["a","b"],"stock":{"min":1}},"when":{"placements":["home"],"schedule":{"starts":1,"ends":9,"zone":"Europe/Berlin","weekly":[{"days":["mon"],"from":"22:00","to":"06:00"}]}}}`))
	f.Add([]byte(`{"title":"t","action":"bury","strength":3.5,"where":{"categories":["a > b"],"margin":{"max":0.2},"new_days":3},"state":"paused","priority":-4}`))
	f.Add([]byte(`{"title":"\u00e9","action":"exclude","where":{"tags":["x"]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := Decode("r", body)
		if err != nil {
			var no *Refusal
			if !errors.As(err, &no) || no.Message == "" {
				t.Fatalf("refused without a reason: %v", err)
			}
			return
		}
		text, err := json.Marshal(r, json.Deterministic(true))
		if err != nil {
			t.Fatalf("%+v: %v", r, err)
		}
		if len(text) > MaxBody { // escapes may be longer than they were
			return
		}
		again, err := Decode("r", text)
		if err != nil {
			t.Fatalf("%s: taken, and refused when it came back: %v", text, err)
		}
		twice, err := json.Marshal(again, json.Deterministic(true))
		if err != nil || string(twice) != string(text) {
			t.Fatalf("%s\ncame back as\n%s", text, twice)
		}
		var a Active
		r.State = Running
		Compile([]Rule{*r}).At(&a, &Context{Placement: "home", Now: worldNow})
		it := Unknown("a")
		a.Effect(&it)
		Conflicts([]Rule{*r, *again}, []Item{it}, worldNow)
	})
}

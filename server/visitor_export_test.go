package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

type exportedVisitor struct {
	Site     string            `json:"site"`
	Visitor  string            `json:"visitor"`
	User     string            `json:"user"`
	Profile  *profile          `json:"profile"`
	Sessions []exportedSession `json:"sessions"`
	Events   []exportedEvent   `json:"events"`
	Orders   []exportedEvent   `json:"orders"`
	Shown    []exportedEvent   `json:"impressions"`
	Letters  []struct {
		ID    string `json:"id"`
		Event string `json:"event"`
	} `json:"dead_letters"`
}

func (in *installation) export(visitor string) (exportedVisitor, string) {
	in.t.Helper()
	var x exportedVisitor
	text := in.want(200, "GET", "/v1/visitors/"+visitor+"/export", in.secret, "", &x)
	return x, text
}

// names of the events of a list, sorted.
func eventNames(list []exportedEvent) (names []string) {
	for _, e := range list {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return names
}

func checkExport(t *testing.T, what string, x exportedVisitor, text string) {
	t.Helper()
	if x.Visitor != "v_mine" || x.Site != "test" || x.User != "shared-user" || x.Profile == nil || x.Profile.Search != "my search" {
		t.Errorf("%s: head %+v", what, x)
	}
	if got, want := eventNames(x.Events), []string{"add_to_cart", "login", "search", "view_item", "view_item", "view_item"}; !slices.Equal(got, want) {
		t.Errorf("%s: events %v, want %v", what, got, want)
	}
	if got, want := eventNames(x.Orders), []string{"purchase"}; !slices.Equal(got, want) {
		t.Errorf("%s: orders %v, want %v", what, got, want)
	}
	if len(x.Shown) == 0 || !x.Shown[0].Generated || len(x.Shown[0].Items) == 0 {
		t.Errorf("%s: impressions %+v", what, x.Shown)
	}
	if len(x.Letters) != 1 || !strings.Contains(x.Letters[0].Event, "bad v_mine") {
		t.Errorf("%s: dead letters %+v", what, x.Letters)
	}
	seen := map[string]bool{}
	for _, list := range [][]exportedEvent{x.Events, x.Orders, x.Shown} {
		for _, e := range list {
			if seen[e.ID] {
				t.Errorf("%s: event %s stands there twice", what, e.ID)
			}
			seen[e.ID] = true
		}
	}
	for _, foreign := range []string{"v_other", "other search", "tx-other", "v_mine2", "foreign"} {
		if strings.Contains(text, foreign) {
			t.Errorf("%s: has %q of another visitor", what, foreign)
		}
	}
}

func TestExportHasAllOfAVisitorAndNothingOfOthers(t *testing.T) {
	for _, mode := range []string{"off", "auto"} {
		t.Run("history "+mode, func(t *testing.T) {
			in := newInstallation(t)
			in.env["BECKON_HISTORY"] = mode
			in.start()
			in.fillErasure("v_mine", "shared-user", "my search", "tx-mine", "my note")
			in.fillErasure("v_other", "shared-user", "other search", "tx-other", "foreign")
			in.fillErasure("v_mine2", "another-user", "other search", "tx-mine2", "foreign")
			in.settle()
			if mode == "auto" {
				in.waitHistory()
			}
			x, text := in.export("v_mine")
			checkExport(t, "running", x, text)
			if mode == "auto" && (len(x.Sessions) != 1 || len(x.Sessions[0].Steps) == 0 || x.Sessions[0].Closed) {
				t.Errorf("sessions %+v", x.Sessions)
			}
			if err := in.stop(); err != nil {
				t.Fatal(err)
			}
			in.start()
			if mode == "auto" {
				in.waitHistory()
			}
			again, text := in.export("v_mine")
			checkExport(t, "restarted", again, text)
			if !reflect.DeepEqual(again, x) {
				t.Errorf("another export differs:\n got %+v\nwant %+v", again, x)
			}
			if empty, _ := in.export("v_nobody"); empty.Profile != nil || len(empty.Events)+len(empty.Orders)+len(empty.Letters)+len(empty.Sessions) != 0 {
				t.Errorf("of an unknown visitor: %+v", empty)
			}
			in.want(401, "GET", "/v1/visitors/v_mine/export", in.public, "", nil)
			in.want(400, "GET", "/v1/visitors/v%20x/export", in.secret, "", nil)
		})
	}
}

func TestLongExportsAreWholeDocuments(t *testing.T) {
	in := newInstallation(t)
	in.start()
	var lines []string
	for i := range 3000 {
		lines = append(lines, strings.TrimSuffix(event(fmt.Sprint("e-", i), "view_item", itemOf(fmt.Sprint("sku-", i))), "}")+`,"visitor":"v_long"}`)
	}
	in.want(202, "POST", "/v1/import", in.secret, strings.Join(lines, "\n"), nil)
	x, text := in.export("v_long")
	if len(x.Events) != 3000 || !json.Valid([]byte(text)) || len(text) < 4*exportChunk {
		t.Errorf("%d events in %d bytes", len(x.Events), len(text))
	}
	for i, e := range x.Events {
		if e.ID != fmt.Sprint("e-", i) {
			t.Fatalf("event %d is %s", i, e.ID)
		}
	}
	for range 2 * exportsAtOnce { // each gives its place back
		in.export("v_long")
	}
}

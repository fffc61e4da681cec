package clickstream

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func login(visitor, user string, at int64) Event {
	return Event{Visitor: visitor, Kind: Login, Time: at, User: user, Linked: true}
}

func TestDevicesOfOneUserShareHistoryAndKeepTheirCarts(t *testing.T) {
	log := newFoldLog(9)
	r := startable(t, RunnerConfig{Log: log, Partitions: 8, Dir: t.TempDir()})
	r.Start()
	defer closeRunner(t, r)
	phone, laptop, stranger := act(AddToCart, 10, "p"), act(AddToCart, 20, "l"), act(ViewItem, 15, "x")
	phone.Visitor, laptop.Visitor, stranger.Visitor = "phone", "laptop", "stranger"
	claim := login("stranger", "u", 30)
	claim.Linked = false
	putEvents(t, log, 8, phone, laptop, stranger, login("phone", "u", 30), login("laptop", "u", 31), claim)
	settled(t, r)
	var v ShopperView
	if !r.View("s", "phone", &v) || names(v.Recent) != "l p " || names(v.Cart) != "p " || v.User != "u" {
		t.Errorf("phone: %+v", v)
	}
	if got := r.HistoryOf(nil, "s", "laptop"); names(got) != "l p " {
		t.Errorf("laptop's history %v", got)
	}
	if !r.View("s", "stranger", &v) || names(v.Recent) != "x " || v.User != "" || r.User("s", "stranger") != "" {
		t.Errorf("an unproven claim changed something: %+v", v)
	}
	if got := slices.Sorted(slices.Values(r.Visitors("s", "u"))); !slices.Equal(got, []string{"laptop", "phone"}) {
		t.Errorf("devices %v", got)
	}
	if r.Visitors("other", "u") != nil {
		t.Error("another site knows the user")
	}
	withdraw := Event{Visitor: "laptop", Kind: ConsentChange, Time: 40, Consent: Analytics}
	putEvents(t, log, 8, withdraw)
	settled(t, r)
	if !r.View("s", "phone", &v) || names(v.Recent) != "p " || r.User("s", "laptop") != "" {
		t.Errorf("after the laptop withdrew: %+v", v.Recent)
	}
}

func applyEvents(t *testing.T, id *Identity, events ...Event) {
	t.Helper()
	for i := range events {
		events[i].Site = "s"
		if events[i].Consent == 0 {
			events[i].Consent = Analytics | Personalization
		}
		if err := id.ApplyFacts([]Fact{{Event: &events[i]}}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLoginAsAnotherUserTakesTheDeviceAlong(t *testing.T) {
	id := NewIdentity(100)
	applyEvents(t, id, login("a", "one", 1), login("b", "one", 2), login("a", "two", 3), login("a", "one", 2))
	if id.User("s", "a") != "two" || !slices.Equal(id.Visitors("s", "one"), []string{"b"}) || !slices.Equal(id.Visitors("s", "two"), []string{"a"}) {
		t.Errorf("a is %q, one has %v", id.User("s", "a"), id.Visitors("s", "one"))
	}
}

func TestLinksAreBoundedPerUserAndInAll(t *testing.T) {
	id := NewIdentity(50)
	for i := range 30 {
		applyEvents(t, id, login(fmt.Sprint("d", i), "u", int64(i)))
	}
	if got := id.Visitors("s", "u"); len(got) != maxDevices || got[0] != "d10" || id.User("s", "d9") != "" {
		t.Errorf("devices %v", got)
	}
	for i := range 100 {
		applyEvents(t, id, login(fmt.Sprint("x", i), fmt.Sprint("u", i), int64(100+i)))
	}
	if id.Links() != 50 || id.User("s", "x99") == "" || id.Visitors("s", "u") != nil {
		t.Errorf("%d links", id.Links())
	}
}

func TestIdentitySnapshotIsWhole(t *testing.T) {
	id := NewIdentity(100)
	for i := range 60 {
		applyEvents(t, id, login(fmt.Sprint("d", i*7%60), fmt.Sprint("u", i%5), int64(i)))
	}
	var b, again bytes.Buffer
	if err := id.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	other := NewIdentity(100)
	applyEvents(t, other, login("gone", "gone", 1))
	if err := other.Restore(bytes.NewReader(b.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := other.Snapshot(&again); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) || other.User("s", "gone") != "" {
		t.Errorf("snapshots differ, %v", err)
	}
	for n := range b.Len() {
		if err := other.Restore(strings.NewReader(b.String()[:n])); err == nil {
			t.Fatalf("took the first %d bytes for a snapshot", n)
		}
	}
	again.Reset()
	if err := other.Snapshot(&again); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Error("a failed restore changed the state")
	}
}

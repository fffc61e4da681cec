package clickstream

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var updateSnapshots = flag.Bool("update-snapshots", false, "write golden snapshots")

// goldenStates are small states that show every field of each format.
func goldenStates(t testing.TB) map[string][]byte {
	s := newShard(3, 100)
	apply := func(data []byte) {
		if _, err := s.apply(string(data), new(Event), new(Fact)); err != nil {
			t.Fatal(err)
		}
	}
	apply(AppendSettings(nil, &Settings{Site: "shop", Gap: 1000, Lateness: 500, Longest: 9000}))
	events := []Event{
		act(AddToCart, 10_000, "kettle", "cup"), act(AddToWishlist, 10_100, "pan"), act(Search, 10_200), act(PageView, 11_500),
		act(Purchase, 10_300, "cup"),
		{Kind: Login, Time: 11_600, User: "c-42", Linked: true},
		act(ViewItem, 14_000, "pan"), act(ViewItem, 1, "late"),
	}
	o, id := NewOrders(10), NewIdentity(10)
	for i := range events {
		e := &events[i]
		e.Site, e.Visitor, e.ID, e.Consent, e.Name = "shop", "v_1", "e", Analytics|Personalization, e.Kind.String()
		switch e.Kind {
		case Search:
			e.SearchTerm = "tea"
		case PageView:
			e.URL, e.UserAgent = "https://shop/?utm_source=News", "iPhone"
		case Purchase:
			e.Transaction, e.Currency, e.Value, e.Items[0].Price = "t-1", "EUR", 500, 500
		}
		apply(AppendEvent(nil, e))
		o.apply([]Fact{{Event: e}})
		if err := id.ApplyFacts([]Fact{{Event: e}}); err != nil {
			t.Fatal(err)
		}
	}
	bot := act(ViewItem, 14_100, "pan")
	bot.Site, bot.Visitor, bot.ID, bot.Name, bot.Consent, bot.Bot = "shop", "v_2", "e", "view_item", Analytics, BotAgent
	apply(AppendEvent(nil, &bot))
	var ident bytes.Buffer
	if err := id.Snapshot(&ident); err != nil {
		t.Fatal(err)
	}
	m := manifest{Version: 1, Epoch: "e1", Seq: 9, Ends: []uint64{4, 5}, Files: []manifestFile{{"sessions-00", 12, 7}}}
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"shard": s.appendSnapshot(nil), "orders": o.appendSnapshot(nil), "identity": ident.Bytes(), "manifest": text,
	}
}

func TestSnapshotFormatsStay(t *testing.T) {
	for name, got := range goldenStates(t) {
		path := filepath.Join("testdata", "snapshot-"+name)
		if *updateSnapshots {
			if err := os.WriteFile(path+".raw", got, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path+".hex", []byte(hex.Dump(got)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path + ".raw")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s:\n got\n%swant\n%s", name, hex.Dump(got), hex.Dump(want))
		}
	}
}

func TestSnapshotsOfEarlierVersionsAreRead(t *testing.T) {
	for _, name := range []string{"without-orders", "without-visits"} {
		old, err := os.ReadFile(filepath.Join("testdata", "snapshot-shard-"+name+".raw"))
		if err != nil {
			t.Fatal(err)
		}
		s := newShard(0, 10)
		if err := s.restore(string(old)); err != nil {
			t.Fatal(err)
		}
		if got := s.appendSnapshot(nil); !bytes.Equal(got, old) {
			t.Errorf("%s written again:\n got\n%swant\n%s", name, hex.Dump(got), hex.Dump(old))
		}
	}
}

func TestCutSnapshotsAreRefused(t *testing.T) {
	snap := goldenStates(t)["shard"]
	if err := newShard(0, 10).restore(string(snap)); err != nil {
		t.Fatal(err)
	}
	for n := range snap {
		if err := newShard(0, 10).restore(string(snap[:n])); err == nil {
			t.Errorf("took the first %d bytes for a snapshot", n)
		}
	}
	if err := newShard(0, 10).restore(string(snap) + "\x00"); err == nil {
		t.Error("took a snapshot with a byte left over")
	}
}

// FuzzSnapshots: whatever the bytes are, a decoder returns, and a state that it took can be written, read again, and folded on.
func FuzzSnapshots(f *testing.F) {
	for name, b := range goldenStates(f) {
		f.Add(name, b)
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		switch name {
		case "shard":
			s := newShard(0, 50)
			if s.restore(string(b)) != nil {
				return
			}
			again := newShard(0, 50)
			one := s.appendSnapshot(nil)
			if err := again.restore(string(one)); err != nil {
				t.Fatalf("own snapshot: %v", err)
			}
			if !bytes.Equal(again.appendSnapshot(nil), one) {
				t.Fatal("snapshots differ")
			}
			for _, e := range []Event{viewOf("v_1", 14_000, "x"), viewOf("v_9", 1<<40, "y")} {
				e.Site, e.ID = "shop", "e"
				if _, err := s.apply(string(AppendEvent(nil, &e)), new(Event), new(Fact)); err != nil {
					t.Fatal(err)
				}
			}
		case "orders":
			o := NewOrders(50)
			if o.restore(string(b)) != nil {
				return
			}
			if err := NewOrders(50).restore(string(o.appendSnapshot(nil))); err != nil {
				t.Fatalf("own snapshot: %v", err)
			}
		case "identity":
			id := NewIdentity(50)
			if id.Restore(bytes.NewReader(b)) != nil {
				return
			}
			var one bytes.Buffer
			if err := id.Snapshot(&one); err != nil {
				t.Fatal(err)
			}
			if err := NewIdentity(50).Restore(&one); err != nil {
				t.Fatalf("own snapshot: %v", err)
			}
		case "manifest":
			if m, reason := decodeManifest(b); reason == "" && m.Version != manifestVersion {
				t.Fatal("unknown version taken")
			}
		default:
			_, _ = decodePart(b, 0)
			if snaps, err := splitShards("f", string(b)); err == nil {
				for _, snap := range snaps {
					if !strings.Contains(string(b), snap) {
						t.Fatal("shard is not a part of its file")
					}
				}
			}
		}
	})
}

package shop

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beckon/clickstream/record"
)

// state is everything a store knows, as bytes.
func state(t *testing.T, f *fold) []byte {
	t.Helper()
	var b bytes.Buffer
	im := f.image()
	if err := im.write(&b, "", 0); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\ngot  %s\nwant %s", i, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// act carries out n random commands on two sites.
func act(r *rig, rng *rand.Rand, n int) {
	r.t.Helper()
	ctx := r.t.Context()
	for range n {
		site := []string{"s1", "s2"}[rng.IntN(2)]
		item := fmt.Sprintf("i%d", rng.IntN(30))
		r.clock.add(rng.Int64N(3600_000))
		switch rng.IntN(15) {
		case 0:
			r.DeleteItem(ctx, "test", site, item)
		case 1, 2, 3, 4:
			r.put(site, fmt.Sprintf(`{"item_id":%q,"title":"T%d","price":%d,"category":["a","b%d"],"stock":%d,"low_stock":%d,"markets":{"x":{"price":1,"currency":"EUR"},"y":{"price":2,"currency":"JPY"}},"attributes":{"n":%d}}`,
				item, rng.IntN(5), rng.IntN(50), rng.IntN(5), rng.IntN(20), rng.IntN(9), rng.IntN(3)))
		case 5:
			r.put(site, fmt.Sprintf(`{"item_id":%q,"price":%d}`, item, rng.IntN(50)), fmt.Sprintf(`{"item_id":"new%d"}`, rng.IntN(1e6)))
		case 6, 7, 8:
			r.stock(site, fmt.Sprintf(`{"item_id":%q,"delta":%d,"id":"o%d"}`, item, rng.IntN(21)-10, rng.IntN(100)))
		case 9:
			if k, err := r.CreateKey(ctx, "test", site, KeySpec{Kind: []KeyKind{PublicKey, SecretKey}[rng.IntN(2)]}); err == nil && rng.IntN(2) == 0 {
				r.RotateKey(ctx, "test", site, k.ID, time.Minute)
			} else if err == nil && rng.IntN(2) == 0 {
				r.RevokeKey(ctx, "test", site, k.ID)
			}
		case 10:
			low := rng.Int64N(9)
			r.UpdateSite(ctx, "test", site, Settings{Currency: "EUR", Origins: []string{"self"}, LowStock: &low})
		case 11:
			r.do(ctx, "test", control{Do: doUserPut, ID: fmt.Sprint("u", rng.IntN(5)), Role: Viewer, Hash: "x", New: rng.IntN(2) == 0})
			actLogins(r, rng)
		case 12:
			r.Reserve(ctx, "test", site, ReservationRequest{ID: fmt.Sprint("c", rng.IntN(20)), Lines: []ReservedLine{{item, 1 + rng.Int64N(3)}, {"i1", 1}}, TTL: MaxReservationTTL})
		case 13:
			r.Commit(ctx, "test", site, fmt.Sprint("c", rng.IntN(20)))
		case 14:
			r.Release(ctx, "test", site, fmt.Sprint("c", rng.IntN(20)))
			r.Submit(ctx, "test", Command{Do: doItemCover, Site: site, ID: item, Body: coverJSON{rng.IntN(2) == 0}})
		}
	}
}

func TestAnyWayOfStartingGivesTheSameState(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 9))
		log := newMemLog()
		r := newRig(t, log)
		r.makeSite("s1")
		r.makeSite("s2")
		for range 4 {
			act(r, rng, 60)
			want := state(t, r.fold)
			f := func(name, dir string) {
				t.Helper()
				cfg := r.config()
				cfg.Dir, cfg.OnChange = dir, func(c []Change) { t.Errorf("%s: Open tells changes", name) }
				s, err := Open(t.Context(), cfg)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if got := state(t, s.fold); !bytes.Equal(got, want) {
					t.Fatalf("seed %d, %s: %s", seed, name, firstDifference(got, want))
				}
				if s.Offset() != r.Offset() {
					t.Errorf("%s: offset %d, want %d", name, s.Offset(), r.Offset())
				}
				close(s.quit) // ends as a crash does: without a last snapshot
				s.wg.Wait()
			}
			crashed := t.TempDir()
			if err := os.CopyFS(crashed, os.DirFS(r.dir)); err != nil {
				t.Fatal(err)
			}
			f("after a crash", crashed)
			f("from the log alone", t.TempDir())
			r.reopen()
			if got := state(t, r.fold); !bytes.Equal(got, want) {
				t.Fatalf("seed %d: a clean restart changes the state", seed)
			}
		}
	}
}

// twoSnapshots leaves a closed store with two snapshots and the state they lead to.
func twoSnapshots(t *testing.T) (r *rig, names []string, want []byte) {
	t.Helper()
	r = newRig(t, newMemLog())
	r.makeSite("s1")
	r.makeSite("s2")
	rng := rand.New(rand.NewPCG(1, 1))
	for range 3 {
		act(r, rng, 20)
		r.reopen()
	}
	want = state(t, r.fold)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	names, err := r.shots.names()
	if err != nil || len(names) != snapshotsKept {
		t.Fatalf("snapshots %v, %v; want %d", names, err, snapshotsKept)
	}
	return r, names, want
}

func TestDamagedSnapshotIsSkippedForTheOlder(t *testing.T) {
	r, names, want := twoSnapshots(t)
	newest := filepath.Join(r.dir, names[0])
	whole, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	f := func(name string, damaged []byte) {
		t.Helper()
		if err := os.WriteFile(newest, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		shots := snapshotter{dir: r.dir, epoch: "e1"}
		sealer, _ := newSealer(testSecret)
		_, next, err := shots.restore(sealer, nil, 1<<40)
		if err != nil || snapshotName(next) != names[1] || len(shots.skipped) != 1 {
			t.Fatalf("%s: restored to %d, %v, skipped %v; want the older one", name, next, err, shots.skipped)
		}
	}
	for i := 0; i < len(whole); i += 53 {
		b := bytes.Clone(whole)
		b[i] ^= 1
		if errors.Is(damageOf(b), ErrSecret) {
			continue // a sealed key that no longer opens is not taken for damage; the checksum would come too late
		}
		f(fmt.Sprint("bit flipped at ", i), b)
	}
	for i := 0; i < len(whole); i += 97 {
		f(fmt.Sprint("cut at ", i), whole[:i])
	}
	f("a byte more", append(bytes.Clone(whole), '\n'))
	r.open()
	if got := state(t, r.fold); !bytes.Equal(got, want) {
		t.Error("state differs after the damaged snapshot was skipped")
	}
	if len(r.Notes()) != 1 {
		t.Errorf("notes %v, want the damaged snapshot", r.Notes())
	}
}

func damageOf(b []byte) error {
	sealer, _ := newSealer(testSecret)
	_, _, err := readSnapshot(bytes.NewReader(b), sealer, nil)
	return err
}

func TestSnapshotIsWrittenWhileTheFoldGoesOn(t *testing.T) {
	r := newRig(t, newMemLog())
	r.least = 1
	r.reopen()
	r.makeSite("s")
	if a := r.put("s", string(catalogLines(4*chunkRecords))); a.RejectedTotal > 0 {
		t.Fatalf("%+v", a.Rejected[0])
	}
	want := state(t, r.fold)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	names, err := r.shots.names()
	if err != nil || len(names) != snapshotsKept {
		t.Fatalf("snapshots %v, %v; want one from the way and one from the end", names, err)
	}
	if err := os.Remove(filepath.Join(r.dir, names[0])); err != nil {
		t.Fatal(err)
	}
	r.open()
	if got := state(t, r.fold); !bytes.Equal(got, want) {
		t.Error(firstDifference(got, want))
	}
}

func TestUnfinishedSnapshotIsRemoved(t *testing.T) {
	r := newRig(t, newMemLog())
	left := filepath.Join(r.dir, unfinished+"123")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.reopen()
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("stat: %v, want that it is gone", err)
	}
}

func TestAllSnapshotsDamagedFoldsTheLog(t *testing.T) {
	r, names, want := twoSnapshots(t)
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.open()
	if got := state(t, r.fold); !bytes.Equal(got, want) {
		t.Error("state differs")
	}
	act(r, rand.New(rand.NewPCG(2, 2)), 5)
	want = state(t, r.fold)
	r.reopen()
	if got := state(t, r.fold); !bytes.Equal(got, want) || len(r.Notes()) != 0 {
		t.Errorf("after the next snapshot: notes %v", r.Notes())
	}
}

func TestSnapshotOfAnotherLogIsNotUsed(t *testing.T) {
	r, _, _ := twoSnapshots(t)
	other := newMemLog()
	other.epoch = "e2"
	r.log = other
	r.open()
	if got := len(r.Sites()); got != 0 || r.Offset() != 0 {
		t.Errorf("%d sites at offset %d from a foreign snapshot", got, r.Offset())
	}
	r.makeSite("s9")
	r.reopen() // its snapshot has a lower offset than the foreign ones, and is still found
	if got := r.Sites(); len(got) != 1 || r.shots.written != 1 {
		t.Errorf("sites %+v, snapshot at %d", got, r.shots.written)
	}
}

func TestUnreadableRecordStopsBeforeIt(t *testing.T) {
	log := newMemLog()
	r := newRig(t, log)
	r.makeSite("s")
	bad := []record.Append{{}}
	bad[0].Records.Data = append(bad[0].Records.Data, `{"t":1,"do":`...)
	bad[0].Records.Close()
	if _, err := log.Append(t.Context(), bad); err != nil {
		t.Fatal(err)
	}
	_, err := r.CreateSite(t.Context(), "test", "s2", Settings{})
	var stop *StoppedError
	if !errors.As(err, &stop) || stop.Offset != 1 || r.Err() == nil {
		t.Fatalf("error %v, want one at offset 1", err)
	}
	if _, ok := r.Site("s"); !ok {
		t.Error("what was folded before is gone")
	}
	if err := r.RetireSite(t.Context(), "test", "s"); !errors.As(err, &stop) {
		t.Errorf("the next command: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), r.config()); !errors.As(err, &stop) || stop.Offset != 1 {
		t.Errorf("Open: %v, want an error at offset 1", err)
	}
}

func TestFailedAppendChangesNothing(t *testing.T) {
	log := newMemLog()
	r := newRig(t, log)
	r.makeSite("s")
	r.put("s", `{"item_id":"a","stock":5}`)
	want := state(t, r.fold)
	full := errors.New("no space left on device")
	log.fail = full
	a, err := r.PostStock(t.Context(), "test", "s", strings.NewReader(`{"item_id":"a","delta":-1}`))
	if !errors.Is(err, full) || a.Accepted != 0 {
		t.Errorf("%+v, %v", a, err)
	}
	if got := state(t, r.fold); !bytes.Equal(got, want) {
		t.Error("a failed append changed the state")
	}
	log.fail = nil // the disk has room again
	if a := r.stock("s", `{"item_id":"a","delta":-1}`); a.Accepted != 1 || r.item("s", "a").Stock != 4 {
		t.Errorf("the next command: %+v", a)
	}
}

func TestRecordsOfOtherFoldsArePassedOver(t *testing.T) {
	log := newMemLog()
	r := newRig(t, log)
	foreign := []record.Append{{}}
	foreign[0].Records.Data = append(foreign[0].Records.Data, `{"t":1,"do":"rule.put","item":5,"settings":[]}`...)
	foreign[0].Records.Close()
	foreign[0].Records.Close() // and an erased one
	if _, err := log.Append(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	r.makeSite("s")
	if r.Offset() != 3 {
		t.Errorf("offset %d, want 3", r.Offset())
	}
}

func TestASecondStoreOnTheLogFollows(t *testing.T) {
	log := newMemLog()
	a, b := newRig(t, log), newRig(t, log)
	a.makeSite("s")
	b.RetireSite(t.Context(), "test", "none") // refused, but applied: b has seen all before it
	b.put("s", `{"item_id":"x","stock":3}`)
	a.stock("s", `{"item_id":"x","delta":-1}`) // a's own command waits until a has seen the item
	b.stock("s", `{"item_id":"x","delta":-1}`)
	if got := b.item("s", "x").Stock; got != 1 {
		t.Errorf("stock %d, want 1", got)
	}
	a.RetireSite(t.Context(), "test", "none")
	a.Close()
	b.Close()
	if got, want := state(t, a.fold), state(t, b.fold); !bytes.Equal(got, want) {
		t.Error(firstDifference(got, want))
	}
}

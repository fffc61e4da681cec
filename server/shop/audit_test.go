package shop

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func changesOf(t *testing.T, r *rig, q AuditQuery) []AuditEntry {
	t.Helper()
	q.Limit, q.Private = MaxAuditPage, true
	list, _, err := r.Changes("s1", q)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// newest is the newest change of a kind.
func newest(t *testing.T, r *rig, kind string) AuditEntry {
	t.Helper()
	list := changesOf(t, r, AuditQuery{Kind: kind})
	if len(list) == 0 {
		t.Fatalf("no change of kind %s", kind)
	}
	return list[0]
}

func TestBeforeAndAfterHoldNoSecret(t *testing.T) {
	ctx := t.Context()
	r := newRig(t, newMemLog())
	r.makeSite("s1")
	key, err := r.CreateKey(ctx, "user anna", "s1", KeySpec{Kind: SecretKey, Note: "till"})
	if err != nil {
		t.Fatal(err)
	}
	public, err := r.CreateKey(ctx, "user anna", "s1", KeySpec{Kind: PublicKey, Origins: []string{"https://shop.example"}})
	if err != nil {
		t.Fatal(err)
	}
	next, err := r.RotateKey(ctx, "user anna", "s1", key.ID, 0)
	err = errors.Join(err, r.RevokeKey(ctx, "user anna", "s1", next.ID),
		r.AddUser(ctx, "cli", "anna", "password anna", Admin), r.ChangePassword(ctx, "user anna", "anna", "deep-secret"),
		r.ChangeRole(ctx, "cli", "anna", Admin))
	if err != nil {
		t.Fatal(err)
	}
	secret := NewTOTPSecret()
	recovery, err := r.EnableTOTP(ctx, "user anna", "anna", secret, r.codeAt(secret), "")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := r.User("anna")
	if _, err := r.BeginSession(ctx, u, SessionSpec{ID: "browser-session-id", Agent: "Firefox", Life: time.Hour}); err == nil {
		t.Error("a session began without the second step")
	}
	var shown bytes.Buffer
	for _, e := range changesOf(t, r, AuditQuery{}) {
		fmt.Fprintf(&shown, "%s %s %s %s %s\n", e.Do, e.ID, e.Before, e.After, e.Refused)
	}
	for _, s := range append(recovery, key.Text, public.Text, next.Text, "argon2", "deep-secret", secret, "sealed", "browser-session-id", "hash") {
		if strings.Contains(shown.String(), s) {
			t.Errorf("%q is shown:\n%s", s, &shown)
		}
	}
	for _, want := range []string{`"note":"till"`, `"password":"changed"`, `"second_step":true`, `"role":"admin"`, `"revoked":true`} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("%s is not shown:\n%s", want, &shown)
		}
	}
}

func TestBeforeAndAfterAreWhatHeld(t *testing.T) {
	ctx := t.Context()
	r := newRig(t, newMemLog())
	r.makeSite("s1")
	if err := errors.Join(
		r.AddUser(ctx, "cli", "ben", "password ben", Viewer), r.ChangePassword(ctx, "cli", "ben", "another password"),
		r.ChangeRole(ctx, "user anna", "ben", Merchandiser),
	); err != nil {
		t.Fatal(err)
	}
	// The role before was said two records earlier.
	if e := newest(t, r, "user"); string(e.Before) != `{"role":"viewer","sites":[]}` || string(e.After) != `{"role":"merchandiser","sites":[]}` {
		t.Errorf("got %s, %s", e.Before, e.After)
	}
	r.put("s1", `{"item_id":"a","title":"Old","stock":3}`)
	r.clock.add(time.Hour.Milliseconds())
	r.put("s1", `{"item_id":"a","title":"New"}`)
	if e := newest(t, r, "item"); string(e.Before) != `{"title":"Old"}` || string(e.After) != `{"title":"New"}` {
		t.Errorf("got %s, %s", e.Before, e.After)
	}
	r.stock("s1", `{"item_id":"a","delta":-2,"id":"x"}`)
	if e := newest(t, r, "stock"); string(e.Before) != `{"stock":3}` || string(e.After) != `{"ref":"x","stock":1}` {
		t.Errorf("got %s, %s", e.Before, e.After)
	}
}

func TestImportsAreOneChangeAndPeoplesLinesTheirOwn(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s1")
	var lines []string
	for i := range 3000 {
		lines = append(lines, fmt.Sprintf(`{"item_id":"i%d"}`, i))
	}
	r.put("s1", lines...)
	list := changesOf(t, r, AuditQuery{Kind: "item"})
	if len(list) != 1 || list[0].Count != 3000 || list[0].Last != list[0].Offset+2999 || list[0].ID != "" {
		t.Fatalf("got %d changes, %+v", len(list), list[0])
	}
	if _, err := r.PutItems(t.Context(), "user anna", "s1", strings.NewReader(strings.Join(lines[:30], "\n")), ""); err != nil {
		t.Fatal(err)
	}
	list = changesOf(t, r, AuditQuery{Kind: "item", Actor: "anna"})
	if len(list) != singleLines || list[0].Count != 30-singleLines+1 || list[1].Count != 1 {
		t.Errorf("got %d changes, the newest of %d lines", len(list), list[0].Count)
	}
	r.clock.add(runGap + 1)
	r.put("s1", `{"item_id":"i1","title":"x"}`)
	if e := newest(t, r, "item"); e.Count != 1 || e.ID != "i1" || !e.HasPrev {
		t.Errorf("got %+v, want a change of its own", e)
	}
}

func TestPagesReachEveryChangeOnce(t *testing.T) {
	ctx := t.Context()
	r := newRig(t, newMemLog())
	r.makeSite("s1")
	r.makeSite("s2")
	for i := range 250 {
		site := []string{"s1", "s1", "s2"}[i%3]
		if _, err := r.UpdateSite(ctx, "user anna", site, Settings{Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
		r.clock.add(1000)
	}
	walk := func() (offsets []uint64) {
		q := AuditQuery{Limit: 7}
		for range 1000 {
			page, err := r.AuditPage("s1", q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Entries {
				if e.Site != "s1" {
					t.Fatalf("a change of %s", e.Site)
				}
				offsets = append(offsets, e.Offset)
			}
			if page.Next == 0 {
				return offsets
			}
			q.Before = page.Next
		}
		t.Fatal("pages have no end")
		return nil
	}
	want := walk()
	if len(want) != 168 || !slices.IsSortedFunc(want, func(a, b uint64) int { return int(b) - int(a) }) {
		t.Fatalf("got %d changes, want 168, newest first", len(want))
	}
	// The oldest leave memory, and are found in the log.
	x := r.fold.changes
	x.mu.Lock()
	tr := x.trails["s1"]
	tr.trimmed = tr.at(99).offset + 1
	tr.ring, tr.first = slices.Clone(tr.ring[100:]), 0
	x.mu.Unlock()
	if got := walk(); !slices.Equal(got, want) {
		t.Errorf("got %d changes, want the same %d", len(got), len(want))
	}
	e, ok, err := r.ChangeAt(want[len(want)-1])
	if err != nil || !ok || !e.Unknown || e.Undo || !strings.Contains(string(e.After), "low_stock") && e.After == nil {
		t.Errorf("got %+v, %v, %v; want an old change with what it says", e, ok, err)
	}
	list, _, err := r.Changes("s1", AuditQuery{From: t0 + 200_000, Until: t0 + 210_000, Limit: 100})
	if err != nil || len(list) == 0 || len(list) > 10 || list[0].Time >= t0+210_000 || list[len(list)-1].Time < t0+200_000 {
		t.Errorf("got %d changes of ten seconds, %v", len(list), err)
	}
}

func TestTheRingKeepsTheNewestAndForgetsHeads(t *testing.T) {
	x := newAuditIndex()
	log := newFold(nil, nil)
	log.changes = x
	for i := range maxAudited + 100 {
		c := control{Time: int64(i), Actor: "user anna", Do: "session.begin", ID: "anna"}
		out := outcome{}
		if i%50 == 0 {
			out.refused = refuse("no", "no")
		}
		log.now = int64(i)
		log.audit(&c, uint64(i), &out)
	}
	tr := x.trails[loginTrail]
	if len(tr.ring) != maxAudited || tr.at(0).offset != 100 || tr.trimmed != 100 || len(tr.why) != (maxAudited+99)/50-1 {
		t.Errorf("%d kept from %d, trimmed %d, %d reasons", len(tr.ring), tr.at(0).offset, tr.trimmed, len(tr.why))
	}
	if tr.find(99) != nil || tr.find(100) == nil || tr.find(maxAudited+99) == nil {
		t.Error("the ring does not find what it has")
	}
	im := x.image()
	back := newAuditIndex()
	if err := im.write(func(v any) error { return back.load(v.(snapshotLine).Audit) }); err != nil {
		t.Fatal(err)
	}
	again := back.image()
	if fmt.Sprint(again) != fmt.Sprint(im) {
		t.Error("what comes back from a snapshot differs")
	}
}

func TestChangesAreReadWhileOthersAreMade(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s1")
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 300 {
			if _, err := r.UpdateSite(t.Context(), "user anna", "s1", Settings{Name: fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 100 {
		page, err := r.AuditPage("s1", AuditQuery{Limit: 5})
		if err != nil || len(page.Entries) == 0 {
			t.Fatalf("%d changes, %v", len(page.Entries), err)
		}
		if _, ok, err := r.ChangeAt(page.Entries[0].Offset); !ok || err != nil {
			t.Fatalf("the newest change is not there: %v", err)
		}
	}
	wg.Wait()
}

func TestASnapshotThatDoesNotKnowChangesIsFoldedAgain(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s1")
	if _, err := r.UpdateSite(t.Context(), "user anna", "s1", Settings{Name: "New"}); err != nil {
		t.Fatal(err)
	}
	want := state(t, r.fold)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(r.dir, "*"+snapshotExt))
	if err != nil || len(files) != 1 {
		t.Fatalf("snapshots %v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var old []byte // as an earlier version wrote it
	for _, line := range bytes.SplitAfter(text[:len(text)-9], []byte("\n")) {
		if !bytes.HasPrefix(line, []byte(`{"audit":`)) {
			old = append(old, bytes.Replace(line, []byte(`,"audit":1`), nil, 1)...)
		}
	}
	old = fmt.Appendf(old, "%08x\n", crc32.Checksum(old, castagnoli))
	if err := os.WriteFile(files[0], old, 0o600); err != nil {
		t.Fatal(err)
	}
	r.open()
	if got := state(t, r.fold); !bytes.Equal(got, want) {
		t.Errorf("another state: %s", firstDifference(got, want))
	}
	if e := newest(t, r, "site"); !e.Undo || e.Actor != "user anna" {
		t.Errorf("got %+v", e)
	}
}

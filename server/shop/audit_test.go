package shop

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// changesOf is all that a site's page shows, newest first.
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

// wantRefusal wants err to be a refusal with that code.
func wantRefusal(t *testing.T, err error, code string) {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Fatalf("got %v, want a refusal %s", err, code)
	}
}

func TestEveryChangeOfTheShopIsTakenBack(t *testing.T) {
	ctx := t.Context()
	settings := func(r *rig) string {
		s, _ := r.Site("s1")
		return s.Name
	}
	for _, c := range []struct {
		name, kind string
		do         func(r *rig) error
		state      func(r *rig) string
		before     string
		after      string
	}{
		{"site settings", "site", func(r *rig) error {
			_, err := r.UpdateSite(ctx, "user anna", "s1", Settings{Name: "New"})
			return err
		}, settings, "", "New"},
		{"a site that is closed", "site", func(r *rig) error { return r.RetireSite(ctx, "user anna", "s1") }, func(r *rig) string {
			s, _ := r.Site("s1")
			return fmt.Sprint(s.Retired != 0)
		}, "false", "true"},
		{"a key that is made", "key", func(r *rig) error {
			_, err := r.CreateKey(ctx, "user anna", "s1", KeySpec{Kind: SecretKey, Note: "till"})
			return err
		}, func(r *rig) string {
			live := 0
			for _, k := range r.Keys("s1") {
				if k.Revoked == 0 {
					live++
				}
			}
			return fmt.Sprint(live)
		}, "0", "1"},
		{"a person's role", "user", func(r *rig) error { return r.ChangeRole(ctx, "user anna", "ben", Merchandiser) }, func(r *rig) string {
			u, _ := r.User("ben")
			return string(u.Role)
		}, "viewer", "merchandiser"},
		{"a person who is added", "user", func(r *rig) error { return r.AddUser(ctx, "user anna", "carl", "password carl", Viewer) }, func(r *rig) string {
			_, ok := r.User("carl")
			return fmt.Sprint(ok)
		}, "false", "true"},
		{"an item", "item", func(r *rig) error {
			_, err := r.PutItems(ctx, "user anna", "s1", strings.NewReader(`{"item_id":"a","title":"New","price":5,"currency":"EUR"}`), "")
			return err
		}, func(r *rig) string { return r.item("s1", "a").Title + fmt.Sprint(r.item("s1", "a").Stock) }, "Old7", "New7"},
		{"an item that is made", "item", func(r *rig) error {
			_, err := r.PutItems(ctx, "user anna", "s1", strings.NewReader(`{"item_id":"b"}`), "")
			return err
		}, func(r *rig) string {
			_, ok := r.Item("s1", "b")
			return fmt.Sprint(ok)
		}, "false", "true"},
		{"an item that is removed", "item", func(r *rig) error { return r.DeleteItem(ctx, "user anna", "s1", "a") }, func(r *rig) string {
			it, ok := r.Item("s1", "a")
			if !ok {
				return "gone"
			}
			return fmt.Sprint(it.Title, it.Stock)
		}, "Old7", "gone"},
		{"stock", "stock", func(r *rig) error {
			_, err := r.PostStock(ctx, "user anna", "s1", strings.NewReader(`{"item_id":"a","stock":70}`))
			return err
		}, func(r *rig) string { return fmt.Sprint(r.item("s1", "a").Stock) }, "7", "70"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, newMemLog())
			r.makeSite("s1")
			if err := errors.Join(r.AddUser(ctx, "cli", "anna", "password anna", Admin), r.AddUser(ctx, "cli", "ben", "password ben", Viewer)); err != nil {
				t.Fatal(err)
			}
			r.put("s1", `{"item_id":"a","title":"Old","price":5,"currency":"EUR","stock":9}`)
			r.clock.add(time.Hour.Milliseconds())
			r.stock("s1", `{"item_id":"a","stock":7}`)
			r.clock.add(time.Hour.Milliseconds())
			if got := c.state(r); got != c.before {
				t.Fatalf("before: got %q, want %q", got, c.before)
			}
			if err := c.do(r); err != nil {
				t.Fatal(err)
			}
			if got := c.state(r); got != c.after {
				t.Fatalf("after: got %q, want %q", got, c.after)
			}
			r.reopen() // what was changed before a restart can be taken back after it
			e := newest(t, r, c.kind)
			if !e.Undo || e.Actor != "user anna" {
				t.Fatalf("got %+v, want a change of anna's that can be undone", e)
			}
			at, err := r.Undo(ctx, "user ben", e.Offset)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.state(r); got != c.before {
				t.Errorf("undone: got %q, want %q", got, c.before)
			}
			undo, ok, err := r.ChangeAt(at)
			if err != nil || !ok || undo.Undoes != e.Offset || undo.Actor != "user ben" {
				t.Errorf("the undo is %+v, %v, %v; want one of %d by ben", undo, ok, err, e.Offset)
			}
			if now, _, _ := r.ChangeAt(e.Offset); now.UndoneBy != at || now.Undo {
				t.Errorf("got %+v, want it undone by %d", now, at)
			}
			_, err = r.Undo(ctx, "user ben", e.Offset)
			wantRefusal(t, err, "no_undo")
			if undo.Undo { // and the undo too
				if _, err := r.Undo(ctx, "user anna", at); err != nil {
					t.Fatal(err)
				}
				if got := c.state(r); got != c.after {
					t.Errorf("done again: got %q, want %q", got, c.after)
				}
			}
		})
	}
}

func TestWhatCannotBeTakenBackSaysWhy(t *testing.T) {
	ctx := t.Context()
	r := newRig(t, newMemLog())
	r.makeSite("s1")
	check := func(kind, why string, errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		e := newest(t, r, kind)
		if e.Undo || e.NoUndo != why {
			t.Errorf("%s: got %q, want %q", e.Do, e.NoUndo, why)
		}
		_, err := r.Undo(ctx, "user anna", e.Offset)
		wantRefusal(t, err, "no_undo")
	}
	key, err := r.CreateKey(ctx, "user anna", "s1", KeySpec{Kind: SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	next, err := r.RotateKey(ctx, "user anna", "s1", key.ID, time.Hour)
	check("key", NoUndoRotated, err)
	check("key", NoUndoRevoked, r.RevokeKey(ctx, "user anna", "s1", next.ID))
	check("user", NoUndoPassword, r.AddUser(ctx, "cli", "anna", "password anna", Admin), r.ChangePassword(ctx, "user anna", "anna", "another password"))
	check("user", NoUndoRemoved, r.AddUser(ctx, "cli", "ben", "password ben", Viewer), r.RemoveUser(ctx, "user anna", "ben"))
	r.put("s1", `{"item_id":"a"}`, `{"item_id":"b"}`)
	check("item", NoUndoImport)
	check("user", NoUndoRefused, func() error {
		if err := r.RemoveUser(ctx, "user anna", "nobody"); err == nil {
			return errors.New("nobody was removed")
		}
		return nil
	}())
	if e := newest(t, r, "user"); e.Refused == "" || !strings.Contains(e.Refused, "nobody") {
		t.Errorf("got %+v, want it shown as refused", e)
	}
	_, err = r.Undo(ctx, "user anna", 1_000_000)
	wantRefusal(t, err, "unknown_change")
}

func TestAnUndoIsRefusedWhenSomethingChangedSince(t *testing.T) {
	ctx := t.Context()
	r := newRig(t, newMemLog())
	r.makeSite("s1")
	r.put("s1", `{"item_id":"a","title":"Old","stock":10}`)
	r.clock.add(time.Hour.Milliseconds())
	if _, err := r.PostStock(ctx, "user anna", "s1", strings.NewReader(`{"item_id":"a","stock":50}`)); err != nil {
		t.Fatal(err)
	}
	stock := newest(t, r, "stock")
	r.stock("s1", `{"item_id":"a","delta":-1,"id":"sale"}`)
	_, err := r.Undo(ctx, "user anna", stock.Offset)
	wantRefusal(t, err, "changed_since")
	if got := r.item("s1", "a").Stock; got != 49 {
		t.Errorf("stock is %d, want 49", got)
	}
	if _, err := r.UpdateSite(ctx, "user anna", "s1", Settings{Name: "One"}); err != nil {
		t.Fatal(err)
	}
	one := newest(t, r, "site")
	if _, err := r.UpdateSite(ctx, "user ben", "s1", Settings{Name: "Two"}); err != nil {
		t.Fatal(err)
	}
	_, err = r.Undo(ctx, "user anna", one.Offset)
	wantRefusal(t, err, "changed_since")
	// The log's order decides, whatever the one who asked saw.
	_, offset, err := r.place(ctx, "user anna", control{Do: doSitePut, Site: "s1", Settings: &Settings{}, Undoes: one.Offset})
	wantRefusal(t, err, "changed_since")
	if e, ok, err := r.ChangeAt(offset); err != nil || !ok || e.Refused == "" {
		t.Errorf("got %+v, %v, %v; want the attempt shown as refused", e, ok, err)
	}
	if s, _ := r.Site("s1"); s.Name != "Two" {
		t.Errorf("the site is called %q, want Two", s.Name)
	}
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

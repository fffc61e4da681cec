package shop

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

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

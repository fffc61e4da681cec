package shop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
)

// refused fails the test unless err is a Refusal of that code.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Errorf("error %v, want the refusal %s", err, code)
	}
}

func TestSiteHasDefaultsAndCanBeRetired(t *testing.T) {
	r := newRig(t, newMemLog())
	ctx := t.Context()
	site, err := r.CreateSite(ctx, "test", "shop-1", Settings{Origins: []string{"https://shop.example"}})
	if err != nil {
		t.Fatal(err)
	}
	want := clickstream.Settings{Site: "shop-1", Gap: 30 * 60_000, Lateness: 10 * 60_000, Longest: 24 * 3600_000}
	if site.Sessions() != want || site.Clock != WallClock || site.Created != t0 {
		t.Errorf("site %+v, sessions %+v", site, site.Sessions())
	}
	if got := r.DefaultConsent("shop-1"); got != clickstream.Analytics|clickstream.Personalization {
		t.Errorf("consent %b, want both", got)
	}
	if got := r.DefaultConsent("none"); got != 0 {
		t.Errorf("consent of no site %b, want none", got)
	}
	key, err := r.CreateKey(ctx, "test", "shop-1", KeySpec{Kind: PublicKey})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.CreateSite(ctx, "test", "shop-1", Settings{})
	refused(t, err, "site_exists")
	_, err = r.CreateSite(ctx, "test", "Shop", Settings{})
	refused(t, err, "bad_site")
	_, err = r.UpdateSite(ctx, "test", "other", Settings{})
	refused(t, err, "unknown_site")
	for _, bad := range []Settings{{Clock: "moon"}, {Gap: 1}, {Gap: 3600_000, Longest: 60_000}, {Lateness: -1}, {Currency: "XXQ"}} {
		_, err = r.UpdateSite(ctx, "test", "shop-1", bad)
		refused(t, err, "bad_settings")
	}
	for _, bad := range []string{"shop.example", "https://", "*", "https://*", "https://a/b", "javascript://x", "https://a@b"} {
		_, err = r.UpdateSite(ctx, "test", "shop-1", Settings{Origins: []string{bad}})
		refused(t, err, "bad_origin")
	}
	if err := r.RetireSite(ctx, "test", "shop-1"); err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Key(key.Text); ok {
		t.Error("a retired site's key still opens")
	}
	_, err = r.PutItems(ctx, "test", "shop-1", strings.NewReader(""), "")
	refused(t, err, "site_retired")
	r.reopen()
	if s, ok := r.Site("shop-1"); !ok || s.Retired == 0 {
		t.Errorf("after a restart: %+v", s)
	}
	if _, err := r.UpdateSite(ctx, "test", "shop-1", Settings{Clock: EventClock, Consent: &Consent{}}); err != nil {
		t.Fatal(err)
	}
	if s, _ := r.Site("shop-1"); s.Retired != 0 || s.Clock != EventClock || r.DefaultConsent("shop-1") != 0 {
		t.Errorf("after an update: %+v", s)
	}
}

func TestOriginsMatchExactlyOrBelowTheStar(t *testing.T) {
	f := func(allowed, origin string, want bool) {
		t.Helper()
		if got := (Key{Origins: []string{allowed}}).Allows(origin); got != want {
			t.Errorf("%s allows %q: %v, want %v", allowed, origin, got, want)
		}
	}
	f("https://shop.example", "https://shop.example", true)
	f("https://shop.example", "https://Shop.example", true)
	f("https://shop.example", "http://shop.example", false)
	f("https://shop.example", "https://shop.example:8443", false)
	f("https://shop.example", "https://shop.example.evil", false)
	f("https://shop.example", "https://evilshop.example", false)
	f("https://shop.example", "", false)
	f("https://shop.example", "null", false)
	f("https://*.shop.example", "https://de.shop.example", true)
	f("https://*.shop.example", "https://a.b.shop.example", true)
	f("https://*.shop.example", "https://shop.example", false)
	f("https://*.shop.example", "https://evilshop.example", false)
	f("https://*.shop.example", "http://de.shop.example", false)
	f("https://*.shop.example", "https://.shop.example", false)
	f("https://*.shop.example", "https://evil/.shop.example", false)
	f("https://*.shop.example:8443", "https://de.shop.example:8443", true)
	f("https://*.shop.example:8443", "https://de.shop.example", false)
}

func TestKeysAreMadeRotatedAndRevoked(t *testing.T) {
	log := newMemLog()
	r := newRig(t, log)
	ctx := t.Context()
	r.makeSite("s")
	pk, err := r.CreateKey(ctx, "test", "s", KeySpec{Kind: PublicKey, Origins: []string{"https://a.example"}, Note: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	sk, err := r.CreateKey(ctx, "test", "s", KeySpec{Kind: SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	if len(pk.Text) != 35 || pk.Text[:3] != "pk_" || len(sk.Text) != 35 || sk.Text[:3] != "sk_" {
		t.Errorf("keys %q and %q", pk.Text, sk.Text)
	}
	if k, ok := r.Key(pk.Text); !ok || k.Secret() || !k.Allows("https://a.example") || k.Allows("https://shop.example") {
		t.Errorf("public key %+v, %v", k, ok)
	}
	if k, ok := r.Key(sk.Text); !ok || !k.Secret() || k.Text != "" || k.Site != "s" {
		t.Errorf("secret key %+v, %v", k, ok)
	}
	next, err := r.RotateKey(ctx, "test", "s", pk.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if k, ok := r.Key(next.Text); !ok || k.Note != "shop" || !k.Allows("https://a.example") {
		t.Errorf("rotated key %+v, %v", k, ok)
	}
	r.reopen()
	r.clock.add(3600_000 - 1)
	if _, ok := r.Key(pk.Text); !ok {
		t.Error("the old key ended before its grace did")
	}
	r.clock.add(1)
	if _, ok := r.Key(pk.Text); ok {
		t.Error("the old key outlives its grace")
	}
	_, err = r.RotateKey(ctx, "test", "s", pk.ID, time.Hour)
	refused(t, err, "unknown_key")
	if text, ok := r.KeyText("s", sk.ID); !ok || text != sk.Text {
		t.Errorf("KeyText = %q, %v", text, ok)
	}
	if err := r.RevokeKey(ctx, "test", "s", sk.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := r.Key(sk.Text); ok {
		t.Error("a revoked key opens")
	}
	refused(t, r.RevokeKey(ctx, "test", "s", "key_none"), "unknown_key")
	if got := len(r.Keys("s")); got != 3 {
		t.Errorf("%d keys listed, want 3", got)
	}
	for _, b := range log.batches {
		if strings.Contains(b.Data, sk.Text) {
			t.Error("the log holds a secret key in the clear")
		}
	}
}

func TestGivenKeyTextIsTakenOnce(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	r.makeSite("s2")
	spec := KeySpec{Kind: SecretKey, Text: "sk_" + strings.Repeat("a", 32)}
	if k, err := r.CreateKey(t.Context(), "test", "s", spec); err != nil || k.Text != spec.Text {
		t.Fatalf("%+v, %v", k, err)
	}
	_, err := r.CreateKey(t.Context(), "test", "s2", spec)
	refused(t, err, "key_exists")
	for _, bad := range []KeySpec{
		{Kind: SecretKey, Text: "sk_short"},
		{Kind: PublicKey, Text: spec.Text},
		{Kind: "other"},
		{Kind: SecretKey, Origins: []string{"https://a.example"}},
	} {
		_, err := r.CreateKey(t.Context(), "test", "s", bad)
		refused(t, err, "bad_key")
	}
}

func TestKeysOfASiteAreBounded(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	var last NewKey
	for range maxLiveKeys {
		k, err := r.CreateKey(t.Context(), "test", "s", KeySpec{Kind: PublicKey})
		if err != nil {
			t.Fatal(err)
		}
		last = k
	}
	_, err := r.CreateKey(t.Context(), "test", "s", KeySpec{Kind: PublicKey})
	refused(t, err, "too_many_keys")
	for range 2 * maxDeadKeys {
		if last, err = r.RotateKey(t.Context(), "test", "s", last.ID, 0); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := len(r.Keys("s")), maxLiveKeys+maxDeadKeys; got != want {
		t.Errorf("%d keys kept, want %d", got, want)
	}
	for range maxLiveKeys {
		if last, err = r.RotateKey(t.Context(), "test", "s", last.ID, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	_, err = r.RotateKey(t.Context(), "test", "s", last.ID, time.Hour)
	refused(t, err, "too_many_keys")
	if got := len(r.fold.texts); got != 2*maxLiveKeys+maxDeadKeys {
		t.Errorf("%d key texts kept", got)
	}
}

func TestUserIsProvenByALiveSecretKeyOfTheSite(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	r.makeSite("other")
	sk, err := r.CreateKey(t.Context(), "test", "s", KeySpec{Kind: SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(sk.Text))
	mac.Write([]byte("c-42"))
	hash := hex.EncodeToString(mac.Sum(nil))
	f := func(site, user, hash string, want bool) {
		t.Helper()
		if got := r.ProveUser(site, user, hash); got != want {
			t.Errorf("%s %s %s: %v, want %v", site, user, hash, got, want)
		}
	}
	f("s", "c-42", hash, true)
	f("s", "c-42", strings.ToUpper(hash), true)
	f("s", "c-43", hash, false)
	f("other", "c-42", hash, false)
	f("none", "c-42", hash, false)
	f("s", "c-42", hash[:62], false)
	f("s", "c-42", "", false)
	f("s", "", "", false)
	if _, err := r.RotateKey(t.Context(), "test", "s", sk.ID, time.Minute); err != nil {
		t.Fatal(err)
	}
	f("s", "c-42", hash, true)
	r.clock.add(60_000)
	f("s", "c-42", hash, false)
}

func TestForeignSecretFailsOpen(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	if _, err := r.CreateKey(t.Context(), "test", "s", KeySpec{Kind: SecretKey}); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"from the log", "from the snapshot"} {
		if when == "from the snapshot" {
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		cfg := r.config()
		cfg.Secret = []byte("fedcba9876543210fedcba9876543210")
		if _, err := Open(t.Context(), cfg); !errors.Is(err, ErrSecret) {
			t.Errorf("%s: %v, want ErrSecret", when, err)
		}
	}
}

func TestUsersAndTheirPasswords(t *testing.T) {
	log := newMemLog()
	r := newRig(t, log)
	ctx := t.Context()
	if err := r.AddUser(ctx, "test", "anna", "correct horse", Admin); err != nil {
		t.Fatal(err)
	}
	refused(t, r.AddUser(ctx, "test", "anna", "correct horse", Viewer), "user_exists")
	refused(t, r.AddUser(ctx, "test", "Anna!", "correct horse", Viewer), "bad_user")
	refused(t, r.AddUser(ctx, "test", "ben", "short", Viewer), "bad_password")
	refused(t, r.AddUser(ctx, "test", "ben", "correct horse", "owner"), "bad_role")
	refused(t, r.ChangeRole(ctx, "test", "anna", Viewer), "last_admin")
	refused(t, r.RemoveUser(ctx, "test", "anna"), "last_admin")
	refused(t, r.RemoveUser(ctx, "test", "ben"), "unknown_user")
	refused(t, r.ChangePassword(ctx, "test", "ben", "correct horse"), "unknown_user")
	r.reopen()
	f := func(name, password string, want bool) {
		t.Helper()
		u, ok, err := r.CheckPassword(ctx, name, password)
		if err != nil || ok != want || ok && u.Name != name {
			t.Errorf("%s, %q: %+v, %v, %v", name, password, u, ok, err)
		}
	}
	f("anna", "correct horse", true)
	f("anna", "wrong horse", false)
	f("ben", "correct horse", false)
	f("", "", false)
	f("anna", strings.Repeat("x", maxPassword+1), false)
	if err := r.AddUser(ctx, "test", "ben", "battery staple", Admin); err != nil {
		t.Fatal(err)
	}
	r.clock.add(5)
	if err := r.ChangePassword(ctx, "test", "anna", "another horse"); err != nil {
		t.Fatal(err)
	}
	f("anna", "correct horse", false)
	f("anna", "another horse", true)
	if u, _ := r.User("anna"); u.Changed != t0+5 || u.Role != Admin {
		t.Errorf("anna is %+v", u)
	}
	if err := r.ChangeRole(ctx, "test", "anna", Viewer); err != nil {
		t.Fatal(err)
	}
	if err := r.RemoveUser(ctx, "test", "anna"); err != nil {
		t.Fatal(err)
	}
	if got := r.Users(); len(got) != 1 || got[0].Name != "ben" {
		t.Errorf("users %+v", got)
	}
	for _, b := range log.batches {
		if strings.Contains(b.Data, "horse") {
			t.Error("the log holds a password in the clear")
		}
	}
	if !Admin.May(Viewer) || Viewer.May(Merchandiser) || Role("x").May("y") {
		t.Error("roles do not include each other as they should")
	}
}

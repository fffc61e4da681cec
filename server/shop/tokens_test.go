package shop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTokenProvesItsVisitorOnItsSiteOnly(t *testing.T) {
	tok := NewTokens(testSecret)
	now := time.UnixMilli(t0)
	token, expires := tok.Sign("s1", "v_abc", now)
	if got, want := expires, now.Add(TokenLife).Truncate(time.Second); !got.Equal(want) {
		t.Errorf("expires %v, want %v", got, want)
	}
	if v, err := tok.Verify(token, "s1", now); v != "v_abc" || err != nil {
		t.Errorf("Verify = %q, %v", v, err)
	}
	if _, err := tok.Verify(token, "s2", now); !errors.Is(err, ErrBadToken) {
		t.Errorf("on another site: %v, want ErrBadToken", err)
	}
	if _, err := NewTokens([]byte("another secret of some length")).Verify(token, "s1", now); !errors.Is(err, ErrBadToken) {
		t.Errorf("under another secret: %v, want ErrBadToken", err)
	}
	for i := range len(token) {
		forged := token[:i] + string(token[i]^1) + token[i+1:]
		if v, err := tok.Verify(forged, "s1", now); err == nil {
			t.Errorf("byte %d changed: still proves %q", i, v)
		}
		if v, err := tok.Verify(token[:i], "s1", now); err == nil {
			t.Errorf("cut at %d: still proves %q", i, v)
		}
	}
}

func TestExpiredTokenProvesItsVisitorForRenewal(t *testing.T) {
	tok := NewTokens(testSecret)
	now := time.UnixMilli(t0)
	token, expires := tok.Sign("s1", "v_abc", now)
	if _, err := tok.Verify(token, "s1", expires.Add(-time.Second)); err != nil {
		t.Errorf("a second before expiry: %v", err)
	}
	if _, err := tok.Verify(token, "s1", expires); !errors.Is(err, ErrExpired) {
		t.Errorf("at expiry: %v, want ErrExpired", err)
	}
	if v, ok := tok.VerifyForRenewal(token, "s1", expires.Add(30*24*time.Hour)); v != "v_abc" || !ok {
		t.Errorf("renewal after a month = %q, %v", v, ok)
	}
	if _, ok := tok.VerifyForRenewal(token, "s1", expires.Add(RenewalLife)); ok {
		t.Error("renewal after RenewalLife is still possible")
	}
	if _, ok := tok.VerifyForRenewal(token, "s2", now); ok {
		t.Error("renewal on another site is possible")
	}
}

func TestTokenMACIsHMAC(t *testing.T) {
	for _, secret := range []string{"k", strings.Repeat("s", 64), strings.Repeat("long", 40)} {
		token, _ := NewTokens([]byte(secret)).Sign("site", "v_1", time.UnixMilli(t0))
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte("beckon t1site\x00" + token[2:10] + "v_1"))
		if got, want := token[10:53], base64.RawURLEncoding.EncodeToString(mac.Sum(nil)); got != want {
			t.Errorf("secret of %d bytes: MAC %s, want %s", len(secret), got, want)
		}
	}
}

func FuzzVerifyTakesOnlyWhatWasSigned(f *testing.F) {
	tok := NewTokens(testSecret)
	now := time.UnixMilli(t0)
	token, _ := tok.Sign("s1", "v_abc", now)
	f.Add(token)
	f.Add("")
	f.Add("t1" + strings.Repeat("0", 60))
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := tok.Verify(text, "s1", now); err == nil && text != token {
			t.Fatalf("%q proves %q", text, v)
		}
	})
}

func TestVerifyDoesNotAllocate(t *testing.T) {
	tok := NewTokens(testSecret)
	now := time.UnixMilli(t0)
	token, _ := tok.Sign("s1", "v_abc", now)
	if n := testing.AllocsPerRun(100, func() { tok.Verify(token, "s1", now) }); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkVerify(b *testing.B) {
	tok := NewTokens(testSecret)
	now := time.UnixMilli(t0)
	token, _ := tok.Sign("s1", NewVisitor(), now)
	b.ReportAllocs()
	for b.Loop() {
		tok.Verify(token, "s1", now)
	}
}

func BenchmarkSign(b *testing.B) {
	tok := NewTokens(testSecret)
	now := time.UnixMilli(t0)
	v := NewVisitor()
	b.ReportAllocs()
	for b.Loop() {
		tok.Sign("s1", v, now)
	}
}

package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

var fuzzSigner = adminSigner{[]byte("0123456789abcdef")}

func FuzzSignedTextsComeBackAndNothingElseDoes(f *testing.F) {
	now := time.Unix(1_790_000_000, 0)
	f.Add("user\nmore", fuzzSigner.sign("code", "x", now.Add(time.Hour)))
	f.Add("", "..")
	f.Add("", "a.b.c")
	f.Fuzz(func(t *testing.T, text, forged string) {
		if len(text) > maxSigned {
			return
		}
		signed := fuzzSigner.sign("code", text, now.Add(time.Minute))
		if got, ok := fuzzSigner.signed("code", signed, now); !ok || got != text {
			t.Errorf("%q came back as %q, %v", text, got, ok)
		}
		if _, ok := fuzzSigner.signed("code", signed, now.Add(time.Minute)); ok {
			t.Error("an old one counts")
		}
		if _, ok := fuzzSigner.signed("browser", signed, now); ok {
			t.Error("one for another use counts")
		}
		if got, ok := fuzzSigner.signed("code", forged, now); ok && forged != fuzzSigner.sign("code", got, now.Add(time.Hour)) {
			t.Errorf("%q counts as %q", forged, got)
		}
		if fuzzSigner.proves(forged, "csrf", text) {
			t.Errorf("%q proves %q", forged, text)
		}
		if !fuzzSigner.proves(fuzzSigner.token("csrf", text), "csrf", text) {
			t.Error("a token does not prove its text")
		}
	})
}

func FuzzNextStaysInTheDashboard(f *testing.F) {
	for _, s := range []string{"/admin", "/admin/users?site=b#x", "//evil", "/admin\\@evil", "/admin/..;/x", "/admin?next=//evil"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := safeNext(next)
		u, err := url.Parse(got)
		if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil || u.Path != "/admin" && !strings.HasPrefix(u.Path, "/admin/") {
			t.Errorf("%q leads to %q", next, got)
		}
		if strings.ContainsAny(got, "\r\n\\") || safeNext(got) != got {
			t.Errorf("%q leads to %q", next, got)
		}
	})
}

func FuzzFormsAreReadOrRefused(f *testing.F) {
	n := &node{admin: &adminDesk{}, now: time.Now}
	app := fiber.New(fiberConfig())
	f.Add("csrf=a&user=b", "application/x-www-form-urlencoded")
	f.Add("%zz", "application/x-www-form-urlencoded")
	f.Add("--x\r\n", "multipart/form-data; boundary=x")
	f.Fuzz(func(t *testing.T, body, kind string) {
		ctx := &fasthttp.RequestCtx{}
		ctx.Request.Header.SetMethod("POST")
		ctx.Request.Header.SetContentType(kind)
		ctx.Request.SetBodyString(body)
		c := app.AcquireCtx(ctx)
		defer app.ReleaseCtx(c)
		a := &adminRequest{Ctx: c, n: n}
		err := a.readForm()
		if err == nil && len(body) > maxFormBytes {
			t.Errorf("a form of %d bytes was read", len(body))
		}
		if err == nil {
			if want, wrong := url.ParseQuery(body); wrong != nil || want.Encode() != a.values.Encode() {
				t.Errorf("read %q of %q", a.values.Encode(), body)
			}
		}
	})
}

func FuzzBrowsersAreNamedByAFewWords(f *testing.F) {
	f.Add("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0")
	f.Fuzz(func(t *testing.T, agent string) {
		if name := agentName(agent); len(name) > 30 || strings.ContainsAny(name, "<>&\"'") {
			t.Errorf("%q is called %q", agent, name)
		}
	})
}

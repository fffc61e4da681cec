package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

func TestHTTPIsTakenAsClientsSpeakIt(t *testing.T) {
	in := newInstallation(t)
	in.start()
	ok := func(id string) string { return batch("v1", event(id, "view_item", itemOf("sku-1"))) }
	for _, c := range []struct {
		name, method, path, key, body string
		header                        []string
		status                        int
		code                          string
	}{
		{"scheme in lower case", "POST", "/v1/events", "", ok("h1"), []string{"Authorization", "bearer " + in.secret}, 202, ""},
		{"another scheme", "POST", "/v1/events", "", ok("h2"), []string{"Authorization", "Basic " + in.secret}, 401, "missing_key"},
		{"a form", "POST", "/v1/events", in.public, ok("h3"), []string{"Content-Type", "multipart/form-data; boundary=x"}, 415, "unsupported_type"},
		{"HEAD of health", "HEAD", "/healthz", "", "", nil, 200, ""},
		{"HEAD of readiness", "HEAD", "/readyz", "", "", nil, 200, ""},
		{"HEAD of the beacon", "HEAD", "/b.js", "", "", nil, 200, ""},
		{"a visitor that cannot be", "POST", "/v1/session", in.secret, `{"visitor":"not one"}`, nil, 400, "bad_visitor"},
	} {
		status, text := in.do(c.method, c.path, c.key, c.body, c.header...)
		if status != c.status || !strings.Contains(text, c.code) {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, text, c.status, c.code)
		}
	}
}

func TestTooLargeIsAnsweredWhileTheClientStillSends(t *testing.T) {
	in := newInstallation(t)
	in.start()
	line := []byte(fmt.Sprintf(`{"id":"x","name":"note","ts":1,"visitor":"v","props":{"p":%q}}`+"\n", strings.Repeat("x", 60_000)))
	body := bytes.Repeat(line, (80<<20)/len(line))
	for _, length := range []int64{int64(len(body)), -1} { // with Content-Length, and chunked
		for _, path := range []string{"/v1/import", "/v1/events", "/v1/items"} {
			method := "POST"
			if path == "/v1/items" {
				method = "PUT"
			}
			req, err := http.NewRequest(method, in.url+path, io.NopCloser(bytes.NewReader(body)))
			if err != nil {
				t.Fatal(err)
			}
			req.ContentLength = length
			req.Header.Set("Authorization", "Bearer "+in.secret)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Errorf("%s, length %d: %v", path, length, err)
				continue
			}
			resp.Body.Close()
			if resp.StatusCode != 413 {
				t.Errorf("%s, length %d: %d, want 413", path, length, resp.StatusCode)
			}
		}
	}
}

func TestBodiesNobodyReadsAreNoRequests(t *testing.T) {
	in := newInstallation(t)
	in.start()
	const inner = "GET /healthz HTTP/1.1\r\nHost: inner\r\n\r\n"
	for _, line := range []string{"GET /healthz", "GET /v1/ledger", "DELETE /v1/items/none", "POST /v1/deadletter/none/replay", "POST /v1/nothing", "DELETE /v1/events", "POST /v1/events", "POST /v1/session"} {
		for name, pad := range map[string]string{"short": "x", "long": strings.Repeat("x", 30_000)} {
			body := pad + inner
			for form, rest := range map[string]string{
				"length":  fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body),
				"chunked": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", len(pad), pad, len(inner), inner),
			} {
				head := line + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + in.secret + "\r\n"
				if err := oneAnswerThenAnother(strings.TrimPrefix(in.url, "http://"), head+rest); err != nil {
					t.Errorf("%s, %s %s body: %v", line, name, form, err)
				}
			}
		}
	}
}

// oneAnswerThenAnother sends a request and, on the same connection, one for a path that no other answer looks like.
func oneAnswerThenAnother(addr, request string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, request+"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return err
	}
	r := bufio.NewReader(conn)
	for _, want := range []string{"", "openapi"} {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		if !strings.Contains(string(body), want) {
			return fmt.Errorf("the next request on the connection was answered %d %.80s", resp.StatusCode, body)
		}
	}
	return nil
}

func TestAnswersAreCopiedFromTheirBuffer(t *testing.T) {
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		buf := []byte(`"mine"`)
		defer copy(buf, `"else"`) // as the next user of a pool would
		return respondJSON(c, 200, buf)
	})
	req, err := http.NewRequest("GET", "http://shop.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := app.Test(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != `"mine"` {
		t.Fatalf("answered %s, %v", body, err)
	}
}

// The visitor stands inside the token, and that in memory which the next request on the connection overwrites; what was shown is
// written to the log later.
func TestWhatWasShownIsNotedForItsOwnShopper(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-1","title":"Kettle","price":1999,"currency":"EUR","stock":9}`, nil)
	in.want(202, "POST", "/v1/events", in.public, batch("v1", event("e1", "view_item", itemOf("sku-1"))), nil)
	in.settle() // an answer without items is not noted
	const shoppers, times = 8, 20
	var visitors, tokens []string
	for range shoppers {
		var s struct{ Visitor, Token string }
		in.want(200, "POST", "/v1/session", in.public, "", &s)
		visitors, tokens = append(visitors, s.Visitor), append(tokens, s.Token)
	}
	for range times {
		for _, token := range tokens {
			if status, text := in.do("GET", "/v1/recommendations", in.public, "", "X-Beckon-Token", token); status != 200 {
				t.Fatalf("%d %s", status, text)
			}
		}
	}
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	segments, err := filepath.Glob(filepath.Join(in.dir, "events", "*.seg"))
	if err != nil || len(segments) == 0 {
		t.Fatalf("segments %v, %v", segments, err)
	}
	var log []byte
	for _, name := range segments {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, b...)
	}
	for _, v := range visitors {
		if got := bytes.Count(log, []byte(v)); got != times {
			t.Errorf("%s was shown %d answers, the log has %d", v, times, got)
		}
	}
}

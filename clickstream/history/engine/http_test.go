package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// A browser asks an engine without the driver: a few lines of net/http.
type browser struct {
	t      *testing.T
	client *http.Client
	url    *url.URL
}

type reply struct {
	status int
	header http.Header
	body   string
}

func newBrowser(t *testing.T, e *Engine) *browser {
	t.Helper()
	opts := e.Options()
	transport := &http.Transport{DisableCompression: true}
	if opts.DialContext != nil {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return opts.DialContext(ctx, opts.Addr[0]) }
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t, &http.Client{Transport: transport}, &url.URL{
		Scheme: "http", Host: "engine", Path: "/", User: url.UserPassword(opts.Auth.Username, opts.Auth.Password),
	}}
}

func (b *browser) request(ctx context.Context, query string, body io.Reader) *http.Request {
	b.t.Helper()
	u := *b.url
	u.RawQuery = query
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), body)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *browser) do(r *http.Request) reply {
	b.t.Helper()
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(body)}
}

// ask posts a body with URL parameters.
func (b *browser) ask(query, body string) reply {
	b.t.Helper()
	return b.do(b.request(b.t.Context(), query, strings.NewReader(body)))
}

// must asks for something that has to work.
func (b *browser) must(query, body string) string {
	b.t.Helper()
	r := b.ask(query, body)
	if r.status != http.StatusOK {
		b.t.Fatalf("%s %s: %d %s", query, body, r.status, r.body)
	}
	return r.body
}

func (r reply) code() int {
	n, _ := strconv.Atoi(r.header.Get("X-ClickHouse-Exception-Code"))
	return n
}

func TestAnswersAreClickHouses(t *testing.T) {
	b := newBrowser(t, startEngine(t, Config{}))
	for _, c := range []struct {
		query, body string
		want        string // the whole body, or its beginning where the status is not 200
		status      int
		header      string // Name: value
	}{
		{"", "SELECT 1", "1\n", 200, "X-ClickHouse-Format: TabSeparated"},
		{"", "SELECT 1 AS x FORMAT JSONEachRow", "{\"x\":1}\n", 200, "Content-Type: application/x-ndjson; charset=UTF-8"},
		{"query=SELECT+1,", "2", "1\t2\n", 200, ""},
		{"default_format=CSVWithNames", "SELECT 'a' AS b", "\"b\"\n\"a\"\n", 200, "Content-Type: text/csv; charset=UTF-8; header=present"},
		{"default_format=Native", "SELECT toUInt8(7) AS x", "\x01\x01\x01x\x05UInt8\x07", 200, "Content-Type: application/octet-stream"},
		{"default_format=Native&client_protocol_version=54460", "SELECT toUInt8(7) AS x", "\x01\x00\x02\xff\xff\xff\xff\x00\x01\x01\x01x\x05UInt8\x00\x07", 200, ""},
		{
			"default_format=Native&client_protocol_version=54460", "SELECT toDateTime(0, 'Asia/Tokyo') AS x",
			"\x01\x00\x02\xff\xff\xff\xff\x00\x01\x01\x01x\x16DateTime('Asia/Tokyo')\x00\x00\x00\x00\x00", 200, "",
		},
		{"default_format=Native", "SELECT 1 WHERE 0", "", 200, ""},
		{"", "CREATE TABLE golden (a UInt8, b String) ENGINE = MergeTree ORDER BY a", "", 200, ""},
		{"query=INSERT+INTO+golden+FORMAT+CSV", "1,x\n2,y\n", "", 200, ""},
		{"", "INSERT INTO golden FORMAT TSV\n3\tz\n", "", 200, ""},
		{"", "INSERT INTO golden VALUES (4, 'v'), (5, lower('W'))", "", 200, ""},
		{"query=INSERT+INTO+golden", "VALUES (6, 'u')", "", 200, ""},
		{"query=INSERT+INTO+golden+FORMAT+Native", "\x02\x01\x01a\x05UInt8\x07\x01b\x06String\x01t", "", 200, ""},
		{"", "SELECT * FROM golden ORDER BY a FORMAT CSV", "1,\"x\"\n2,\"y\"\n3,\"z\"\n4,\"v\"\n5,\"w\"\n6,\"u\"\n7,\"t\"\n", 200, ""},
		{"param_x=a%5Ctb", "SELECT {x:String}, {x:String} = 'a\tb'", "a\\tb\t1\n", 200, ""},
		{"max_threads=3", "SELECT getSetting('max_threads')", "3\n", 200, ""},
		{"query_id=mine", "SELECT 1", "1\n", 200, "X-ClickHouse-Query-Id: mine"},

		{"", "SELEC 1", "Code: 62. DB::Exception: Syntax error", 400, "X-ClickHouse-Exception-Code: 62"},
		{"", "SELECT 1; SELECT 2", "Code: 62. DB::Exception: ", 400, ""},
		{"", "SELECT nothing", "Code: 47. DB::Exception: ", 404, "X-ClickHouse-Exception-Code: 47"},
		{"", "SELECT * FROM nothing", "Code: 60. DB::Exception: ", 404, ""},
		{"database=nothing", "SELECT 1", "Code: 81. DB::Exception: ", 404, ""},
		{"nothing=1", "SELECT 1", "Code: 115. DB::Exception: Unknown setting", 404, ""},
		{"max_threads=x", "SELECT 1", "Code: 27. DB::Exception: ", 400, ""},
		{"", "SELECT 1 FORMAT Nothing", "Code: 73. DB::Exception: ", 404, ""},
		{"", "SELECT 1 INTO OUTFILE 'x'", "Code: 358. DB::Exception: ", 500, ""},
		{"", "CREATE TABLE golden (a UInt8) ENGINE = Memory", "Code: 57. DB::Exception: ", 500, ""},
		{"", "SELECT {x:String}", "Code: 456. DB::Exception: ", 500, ""},
		{"query=INSERT+INTO+golden+FORMAT+CSV", "x,y\n", "Code: 27. DB::Exception: ", 400, ""},
		{"query=INSERT+INTO+golden+FORMAT+Native", "\x02\x01\x01a\x05UInt8\x07\x01b\x06String\x01", "Code: 33. DB::Exception: ", 500, ""},
		{"", "SELECT throwIf(1)", "Code: 395. DB::Exception: ", 500, ""},
		{"max_execution_time=0.1", "SELECT count() FROM numbers(1e15) WHERE NOT ignore(sipHash64(number))", "Code: 159. DB::Exception: ", 408, ""},
		{"max_memory_usage=1000000", "SELECT groupArray(number) FROM numbers(10000000) FORMAT Null", "Code: 241. DB::Exception: ", 500, ""},
		{"session_id=x&session_check=1", "SELECT 1", "Code: 372. DB::Exception: ", 500, ""},
		{"role=nobody", "SELECT 1", "Code: 511. DB::Exception: ", 404, ""},
		{"decompress=1", "SELECT 1", "Code: 271. DB::Exception: ", 500, ""},
	} {
		got := b.ask(c.query, c.body)
		if got.status != c.status || c.status == 200 && got.body != c.want || !strings.HasPrefix(got.body, c.want) {
			t.Errorf("%q %q:\n got %d %.300q\nwant %d %q", c.query, c.body, got.status, got.body, c.status, c.want)
		}
		if c.status != 200 && (strconv.Itoa(got.code()) != strings.TrimSuffix(strings.Fields(c.want)[1], ".") || !strings.Contains(got.body, "(version 26.")) {
			t.Errorf("%q %q: code %d of %q", c.query, c.body, got.code(), got.body)
		}
		if name, value, given := strings.Cut(c.header, ": "); given && got.header.Get(name) != value {
			t.Errorf("%q %q: %s is %q, want %q", c.query, c.body, name, got.header.Get(name), value)
		}
	}
	t.Run("methods and places", func(t *testing.T) {
		for _, c := range []struct {
			method, path string
			auth         bool
			status       int
		}{
			{"GET", "/ping", false, 200},
			{"HEAD", "/", false, 200},
			{"GET", "/nowhere", true, 404},
			{"DELETE", "/", true, 405},
			{"POST", "/?query=SELECT+1", false, 403},
			{"GET", "/?query=SELECT+1", true, 200},
			{"GET", "/?query=DROP+TABLE+golden", true, 500},
			{"GET", "/?query=INSERT+INTO+golden+VALUES+(9,'')", true, 500},
		} {
			r, err := http.NewRequest(c.method, "http://engine"+strings.ReplaceAll(c.path, "'", "%27"), nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.auth {
				password, _ := b.url.User.Password()
				r.SetBasicAuth("default", password)
			}
			if got := b.do(r); got.status != c.status {
				t.Errorf("%s %s: %d %s, want %d", c.method, c.path, got.status, got.body, c.status)
			}
		}
		if n := b.must("", "SELECT count() FROM golden"); n != "7\n" {
			t.Errorf("%s rows after what a GET must not do, want 7", n)
		}
	})
	t.Run("an error behind sent rows stands behind its tag", func(t *testing.T) {
		got := b.ask("max_block_size=1000&http_response_buffer_size=1", "SELECT throwIf(number = 100000) FROM numbers(200000)")
		tag := got.header.Get("X-ClickHouse-Exception-Tag")
		rows, text, found := strings.Cut(got.body, "\r\n__exception__\r\n"+tag+"\r\n")
		if got.status != 200 || !found || len(tag) != 16 || !strings.HasPrefix(rows, "0\n0\n") || !strings.HasPrefix(text, "Code: 395. ") ||
			!strings.HasSuffix(text, " "+tag+"\r\n__exception__\r\n") {
			t.Errorf("%d, tag %q, end %q", got.status, tag, got.body[max(0, len(got.body)-400):])
		}
	})
	t.Run("wait_end_of_query holds everything back", func(t *testing.T) {
		if got := b.ask("wait_end_of_query=1", "SELECT number, throwIf(number = 3000000) FROM numbers(4000000)"); got.status != 500 || got.code() != 395 {
			t.Errorf("%d, code %d, %d bytes", got.status, got.code(), len(got.body))
		}
		got := b.ask("wait_end_of_query=1", "SELECT number FROM numbers(1000000)")
		var summary struct {
			Rows string `json:"result_rows"`
		}
		if err := json.Unmarshal([]byte(got.header.Get("X-ClickHouse-Summary")), &summary); err != nil || summary.Rows != "1000000" || len(got.body) != 6888890 {
			t.Errorf("%d bytes, summary %s, %v", len(got.body), got.header.Get("X-ClickHouse-Summary"), err)
		}
	})
	t.Run("formats with a head or a foot have one", func(t *testing.T) {
		var doc struct {
			Rows int                 `json:"rows"`
			Data []map[string]string `json:"data"`
		}
		if err := json.Unmarshal([]byte(b.must("", "SELECT toString(number) AS n FROM numbers(200000) FORMAT JSON")), &doc); err != nil || doc.Rows != 200000 {
			t.Errorf("%d rows, %v", doc.Rows, err)
		}
		if n := strings.Count(b.must("", "SELECT number AS head FROM numbers(200000) FORMAT CSVWithNames"), "head"); n != 1 {
			t.Errorf("%d heads", n)
		}
	})
	t.Run("an external table is there for its statement", func(t *testing.T) {
		body := "--x\r\nContent-Disposition: form-data; name=\"e\"; filename=\"\"\r\n\r\n1\ta\n2\tb\n\r\n" +
			"--x\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT sum(_1), max(_2), any(toDateTime(0, 'UTC')) FROM e\r\n--x--\r\n"
		r := b.request(t.Context(), "e_types=UInt8,String", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		if got := b.do(r); got.body != "3\tb\t1970-01-01 00:00:00\n" {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := b.ask("", "SELECT * FROM e"); got.code() != 60 {
			t.Errorf("afterwards: %d %s", got.status, got.body)
		}
	})
	t.Run("encodings both ways", func(t *testing.T) {
		for _, encoding := range []string{"gzip", "deflate", "br", "zstd", "lz4"} {
			var packed bytes.Buffer
			w, err := encoder(encoding, &packed)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, "SELECT 'aaaaaaaa' FROM numbers(100000)"); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r := b.request(t.Context(), "", &packed)
			r.Header.Set("Content-Encoding", encoding)
			r.Header.Set("Accept-Encoding", encoding)
			got := b.do(r)
			in, err := decoder(got.header.Get("Content-Encoding"), strings.NewReader(got.body))
			if err != nil || got.header.Get("Content-Encoding") != encoding {
				t.Fatalf("%s: %v, answered as %q", encoding, err, got.header.Get("Content-Encoding"))
			}
			plain, err := io.ReadAll(in)
			if err != nil || len(plain) != 900000 || len(got.body) >= len(plain) {
				t.Errorf("%s: %d bytes from %d, %v", encoding, len(plain), len(got.body), err)
			}
		}
		r := b.request(t.Context(), "", strings.NewReader("SELECT 1"))
		r.Header.Set("Content-Encoding", "rot13")
		if got := b.do(r); got.code() != codeUnknownCompression {
			t.Errorf("%d %s", got.status, got.body)
		}
		var torn bytes.Buffer
		g := gzip.NewWriter(&torn)
		_, _ = g.Write([]byte("1,x\n2,y\n"))
		_ = g.Flush() // no trailer: the body is cut off
		r = b.request(t.Context(), "query=INSERT+INTO+golden+FORMAT+CSV", &torn)
		r.Header.Set("Content-Encoding", "gzip")
		if got := b.do(r); got.code() != codeCannotDecompress || b.must("", "SELECT count() FROM golden") != "7\n" {
			t.Errorf("torn gzip: %d %s", got.status, got.body)
		}
	})
}

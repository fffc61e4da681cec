package engine

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestOutlineFindsWhereRowsBegin(t *testing.T) {
	for _, c := range []struct {
		text, head, rows, format string
	}{
		{"INSERT INTO t (a, b) FORMAT Native", "INSERT INTO t (a, b) ", "", "Native"},
		{"insert into t format CSV\n1,2\n", "insert into t ", "1,2\n", "CSV"},
		{"INSERT INTO t FORMAT CSV  \r\n\n1", "INSERT INTO t ", "\n1", "CSV"},
		{"INSERT INTO t FORMAT JSONEachRow {\"a\":1}", "INSERT INTO t ", "{\"a\":1}", "JSONEachRow"},
		{"INSERT INTO t SETTINGS async_insert = 1 VALUES (1, 'FORMAT x')", "INSERT INTO t SETTINGS async_insert = 1 ", " (1, 'FORMAT x')", "Values"},
		{"/* VALUES */ INSERT INTO `va``lues`.\"format\" -- FORMAT CSV\n VALUES(1)", "/* VALUES */ INSERT INTO `va``lues`.\"format\" -- FORMAT CSV\n ", "(1)", "Values"},
		{"INSERT INTO values.format VALUES (1)", "INSERT INTO values.format ", " (1)", "Values"},
		{"INSERT INTO TABLE FUNCTION file('a', 'CSV') VALUES (1)", "INSERT INTO TABLE FUNCTION file('a', 'CSV') ", " (1)", "Values"},
		{"INSERT INTO {t:Identifier} VALUES (1)", "INSERT INTO {t:Identifier} ", " (1)", "Values"},
		{"INSERT INTO t (`values`, format) FORMAT TSV\n", "INSERT INTO t (`values`, format) ", "", "TSV"},
		{"INSERT INTO t", "INSERT INTO t", "", ""},
	} {
		p := outline(c.text)
		if !p.takesRows || c.text[:p.head] != c.head || c.text[p.rows:] != c.rows || p.format != c.format {
			t.Errorf("%q: takes rows %v, head %q, rows %q, format %q", c.text, p.takesRows, c.text[:p.head], c.text[p.rows:], p.format)
		}
	}
}

func TestOutlineLeavesQueriesWhole(t *testing.T) {
	for text, format := range map[string]string{
		"SELECT 1":             "",
		"SELECT 1 FORMAT JSON": "JSON",
		"SELECT 1 FORMAT JSON SETTINGS max_threads=1": "JSON",
		"SELECT 1 FORMAT JSON ;":                      "JSON",
		"SELECT format FROM t":                        "",
		"SELECT x AS format":                          "",
		"SELECT 'FORMAT CSV' -- FORMAT XML":           "",
		"SELECT (SELECT 1 FORMAT CSV)":                "",
		"SELECT $a$ FORMAT CSV $a$ FORMAT XML":        "XML",
		"INSERT INTO t SELECT 1":                      "",
		"INSERT INTO t (a) (SELECT 1)":                "",
		"INSERT INTO t WITH 1 AS x SELECT x":          "",
		"":                                            "",
	} {
		if p := outline(text); p.takesRows || p.format != format {
			t.Errorf("%q: takes rows %v, format %q, want %q", text, p.takesRows, p.format, format)
		}
	}
}

func TestRequestSaysWhatURLAndHeadersSay(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/?query=SELECT+1&param_a=x&max_threads=2&compress=1&session_id=s&session_timeout=5"+
		"&client_protocol_version=54460&async_insert=0&database=d&default_format=Native&wait_end_of_query=1&buffer_size=7&role=r&role=s", nil)
	r.SetBasicAuth("default", "secret")
	q, err := parseRequest(r)
	if err != nil {
		t.Fatal(err)
	}
	q.form = nil
	want := &request{
		user: "default", password: "secret", query: "SELECT 1", database: "d", format: "Native", revision: 54460, roles: []string{"r", "s"},
		settings: []setting{{"async_insert", "0"}, {"max_threads", "2"}}, params: []param{{"a", "x"}},
		compress: true, waitEnd: true, bufferBytes: 7, session: "s", sessionTimeout: 5 * time.Second,
	}
	if !reflect.DeepEqual(q, want) {
		t.Errorf("got  %+v\nwant %+v", q, want)
	}
	if got, want := setStatement(append(q.settings, setting{"log_comment", `a'b\` + "\x00"})), `SET async_insert = '0', max_threads = '2', log_comment = 'a\'b\\\0'`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWrongRequestsAreRefusedWithClickHouseCodes(t *testing.T) {
	for query, code := range map[string]int{
		"session_timeout=x": codeInvalidSessionTimeout, "session_timeout=4000": codeInvalidSessionTimeout, "a;b=1": codeBadArguments,
		"a%20b=1": codeUnknownSetting, "1a=1": codeUnknownSetting, "client_protocol_version=-1": codeBadArguments,
	} {
		_, err := parseRequest(&http.Request{URL: httptest.NewRequest(http.MethodGet, "/?"+query, nil).URL, Header: http.Header{}})
		var e *Exception
		if !errors.As(err, &e) || e.Code != code {
			t.Errorf("%s: %v, want code %d", query, err, code)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/?user=default&password=x", nil)
	r.Header.Set("X-ClickHouse-Key", "x")
	if _, err := parseRequest(r); err == nil {
		t.Error("two ways of authentication at once passed")
	}
}

func FuzzOutline(f *testing.F) {
	for _, s := range []string{"INSERT INTO t (a) VALUES (1)", "SELECT $a$ b $a$ /* c */ FORMAT CSV", "INSERT INTO `t` FORMAT Native\n\x00", "'\\", "/*/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := outline(text)
		if p.takesRows && (p.head > p.rows || p.rows > len(text)) {
			t.Errorf("%+v in %d bytes", p, len(text))
		}
		if p.clause.start >= 0 && (p.clause.start >= p.clause.end || !strings.EqualFold(text[p.clause.start:p.clause.start+6], "FORMAT")) {
			t.Errorf("%+v", p)
		}
	})
}

func FuzzRequest(f *testing.F) {
	f.Add("query=SELECT+1&param_a=x&max_threads=2&session_timeout=5&client_protocol_version=54460", "Basic ZGVmYXVsdDp4")
	f.Fuzz(func(t *testing.T, query, authorization string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.URL.RawQuery = query
		r.Header.Set("Authorization", authorization)
		q, err := parseRequest(r)
		if err != nil {
			return
		}
		// What goes into SET must come back as the same names and strings.
		s := scanner{text: setStatement(q.settings)}
		for i, want := range q.settings {
			s.next() // SET or a comma
			if name := s.next(); name.text != want.name {
				t.Fatalf("setting %d is %q in %s, want %q", i, name.text, s.text, want.name)
			}
			s.next() // =
			if value := s.next(); value.kind != tokenOther || value.text[0] != '\'' {
				t.Fatalf("setting %d is %q in %s", i, value.text, s.text)
			}
		}
		if rest := s.next(); rest.kind != tokenEnd {
			t.Fatalf("%q behind the settings in %s", rest.text, s.text)
		}
	})
}

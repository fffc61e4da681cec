package engine

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of what a request may say of itself.
const (
	defaultSessionTimeout = 60 * time.Second // ClickHouse's default_session_timeout
	maxSessionTimeout     = time.Hour        // ClickHouse's max_session_timeout
	defaultBufferBytes    = 1 << 20          // of an answer, before its status is sent; ClickHouse's buffer_size
	maxBufferBytes        = 64 << 20
)

// A request is what the URL and the headers of a request say, ClickHouse's way: a few reserved names, typed parameters (param_NAME),
// and all other names are settings.
type request struct {
	user, password string
	query          string // the text, or its beginning: the body goes on with it
	database       string
	format         string // of the answer, when the text has no FORMAT
	queryID        string
	revision       uint64 // client_protocol_version; 0: Native answers are as the engine gives them
	roles          []string
	settings       []setting // sorted by name
	params         []param

	compress, decompress bool // ClickHouse's own frames around the answer and the body
	waitEnd              bool // nothing is sent before the statement has ended
	bufferBytes          int

	session        string
	sessionTimeout time.Duration
	sessionCheck   bool // the session must exist
	sessionClose   bool

	form url.Values // fields of external tables: NAME_structure, NAME_types, NAME_format
}

type setting struct{ name, value string }

// parseRequest reads a request's URL and headers. The body is not touched.
func parseRequest(r *http.Request) (*request, error) {
	form, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(codeBadArguments, "BAD_ARGUMENTS", "URL parameters: %v", err)
	}
	q := &request{
		format: r.Header.Get("X-ClickHouse-Format"), database: r.Header.Get("X-ClickHouse-Database"),
		queryID: r.Header.Get("X-ClickHouse-Query-Id"), bufferBytes: defaultBufferBytes, sessionTimeout: defaultSessionTimeout,
		form: form,
	}
	multipart := strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data")
	for name, values := range form {
		if err := q.take(name, values, multipart); err != nil {
			return nil, err
		}
	}
	q.sort()
	if text, ok := q.setting("http_response_buffer_size"); ok {
		if n, err := strconv.ParseUint(text, 10, 32); err == nil && n > 0 { // what is wrong with it, SET will say
			q.bufferBytes = int(min(n, maxBufferBytes))
		}
	}
	if err := q.credentials(r); err != nil {
		return nil, err
	}
	return q, nil
}

// sort brings what came from a map into one order, so that the same request always does the same.
func (q *request) sort() {
	slices.SortFunc(q.settings, func(a, b setting) int { return strings.Compare(a.name, b.name) })
	slices.SortFunc(q.params, func(a, b param) int { return strings.Compare(a.name, b.name) })
}

// take reads one parameter. Of a name given twice the first counts, except for role.
func (q *request) take(name string, values []string, multipart bool) error {
	value := values[0]
	switch name {
	case "query":
		q.query = value
	case "database":
		q.database = value
	case "default_format":
		q.format = value
	case "query_id":
		q.queryID = value
	case "role":
		q.roles = values
	case "compress":
		q.compress = flag(value)
	case "decompress":
		q.decompress = flag(value)
	case "wait_end_of_query":
		q.waitEnd = flag(value)
	case "client_protocol_version":
		return unsigned(name, value, 32, &q.revision)
	case "buffer_size":
		var n uint64
		err := unsigned(name, value, 32, &n)
		q.bufferBytes = int(min(n, maxBufferBytes))
		return err
	case "session_id":
		q.session = value
	case "session_check":
		q.sessionCheck = flag(value)
	case "close_session":
		q.sessionClose = flag(value)
	case "session_timeout":
		n, err := strconv.ParseUint(value, 10, 31)
		if q.sessionTimeout = time.Duration(n) * time.Second; err != nil || q.sessionTimeout > maxSessionTimeout {
			return refuse(codeInvalidSessionTimeout, "INVALID_SESSION_TIMEOUT", "Invalid session timeout: '%s'", value)
		}
	case "user", "password", "quota_key", "stacktrace", "session_timezone_check":
		// user and password: credentials. quota_key: there are no quotas.
	default:
		if param_, ok := strings.CutPrefix(name, "param_"); ok {
			q.params = append(q.params, param{param_, value})
			return nil
		}
		if multipart && ofExternalTable(name) {
			return nil
		}
		if !settingName(name) {
			return refuse(codeUnknownSetting, "UNKNOWN_SETTING", "Unknown setting '%s'", name)
		}
		q.settings = append(q.settings, setting{name, value})
	}
	return nil
}

func ofExternalTable(name string) bool {
	return strings.HasSuffix(name, "_structure") || strings.HasSuffix(name, "_types") || strings.HasSuffix(name, "_format")
}

// credentials come in headers, as basic authentication, or in the URL; two ways at once are refused.
func (q *request) credentials(r *http.Request) error {
	ways := 0
	if user, key := r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key"); user != "" || key != "" {
		q.user, q.password = user, key
		ways++
	}
	if user, password, ok := r.BasicAuth(); ok {
		q.user, q.password = user, password
		ways++
	}
	if q.form.Has("user") || q.form.Has("password") {
		q.user, q.password = q.form.Get("user"), q.form.Get("password")
		ways++
	}
	if ways > 1 {
		return refuse(codeAuthenticationFailed, "AUTHENTICATION_FAILED",
			"Invalid authentication: it is not allowed to use more than one way of authentication at once")
	}
	if q.user == "" {
		q.user = "default"
	}
	return nil
}

func flag(value string) bool { return value == "1" || strings.EqualFold(value, "true") }

func unsigned(name, value string, bits int, to *uint64) error {
	n, err := strconv.ParseUint(value, 10, bits)
	if err != nil {
		return refuse(codeBadArguments, "BAD_ARGUMENTS", "%s: '%s' is not a number", name, value)
	}
	*to = n
	return nil
}

// settingName says whether a name can stand in SET as it is.
func settingName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isWordByte(c) || c >= 0x80 || i == 0 && '0' <= c && c <= '9' {
			return false
		}
	}
	return name != ""
}

// setting gives the value of a setting of the request.
func (q *request) setting(name string) (value string, ok bool) {
	for _, s := range q.settings {
		if s.name == name {
			return s.value, true
		}
	}
	return "", false
}

// has says whether one of the settings is given.
func (q *request) has(names ...string) bool {
	for _, n := range names {
		if _, ok := q.setting(n); ok {
			return true
		}
	}
	return false
}

// setStatement is SET of all settings, "" when there are none.
func setStatement(settings []setting) string {
	if len(settings) == 0 {
		return ""
	}
	b := []byte("SET ")
	for i, s := range settings {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, s.name...)
		b = append(b, " = "...)
		b = appendQuoted(b, s.value, '\'')
	}
	return string(b)
}

// appendQuoted appends text as an SQL string or, with a backtick, as a name.
func appendQuoted(dst []byte, text string, quote byte) []byte {
	dst = append(dst, quote)
	for i := range len(text) {
		switch c := text[i]; c {
		case quote, '\\':
			dst = append(dst, '\\', c)
		case 0:
			dst = append(dst, '\\', '0')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, quote)
}

package engine

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
	block "github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// A handler answers ClickHouse's HTTP protocol with the engine of this process.
type handler struct {
	lib    *library
	secret [32]byte
	slots  chan struct{} // one for each statement that runs
}

func newHandler(lib *library, secret string) *handler {
	return &handler{lib: lib, secret: sha256.Sum256([]byte(secret)), slots: make(chan struct{}, 32)}
}

// close waits for running statements.
func (h *handler) close() {
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.known(r) {
		http.Error(w, "Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED)", http.StatusUnauthorized)
		return
	}
	h.slots <- struct{}{}
	defer func() { <-h.slots }()
	if err := h.answer(w, r); err != nil {
		var e *Exception
		if errors.As(err, &e) {
			w.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.Code))
		}
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (h *handler) known(r *http.Request) bool {
	given := r.Header.Get("X-ClickHouse-Key")
	if given == "" {
		_, given, _ = r.BasicAuth()
	}
	if given == "" {
		given = r.URL.Query().Get("password")
	}
	sum := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(sum[:], h.secret[:]) == 1
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	var args []string
	var params []param
	var revision uint64
	text := q.Get("query")
	for name, values := range q {
		switch name {
		case "query", "user", "password", "default_format", "compress", "decompress", "session_id", "query_id", "quota_key", "wait_end_of_query":
		case "client_protocol_version":
			revision, _ = strconv.ParseUint(values[0], 10, 64)
		case "database":
			args = append(args, "--database="+values[0])
		default:
			if p, ok := strings.CutPrefix(name, "param_"); ok {
				params = append(params, param{p, values[0]})
			} else {
				args = append(args, "--"+name+"="+values[0])
			}
		}
	}
	c, err := h.lib.connect(args...)
	if err != nil {
		return err
	}
	defer c.close()
	if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), "INSERT") && strings.Contains(strings.ToUpper(text), "FORMAT NATIVE") {
		i := strings.LastIndex(strings.ToUpper(text), "FORMAT NATIVE")
		in, err := c.insert(text[:i], "Native", params...)
		if err != nil {
			return err
		}
		defer in.close()
		b := make([]byte, 1<<20)
		for {
			n, err := r.Body.Read(b)
			if err := in.append(b[:n]); err != nil {
				return err
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		_, err = in.finish()
		return err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if text != "" && len(body) > 0 {
		text += "\n"
	}
	res, err := c.query(text+string(body), "Native", params...)
	if err != nil {
		return err
	}
	defer res.close()
	w.Header().Set("X-ClickHouse-Format", "Native")
	w.Header().Set("X-ClickHouse-Timezone", "UTC")
	in := proto.NewReader(bytes.NewReader(res.body()))
	for {
		b := block.NewBlock()
		if err := b.Decode(in, 0); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var out proto.Buffer
		if err := b.Encode(&out, revision); err != nil {
			return err
		}
		if _, err := w.Write(out.Buf); err != nil {
			return err
		}
	}
}

package engine

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A handler answers ClickHouse's HTTP protocol with the engine of this process. There is one user, default, whose password is the
// secret that the parent drew.
//
// A request takes a place at the gate, then a connection to the engine: one of its own, or its session's. Settings, database and
// temporary tables live in that connection, so nothing of a request is left for the next.
type handler struct {
	lib      *library
	secret   [32]byte
	gate     *gate
	sessions *sessions
	killer   killer
	server   func() serverFacts

	mu  sync.Mutex
	ids map[string]struct{} // query ids that run; under mu
}

// serverFacts are what the headers of every answer say of the server.
type serverFacts struct{ name, zone, version string }

func newHandler(lib *library, secret string) *handler {
	h := &handler{lib: lib, secret: sha256.Sum256([]byte(secret)), gate: newGate(mostParallel, mostWaiting), ids: make(map[string]struct{})}
	h.sessions = newSessions(func() (*work, error) { return openWork(lib) })
	h.killer = killer{lib}
	h.server = sync.OnceValue(h.askServer)
	return h
}

// close waits for running statements and closes what is left of sessions. The HTTP server must have stopped before.
func (h *handler) close() {
	h.gate.drain()
	h.sessions.close()
}

func (h *handler) askServer() serverFacts {
	facts := serverFacts{name: "localhost", zone: "UTC", version: Version}
	c, err := h.lib.connect()
	if err != nil {
		return facts
	}
	defer c.close()
	r, err := c.query("SELECT displayName(), timezone(), version()", "TSVRaw")
	if err != nil {
		return facts
	}
	defer r.close()
	if f := strings.Split(strings.TrimSpace(string(r.body())), "\t"); len(f) == 3 {
		facts = serverFacts{f[0], f[1], f[2]}
	}
	return facts
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The connection may still have the deadline of an answer before.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeWait))
	switch r.URL.Path {
	case "/ping", "/replicas_status":
		plain(w, "Ok.\n")
		return
	case "/":
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.RawQuery == "" {
			plain(w, "Ok.\n") // what a load balancer asks
			return
		}
	case "/query":
	default:
		http.Error(w, "There is no handle "+r.URL.Path+". Use / or /ping for health checks.", http.StatusNotFound)
		return
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut:
	default:
		http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
		return
	}
	q, err := parseRequest(r)
	if err == nil {
		err = h.known(q)
	}
	if err != nil {
		newAnswer(w, r, &request{}, h.server()).finish(err)
		return
	}
	a := newAnswer(w, r, q, h.server())
	a.finish(h.serve(r.Context(), r, q, a))
}

func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	_, _ = w.Write([]byte(text)) // a client that has gone needs no answer
}

// known says whether the request has the secret. It takes the same time for every wrong one.
func (h *handler) known(q *request) error {
	sum := sha256.Sum256([]byte(q.password))
	if subtle.ConstantTimeCompare(sum[:], h.secret[:]) == 1 && q.user == "default" {
		return nil
	}
	return refuse(codeAuthenticationFailed, "AUTHENTICATION_FAILED",
		"%s: Authentication failed: password is incorrect, or there is no user with such name", q.user)
}

// serve runs the request's statement on a connection. Its error goes to the client.
func (h *handler) serve(ctx context.Context, r *http.Request, q *request, a *answer) error {
	if err := h.gate.enter(ctx); err != nil {
		return err
	}
	defer h.gate.leave()
	if err := h.begin(a.queryID); err != nil {
		return err
	}
	defer h.end(a.queryID)
	w, done, err := h.sessions.take(q)
	if err != nil {
		return err
	}
	defer done()
	stop := h.killer.watch(ctx, w)
	defer stop()
	t := &task{ctx: ctx, handler: h, work: w, request: q, answer: a, http: r}
	return t.run()
}

// begin refuses a query id that runs already.
func (h *handler) begin(id string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, running := h.ids[id]; running {
		return refuse(codeSameIDRunning, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", "Query with id = %s is already running", id)
	}
	h.ids[id] = struct{}{}
	return nil
}

func (h *handler) end(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.ids, id)
}

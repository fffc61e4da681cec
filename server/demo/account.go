package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Account is how the demo shop reaches the server: as any shop would.
type Account struct {
	URL    string       // where the API answers, as http://127.0.0.1:8080
	Public string       // pk_…
	Secret string       // sk_…
	Client *http.Client // nil: one with a 10 s timeout
}

// StatusError is an answer that is not a success.
type StatusError struct {
	Status  int
	Code    string // of the error in the body, "" if it has none
	Message string
	Item    string        // that the error is about
	Free    int64         // pieces of it, of sold_out
	After   time.Duration // what Retry-After asks for, 0 without
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Status, e.Message) }

// retry says how long to wait before the same request may be sent again, and whether it makes sense at all.
func retry(err error) (time.Duration, bool) {
	var status *StatusError
	if !errors.As(err, &status) {
		return time.Second + rand.N(2*time.Second), true // the network, or a server that restarts
	}
	if status.Status != http.StatusTooManyRequests && status.Status < 500 {
		return 0, false
	}
	return max(status.After, time.Second) + rand.N(time.Second), true
}

// conflict says that the request is in order, and that someone else was faster.
func conflict(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Status == http.StatusConflict
}

// request is one call of the API.
type request struct {
	method, path string
	secret       bool   // as the shop's server, else as a browser
	token        string // the shopper's, "" for none
	agent        string // browsers name themselves
	kind         string // media type of the body
	body         []byte
	into         any // what the answer's JSON is decoded into, nil for nothing
}

// send does one request. An answer other than 2xx is a *StatusError.
func (a *Account) send(ctx context.Context, r request) error {
	req, err := http.NewRequestWithContext(ctx, r.method, a.URL+r.path, bytes.NewReader(r.body))
	if err != nil {
		return fmt.Errorf("request %s: %w", r.path, err)
	}
	if r.secret {
		req.Header.Set("Authorization", "Bearer "+a.Secret)
	} else {
		req.Header.Set("X-Beckon-Key", a.Public)
	}
	if r.token != "" {
		req.Header.Set("X-Beckon-Token", r.token)
	}
	if r.agent != "" {
		req.Header.Set("User-Agent", r.agent)
	}
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	resp, err := a.client().Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return statusError(resp)
	}
	if r.into == nil {
		_, err = io.Copy(io.Discard, resp.Body) // a body read to its end leaves the connection to the next request
		return err
	}
	if err := json.NewDecoder(resp.Body).Decode(r.into); err != nil {
		return fmt.Errorf("answer of %s: %w", r.path, err)
	}
	return nil
}

func statusError(resp *http.Response) error {
	var body struct {
		Error struct {
			Code, Message string
			Item          string `json:"item_id"`
			Free          int64
		}
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 16<<10))
	if err != nil {
		return err
	}
	message := string(text)
	if json.Unmarshal(text, &body) == nil && body.Error.Code != "" {
		message = body.Error.Code + ": " + body.Error.Message
	}
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // absent or a date: 0
	return &StatusError{resp.StatusCode, body.Error.Code, message, body.Error.Item, body.Error.Free, time.Duration(seconds) * time.Second}
}

var defaultClient = &http.Client{Timeout: 10 * time.Second}

func (a *Account) client() *http.Client {
	if a.Client != nil {
		return a.Client
	}
	return defaultClient
}

// pause waits for d, or until ctx ends: then it says false.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

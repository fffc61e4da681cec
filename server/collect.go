package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/clickstream"
	"beckon/server/shop"
)

var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// maxPooledBody keeps a burst of large bodies from staying in the pool.
const maxPooledBody = 256 << 10

// postEvents takes a batch from a browser or a server.
func (n *node) postEvents(c *fiber.Ctx) error {
	key, err := n.caller(c)
	if err != nil {
		return err
	}
	if err := wantType(c, "application/json", "text/plain", "application/x-www-form-urlencoded"); err != nil {
		return err
	}
	buf := bodies.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= maxPooledBody {
			bodies.Put(buf)
		}
	}()
	*buf, err = readBody(c, *buf, maxBatchBytes)
	if err != nil {
		return err
	}
	now := n.now()
	src := n.source(c, key, now)
	result, err := n.collector.Collect(n.work, &src, *buf, func(visitor string, events int) error {
		return n.admit(key, visitor, src.IP, events, now)
	})
	if err != nil {
		return n.collectError(err)
	}
	if err := n.withdraw(key.Site, &result, now); err != nil {
		return n.collectError(err)
	}
	return respondJSON(c, fiber.StatusAccepted, appendResult(nil, &result))
}

// source is what the collector must know of the sender.
func (n *node) source(c *fiber.Ctx, key shop.Key, now time.Time) clickstream.Source {
	site, _ := n.shop.Site(key.Site)
	return clickstream.Source{
		Site:           key.Site,
		Currency:       site.Currency,
		CountHeadless:  site.Headless,
		Secret:         key.Secret(),
		Received:       now.UnixMilli(),
		UserAgent:      c.Get(fiber.HeaderUserAgent),
		IP:             clientAddr(c, n.cfg.trustedProxies).String(),
		OptOut:         c.Get("Sec-GPC") == "1" || c.Get("DNT") == "1",
		DefaultConsent: n.shop.DefaultConsent(key.Site),
		ProveUser:      func(user, hash string) bool { return n.shop.ProveUser(key.Site, user, hash) },
	}
}

// admit charges a decoded batch to its key and, for browsers, to its visitor and address. A server speaks for many shoppers from
// one address, so only its key is charged.
func (n *node) admit(key shop.Key, visitor, addr string, events int, now time.Time) error {
	if wait := n.limits.key.take(key.ID, events, now); wait > 0 {
		return tooMany(wait, "key")
	}
	if key.Secret() {
		return nil
	}
	if wait := n.limits.visitor.take(key.Site+" "+visitor, events, now); wait > 0 {
		return tooMany(wait, "visitor")
	}
	if wait := n.limits.ip.take(addr, events, now); wait > 0 {
		return tooMany(wait, "address")
	}
	return nil
}

// postImport takes history: NDJSON, one event a line, streamed. The bounded queue paces it.
func (n *node) postImport(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	if err := wantType(c, "application/x-ndjson", "application/ndjson", "application/json", "text/plain"); err != nil {
		return err
	}
	in, done, err := importBody(c)
	if err != nil {
		return err
	}
	defer done()
	src := n.source(c, key, n.now())
	src.Import = true
	result, err := n.collector.Import(n.work, &src, in)
	if err != nil {
		return n.collectError(err)
	}
	return respondJSON(c, fiber.StatusAccepted, appendResult(nil, &result))
}

func importBody(c *fiber.Ctx) (*limitedReader, func(), error) {
	if c.Request().Header.ContentLength() > maxImportBytes {
		return nil, nil, errTooLarge
	}
	gz, err := isGzip(c)
	if err != nil {
		return nil, nil, err
	}
	in, done, err := bodyReader(c, gz)
	if err != nil {
		return nil, nil, err
	}
	return &limitedReader{in, maxImportBytes}, done, nil
}

// collectError gives a collector's error its status.
func (n *node) collectError(err error) error {
	var body *clickstream.BodyError
	var over *clickstream.OverloadedError
	var known *apiError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &body) && body.Code == "too_many_events":
		return fail(413, body.Code, "%s", body.Message)
	case errors.As(err, &body):
		return fail(400, body.Code, "%s", body.Message)
	case errors.As(err, &over):
		return overloaded(over.RetryAfter, over.Error())
	default:
		return n.cannotStore(err)
	}
}

// appendResult is the answer of events and import.
func appendResult(dst []byte, r *clickstream.Result) []byte {
	dst = append(dst, `{"accepted":`...)
	dst = strconv.AppendInt(dst, int64(r.Accepted), 10)
	dst = append(dst, `,"duplicates":`...)
	dst = strconv.AppendInt(dst, int64(r.Duplicates), 10)
	dst = append(dst, `,"rejected":[`...)
	for i := range r.Rejected {
		if i > 0 {
			dst = append(dst, ',')
		}
		rej := &r.Rejected[i]
		dst = append(dst, `{"index":`...)
		dst = strconv.AppendInt(dst, int64(rej.Index), 10)
		dst = append(dst, `,"id":`...)
		dst = appendText(dst, rej.ID)
		dst = append(dst, `,"code":`...)
		dst = appendText(dst, rej.Code)
		dst = append(dst, `,"message":`...)
		dst = appendText(dst, rej.Message)
		dst = append(dst, '}')
	}
	dst = append(dst, ']')
	if r.RejectedTotal > len(r.Rejected) {
		dst = append(dst, `,"rejected_total":`...)
		dst = strconv.AppendInt(dst, int64(r.RejectedTotal), 10)
	}
	return append(dst, '}')
}

// postSession makes a visitor, or keeps the one whose old token is shown, and signs it.
func (n *node) postSession(c *fiber.Ctx) error {
	key, err := n.caller(c)
	if err != nil {
		return err
	}
	var ask struct {
		Visitor string `json:"visitor"`
		Token   string `json:"token"`
	}
	body, err := readBody(c, nil, 16<<10)
	if err != nil {
		return err
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &ask); err != nil {
			return fail(400, "bad_json", "body: %v", err)
		}
	}
	if key.Secret() && ask.Visitor != "" && !validVisitor(ask.Visitor) {
		return fail(400, "bad_visitor", "visitor: 1-64 of A-Z a-z 0-9 _ . : -")
	}
	now := n.now()
	if wait := n.limits.ip.take(clientAddr(c, n.cfg.trustedProxies).String(), 1, now); wait > 0 && !key.Secret() {
		return tooMany(wait, "address")
	}
	visitor := n.sessionVisitor(key, ask.Visitor, ask.Token, now)
	token, expires := n.tokens.Sign(key.Site, visitor, now)
	return respond(c, 200, map[string]any{
		"visitor": visitor, "token": token, "expires": expires.UnixMilli(), "ws": n.socketURL(c), "server_time": now.UnixMilli(),
	})
}

func (n *node) sessionVisitor(key shop.Key, visitor, token string, now time.Time) string {
	if key.Secret() && validVisitor(visitor) {
		return visitor
	}
	if known, ok := n.tokens.VerifyForRenewal(token, key.Site, now); ok && (visitor == "" || visitor == known) {
		return known
	}
	return shop.NewVisitor()
}

func (n *node) socketURL(c *fiber.Ctx) string {
	base := n.cfg.publicURL
	if base == "" {
		base = c.BaseURL()
	}
	return "ws" + base[len("http"):] + "/v1/live"
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"beckon/clickstream"
	"beckon/server/shop"
)

// importURL sends chunks to a running server, and waits as it is told when the server is busy.
type importURL struct {
	url, key string
}

func (t *importURL) send(ctx context.Context, chunk []byte) (importAnswer, error) {
	for {
		answer, wait, err := t.post(ctx, chunk)
		if err != nil || wait == 0 {
			return answer, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return answer, ctx.Err()
		}
	}
}

func (t *importURL) post(ctx context.Context, chunk []byte) (answer importAnswer, wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, "POST", t.url+"/v1/import", bytes.NewReader(chunk))
	if err != nil {
		return answer, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+t.key)
	req.Header.Set("Content-Type", "application/x-ndjson")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer, 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer, 0, err
	}
	switch resp.StatusCode {
	case http.StatusAccepted:
		return answer, 0, json.Unmarshal(text, &answer)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return answer, time.Duration(max(seconds, 1)) * time.Second, nil
	default:
		return answer, 0, fmt.Errorf("import answered %s: %s", resp.Status, text)
	}
}

func (t *importURL) settle(ctx context.Context) (l ledgerAnswer, err error) {
	req, err := http.NewRequestWithContext(ctx, "GET", t.url+"/v1/ledger", nil)
	if err != nil {
		return l, err
	}
	req.Header.Set("Authorization", "Bearer "+t.key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return l, err
	}
	defer resp.Body.Close()
	return l, json.NewDecoder(resp.Body).Decode(&l)
}

func (t *importURL) close() error { return nil }

// importNode sends chunks into a node of this process, for a data folder on which no server runs.
type importNode struct {
	n    *node
	src  clickstream.Source
	stop func() error
}

func (t *importNode) send(ctx context.Context, chunk []byte) (importAnswer, error) {
	t.src.Received = t.n.now().UnixMilli()
	for {
		result, err := t.n.collector.Import(ctx, &t.src, bytes.NewReader(chunk))
		var over *clickstream.OverloadedError
		if errors.As(err, &over) {
			select {
			case <-time.After(over.RetryAfter):
				continue
			case <-ctx.Done():
				return importAnswer{}, ctx.Err()
			}
		}
		if err != nil {
			return importAnswer{}, err
		}
		var answer importAnswer
		return answer, json.Unmarshal(appendResult(nil, &result), &answer)
	}
}

func (t *importNode) settle(ctx context.Context) (ledgerAnswer, error) {
	if err := t.n.closeSessions(ctx, t.src.Site); err != nil {
		return ledgerAnswer{}, err
	}
	return t.n.ledger(t.src.Site), t.n.settle(ctx)
}

func (t *importNode) close() error { return t.stop() }

// openTarget prepares the data folder's own site: through the running server where there is one.
func (r *replayer) openTarget(ctx context.Context) error {
	var key struct{ Key string }
	ask := operation{Name: "replay site", Args: map[string]string{"site": r.site}}
	if s, ok := runningServer(r.dir); ok {
		if err := s.send(ctx, ask, &key); err != nil {
			return err
		}
		r.target = &importURL{url: s.URL, key: key.Key}
		return nil
	}
	cfg, err := serveConfig(r.e, []string{"--data", string(r.dir), "--ops-addr", "off"})
	if err != nil {
		return err
	}
	n, stop, err := openNode(ctx, r.e, cfg)
	if err != nil {
		return err
	}
	if _, err := n.operate(ctx, ask); err != nil {
		return errors.Join(err, stop())
	}
	r.target = &importNode{n, clickstream.Source{Site: r.site, Secret: true, Import: true, DefaultConsent: n.shop.DefaultConsent(r.site)}, stop}
	return nil
}

// replaySite makes a site whose clock is its data's, if it is new, and a secret key for it.
func (n *node) replaySite(ctx context.Context, site string) (shop.NewKey, error) {
	s, ok := n.shop.Site(site)
	if !ok {
		var err error
		if s, err = n.shop.CreateSite(ctx, "replay", site, shop.Settings{Clock: shop.EventClock, ShowUnlisted: true}); err != nil {
			return shop.NewKey{}, err
		}
	}
	if s.Clock != shop.EventClock {
		return shop.NewKey{}, fmt.Errorf("site %s lives in wall time; replay into a site of its own (--site)", site)
	}
	return n.shop.CreateKey(ctx, "replay", site, shop.KeySpec{Kind: shop.SecretKey, Note: "replay"})
}

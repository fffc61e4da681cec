package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	pushSockets    = 2000
	pushBackground = 10_000 // events a second, of visitors without a socket
	pushProbers    = 4      // acts under way at most
	pushEvery      = 20 * time.Millisecond
	pushTimeout    = 5 * time.Second
)

// pushSocket is a shopper whose acts are measured.
type pushSocket struct {
	*benchSocket
	pushed chan time.Time // when a recommendations frame came; the newest one that nobody waited for is dropped
}

// benchPush measures from the POST of a shopper's view to the frame with recommendations on the shopper's own socket.
func benchPush(ctx context.Context, b *bench) ([]figure, error) {
	s, err := b.child(ctx, "push")
	if err != nil {
		return nil, err
	}
	defer s.kill()
	if err := s.putItems(ctx, numberedItems(listed)); err != nil {
		return nil, err
	}
	if err := s.importAll(ctx, live(b.count(600_000), 100_000, listed)); err != nil {
		return nil, err
	}
	opened, err := s.openSockets(ctx, b.count(pushSockets), func(int) string { return `{"type":"subscribe","placements":["home"]}` })
	defer closeSockets(opened)
	if err != nil {
		return nil, err
	}
	var readers sync.WaitGroup
	sockets := make([]pushSocket, len(opened))
	for i, c := range opened {
		sockets[i] = pushSocket{c, make(chan time.Time, 1)}
		readers.Go(sockets[i].watch)
	}
	d := b.scale(20 * time.Second)
	var background float64
	var backgroundErr error
	var beside sync.WaitGroup
	beside.Go(func() {
		var seq atomic.Uint64
		l := eventLoad(s.addr(), s.public, 16, &seq)
		l.every = time.Duration(l.connections) * 5 * time.Second / pushBackground
		background, _, backgroundErr = l.run(ctx, d)
	})
	took, err := s.probe(ctx, sockets, d)
	beside.Wait()
	closeSockets(opened)
	readers.Wait()
	if err == nil {
		err = backgroundErr
	}
	return []figure{
		atMost("POST to frame, p50", micros(quantile(took, .5))/1000, "ms", 0),
		atMost("POST to frame, p99", micros(quantile(took, .99))/1000, "ms", 25),
		atLeast("acts measured", float64(len(took)), "", 0),
		atLeast("events beside", 5*background, "/s", 0),
	}, err
}

// watch reads until the socket is closed.
func (c pushSocket) watch() {
	for {
		text, err := c.read()
		if err != nil {
			return
		}
		if bytes.HasPrefix(text, []byte(`{"type":"recommendations"`)) {
			select {
			case c.pushed <- time.Now():
			default:
			}
		}
	}
}

// probe lets the sockets' shoppers act in turns, each waiting for its frame.
func (s *benchServer) probe(ctx context.Context, sockets []pushSocket, d time.Duration) (took []time.Duration, err error) {
	client := &fasthttp.HostClient{Addr: s.addr(), ReadTimeout: pushTimeout}
	defer client.CloseIdleConnections()
	end := time.Now().Add(d)
	var next atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range pushProbers {
		wg.Go(func() {
			for due := time.Now(); due.Before(end) && ctx.Err() == nil; {
				n := int(next.Add(1))
				one, probeErr := s.act(client, &sockets[n%len(sockets)], n)
				mu.Lock()
				took = append(took, one)
				if probeErr != nil {
					err = probeErr
				}
				mu.Unlock()
				if probeErr != nil {
					return
				}
				due = due.Add(pushEvery)
				time.Sleep(time.Until(due))
			}
		})
	}
	wg.Wait()
	return took, err
}

// act posts one view and waits for the frame that follows it.
func (s *benchServer) act(client *fasthttp.HostClient, c *pushSocket, n int) (time.Duration, error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(s.url + "/v1/events?k=" + s.public)
	req.Header.SetMethod("POST")
	req.Header.SetContentType("application/json")
	now := time.Now().UnixMilli()
	req.SetBodyString(fmt.Sprintf(`{"sent_at":%d,"visitor":%q,"events":[{"id":"p-%d","name":"view_item","ts":%d,"items":[{"item_id":"sku-%s","price":1999}]}]}`,
		now, c.visitor, n, now, strconv.Itoa(n*97%listed)))
	select {
	case <-c.pushed: // of a refresh that others caused
	default:
	}
	sent := time.Now()
	if err := client.Do(req, resp); err != nil {
		return 0, err
	}
	if resp.StatusCode() != fasthttp.StatusAccepted {
		return 0, fmt.Errorf("answered %d: %s", resp.StatusCode(), resp.Body())
	}
	select {
	case at := <-c.pushed:
		return at.Sub(sent), nil
	case <-time.After(pushTimeout):
		return 0, fmt.Errorf("no recommendations frame for %s within %v", c.visitor, pushTimeout)
	}
}

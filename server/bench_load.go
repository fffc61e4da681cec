package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// load is a closed loop over keep-alive connections: each sends its next request when the one before is answered.
type load struct {
	addr        string
	connections int
	every       time.Duration // at least so long between two requests of a connection, 0: at once
	want        int           // status of every answer
	// prepare is called once for each connection and returns what fills its next request.
	prepare func() func(req *fasthttp.Request)
}

// run loads for d and returns requests a second and the latency of each.
func (l load) run(ctx context.Context, d time.Duration) (rate float64, took []time.Duration, err error) {
	client := &fasthttp.HostClient{Addr: l.addr, MaxConns: l.connections, ReadTimeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	var mu sync.Mutex
	begin := time.Now()
	for range l.connections {
		wg.Go(func() {
			mine, connErr := l.connection(ctx, client, begin.Add(d))
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			if connErr != nil {
				err = connErr
			}
		})
	}
	wg.Wait()
	return float64(len(took)) / time.Since(begin).Seconds(), took, err
}

func (l load) connection(ctx context.Context, client *fasthttp.HostClient, end time.Time) (took []time.Duration, err error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	next := l.prepare()
	for due := time.Now(); due.Before(end) && ctx.Err() == nil; {
		next(req)
		sent := time.Now()
		err := client.Do(req, resp)
		if err == nil && resp.StatusCode() != l.want {
			err = fmt.Errorf("answered %d: %s", resp.StatusCode(), resp.Body())
		}
		if err != nil {
			return took, err
		}
		took = append(took, time.Since(sent))
		if l.every == 0 {
			due = time.Now()
			continue
		}
		due = due.Add(l.every)
		time.Sleep(time.Until(due))
	}
	return took, nil
}

// eventLoad posts bodies of five events; seq makes their ids.
func eventLoad(addr, key string, connections int, seq *atomic.Uint64) load {
	return load{addr: addr, connections: connections, want: 202, prepare: func() func(*fasthttp.Request) {
		var body []byte
		return func(req *fasthttp.Request) {
			req.SetRequestURI("http://" + addr + "/v1/events?k=" + key)
			req.Header.SetMethod("POST")
			req.Header.SetContentType("application/json")
			body = appendFive(body[:0], seq.Add(1))
			req.SetBodyRaw(body)
		}
	}}
}

// appendFive appends a body of five events, about 650 bytes, whose ids are n's own.
func appendFive(dst []byte, n uint64) []byte {
	now := time.Now().UnixMilli()
	dst = append(dst, `{"sent_at":`...)
	dst = strconv.AppendInt(dst, now, 10)
	dst = append(dst, `,"visitor":"v_`...)
	dst = strconv.AppendUint(dst, n%100_000, 10)
	dst = append(dst, `","events":[`...)
	for i := range uint64(5) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":"b-`...)
		dst = strconv.AppendUint(dst, n*5+i, 36)
		dst = append(dst, `","name":"view_item","ts":`...)
		dst = strconv.AppendInt(dst, now, 10)
		dst = append(dst, `,"items":[{"item_id":"sku-`...)
		dst = strconv.AppendUint(dst, (n*7+i*i*31)%10_000, 10)
		dst = append(dst, `","price":1999,"quantity":1}]}`...)
	}
	return append(dst, "]}"...)
}

// views is history to import: events first to first+n-1 of a shop on which a thousand visitors are at any time, each of whom looks at
// six neighbouring items and leaves.
type views struct {
	first, n        int
	visitors, items int
	from            int64         // time of event 0, Unix ms
	spacing         time.Duration // between events
}

const (
	viewsAtOnce = 1000
	viewClicks  = 6
)

// live are views that end about now. A visitor comes back after more than the gap between sessions.
func live(n, visitors, items int) views {
	const spacing = 4 * time.Millisecond
	return views{n: n, visitors: visitors, items: items, spacing: spacing, from: time.Now().Add(-time.Duration(n) * spacing).UnixMilli()}
}

func (v views) appendLine(dst []byte, i int) []byte {
	visit := i/(viewsAtOnce*viewClicks)*viewsAtOnce + i%viewsAtOnce
	click := i / viewsAtOnce % viewClicks
	dst = append(dst, `{"id":"i-`...)
	dst = strconv.AppendInt(dst, int64(i), 36)
	dst = append(dst, `","name":"view_item","ts":`...)
	dst = strconv.AppendInt(dst, v.from+(time.Duration(i)*v.spacing).Milliseconds(), 10)
	dst = append(dst, `,"visitor":"v_`...)
	dst = strconv.AppendInt(dst, int64(visit*7919%v.visitors), 10)
	dst = append(dst, `","items":[{"item_id":"sku-`...)
	dst = strconv.AppendInt(dst, int64((visit*31+click*click*17)%v.items), 10)
	return append(dst, "\",\"price\":1999}]}\n"...)
}

// importViews sends v and returns when all of it is durable.
func (s *benchServer) importViews(ctx context.Context, v views) error {
	i := v.first
	return s.importLines(ctx, 2, func(dst []byte) ([]byte, bool, error) {
		if i == v.first+v.n {
			return dst, false, nil
		}
		i++
		return v.appendLine(dst, i-1), true, nil
	})
}

// importChunk is the bytes of one import: little enough that two connections stay within the lateness that sessions allow.
const importChunk = 2 << 20

// importLines sends the lines that next appends, until it says false. More connections than one are for events whose times lie close.
func (s *benchServer) importLines(ctx context.Context, connections int, next func(dst []byte) (line []byte, ok bool, err error)) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	chunks := make(chan []byte)
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for chunk := range chunks {
				if err := s.postImport(ctx, chunk); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	for ok := true; ok && err == nil; {
		chunk := make([]byte, 0, importChunk+1<<16)
		for ok && err == nil && len(chunk) < importChunk {
			chunk, ok, err = next(chunk)
		}
		if len(chunk) == 0 || err != nil {
			break
		}
		select {
		case chunks <- chunk:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	close(chunks)
	wg.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

func (s *benchServer) postImport(ctx context.Context, chunk []byte) error {
	answer, err := (&importURL{url: s.url, key: s.secret}).send(ctx, chunk)
	if err == nil && answer.rejected() > 0 {
		err = fmt.Errorf("%d lines rejected, the first: %+v", answer.rejected(), answer.Rejected[0])
	}
	return err
}

// putItems lists items in the catalog, each with a title, a price and plenty in stock.
func (s *benchServer) putItems(ctx context.Context, items []string) error {
	var body []byte
	for _, id := range items {
		body = fmt.Appendf(body, `{"item_id":%q,"title":"Item %s","url":"https://shop.example/p/%s","price":1999,"currency":"EUR","stock":1000}`+"\n", id, id, id)
	}
	return s.request(ctx, "PUT", "/v1/items", string(body), new(any))
}

func numberedItems(n int) []string {
	items := make([]string, n)
	for i := range items {
		items[i] = "sku-" + strconv.Itoa(i)
	}
	return items
}

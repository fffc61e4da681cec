package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	idleSockets      = 10_000
	broadcastSockets = 2000
	broadcastTopics  = 8 // one message of each in flight
)

// benchSockets measures what an idle connection costs the server, and how fast one change of stock reaches many sockets.
func benchSockets(ctx context.Context, b *bench) ([]figure, error) {
	idle, err := benchIdle(ctx, b)
	if err != nil {
		return nil, err
	}
	broadcast, err := benchBroadcast(ctx, b)
	return append(idle, broadcast...), err
}

func benchIdle(ctx context.Context, b *bench) ([]figure, error) {
	s, err := b.child(ctx, "idle")
	if err != nil {
		return nil, err
	}
	defer s.kill()
	item := func(i int) string { return `{"type":"subscribe","items":["sku-` + strconv.Itoa(i) + `"]}` }
	// The first sockets grow what every server has: HTTP workers, buffers, stacks of the hub's workers.
	first, err := s.openSockets(ctx, 100, item)
	closeSockets(first)
	if err != nil {
		return nil, err
	}
	if err := s.collectGarbage(ctx); err != nil {
		return nil, err
	}
	before, _, err := s.resident()
	if err != nil {
		return nil, err
	}
	count := b.count(idleSockets)
	sockets, err := s.openSockets(ctx, count, item)
	defer closeSockets(sockets)
	if err != nil {
		return nil, err
	}
	after, _, err := s.resident()
	if err != nil {
		return nil, err
	}
	if err := s.collectGarbage(ctx); err != nil {
		return nil, err
	}
	collected, _, err := s.resident()
	return []figure{
		atMost("resident a connection", (after-before)/1000/float64(count), "KB", 20),
		atMost("resident a connection after a collection", (collected-before)/1000/float64(count), "KB", 0),
	}, err
}

// collectGarbage makes the server's collector run, as asking for a heap profile of live memory does.
func (s *benchServer) collectGarbage(ctx context.Context) error {
	for range 2 {
		req, err := http.NewRequestWithContext(ctx, "GET", s.ops+"/debug/pprof/heap?gc=1", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// arrivals counts a topic's frames until all sockets have one.
type arrivals struct {
	mu   sync.Mutex
	left int
	all  chan struct{}
}

func (a *arrivals) one(sockets int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left--; a.left == 0 {
		a.left = sockets
		a.all <- struct{}{} // one message of a topic is in flight, so there is room
	}
}

func benchBroadcast(ctx context.Context, b *bench) ([]figure, error) {
	s, err := b.child(ctx, "broadcast")
	if err != nil {
		return nil, err
	}
	defer s.kill()
	topics := numberedItems(broadcastTopics)
	if err := s.putItems(ctx, topics); err != nil {
		return nil, err
	}
	count := b.count(broadcastSockets)
	sockets, err := s.openSockets(ctx, count, func(int) string {
		return `{"type":"subscribe","items":["sku-0","sku-1","sku-2","sku-3","sku-4","sku-5","sku-6","sku-7"]}`
	})
	defer closeSockets(sockets)
	if err != nil {
		return nil, err
	}
	var came [broadcastTopics]arrivals
	for i := range came {
		came[i].left, came[i].all = count, make(chan struct{}, 1)
	}
	var readers sync.WaitGroup
	for _, c := range sockets {
		readers.Go(func() {
			for {
				text, err := c.read()
				if err != nil {
					return
				}
				if topic, ok := stockTopic(text); ok {
					came[topic].one(count)
				}
			}
		})
	}
	d := b.scale(10 * time.Second)
	begin := time.Now()
	var sent [broadcastTopics]int
	err = inParallel(broadcastTopics, func(topic int) error {
		for time.Since(begin) < d {
			body := fmt.Sprintf(`{"item_id":"sku-%d","stock":%d}`, topic, 1+sent[topic]%2)
			if err := s.request(ctx, "POST", "/v1/stock", body, new(any)); err != nil {
				return err
			}
			select {
			case <-came[topic].all:
			case <-time.After(10 * time.Second):
				return fmt.Errorf("not every socket got the stock of sku-%d", topic)
			}
			sent[topic]++
		}
		return nil
	})
	took := time.Since(begin)
	closeSockets(sockets)
	readers.Wait()
	total := 0
	for _, n := range sent {
		total += n
	}
	return []figure{atLeast("deliveries of broadcasts", float64(total*count)/took.Seconds(), "/s", 130_000)}, err
}

// stockTopic is the item whose stock a frame tells.
func stockTopic(text []byte) (int, bool) {
	if !bytes.HasPrefix(text, []byte(`{"type":"stock"`)) {
		return 0, false
	}
	_, rest, ok := bytes.Cut(text, []byte(`"item_id":"sku-`))
	if !ok || rest[0]-'0' >= broadcastTopics {
		return 0, false
	}
	return int(rest[0] - '0'), true
}

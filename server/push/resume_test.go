package push

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
)

func offer(id string) []byte { return fmt.Appendf(nil, `{"id":%q,"title":"A gift"}`, id) }

func (c *client) resume(token, epoch string, offset uint64) got {
	c.t.Helper()
	c.send(`{"type":"hello","token":%q,"epoch":%q,"offset":%d}`, token, epoch, offset)
	return c.want("hello")
}

func TestResumeGivesMissedOffersInOrderOnce(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *store, h *Hub) {
		c := dialPipe(t, h, "shop")
		c.hello("shop/ann")
		h.PublishOffer("shop", "ann", "o1", offer("o1"), 110)
		last := c.want("offer")
		if last.ID != "o1" || last.Offset != 110 {
			t.Errorf("offer %+v, want o1 at 110", last)
		}
		c.close()
		h.PublishOffer("shop", "ann", "o2", offer("o2"), 120)
		h.PublishOffer("shop", "ann", "o2", offer("o2"), 121) // the same again
		h.PublishOffer("shop", "ann", "o3", offer("o3"), 115) // applied late
		h.PublishOffer("shop", "bob", "o4", offer("o4"), 130)
		s.setWants("ann", "sku-1")
		s.setStock("shop", "sku-1", 2)

		c = dialPipe(t, h, "shop")
		defer c.close()
		if g := c.resume("shop/ann", "e1", last.Offset); !g.Recovered || g.Offset != last.Offset {
			t.Errorf("hello %+v, want recovered at %d", g, last.Offset)
		}
		if a, b := c.want("offer"), c.want("offer"); a.ID != "o2" || b.ID != "o3" || a.Offset >= b.Offset {
			t.Errorf("missed offers %+v and %+v, want o2 and o3 with rising offsets", a, b)
		}
		if g := c.want("stock"); g.Item != "sku-1" || g.Left != 2 {
			t.Errorf("state of what is in the cart: %+v, want sku-1 with 2 left", g)
		}
		c.want("price")
		c.send(`{"type":"ping"}`)
		c.want("pong")
	})
}

func TestResumeThatCannotBeExactSaysResync(t *testing.T) {
	for _, tt := range []struct {
		name   string
		epoch  string
		offset uint64
	}{
		{"another epoch", "e0", 150},
		{"before this process", "e1", 99},
		{"an offset never given", "e1", 5000},
		{"offers dropped from the ring", "e1", 110},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, Config{RingOffers: 2}, func(t *testing.T, _ *store, h *Hub) {
				for i := range 4 { // 111 to 114; 111 and 112 are dropped
					id := fmt.Sprintf("o%d", i)
					h.PublishOffer("shop", "ann", id, offer(id), uint64(111+i))
				}
				c := dialPipe(t, h, "shop")
				defer c.close()
				if g := c.resume("shop/ann", tt.epoch, tt.offset); g.Recovered || g.Offset != 114 {
					t.Errorf("hello %+v, want not recovered, at 114", g)
				}
				c.want("resync")
				h.PublishOffer("shop", "ann", "new", offer("new"), 120)
				if g := c.want("offer"); g.ID != "new" {
					t.Errorf("offer %+v after resync, want the new one only", g)
				}
			})
		})
	}
}

func TestForgottenRingsMakeResumesResync(t *testing.T) {
	inBubble(t, Config{MaxRings: shardCount}, func(t *testing.T, _ *store, h *Hub) { // one ring a shard
		const shoppers = 1000
		for i := range shoppers {
			h.PublishOffer("shop", strconv.Itoa(i), "o", offer("o"), uint64(101+i))
		}
		visitors, resynced := 0, 0
		for i := range h.visitors {
			visitors += len(h.visitors[i].visitors)
		}
		if visitors > shardCount {
			t.Errorf("%d shoppers are kept, want at most %d", visitors, shardCount)
		}
		for i := range 8 {
			c := dialPipe(t, h, "shop")
			if g := c.resume("shop/"+strconv.Itoa(i), "e1", 100); g.Recovered {
				if got := c.want("offer"); got.ID != "o" {
					t.Errorf("shopper %d recovered and got %+v", i, got)
				}
			} else {
				resynced++
				c.want("resync")
			}
			c.close()
		}
		if resynced < 4 {
			t.Errorf("%d of the 8 oldest shoppers were told to resync", resynced)
		}
		synctest.Wait()
	})
}

// TestOffersComeExactlyOnce has a shopper's tabs connect, read a part of what comes, vanish and resume while offers, stock and acts
// are published from two goroutines. Whatever happens, each tab sees every offer once and in order, or is told to resync.
func TestOffersComeExactlyOnce(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			leakCheck(t)
			s := newStore()
			s.setStock("shop", "sku-1", 1)
			h := newHub(t, Config{Backend: s, RingOffers: 20 + int(seed)*100, QueueFrames: 500})
			p := &publisher{hub: h, pace: make(chan struct{}, 1), rng: rand.New(rand.NewPCG(seed, 1))}
			dial := listen(t, h, "shop")
			defer drain(t, h)
			var publishing, reading sync.WaitGroup
			publishing.Go(p.offers)
			publishing.Go(p.states)
			tabs := make([]*tab, 3)
			for i := range tabs {
				tabs[i] = &tab{t: t, dial: dial, from: p, rng: rand.New(rand.NewPCG(seed, uint64(i)+2))}
				reading.Go(func() {
					for range 25 {
						tabs[i].visit(tabs[i].rng.IntN(80))
					}
				})
			}
			reading.Wait()
			close(p.pace)
			publishing.Wait()
			for _, tab := range tabs {
				tab.visit(-1)
			}
			if s := h.Stats(); s.Recovered == 0 {
				t.Errorf("nothing was recovered: %+v", s)
			} else {
				t.Logf("%d offers, %d frames, %d resumes recovered, %d told to resync", s.Offers, s.Frames, s.Recovered, s.Resynced)
			}
		})
	}
}

// publisher publishes one thing for every token in pace.
type publisher struct {
	hub  *Hub
	pace chan struct{}
	rng  *rand.Rand // of offers

	mu  sync.Mutex
	ids []string // of the offers, in the order of the calls
}

func (p *publisher) offers() {
	for range p.pace {
		p.mu.Lock()
		id := fmt.Sprintf("o%d", len(p.ids))
		// Offsets come from folds that lag behind one another: they fall back at times.
		at := uint64(max(0, len(p.ids)*5-p.rng.IntN(30)))
		p.ids = append(p.ids, id)
		p.mu.Unlock()
		p.hub.PublishOffer("shop", "ann", id, offer(id), at)
	}
}

func (p *publisher) states() {
	i := uint64(0)
	for range p.pace {
		i += 3
		p.hub.PublishItem("shop", "sku-1", "stock", []byte(`{"item_id":"sku-1"}`), i)
		p.hub.Acted("shop", "ann", i, "view_item", "sku-1")
	}
}

// tab is one browser tab.
type tab struct {
	t      *testing.T
	dial   func(context.Context) (net.Conn, error)
	from   *publisher
	rng    *rand.Rand
	epoch  string
	offset uint64
	seen   []string // offers since the first hello or the last resync
}

// visit connects, reads so many frames, or all there are when reads is below 0, and vanishes.
func (b *tab) visit(reads int) {
	ws, _, err := tryDial(b.dial)
	if err != nil {
		b.t.Error(err)
		return
	}
	c := newClient(b.t, ws)
	defer c.close()
	if b.epoch == "" {
		c.send(`{"type":"hello","token":"shop/ann"}`)
	} else {
		c.send(`{"type":"hello","token":"shop/ann","epoch":%q,"offset":%d}`, b.epoch, b.offset)
	}
	c.send(`{"type":"subscribe","items":["sku-1"],"placements":["home"]}`)
	c.send(`{"type":"ping"}`)
	for n := 0; n != reads; n++ {
		g, ok := <-c.frames
		if !ok {
			b.t.Errorf("receive: %v", c.err)
			return
		}
		b.take(g)
		if reads >= 0 {
			b.from.pace <- struct{}{} // what it causes is the next frame at the latest
		} else if g.Type == "pong" {
			b.check(true)
			return
		}
	}
	b.check(false)
}

func (b *tab) take(g got) {
	if g.Offset < b.offset && g.Type != "hello" {
		b.t.Errorf("offset %d of %s after %d", g.Offset, g.Type, b.offset)
	}
	switch g.Type {
	case "offer":
		b.seen = append(b.seen, g.ID)
	case "hello":
		if !g.Recovered {
			b.seen = nil
		}
	}
	b.epoch, b.offset = g.Epoch, g.Offset
}

// check compares what was seen with what was published from there on, to its end when complete.
func (b *tab) check(complete bool) {
	if len(b.seen) == 0 {
		return
	}
	b.from.mu.Lock()
	all := slices.Clone(b.from.ids)
	b.from.mu.Unlock()
	from := slices.Index(all, b.seen[0])
	if from < 0 || from+len(b.seen) > len(all) || !slices.Equal(all[from:from+len(b.seen)], b.seen) {
		b.t.Errorf("saw %q, published from there %q", b.seen, all[max(0, from):])
	} else if complete && from+len(b.seen) != len(all) {
		b.t.Errorf("saw offers up to %s, published up to %s", b.seen[len(b.seen)-1], all[len(all)-1])
	}
}

package push

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// inBubble runs f with a hub whose clock is the bubble's, and drains it.
func inBubble(t *testing.T, cfg Config, f func(t *testing.T, s *store, h *Hub)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		s.at.Store(100)
		cfg.Backend = s
		h := newHub(t, cfg)
		defer drain(t, h)
		f(t, s, h)
	})
}

func TestSubscriptionIsAnsweredWithStateAtOnce(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *store, h *Hub) {
		s.setStock("shop", "sku-1", 5)
		c := dialPipe(t, h, "shop")
		defer c.close()
		hello := c.hello("shop/ann")
		if hello.Epoch != "e1" || hello.Offset != 100 || hello.Recovered {
			t.Errorf("hello %+v, want epoch e1, offset 100, not recovered", hello)
		}
		if !h.Connected("shop", "ann") || h.Connected("shop", "bob") || h.Connected("other", "ann") {
			t.Error("Connected does not say who is connected")
		}
		c.send(`{"type":"subscribe","placements":["home","item"],"items":["sku-1","unknown"]}`)
		if g := c.want("stock"); g.Item != "sku-1" || g.Left != 5 {
			t.Errorf("stock %+v, want sku-1 with 5 left", g)
		}
		if g := c.want("price"); g.Item != "sku-1" {
			t.Errorf("price %+v, want sku-1", g)
		}
		if g := c.want("recommendations"); g.Placement != "home" || g.On != "" || g.Visitor != "ann" {
			t.Errorf("recommendations %+v, want home for ann", g)
		}
		if g := c.want("recommendations"); g.Placement != "item" || g.On != "sku-1" {
			t.Errorf("recommendations %+v, want item on sku-1", g)
		}
		c.send(`{"type":"ping"}`)
		c.want("pong")
	})
}

func TestItemStateReachesThoseWhoCare(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *store, h *Hub) {
		s.setWants("cart", "sku-1")
		byCart, byPage, bySub, other, foreign := dialPipe(t, h, "shop"), dialPipe(t, h, "shop"), dialPipe(t, h, "shop"), dialPipe(t, h, "shop"), dialPipe(t, h, "shop2")
		for _, c := range []*client{byCart, byPage, bySub, other, foreign} {
			defer c.close()
		}
		byCart.hello("shop/cart")
		byPage.hello("shop/page")
		bySub.hello("shop/sub")
		other.hello("shop/other")
		foreign.hello("shop2/sub")
		bySub.send(`{"type":"subscribe","items":["sku-1"]}`)
		foreign.send(`{"type":"subscribe","items":["sku-1"]}`)
		h.Acted("shop", "page", 101, "view_item", "sku-1")
		synctest.Wait()

		h.PublishItem("shop", "sku-1", "stock", []byte(`{"item_id":"sku-1","level":"low","left":3}`), 102)
		for _, c := range []*client{byCart, byPage, bySub} {
			if g := c.want("stock"); g.Item != "sku-1" || g.Left != 3 || g.Offset != 102 {
				t.Errorf("got %+v, want sku-1 with 3 left at 102", g)
			}
		}
		// The item leaves the cart, the page and the subscription: nobody hears of it any more.
		s.setWants("cart")
		h.Acted("shop", "cart", 103, "remove_from_cart", "sku-1")
		h.Acted("shop", "page", 104, "view_item", "sku-2")
		bySub.send(`{"type":"unsubscribe","items":["sku-1"]}`)
		synctest.Wait()
		h.PublishItem("shop", "sku-1", "stock", []byte(`{"item_id":"sku-1","left":2}`), 105)
		for _, c := range []*client{byCart, byPage, bySub, other, foreign} {
			c.send(`{"type":"ping"}`)
			c.want("pong")
		}
	})
}

func TestOwnActIsFollowedByRecommendationsOfEveryPlacement(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, _ *store, h *Hub) {
		c := dialPipe(t, h, "shop")
		defer c.close()
		c.hello("shop/ann")
		c.send(`{"type":"subscribe","placements":["home","cart"]}`)
		c.want("recommendations")
		c.want("recommendations")
		for i, kind := range []string{"view_item", "add_to_cart", "remove_from_cart", "purchase"} {
			offset := uint64(200 + i)
			h.Acted("shop", "ann", offset, kind, "sku-1")
			for _, placement := range []string{"home", "cart"} {
				if g := c.want("recommendations"); g.Placement != placement || g.Offset != offset {
					t.Errorf("after %s got %+v, want %s at %d", kind, g, placement, offset)
				}
			}
		}
		h.Acted("shop", "ann", 210, "add_to_wishlist", "sku-1")
		h.Acted("shop", "bob", 211, "purchase", "sku-1")
		synctest.Wait()
		c.send(`{"type":"ping"}`)
		c.want("pong")
	})
}

func TestOthersRefreshAtMostEveryThirtySecondsAndOnlyWhenChanged(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *store, h *Hub) {
		c := dialPipe(t, h, "shop")
		defer c.close()
		c.hello("shop/ann")
		c.send(`{"type":"subscribe","placements":["home"]}`)
		c.want("recommendations")
		begin := time.Now()

		s.answer.Store(2)
		h.ModelChanged("shop")
		c.want("recommendations")
		if waited := time.Since(begin); waited < 30*time.Second || waited > 32*time.Second {
			t.Errorf("refreshed after %v, want 30s", waited)
		}
		// The models learn and the answer stays: it is asked for, and nothing is sent.
		asked := s.asked.Load()
		for range 90 {
			time.Sleep(time.Second)
			h.ModelChanged("shop")
		}
		if n := s.asked.Load() - asked; n < 2 || n > 3 {
			t.Errorf("asked %d times in 90 s, want 2 or 3", n)
		}
		// The models stand still for long: the next change is shown at once.
		time.Sleep(time.Minute)
		asked = s.asked.Load()
		time.Sleep(time.Minute)
		if n := s.asked.Load() - asked; n != 0 {
			t.Errorf("asked %d times while the models stood still", n)
		}
		begin = time.Now()
		s.answer.Store(3)
		h.ModelChanged("shop")
		if c.want("recommendations"); time.Since(begin) > 2*time.Second {
			t.Errorf("refreshed %v after the change, want at most 2s", time.Since(begin))
		}
	})
}

func TestRefreshesKeepToTheHubsBudget(t *testing.T) {
	inBubble(t, Config{RefreshesPerSecond: 3}, func(t *testing.T, s *store, h *Hub) {
		var clients []*client
		for i := range 12 {
			c := dialPipe(t, h, "shop")
			defer c.close()
			c.hello(fmt.Sprintf("shop/v%d", i))
			c.send(`{"type":"subscribe","placements":["home"]}`)
			c.want("recommendations")
			clients = append(clients, c)
		}
		time.Sleep(40 * time.Second)
		s.answer.Store(2)
		h.ModelChanged("shop")
		begin := time.Now()
		for _, c := range clients {
			c.want("recommendations")
		}
		if took := time.Since(begin); took < 2*time.Second || took > 10*time.Second {
			t.Errorf("12 refreshes at 3 a second took %v", took)
		}
	})
}

func TestWhoeverDoesNotOpenIsClosed(t *testing.T) {
	for _, tt := range []struct {
		name, first string
		code        websocket.StatusCode
	}{
		{"no hello", ``, 3002},
		{"bad token", `{"type":"hello","token":"nonsense"}`, 3501},
		{"another site's token", `{"type":"hello","token":"other/ann"}`, 3501},
		{"expired token", `{"type":"hello","token":"shop/ann/0"}`, 3502},
		{"too big", `{"type":"hello","token":"` + strings.Repeat("x", 5000) + `"}`, websocket.StatusMessageTooBig},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, Config{}, func(t *testing.T, _ *store, h *Hub) {
				begin := time.Now()
				c := dialPipe(t, h, "shop")
				defer c.close()
				if tt.first != "" {
					go func() { _ = c.ws.Write(t.Context(), websocket.MessageText, []byte(tt.first)) }()
				}
				c.wantClose(tt.code)
				if tt.first == "" {
					if waited := time.Since(begin); waited < 10*time.Second || waited > 11*time.Second {
						t.Errorf("closed after %v, want 10s", waited)
					}
				}
			})
		})
	}
}

func TestTokenThatExpiresClosesTheConnection(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, _ *store, h *Hub) {
		begin := time.Now()
		c := dialPipe(t, h, "shop")
		defer c.close()
		c.hello("shop/ann/3600")
		c.wantClose(3502)
		if life := time.Since(begin); life < time.Hour || life > time.Hour+time.Second {
			t.Errorf("closed after %v, want 1h", life)
		}
	})
}

func TestBadFramesAreAnsweredAndThenClosed(t *testing.T) {
	for _, tt := range []struct{ frame, code string }{
		{`{`, "bad_json"},
		{`[]`, "bad_json"},
		{`{"type":"subscribe","items":"sku"}`, "bad_json"},
		{`{"type":"dance"}`, "unknown_type"},
		{`{}`, "unknown_type"},
		{"{\"type\":\"\xff\"}", "bad_utf8"},
		{`{"type":"subscribe","items":["a b"]}`, "bad_id"},
		{`{"type":"subscribe","placements":[""]}`, "bad_id"},
		{`{"type":"seen"}`, "bad_id"},
		{`{"type":"hello","token":"shop/eve"}`, "hello_twice"},
		{`{"type":"subscribe","placements":["nowhere"]}`, "bad_placement"},
		{`{"type":"subscribe","items":["a","b","c"]}`, "too_many_subscriptions"},
		{"", "binary_frame"},
	} {
		t.Run(tt.code, func(t *testing.T) {
			inBubble(t, Config{MaxSubscriptions: 2}, func(t *testing.T, _ *store, h *Hub) {
				c := dialPipe(t, h, "shop")
				defer c.close()
				c.hello("shop/ann")
				for range maxFaults {
					if tt.frame == "" {
						_ = c.ws.Write(t.Context(), websocket.MessageBinary, []byte{1})
					} else {
						c.send("%s", tt.frame)
					}
					if g := c.want("error"); g.Error.Code != tt.code || g.Error.Message == "" {
						t.Errorf("error %+v, want code %s with a message", g.Error, tt.code)
					}
				}
				c.wantClose(3500)
			})
		})
	}
}

func TestCommandsBeforeHelloAreRefused(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, _ *store, h *Hub) {
		c := dialPipe(t, h, "shop")
		defer c.close()
		c.send(`{"type":"subscribe","items":["sku-1"]}`)
		if g := c.want("error"); g.Error.Code != "hello_first" {
			t.Errorf("error %+v, want hello_first", g.Error)
		}
		c.hello("shop/ann")
	})
}

func TestClientFramesAreRateLimited(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, _ *store, h *Hub) {
		c := dialPipe(t, h, "shop")
		defer c.close()
		c.hello("shop/ann")
		for range commandBurst - 1 {
			c.send(`{"type":"ping"}`)
			c.want("pong")
		}
		c.send(`{"type":"ping"}`)
		if g := c.want("error"); g.Error.Code != "rate_limited" {
			t.Errorf("error %+v, want rate_limited", g.Error)
		}
		time.Sleep(time.Second)
		for range commandRate {
			c.send(`{"type":"ping"}`)
			c.want("pong")
		}
	})
}

func TestSeenIsReported(t *testing.T) {
	var seen []string
	cfg := Config{Seen: func(who Shopper, id string) { seen = append(seen, who.Visitor+" "+id) }}
	inBubble(t, cfg, func(t *testing.T, _ *store, h *Hub) {
		c := dialPipe(t, h, "shop")
		defer c.close()
		c.hello("shop/ann")
		c.send(`{"type":"seen","id":"o_1"}`)
		synctest.Wait()
		if len(seen) != 1 || seen[0] != "ann o_1" {
			t.Errorf("seen %q, want ann o_1", seen)
		}
	})
}

func TestLimitsRefuse(t *testing.T) {
	inBubble(t, Config{MaxConnsPerVisitor: 2, MaxConnsPerAddress: 3}, func(t *testing.T, _ *store, h *Hub) {
		for range 2 {
			c := dialPipe(t, h, "shop")
			defer c.close()
			c.hello("shop/ann")
		}
		third := dialPipe(t, h, "shop")
		_, resp, err := tryDial(pipeTo(h, "shop"))
		if err == nil || resp == nil || resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
			t.Errorf("fourth connection of an address: %v %v, want 429 with Retry-After", resp, err)
		}
		third.send(`{"type":"hello","token":"shop/ann"}`)
		third.wantClose(3503)
		synctest.Wait()
		// The place is free again.
		c := dialPipe(t, h, "shop")
		defer c.close()
		c.hello("shop/bob")
	})
}

package push

import (
	"fmt"
	"testing"
	"time"
)

func TestRulesReachOpenPagesAtOnce(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, s *store, h *Hub) {
		c, other := dialPipe(t, h, "shop"), dialPipe(t, h, "elsewhere")
		defer c.close()
		defer other.close()
		c.hello("shop/ann")
		c.send(`{"type":"subscribe","placements":["home"]}`)
		c.want("recommendations")
		other.hello("elsewhere/ann")
		other.send(`{"type":"subscribe","placements":["home"]}`)
		other.want("recommendations")

		s.answer.Store(2)
		begin := time.Now()
		h.RulesChanged("shop")
		if c.want("recommendations"); time.Since(begin) > 500*time.Millisecond {
			t.Errorf("refreshed after %v, want at once", time.Since(begin))
		}
		time.Sleep(5 * time.Second)
		asked := s.asked.Load()
		time.Sleep(5 * time.Second)
		if n := s.asked.Load() - asked; n != 0 {
			t.Errorf("asked %d times after the change was shown", n)
		}
		// An answer that stays as it is is asked for once, and nothing is sent.
		h.RulesChanged("elsewhere")
		time.Sleep(time.Second)
		if n := s.asked.Load() - asked; n != 1 {
			t.Errorf("asked %d times for the other site, want once", n)
		}
		if got := other.want("recommendations"); got.Type == "" {
			t.Error("the other site's page was told nothing")
		}
	})
}

func TestChangesOfRulesKeepToTheirBudgetAndLeaveNobodyOut(t *testing.T) {
	inBubble(t, Config{RulesPerSecond: 4}, func(t *testing.T, s *store, h *Hub) {
		var clients []*client
		for i := range 12 {
			c := dialPipe(t, h, "shop")
			defer c.close()
			c.hello(fmt.Sprintf("shop/v%d", i))
			c.send(`{"type":"subscribe","placements":["home"]}`)
			c.want("recommendations")
			clients = append(clients, c)
		}
		time.Sleep(2 * time.Second)
		s.answer.Store(2)
		h.RulesChanged("shop")
		begin := time.Now()
		for _, c := range clients {
			c.want("recommendations")
		}
		if took := time.Since(begin); took < time.Second || took > 6*time.Second {
			t.Errorf("12 answers at 4 a second took %v", took)
		}
	})
}

package clickstream

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestAgentsThatNameThemselvesAreBots(t *testing.T) {
	var cache AgentCache
	for agent, want := range map[string]BotSign{
		"":  0,
		"x": 0,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                         0,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1": 0,
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  0,
		"okhttp/4.12.0": 0,
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                                                         BotAgent,
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36": BotAgent,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36":                                    BotAgent,
		"facebookexternalhit/1.1":           BotAgent,
		"Wget/1.21.3":                       BotAgent,
		"python-requests/2.32.3":            0,
		"Go-http-client/2.0":                0,
		"Scrapy/2.11 (+https://scrapy.org)": BotAgent,
	} {
		for range 2 {
			if got := cache.Signs(agent); got != want {
				t.Errorf("%q: got %d, want %d", agent, got, want)
			}
		}
	}
	for i := range 2 * maxAgents {
		cache.Signs(fmt.Sprint("agent ", i))
	}
	if len(cache.signs) > maxAgents {
		t.Errorf("%d agents kept", len(cache.signs))
	}
}

func TestMoreEventsThanAHandMakesAreABotsInAnyOrder(t *testing.T) {
	for _, c := range []struct {
		n   int
		bot bool
	}{{maxPerMinute, false}, {maxPerMinute + 1, true}} {
		for seed := range uint64(20) {
			h := newSessionHarness(t, defaultRule)
			var events []Event
			for i := range c.n {
				events = append(events, viewOf("v", 10*minuteMs+int64(i*400), "a"))
			}
			for i := range 50 {
				events = append(events, viewOf("v", 11*minuteMs+int64(i), "a"))
			}
			rand.New(rand.NewPCG(seed, 1)).Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			var last *Fact
			for _, e := range events {
				last = h.event(e)
			}
			if s := h.finish(); len(s) != 1 || s[0].Bot != c.bot || last.Bot != c.bot {
				t.Errorf("%d in a minute: session %+v", c.n, s[0])
			}
		}
	}
}

func TestPagesWithoutAnyScriptAreABots(t *testing.T) {
	for _, c := range []struct {
		name  string
		extra []Event
		bot   bool
	}{
		{"pages only", nil, true},
		{"with item pages", []Event{act(ViewItem, 1, "a")}, true},
		{"with a heartbeat", []Event{act(Heartbeat, 1)}, false},
		{"with a click", []Event{act(AddToCart, 1, "a")}, false},
	} {
		events := c.extra
		for i := range maxSilentPages {
			events = append(events, act(PageView, int64(i+1)*1000))
		}
		_, v := shopperHarness(t, events...)
		if v.Bot != c.bot {
			t.Errorf("%s: bot %v", c.name, v.Bot)
		}
	}
	var items []Event
	for i := range 100 {
		items = append(items, act(ViewItem, int64(i+1)*1000, "a"))
	}
	if _, v := shopperHarness(t, items...); v.Bot {
		t.Error("a history of item views from a shop's server is no bot")
	}
}

func TestBotsFactsAreTaggedAndStillServed(t *testing.T) {
	h := newSessionHarness(t, defaultRule)
	e := viewOf("v", 1, "a")
	e.Bot = BotAgent
	if f := h.event(e); !f.Bot || !f.Changes[0].Session.Bot {
		t.Errorf("fact %+v", f)
	}
	if f := h.event(viewOf("v", 2, "b")); !f.Bot {
		t.Error("the session's later events are not tagged")
	}
	shown := viewOf("v", 3, "c")
	shown.Generated = true
	if f := h.event(shown); !f.Bot {
		t.Error("what a bot was shown is not tagged")
	}
	var v ShopperView
	if !h.shard.view("s", "v", &v) || !v.Bot || names(v.Recent) != "b a " {
		t.Errorf("view %+v", v)
	}
}

// FuzzAgentSigns: agents come from anywhere, and the library that reads them is not ours.
func FuzzAgentSigns(f *testing.F) {
	for _, agent := range []string{
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 Instagram 300.0.0",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "(", ")", "/", "a/b/c;(", "Instagram", "http://",
	} {
		f.Add(agent)
	}
	f.Fuzz(func(t *testing.T, agent string) {
		if s := AgentSigns(agent); s&^BotAgent != 0 {
			t.Errorf("signs %b", s)
		}
	})
}

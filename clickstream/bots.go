package clickstream

import (
	"strings"
	"sync"

	"github.com/mileusna/useragent"
)

const (
	// maxPerMinute is how many events a hand makes at most; a page that scrolls through lists makes some dozens.
	maxPerMinute = 120
	// maxSilentPages is how many page views a session may have without anything else, not even a heartbeat, before it is taken for
	// one that fetches pages without running their script.
	maxSilentPages = 30
)

// tools are programs that name themselves in the user agent and that the library does not take for bots. General HTTP libraries
// (okhttp, CFNetwork, Go's, Python's) are not among them: apps and shops' own servers speak for shoppers through those.
var tools = []string{"wget/", "libwww-perl/", "scrapy/", "phantomjs", "puppeteer", "playwright", "crawler", "spider"}

// headless is how Chromium without a window calls itself: a robot's browser, or that of a shop which tests its own pages.
const headless = "HeadlessChrome/"

// AgentSigns says what a user agent tells by itself: BotAgent for those that name a robot, by the list of mileusna/useragent (search
// engines, previews, headless browsers, anything that carries a URL or calls itself a bot) and a few tools. It is called before an
// event is appended, so that the event carries what was known then. An empty agent says nothing: shops' servers often send none. A
// robot with a browser's agent is not seen here; the rate of its events and the missing script are what give it away.
func AgentSigns(agent string) BotSign {
	if agent == "" {
		return 0
	}
	if useragent.Parse(agent).Bot {
		return BotAgent
	}
	low := strings.ToLower(agent)
	for _, t := range tools {
		if strings.Contains(low, t) {
			return BotAgent
		}
	}
	return 0
}

// AgentCache remembers AgentSigns of recent agents: parsing one takes microseconds, and few agents make most events. When it is
// full it starts anew. The zero value is ready; it may be used from any goroutine.
type AgentCache struct {
	mu    sync.RWMutex
	signs map[string]BotSign
}

// maxAgents bounds an AgentCache; longer agents than maxAgentBytes are not kept.
const (
	maxAgents     = 8192
	maxAgentBytes = 512
)

// Signs is AgentSigns.
func (c *AgentCache) Signs(agent string) BotSign {
	if agent == "" {
		return 0
	}
	c.mu.RLock()
	signs, ok := c.signs[agent]
	c.mu.RUnlock()
	if ok {
		return signs
	}
	signs = AgentSigns(agent)
	if len(agent) > maxAgentBytes {
		return signs
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.signs == nil || len(c.signs) >= maxAgents {
		c.signs = make(map[string]BotSign)
	}
	c.signs[strings.Clone(agent)] = signs
	return signs
}

// tag marks events whose user agent names a robot.
func (c *Collector) tag(src *Source, events []Event) {
	for i := range events {
		e := &events[i]
		if src.CountHeadless && strings.Contains(e.UserAgent, headless) {
			continue
		}
		e.Bot |= c.agents.Signs(e.UserAgent)
	}
}

// minuteRate counts a visitor's events in the minutes around its newest one, by event time: within rateMinutes the counts do not
// depend on the order in which events come.
type minuteRate struct {
	newest int32 // minutes since 1970
	counts [rateMinutes]uint8
}

const rateMinutes = 12 // the default lateness and the minute at work

// add counts an event and says whether its minute has more than a hand makes.
func (r *minuteRate) add(t int64) bool {
	m := int32(min(max(t/minuteMs, 0), 1<<30)) // year 4011
	if m > r.newest {
		for i := max(r.newest+1, m-rateMinutes+1); i <= m; i++ {
			r.counts[i%rateMinutes] = 0
		}
		r.newest = m
	}
	if m+rateMinutes <= r.newest {
		return false
	}
	c := &r.counts[m%rateMinutes]
	*c += uint8(min(1, 255-int(*c)))
	return *c > maxPerMinute
}

// bot says whether the fragment's events are a machine's.
func (f *fragment) bot() bool {
	return f.signs != 0 || f.pages >= maxSilentPages && !f.acted
}

package now

import (
	"strings"

	"beckon/clickstream"
)

// agents remembers the devices of user agents: reading one takes a microsecond, and few agents begin most visits. It is no state: what it
// says is the same with and without it.
type agents struct{ known map[string]clickstream.Device }

// maxAgents bounds agents, which start anew when they are full; longer ones than maxAgentBytes are not kept.
const (
	maxAgents     = 2048
	maxAgentBytes = 300
)

func (a *agents) device(agent string) clickstream.Device {
	if agent == "" {
		return clickstream.DeviceOther
	}
	if d, ok := a.known[agent]; ok {
		return d
	}
	d := clickstream.DeviceOf(agent)
	if len(agent) > maxAgentBytes {
		return d
	}
	if a.known == nil || len(a.known) >= maxAgents {
		a.known = map[string]clickstream.Device{}
	}
	a.known[strings.Clone(agent)] = d
	return d
}

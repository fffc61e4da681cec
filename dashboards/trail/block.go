package trail

import (
	"slices"
	"strings"

	"beckon/clickstream"
)

// site is the steps of a site.
type site struct {
	blocks  []*block // oldest first; only the last one grows
	since   int64
	devices map[string]clickstream.Device // by user agent
}

// block is some steps in the order of the log, with the names that they say by number. Its lists only grow, so who has a copy of it may
// read that while it does.
type block struct {
	steps    []step
	visitors names
	items    names // the first is "": none
	sources  names // the first is direct
	from, to int64 // least and greatest time of its steps
}

// step is one thing that was done. An event with several items is as many steps.
type step struct {
	at      int64 // Unix ms
	visitor uint16
	item    uint16
	source  uint16
	kind    clickstream.Kind
	device  clickstream.Device
}

const (
	blockSteps = 4096
	eventItems = 20   // of one event; those beyond are not noted
	agents     = 4096 // user agents that are remembered
)

// names are words by number.
type names struct {
	list []string
	at   map[string]uint16
}

func newNames(first ...string) names {
	n := names{at: map[string]uint16{}}
	for _, word := range first {
		n.number(word)
	}
	return n
}

// number is a word's; there are at most as many as steps in a block, and one.
func (n *names) number(word string) uint16 {
	if i, ok := n.at[word]; ok {
		return i
	}
	word = strings.Clone(word)
	i := uint16(len(n.list))
	n.list = append(n.list, word)
	n.at[word] = i
	return i
}

func newBlock() *block {
	return &block{visitors: newNames(), items: newNames(""), sources: newNames(clickstream.Direct)}
}

// add notes an event.
func (s *site) add(e *clickstream.Event) {
	st := step{at: e.Time, kind: e.Kind, device: s.device(e.UserAgent)}
	source := clickstream.SourceOf(e.URL, e.Ref)
	if len(e.Items) == 0 || e.Kind == clickstream.Impression { // what was shown is not what was looked at
		s.push(st, e.Visitor, "", source)
		return
	}
	for i := range e.Items[:min(len(e.Items), eventItems)] {
		s.push(st, e.Visitor, e.Items[i].ID, source)
	}
}

func (s *site) push(st step, visitor, item, source string) {
	if len(s.blocks) == 0 || len(s.blocks[len(s.blocks)-1].steps) == blockSteps {
		if len(s.blocks) > 0 {
			s.blocks[len(s.blocks)-1].close()
		}
		s.blocks = append(s.blocks, newBlock())
	}
	b := s.blocks[len(s.blocks)-1]
	st.visitor, st.item, st.source = b.visitors.number(visitor), b.items.number(item), b.sources.number(source)
	if len(b.steps) == 0 {
		b.from, b.to = st.at, st.at
	}
	b.from, b.to = min(b.from, st.at), max(b.to, st.at)
	b.steps = append(b.steps, st)
}

// close frees what only a growing block needs.
func (b *block) close() { b.visitors.at, b.items.at, b.sources.at = nil, nil, nil }

// device reads a user agent, which costs a microsecond, once.
func (s *site) device(agent string) clickstream.Device {
	if d, ok := s.devices[agent]; ok {
		return d
	}
	if s.devices == nil || len(s.devices) == agents {
		s.devices = map[string]clickstream.Device{}
	}
	d := clickstream.DeviceOf(agent)
	s.devices[strings.Clone(agent)] = d
	return d
}

// expire drops blocks that are wholly before an instant, and the oldest while there are more than most.
func (s *site) expire(before int64, most int) {
	n := 0
	for n < len(s.blocks)-1 && (s.blocks[n].to < before || len(s.blocks)-n > most) {
		s.since = max(s.since, s.blocks[n].to+1)
		n++
	}
	if n > 0 {
		s.blocks = slices.Delete(s.blocks, 0, n)
	}
}

// erase makes the blocks with steps of a visitor, named by its hash, again without them.
func (s *site) erase(visitor uint64) {
	for i, b := range s.blocks {
		at := slices.IndexFunc(b.visitors.list, func(name string) bool { return clickstream.VisitorHash(name) == visitor })
		if at < 0 {
			continue
		}
		without := newBlock()
		left := site{blocks: []*block{without}, devices: s.devices}
		for _, st := range b.steps {
			if int(st.visitor) != at {
				left.push(st, b.visitors.list[st.visitor], b.items.list[st.item], b.sources.list[st.source])
			}
		}
		if i < len(s.blocks)-1 {
			without.close()
		}
		s.blocks[i] = without
	}
	s.blocks = slices.DeleteFunc(s.blocks, func(b *block) bool { return len(b.steps) == 0 })
	if n := len(s.blocks); n > 0 { // it may have been a full one, which readers share
		last := *s.blocks[n-1]
		last.open()
		s.blocks[n-1] = &last
	}
}

// open makes a block that was closed grow again.
func (b *block) open() {
	for _, n := range []*names{&b.visitors, &b.items, &b.sources} {
		if n.at != nil {
			continue
		}
		n.at = make(map[string]uint16, len(n.list))
		for i, word := range n.list {
			n.at[word] = uint16(i)
		}
	}
}

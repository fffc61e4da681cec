package now

import (
	"cmp"
	"slices"
	"strings"

	"beckon/clickstream"
)

// presence is who is there: each visitor's newest visit, in the second and the minute of its newest event. What is older than the rings
// are long has been pushed out of them and is in no sum.
type presence struct {
	seconds      [secondsRing]uint32 // people; second s at s modulo the length
	minutes      [minutesRing]crowd
	carts        []*cartCrowd
	newestSecond uint32
	newestMinute uint32

	// By place: the first is clickstream.Direct, the last stands for all that found no place. A source keeps its place while a visit
	// that is not over came from it.
	sources   [maxSources]string
	following [maxSources]uint32 // visits
}

// crowd is the visits whose newest event was in a minute; machines' count among machines alone.
type crowd struct {
	devices  [4]uint32 // by clickstream.Device
	sources  [maxSources]uint32
	stages   [Stages]uint32
	machines uint32
}

// cartCrowd is the open carts in a currency, by the minute of their visits' newest event.
type cartCrowd struct {
	currency string
	open     [minutesRing]uint32
	value    [minutesRing]int64
}

const (
	activeSeconds   = 5 * 60 // after an event in which its visitor is there
	visitingMinutes = 30     // after an event in which its visit is in progress

	secondsRing = 512
	minutesRing = 64
	maxSources  = 16
	otherSource = maxSources - 1
)

func newPresence() presence {
	p := presence{}
	p.sources[0], p.sources[otherSource] = clickstream.Direct, OtherSources
	return p
}

// OtherSources is the name of the sources of visits that are too many to be told apart.
const OtherSources = "other"

// advance empties what a newer second pushes out.
func (p *presence) advance(second uint32) {
	if second <= p.newestSecond {
		return
	}
	for s, n := second, min(second-p.newestSecond, secondsRing); n > 0; s, n = s-1, n-1 {
		p.seconds[s&(secondsRing-1)] = 0
	}
	p.newestSecond = second
	minute := second / 60
	for m, n := minute, min(minute-p.newestMinute, minutesRing); n > 0; m, n = m-1, n-1 {
		p.minutes[m&(minutesRing-1)] = crowd{}
		for _, c := range p.carts {
			c.open[m&(minutesRing-1)], c.value[m&(minutesRing-1)] = 0, 0
		}
	}
	p.newestMinute = minute
}

func (p *presence) holdsSecond(s uint32) bool { return p.newestSecond-s < secondsRing }
func (p *presence) holdsMinute(m uint32) bool { return p.newestMinute-m < minutesRing }

// add counts a visit at its newest event, or with by -1 takes it out again.
func (p *presence) add(v *visit, by uint32) {
	p.addSecond(v, by)
	m := v.last / 60
	if !p.holdsMinute(m) {
		return
	}
	c := &p.minutes[m&(minutesRing-1)]
	if v.machine() {
		c.machines += by
		return
	}
	c.devices[v.device()] += by
	c.sources[v.source()] += by
	c.stages[v.stage()] += by
}

func (p *presence) addSecond(v *visit, by uint32) {
	if !v.machine() && p.holdsSecond(v.last) {
		p.seconds[v.last&(secondsRing-1)] += by
	}
}

const (
	plus  = uint32(1)
	minus = ^uint32(0)
)

// place is where visits of a source count, from now on one more of them.
func (p *presence) place(source string) uint8 {
	at := slices.Index(p.sources[:otherSource], source)
	for i := 1; at < 0 && i < otherSource; i++ {
		if p.following[i] == 0 {
			p.sources[i] = strings.Clone(source)
			at = i
		}
	}
	if at < 0 {
		at = otherSource
	}
	p.following[at]++
	return uint8(at)
}

// crowdOf is the carts of a currency, nil if there are too many currencies.
func (p *presence) crowdOf(currency string) (place uint8, ok bool) {
	for i, c := range p.carts {
		if c.currency == currency {
			return uint8(i), true
		}
	}
	if len(p.carts) == maxCurrencies || len(currency) > 3 {
		return 0, false
	}
	p.carts = append(p.carts, &cartCrowd{currency: strings.Clone(currency)})
	return uint8(len(p.carts) - 1), true
}

// addCart counts an open cart, or with by -1 takes it out again.
func (p *presence) addCart(c *cart, by uint32) {
	if !p.holdsMinute(c.minute) {
		return
	}
	at := c.minute & (minutesRing - 1)
	crowd := p.carts[c.currency]
	crowd.open[at] += by
	crowd.value[at] += c.value * int64(int32(by))
}

// live sums up the windows that end with a second.
func (p *presence) live(now uint32) (l Live) {
	for s := now; now-s < activeSeconds && s > 0; s-- {
		if s <= p.newestSecond && p.holdsSecond(s) {
			l.Active += int64(p.seconds[s&(secondsRing-1)])
		}
	}
	var all crowd
	carts := make([]OpenCarts, len(p.carts))
	for i, c := range p.carts {
		carts[i].Currency = c.currency
	}
	for m := now / 60; now/60-m <= visitingMinutes && m > 0; m-- {
		if m > p.newestMinute || !p.holdsMinute(m) {
			continue
		}
		at := m & (minutesRing - 1)
		all.add(&p.minutes[at])
		for i, c := range p.carts {
			carts[i].Carts += int64(c.open[at])
			carts[i].Value += c.value[at]
		}
	}
	for i, n := range all.stages {
		l.Stages[i] = int64(n)
		l.Visits += int64(n)
	}
	l.Machines = int64(all.machines)
	for i, n := range all.devices {
		l.Devices = append(l.Devices, Share{clickstream.Device(i).String(), int64(n)})
	}
	for i, n := range all.sources {
		l.Sources = append(l.Sources, Share{p.sources[i], int64(n)})
	}
	l.Devices, l.Sources = ordered(l.Devices), ordered(l.Sources)
	l.Carts = slices.DeleteFunc(carts, func(c OpenCarts) bool { return c.Carts == 0 })
	slices.SortStableFunc(l.Carts, func(a, b OpenCarts) int { return cmp.Compare(b.Carts, a.Carts) })
	return l
}

func (c *crowd) add(d *crowd) {
	for i := range c.devices {
		c.devices[i] += d.devices[i]
	}
	for i := range c.sources {
		c.sources[i] += d.sources[i]
	}
	for i := range c.stages {
		c.stages[i] += d.stages[i]
	}
	c.machines += d.machines
}

// ordered is the shares that are not empty, the most first.
func ordered(shares []Share) []Share {
	shares = slices.DeleteFunc(shares, func(s Share) bool { return s.Visits == 0 })
	slices.SortStableFunc(shares, func(a, b Share) int { return cmp.Compare(b.Visits, a.Visits) })
	return shares
}

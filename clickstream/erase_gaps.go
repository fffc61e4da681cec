package clickstream

import (
	"strings"

	"beckon/clickstream/record"
)

// gaps is what a count of the log's records finds of erasures. Of a record that was emptied the log says neither site nor kind; the Erased
// record does, so that the count ends where it would have ended before. A count that began in the middle of what an erasure took, which only
// a damaged dedup file makes it do, takes as much of it as there are empty records.
type gaps struct {
	empties map[int][]uint64 // offsets by partition, rising
	begun   []begunErase
	ended   []Erased
	intake  int // the partition of ended
}

type begunErase struct {
	Erase
	offset uint64
}

func (g *gaps) empty(at record.Position) {
	if g.empties == nil {
		g.empties = map[int][]uint64{}
	}
	g.empties[at.Partition] = append(g.empties[at.Partition], at.Offset)
}

func (g *gaps) erase(data string, at record.Position) error {
	b := begunErase{offset: at.Offset}
	err := DecodeErase(data, &b.Erase)
	b.Site = strings.Clone(b.Site)
	g.begun = append(g.begun, b)
	return err
}

func (g *gaps) erased(data string, at record.Position) error {
	var e Erased
	err := DecodeErased(data, &e)
	e.Site = strings.Clone(e.Site)
	g.ended, g.intake = append(g.ended, e), at.Partition
	return err
}

func (g *gaps) join(other *gaps) {
	for p, offsets := range other.empties {
		if g.empties == nil {
			g.empties = map[int][]uint64{}
		}
		g.empties[p] = append(g.empties[p], offsets...)
	}
	g.begun = append(g.begun, other.begun...)
	if len(other.ended) > 0 {
		g.ended, g.intake = append(g.ended, other.ended...), other.intake
	}
}

// count adds what was erased to sites.
func (g *gaps) count(sites accounts) {
	for i := range g.ended {
		e := &g.ended[i]
		a := sites.of(e.Site)
		a.Erased += e.Events
		events := g.take(e.Partition, e.Offset, e.Events+e.Generated)
		a.Stored += min(e.Events, events)
		a.Generated += max(0, events-e.Events)
		a.DeadLetters += g.take(g.intake, ^uint64(0), e.Letters)
	}
}

// take uses up to n of the partition's empty records before an offset, the last ones first.
func (g *gaps) take(partition int, before uint64, n int64) (taken int64) {
	list := g.empties[partition]
	if len(list) == 0 {
		return 0
	}
	end := len(list)
	for end > 0 && list[end-1] >= before {
		end--
	}
	taken = min(n, int64(end))
	g.empties[partition] = append(list[:end-int(taken):end-int(taken)], list[end:]...)
	return taken
}

// unfinished counts, by site, the erasures that have begun and of which no end is known.
func (g *gaps) unfinished() map[string]int {
	open := map[string]int{}
	for _, b := range g.begun {
		ended := false
		for i := range g.ended {
			e := &g.ended[i]
			ended = ended || e.Erase == b.Erase && e.Offset >= b.offset
		}
		if !ended {
			open[b.Site]++
		}
	}
	return open
}

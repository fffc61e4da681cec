package clickstream

import (
	"sync/atomic"

	"beckon/clickstream/record"
)

// round is the facts of one stretch of the log, [base, end) in Seq. Every record has its own slot, so shards fill a round without
// locks, and reading the slots in order is the merge.
type round struct {
	base, end uint64
	events    []Event
	facts     []Fact
	changes   []SessionChange // the single change that most facts have
	filled    []bool
	merged    []Fact // facts without the empty slots
	time      int64  // log time of its newest record, Unix ms
	users     atomic.Int32
}

// maxKeptItems bounds the items that an event slot keeps room for between rounds.
const maxKeptItems = 16

func newRound(window int) *round {
	return &round{
		events: make([]Event, window), facts: make([]Fact, window),
		changes: make([]SessionChange, window), filled: make([]bool, window),
	}
}

func (rd *round) reset(base, end uint64) {
	for i := range rd.end - rd.base {
		if cap(rd.events[i].Items) > maxKeptItems {
			rd.events[i].Items = nil
		}
	}
	rd.base, rd.end, rd.time = base, end, 0
	clear(rd.filled[:end-base])
}

// keep puts a shard's fact into its slot and moves its changes to memory of the round; f then refers to that too.
func (rd *round) keep(slot uint64, f *Fact) {
	switch len(f.Changes) {
	case 0:
		f.Changes = nil
	case 1:
		rd.changes[slot] = f.Changes[0]
		f.Changes = rd.changes[slot : slot+1 : slot+1]
	default:
		f.Changes = append([]SessionChange(nil), f.Changes...)
	}
	rd.facts[slot] = *f
	rd.filled[slot] = true
}

// compact lays the facts end to end, in Seq order.
func (rd *round) compact() {
	n := 0
	for i := range rd.end - rd.base {
		if !rd.filled[i] {
			continue
		}
		if n != int(i) {
			rd.facts[n] = rd.facts[i]
		}
		n++
	}
	rd.merged = rd.facts[:n]
}

// merge is the goroutine that drives the rounds and their order: cut, shards, orders, fact folds.
func (r *Runner) merge() {
	defer close(r.finished)
	defer func() {
		for _, s := range r.shards {
			close(s.work)
		}
		for _, f := range r.folds {
			close(f.work)
		}
	}()
	var ends []uint64
	c := newCadence(r.cfg.CheckpointEvery)
	defer c.stop()
	for {
		select { // without waiting: what is asked must not starve while records come
		case <-r.stop:
			r.closeErr = r.lastCheckpoint(c)
			return
		case w := <-r.written:
			c.finish(r, w)
		case reply := <-r.asks:
			c.ask(reply)
		case <-c.timer():
			c.late = c.dirty
		default:
		}
		if c.due() {
			r.startCheckpoint(c)
		}
		cut := r.cfg.Log.Cut(ends)
		ends = cut.Ends
		if cut.Seq > r.done {
			c.dirty = r.round(cut) || c.dirty
			continue
		}
		select {
		case <-r.cfg.Log.Changed(r.done):
		case <-c.timer():
			c.late = c.dirty
		case reply := <-r.asks:
			c.ask(reply)
		case w := <-r.written:
			c.finish(r, w)
		case <-r.stop:
		}
	}
}

// aloneRecords bounds the rounds that the merger applies by itself: some commits' records, of which most partitions have one or two.
// Waking their goroutines would cost more than the records do.
const aloneRecords = 256

// round folds what the cut has beyond done, at most a window of it. It returns false when the Runner is to stop instead: a fold
// that is too slow holds all rounds.
func (r *Runner) round(cut record.Cut) bool {
	var rd *round
	select {
	case rd = <-r.free:
	case <-r.stop:
		return false
	}
	rd.reset(r.done, min(cut.Seq, r.done+uint64(r.cfg.Window)))
	share := func(s *shard) (shardWork, bool) {
		return shardWork{round: rd, end: cut.Ends[s.partition]}, !s.failed && s.next < cut.Ends[s.partition] && s.nextSeq < rd.end
	}
	if rd.end-rd.base <= aloneRecords {
		for _, s := range r.shards {
			if w, ok := share(s); ok {
				r.runShare(s, w)
			}
		}
	} else {
		r.runShards(share)
	}
	rd.compact()
	for _, s := range r.shards {
		rd.time = max(rd.time, s.time)
	}
	r.orders.apply(rd.merged)
	r.done = rd.end
	r.behind.Store(rd.time)
	r.applied.Store(r.done)
	rd.users.Store(int32(len(r.folds)))
	for _, f := range r.folds {
		f.work <- foldWork{round: rd} // never waits: there are as many places as rounds
	}
	r.moved.move()
	return true
}

// runShards gives work to the shards that have some and waits for them.
func (r *Runner) runShards(of func(*shard) (shardWork, bool)) {
	r.pending.Store(1) // the merger's own, so that done comes once
	for _, s := range r.shards {
		if w, ok := of(s); ok {
			r.pending.Add(1)
			s.work <- w
		}
	}
	if r.pending.Add(-1) > 0 {
		<-r.roundDone
	}
}

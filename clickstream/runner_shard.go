package clickstream

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unique"

	"beckon/clickstream/record"
)

// shard is the fold of one data partition: sessions and shoppers. Its goroutine, or the merger in a small round, is the only writer;
// it holds mu for some records at a time so that readers get in between.
type shard struct {
	partition int
	maxCount  int        // shoppers
	names     *itemNames // of all shards; nil: none

	// Of the shard's goroutine while it has work, else of the merger.
	reader  Reader
	batch   record.Batch // being applied
	at      int          // its next record
	next    uint64       // offset of the next record to apply
	nextSeq uint64       // no record with a Seq below is left to apply
	time    int64        // log time of the newest record applied, Unix ms
	failed  bool
	work    chan shardWork
	facts   []Fact // of a stretch, for OnFacts
	saved   int    // bytes of the last snapshot: growing to it again would lengthen the pause

	// Scratch of one record.
	changes []SessionChange
	groups  []group
	before  []version
	steps   []Step
	items   []unique.Handle[string]
	last    *siteShard // of the record before: most installations have one busy site

	applied atomic.Uint64 // next, for readers
	moved   signal

	mu      sync.Mutex
	sites   map[string]*siteShard
	count   int   // shoppers of all sites
	evicted int64 // shoppers forgotten because there were too many
}

func newShard(partition, maxCount int) *shard {
	return &shard{partition: partition, maxCount: maxCount, work: make(chan shardWork, 1), sites: make(map[string]*siteShard)}
}

func (s *shard) site(name string) *siteShard {
	if s.last != nil && s.last.name == name {
		return s.last
	}
	st := s.sites[name]
	if st == nil {
		st = &siteShard{name: strings.Clone(name), rule: defaultRule, shoppers: make(map[string]*shopper)}
		s.sites[st.name] = st
	}
	s.last = st
	return st
}

// apply folds one record. e is where an event is decoded, f is filled, and its Changes are the shard's until the next record. made
// says whether there is a fact at all: records of other types have none.
func (s *shard) apply(data string, e *Event, f *Fact) (made bool, err error) {
	if s.changes = s.changes[:0]; cap(s.changes) > maxKeptChanges {
		s.changes = nil
	}
	switch RecordType(data) {
	case RecordEvent:
		if err := DecodeEvent(data, e); err != nil {
			return false, err
		}
		s.applyEvent(e, f)
	case RecordTick:
		var t Tick
		if err := DecodeTick(data, &t); err != nil {
			return false, err
		}
		st := s.site(t.Site)
		s.advance(st, t.Clock)
		f.Site, f.Clock = st.name, st.clock
	case RecordSettings:
		var set Settings
		if err := DecodeSettings(data, &set); err != nil {
			return false, err
		}
		s.setRule(s.site(set.Site), ruleOf(&set))
		return false, nil
	case RecordErase:
		var er Erase
		if err := DecodeErase(data, &er); err != nil {
			return false, err
		}
		s.erase(&er, f)
	case 0: // erased
		return false, nil
	default:
		return false, fmt.Errorf("record type %d in a data partition", RecordType(data))
	}
	f.Changes = s.changes
	return true, nil
}

// applyEvent folds an event. What the server generated says what it showed: it moves no clock, extends no session and shapes nobody. But
// a generated consent is a withdrawal, of which the event itself is not kept.
func (s *shard) applyEvent(e *Event, f *Fact) {
	st := s.site(e.Site)
	f.Event, f.Site = e, st.name
	if e.Generated {
		v := st.shoppers[e.Visitor]
		f.Clock, f.Bot = st.clock, e.Bot != 0 || v != nil && v.bot
		if v != nil && e.Kind == ConsentChange {
			v.state(e, false)
		}
		return
	}
	s.advance(st, e.Time)
	v := st.shoppers[e.Visitor]
	f.Clock = st.clock
	if st.rule.isLate(v, e.Time, st.clock) {
		st.late++
		f.Late, f.Bot = true, e.Bot != 0 || v != nil && v.bot
		if v != nil {
			v.state(e, true)
		}
		return
	}
	begins := e.Kind != Refund && (v == nil || e.Time-v.last > st.rule.gap)
	if v == nil {
		v = &shopper{name: strings.Clone(e.Visitor), first: e.Time, last: e.Time, consent: e.Consent, dueAt: noDeadline}
		st.shoppers[v.name] = v
		s.count++
	}
	st.touch(v)
	s.intern(e)
	// A refund is the shop's doing and may come months later: it is no visit.
	if e.Kind != Refund {
		v.bot = s.visit(st, v, e, s.steps).Bot
	}
	f.Bot = v.bot || e.Bot != 0
	away := e.Time - v.last
	if v.state(e, false) {
		if begins {
			v.visit.begin(st, e, away)
		}
		v.shape(e, s.items)
	}
	if s.count > s.maxCount {
		s.makeRoom(st)
	}
}

// intern fills items with the event's items and steps with what they are in a session.
func (s *shard) intern(e *Event) {
	s.items, s.steps = s.items[:0], s.steps[:0]
	switch e.Kind {
	case ViewItem, SelectItem, AddToWishlist, AddToCart, RemoveFromCart, Purchase:
		for i := range e.Items {
			h := s.names.handle(e.Items[i].ID)
			s.items = append(s.items, h)
			s.steps = append(s.steps, newStep(h, e.Kind, e.Time))
		}
	case ViewCart:
		for i := range e.Items {
			s.items = append(s.items, s.names.handle(e.Items[i].ID))
		}
	}
}

// shardWork is one thing for a shard's goroutine to do: its share of a round, or a snapshot.
type shardWork struct {
	round *round
	end   uint64     // apply the records below this offset that are in the round
	save  *snapshots // instead of a round
}

// maxKeptChanges bounds the room for changes that a shard keeps between records; a clock that jumps closes many sessions at once.
const maxKeptChanges = 1024

// readBytes bounds what a shard holds of its partition beyond the records at work.
const readBytes = 256 << 10

// stretch is how many records are applied under one hold of the lock: about ten microseconds.
const stretch = 16

func (r *Runner) runShard(s *shard) {
	for w := range s.work {
		if w.save != nil {
			b := s.appendSnapshot(make([]byte, 0, s.saved+s.saved/8))
			s.saved = len(b)
			w.save.shards[s.partition] = b
		} else {
			r.runShare(s, w)
		}
		if r.pending.Add(-1) == 0 {
			r.roundDone <- struct{}{}
		}
	}
	if s.reader != nil {
		_ = s.reader.Close() // nothing was written through it
	}
}

// runShare applies the shard's share of a round, on its goroutine or on the merger's.
func (r *Runner) runShare(s *shard, w shardWork) {
	if err := r.applyRound(s, w.round, w.end); err != nil {
		s.failed = true
		r.problems.add(s.name(), err)
		s.moved.move()
	}
}

// applyRound applies the shard's records of the round.
func (r *Runner) applyRound(s *shard, rd *round, end uint64) error {
	for s.next < end {
		if s.at == s.batch.Len() {
			if ok, err := s.read(r.cfg.Log); err != nil || !ok {
				return err
			}
		}
		s.nextSeq = s.batch.Seq + uint64(s.at)
		if s.nextSeq < rd.base {
			return fmt.Errorf("partition %d offset %d has seq %d, below the %d applied before it", s.partition, s.next, s.nextSeq, rd.base)
		}
		if s.nextSeq >= rd.end {
			return nil
		}
		n := min(stretch, s.batch.Len()-s.at, int(min(rd.end-s.nextSeq, end-s.next)))
		if err := r.applyStretch(s, rd, n); err != nil {
			return err
		}
	}
	s.nextSeq = rd.end
	if s.at < s.batch.Len() {
		s.nextSeq = s.batch.Seq + uint64(s.at)
	}
	return nil
}

// applyStretch applies the next n records of the shard's batch.
func (r *Runner) applyStretch(s *shard, rd *round, n int) error {
	s.facts = s.facts[:0]
	slot := s.batch.Seq + uint64(s.at) - rd.base
	var err error
	s.mu.Lock()
	for i := range uint64(n) {
		s.facts = append(s.facts, Fact{Seq: rd.base + slot + i, Cause: record.Position{Partition: s.partition, Offset: s.next}})
		f := &s.facts[len(s.facts)-1]
		var made bool
		made, err = s.apply(s.batch.At(s.at), &rd.events[slot+i], f)
		if err != nil {
			err = fmt.Errorf("partition %d offset %d: %w", s.partition, s.next, err)
			s.facts = s.facts[:len(s.facts)-1]
			break
		}
		s.at++
		s.next++
		if !made {
			s.facts = s.facts[:len(s.facts)-1]
			continue
		}
		rd.keep(slot+i, f)
	}
	s.mu.Unlock()
	s.time = s.batch.Time
	s.applied.Store(s.next)
	s.moved.move()
	if r.cfg.OnFacts != nil && len(s.facts) > 0 {
		r.cfg.OnFacts(s.partition, s.facts)
	}
	return err
}

// read gets the next batch. Not finding one below a cut's end is an error of the log.
func (s *shard) read(log Log) (ok bool, err error) {
	if s.reader == nil {
		if s.reader, err = log.Read(s.partition, s.next); err != nil {
			return false, fmt.Errorf("read partition %d from offset %d: %w", s.partition, s.next, err)
		}
	}
	b, ok, err := s.reader.Next(readBytes)
	if err != nil {
		return false, fmt.Errorf("read partition %d at offset %d: %w", s.partition, s.next, err)
	}
	if !ok || b.First != s.next || b.Len() == 0 {
		return false, fmt.Errorf("partition %d has no record at offset %d, which its log's cut includes", s.partition, s.next)
	}
	s.batch, s.at = b, 0
	return true, nil
}

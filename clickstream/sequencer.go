package clickstream

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// maxBatch bounds what one append carries, in bytes of records; one request may exceed it alone.
const maxBatch = 4 << 20

// gatherTurns is how many times assemble lets others run before it gives a batch away, as long as each turn brings more requests. Under
// load those that are ready to submit then share a commit, whose cost in syscalls and woken threads is the same for one request as for
// ten; alone it costs about a microsecond.
const gatherTurns = 2

// sequencer puts requests into one order. One goroutine (assemble) has the dedup table to itself: it drops known ids and builds the next
// batch while another goroutine (write) waits for the log with the batch before. At most one append is under way, so when it
// fails, everything that was judged by ids which it did not store can be undone: its own batch and the one being built. Both
// are answered with the error, and their ids are forgotten.
type sequencer struct {
	log       Log
	table     *dedupTable
	maxIDs    int
	now       func() int64
	book      *book
	letters   *letterFiles
	committed func(bytes int) // told how many bytes more wait for the dedup files
	ids       atomic.Int64    // in the table, for the gauges

	wake chan struct{} // has an element while in may hold more than assemble has taken
	out  chan *batch   // to the writer, which has at most one
	back chan *batch   // and back, with its err

	mu     sync.Mutex
	in     []*request
	closed bool
}

// submit queues r, whose done channel gets the outcome. What can be queued is bounded by those who submit.
func (s *sequencer) submit(r *request) error {
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.in = append(s.in, r)
	}
	s.mu.Unlock()
	if closed {
		return ErrClosed
	}
	s.nudge()
	return nil
}

func (s *sequencer) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// close makes run end once everything submitted is answered.
func (s *sequencer) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.nudge()
}

// take swaps the queue for an empty one with the memory of room.
func (s *sequencer) take(room []*request) (taken []*request, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken, s.in = s.in, room[:0]
	return taken, s.closed
}

// run is the sequencer's life.
func (s *sequencer) run() {
	var wg sync.WaitGroup
	wg.Go(s.write)
	s.assemble()
	close(s.out)
	wg.Wait()
}

func (s *sequencer) assemble() {
	building, idle := newBatch(s.log.Partitions()), newBatch(s.log.Partitions()) // idle is nil while the writer has a batch
	var taken []*request
	next := 0     // of taken
	gathered := 0 // turns given for this batch
	for {
		for ; next < len(taken) && building.bytes < maxBatch; next++ {
			s.add(building, taken[next])
			taken[next] = nil
		}
		if idle != nil && len(building.requests) > 0 {
			if next == len(taken) && gathered < gatherTurns {
				gathered++
				runtime.Gosched()
				taken, _ = s.take(taken)
				next = 0
				if len(taken) > 0 {
					continue
				}
			}
			gathered = 0
			s.ids.Store(int64(s.table.ids))
			s.out <- building
			building, idle = idle, nil
			continue
		}
		if next == len(taken) {
			var closed bool
			taken, closed = s.take(taken)
			next = 0
			if len(taken) > 0 {
				continue
			}
			if closed && idle != nil {
				return
			}
		}
		select {
		case <-s.wake:
		case idle = <-s.back:
			if err := idle.err; err != nil {
				s.undo(idle, err)
				s.undo(building, err)
			}
			idle.reset()
		}
	}
}

// add judges r's events by the window and gathers what is new.
func (s *sequencer) add(t *batch, r *request) {
	if s.table.ids+len(r.ids) > s.maxIDs {
		r.answer(&OverloadedError{fmt.Sprintf("the dedup window is full with %d ids", s.table.ids), time.Minute})
		return
	}
	if len(t.requests) == 0 {
		s.table.advance(s.now())
		s.table.sweep(4)
		t.hour = s.table.hour
	}
	t.requests = append(t.requests, r)
	if r.broadcast {
		t.broadcast(r)
		return
	}
	if r.marks {
		t.mark(r)
		return
	}
	from := uint32(0)
	for i, id := range r.ids {
		if i%touched == 0 {
			s.table.touch(r.ids[i:min(i+touched, len(r.ids))])
		}
		if s.table.insert(id) {
			t.ids = append(t.ids, id)
			t.put(int(r.parts[i]), r.records.Data[from:r.records.Ends[i]])
			r.stored++
		} else {
			r.duplicates++
		}
		from = r.records.Ends[i]
	}
	t.enter(r)
}

// undo forgets the ids of a batch that will not be stored, and answers for it.
func (s *sequencer) undo(t *batch, err error) {
	for _, id := range t.ids {
		s.table.remove(id)
	}
	for _, r := range t.requests {
		r.answer(err)
	}
	t.reset()
}

func (s *sequencer) write() {
	for t := range s.out {
		t.err = s.commit(t)
		if t.err == nil {
			for _, r := range t.requests {
				r.answer(nil)
			}
		}
		s.back <- t
	}
}

// commit makes t durable and enters it into the ledger. A batch is never given up halfway: no context ends it.
func (s *sequencer) commit(t *batch) error {
	t.seal()
	seq, err := s.log.Append(context.Background(), t.appends)
	if err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	t.place(seq)
	bytes := 8 * len(t.ids)
	if len(t.letters) > 0 {
		intake := &t.appends[len(t.appends)-1]
		for _, i := range t.letters {
			text := string(intake.Records.At(i))
			bytes += len(text)
			if err := s.letters.add(intake.First+uint64(i), text); err != nil {
				panic(err) // we encoded it
			}
		}
	}
	s.book.commit(t)
	s.committed(bytes)
	return nil
}

package clickstream

import (
	"bytes"
	"sync/atomic"
)

// foldWorker is a fact fold with its queue. The queue has a place for each round and one for a checkpoint, so putting never waits;
// rounds are what bounds it.
type foldWorker struct {
	name    string
	fold    FactFold
	work    chan foldWork
	applied atomic.Uint64 // every fact with Seq below
	behind  atomic.Int64  // log time of the newest record applied, Unix ms
}

// foldWork is a round, or a snapshot of what came before it.
type foldWork struct {
	round *round
	save  *snapshots
}

func newFoldWorker(name string, fold FactFold) *foldWorker {
	return &foldWorker{name: name, fold: fold, work: make(chan foldWork, roundsInFlight+1)}
}

// runFold applies rounds until the queue is closed. After an error it only passes them on.
func (r *Runner) runFold(f *foldWorker) {
	failed := false
	fail := func(err error) {
		failed = true
		r.problems.add(f.name, err)
	}
	for w := range f.work {
		if w.save != nil {
			r.saveFold(f, w.save, failed, fail)
			continue
		}
		rd := w.round
		if !failed && len(rd.merged) > 0 {
			if err := f.fold.ApplyFacts(rd.merged); err != nil {
				fail(err)
			}
		}
		if !failed {
			f.behind.Store(rd.time)
			f.applied.Store(rd.end)
		}
		if rd.users.Add(-1) == 0 {
			r.free <- rd // never waits: there are as many places as rounds
		}
		r.moved.move()
	}
}

func (r *Runner) saveFold(f *foldWorker, to *snapshots, failed bool, fail func(error)) {
	var b bytes.Buffer
	if !failed {
		if err := f.fold.Snapshot(&b); err != nil {
			fail(err)
		}
	}
	to.put(f.name, b.Bytes())
}

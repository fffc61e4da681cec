package clickstream

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Checkpoint writes a checkpoint of everything applied and waits until it is on disk. It fails when a fold has failed: the log must
// keep what that fold needs.
func (r *Runner) Checkpoint(ctx context.Context) error {
	reply := make(chan error, 1)
	select {
	case r.asks <- reply:
	case <-ctx.Done():
		return fmt.Errorf("checkpoint: %w", ctx.Err())
	case <-r.finished:
		return errRunnerClosed
	}
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return fmt.Errorf("checkpoint: %w", ctx.Err())
	}
}

// Low appends to dst[:0], for each partition of the log, the offset below which no checkpoint that is kept needs records: that of
// the older one. Without two checkpoints nothing may go. Partitions that the Runner does not read have no bound of its.
func (r *Runner) Low(dst []uint64) []uint64 {
	dst = dst[:0]
	older := r.kept.older()
	for p := range r.cfg.Log.Partitions() {
		switch {
		case p >= r.cfg.Partitions:
			dst = append(dst, ^uint64(0))
		case older == nil:
			dst = append(dst, 0)
		default:
			dst = append(dst, older.Ends[p])
		}
	}
	return dst
}

// Checkpoints is the number of checkpoints written since the start, and the error of the last one, nil if it was written.
func (r *Runner) Checkpoints() (written int64, last error) { return r.kept.count() }

// snapshots are the parts of a checkpoint being made, all at one cut.
type snapshots struct {
	seq    uint64
	ends   []uint64 // of the data partitions
	shards [][]byte

	waiting sync.WaitGroup // for fact folds
	mu      sync.Mutex
	folds   map[string][]byte
}

func (s *snapshots) put(name string, b []byte) {
	s.mu.Lock()
	s.folds[name] = b
	s.mu.Unlock()
	s.waiting.Done()
}

// startCheckpoint takes the shards' snapshots while they stand at the same Seq, queues the folds' behind the facts below it, and lets
// a goroutine write them.
func (r *Runner) startCheckpoint(c *cadence) {
	asked := c.asked
	c.asked, c.late = nil, false
	if r.problems.any.Load() {
		c.replies = asked
		c.answer(errHeld)
		return
	}
	if r.kept.has(r.done) {
		c.dirty, c.replies = false, asked
		c.answer(nil)
		return
	}
	snap := &snapshots{seq: r.done, shards: make([][]byte, len(r.shards)), folds: make(map[string][]byte)}
	for _, s := range r.shards {
		snap.ends = append(snap.ends, s.next)
	}
	r.runShards(func(*shard) (shardWork, bool) { return shardWork{save: snap}, true })
	snap.folds[ordersName] = r.orders.appendSnapshot(nil)
	snap.waiting.Add(len(r.folds))
	for _, f := range r.folds {
		f.work <- foldWork{save: snap}
	}
	c.writing, c.dirty, c.replies = true, false, asked
	r.wg.Go(func() {
		snap.waiting.Wait()
		r.written <- r.writeCheckpoint(snap)
	})
}

var errHeld = errors.New("no checkpoint while a fold has failed")

type writtenCheckpoint struct {
	manifest manifest
	err      error
}

func (r *Runner) writeCheckpoint(snap *snapshots) writtenCheckpoint {
	if r.problems.any.Load() {
		return writtenCheckpoint{err: errHeld}
	}
	m := manifest{Version: manifestVersion, Epoch: r.cfg.Log.Epoch(), Seq: snap.seq, Ends: snap.ends}
	var parts []checkpointPart
	for first := 0; first < len(snap.shards); first += shardsPerFile {
		parts = append(parts, shardPart(first, snap.shards[first:min(first+shardsPerFile, len(snap.shards))]))
	}
	for _, name := range slices.Sorted(maps.Keys(snap.folds)) {
		parts = append(parts, checkpointPart{foldFile(name), [][]byte{snap.folds[name]}})
	}
	err := writeCheckpointDir(r.cfg.Dir, &m, parts)
	return writtenCheckpoint{m, err}
}

// finishCheckpoint notes a written checkpoint and removes those that are older than the two newest.
func (r *Runner) finishCheckpoint(w writtenCheckpoint) {
	if w.err != nil {
		r.kept.fail(w.err)
		return
	}
	for _, old := range r.kept.add(w.manifest) {
		if err := removeCheckpoint(r.cfg.Dir, old); err != nil {
			r.kept.fail(err)
		}
	}
}

// lastCheckpoint ends the one being written and writes a last one if there is something new.
func (r *Runner) lastCheckpoint(c *cadence) error {
	if c.writing {
		c.finish(r, <-r.written)
	}
	if r.problems.any.Load() || !c.dirty && len(c.asked) == 0 {
		return nil
	}
	r.startCheckpoint(c)
	if !c.writing {
		return nil // there is one already
	}
	w := <-r.written
	c.finish(r, w)
	return w.err
}

// keptCheckpoints are the whole checkpoints in the folder, oldest first, at most two.
type keptCheckpoints struct {
	mu      sync.Mutex
	list    []manifest
	written int64
	last    error
}

const checkpointsKept = 2

func (k *keptCheckpoints) add(m manifest) (gone []manifest) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.written++
	k.last = nil
	k.list = slices.DeleteFunc(k.list, func(old manifest) bool { return old.Seq == m.Seq })
	k.list = append(k.list, m)
	for len(k.list) > checkpointsKept {
		gone = append(gone, k.list[0])
		k.list = k.list[1:]
	}
	return gone
}

func (k *keptCheckpoints) has(seq uint64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.list, func(m manifest) bool { return m.Seq == seq })
}

func (k *keptCheckpoints) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = err
}

func (k *keptCheckpoints) older() *manifest {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.list) < checkpointsKept {
		return nil
	}
	m := k.list[0]
	return &m
}

func (k *keptCheckpoints) count() (int64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.written, k.last
}

// cadence says when to write a checkpoint. It is the merger's.
type cadence struct {
	ticker  *time.Ticker
	late    bool // the ticker went
	dirty   bool // there is something that no checkpoint has
	asked   []chan error
	writing bool
	replies []chan error // of those who wait for the one being written
}

func newCadence(every time.Duration) *cadence {
	c := &cadence{}
	if every > 0 {
		c.ticker = time.NewTicker(every)
	}
	return c
}

func (c *cadence) stop() {
	if c.ticker != nil {
		c.ticker.Stop()
	}
	c.replies = append(c.replies, c.asked...)
	c.answer(errRunnerClosed)
}

func (c *cadence) timer() <-chan time.Time {
	if c.ticker == nil {
		return nil
	}
	return c.ticker.C
}

// due says whether a checkpoint is to begin. One is written at a time.
func (c *cadence) due() bool { return !c.writing && (len(c.asked) > 0 || c.late) }

func (c *cadence) ask(reply chan error) { c.asked = append(c.asked, reply) }

func (c *cadence) finish(r *Runner, w writtenCheckpoint) {
	c.writing = false
	if w.err != nil {
		c.dirty = true
	}
	r.finishCheckpoint(w)
	c.answer(w.err)
}

func (c *cadence) answer(err error) {
	for _, reply := range c.replies {
		reply <- err
	}
	c.replies = nil
}

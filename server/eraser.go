package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/history"
	"beckon/clickstream/record"
	"beckon/pricing/offers"
	"beckon/server/shop"
)

// eraser does the erasures that wait, one round at a time, on one goroutine. After a failure the whole round is tried again, from the step that
// was not done; a crash is such a failure.
//
// In order: the erase record, with which every fold forgets; checkpoints that are newer, the older ones gone; a count; the logs, the plans and
// the dead letters' files; the ledger; ClickHouse. Nothing leaves the log before both checkpoints are beyond it, so that no start can miss
// records that a fold had before.
type eraser struct {
	n       *node
	pending *erasures
	noteKey []byte

	trouble  atomic.Pointer[string] // why the last attempt failed
	finished atomic.Int64           // erasures done since the start
	left     history.Leftovers      // of rounds before, still on the disk
}

// eraserState is what health pages tell.
type eraserState struct {
	Waiting int    `json:"waiting"`
	Since   int64  `json:"since,omitempty"` // Unix ms at which the first of them was asked for
	Done    int64  `json:"done"`            // since the start
	Err     string `json:"error,omitempty"` // of the last attempt
}

func (r *eraser) state() eraserState {
	s := eraserState{Done: r.finished.Load()}
	s.Waiting, s.Since = r.pending.state()
	if t := r.trouble.Load(); t != nil && s.Waiting > 0 {
		s.Err = *t
	}
	return s
}

// openEraser reads what waits. startEraser begins the work, when the folds run.
func (n *node) openEraser(_ context.Context, s secret, _ *closers) error {
	pending, err := openErasures(n.dir.path("erasures.json"))
	if err != nil {
		return fmt.Errorf("pending erasures: %w", err)
	}
	key, err := s.key("erasures")
	if err != nil {
		return err
	}
	n.eraser = &eraser{n: n, pending: pending, noteKey: key}
	return nil
}

func (n *node) startEraser(opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.eraser.run(ctx)
	}()
	opened.add("erasures", func(ctx context.Context) error {
		cancel()
		select {
		case <-ended:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

// Pauses between two attempts.
const (
	firstEraseRetry = 500 * time.Millisecond
	lastEraseRetry  = time.Minute
)

// run ends with ctx.
func (r *eraser) run(ctx context.Context) {
	wait := firstEraseRetry
	for {
		some := r.pending.round()
		if len(some) == 0 {
			select {
			case <-r.pending.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		err := r.round(ctx, some)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			wait = firstEraseRetry
			r.trouble.Store(nil)
			continue
		}
		text := err.Error()
		r.trouble.Store(&text)
		r.n.out.Warn("erasure", "waiting", len(some), "error", err, "again_in", wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		wait = min(2*wait, lastEraseRetry)
	}
}

// round does some erasures, each visitor once.
func (r *eraser) round(ctx context.Context, some []erasure) error {
	for _, step := range []func(context.Context, []erasure) error{r.begin, r.renew, r.forgetOffers, r.count, r.eraseLogs, r.enter, r.eraseHistory} {
		if err := step(ctx, some); err != nil {
			return err
		}
	}
	for i := range some {
		e := &some[i]
		if err := r.note(ctx, "visitor.erased", "", e.Site, e.Visitor, e); err != nil {
			return err
		}
	}
	if err := r.pending.update(some, true); err != nil {
		return err
	}
	r.finished.Add(int64(len(some)))
	return nil
}

// begin writes the erase records. What was shown to the visitors is logged first, or it would be a new life's.
func (r *eraser) begin(ctx context.Context, some []erasure) error {
	var ids []clickstream.VisitorID
	for i := range some {
		if some[i].Begun == nil {
			ids = append(ids, some[i].id())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := r.n.impressions.flushed(ctx); err != nil {
		return err
	}
	if err := r.n.offerWatch.flushed(ctx); err != nil {
		return err
	}
	at, err := r.n.collector.Erase(ctx, ids)
	if err != nil {
		return err
	}
	for i := range some {
		if some[i].Begun == nil {
			some[i].Begun, at = &at[0], at[1:]
		}
	}
	return r.pending.update(some, false)
}

// renew waits until every fold has forgotten, and leaves only checkpoints of after that.
func (r *eraser) renew(ctx context.Context, some []erasure) error {
	seq := uint64(0)
	for i := range some {
		seq = max(seq, some[i].Begun.Seq+1)
	}
	if err := r.n.runner.Wait(ctx, record.Cut{Seq: seq}); err != nil {
		return err
	}
	for _, f := range r.n.runner.Failures() {
		return fmt.Errorf("fold %s has stopped: %w", f.Name, f.Err)
	}
	return r.n.runner.Renew(ctx, seq, func(ctx context.Context) error {
		return r.n.collector.Tick(ctx, []clickstream.Tick{{Site: some[0].Site}}) // at time 0 it moves no clock
	})
}

// forgetOffers takes back live offers and unties those that are remembered from the shopper's name in the control log, a keyed hash. What
// was spent stays spent.
func (r *eraser) forgetOffers(ctx context.Context, some []erasure) error {
	for i := range some {
		site, visitor := some[i].Site, some[i].Visitor
		who := offers.Forget{Who: r.n.who(site, visitor)}
		if _, _, err := r.n.shop.Submit(ctx, "eraser", shop.Command{Do: offers.DoForget, Site: site, Body: who}); err != nil {
			return fmt.Errorf("forget offers: %w", err)
		}
	}
	return nil
}

// count counts what the logs are about to lose.
func (r *eraser) count(ctx context.Context, some []erasure) error {
	intake := r.n.events.Cut(nil).Ends[r.n.dataPartitions()]
	changed := false
	for i := range some {
		e := &some[i]
		if e.Took != nil {
			continue
		}
		took, err := clickstream.CountErased(ctx, r.n.events, e.id(), *e.Begun)
		if err != nil {
			return err
		}
		e.Took, e.Intake, changed = &took, intake, true
	}
	if !changed {
		return nil
	}
	return r.pending.update(some, false)
}

// eraseLogs empties the visitors' records in the events log, takes their sessions out of plans and their letters out of files. No backup
// is taken meanwhile.
func (r *eraser) eraseLogs(ctx context.Context, some []erasure) error {
	gone := map[clickstream.VisitorID]clickstream.Erasing{}
	for i := range some {
		if !some[i].Noted {
			gone[some[i].id()] = *some[i].Begun
		}
	}
	if len(gone) == 0 {
		return nil
	}
	r.n.copying.Lock()
	defer r.n.copying.Unlock()
	// The dedup files must have the ids first: recovery counts the records that it reads.
	if err := r.n.collector.Flush(ctx); err != nil {
		return err
	}
	if _, err := r.n.events.Rewrite(clickstream.ErasesFromLog(r.n.events.Partitions(), gone)); err != nil {
		return fmt.Errorf("erase from the events log: %w", err)
	}
	if err := r.erasePlans(some); err != nil {
		return err
	}
	return r.n.collector.EraseLetters(ctx, gone)
}

func (r *eraser) erasePlans(some []erasure) error {
	plans := r.n.history.plans
	if plans == nil {
		return nil
	}
	visitors := erasedVisitors(some)
	var damaged error
	if _, err := plans.Rewrite(func(_ record.Position, _ uint64, payload string) string {
		fresh, err := history.ErasePlan(payload, visitors)
		if err != nil {
			damaged = errors.Join(damaged, err)
			return payload
		}
		return fresh
	}); err != nil {
		return fmt.Errorf("erase from the plan log: %w", err)
	}
	return damaged
}

func erasedVisitors(some []erasure) []history.ErasedVisitor {
	out := make([]history.ErasedVisitor, len(some))
	for i := range some {
		out[i] = history.ErasedVisitor{VisitorID: some[i].id(), At: *some[i].Begun}
	}
	return out
}

// enter makes the ledger say what the log lost, once.
func (r *eraser) enter(ctx context.Context, some []erasure) error {
	for i := range some {
		e := &some[i]
		if e.Noted {
			continue
		}
		has, err := clickstream.HasErased(ctx, r.n.events, e.Intake, *e.Begun)
		if err != nil {
			return err
		}
		if !has {
			if err := r.n.collector.Erased(ctx, e.Took); err != nil {
				return err
			}
		}
		e.Noted = true
	}
	return r.pending.update(some, false)
}

// eraseHistory deletes the visitors' rows and waits until ClickHouse has removed the parts that held them. Where a ClickHouse is expected and
// away, it is waited for.
func (r *eraser) eraseHistory(ctx context.Context, some []erasure) error {
	h := r.n.history
	if !h.configured {
		return h.holdsNothing()
	}
	w, source := h.writer.Load(), h.source.Load()
	if w == nil || source == nil {
		return errors.New("ClickHouse is not reached yet")
	}
	left, err := eraseRows(ctx, w, source.db, erasedVisitors(some))
	if err != nil {
		return err
	}
	if r.left == nil {
		r.left = history.Leftovers{}
	}
	for part := range left {
		r.left[part] = true
	}
	ctx, cancel := context.WithTimeout(ctx, leftoversTimeout)
	defer cancel()
	if err := history.AwaitGone(ctx, source.db, r.left); err != nil {
		return fmt.Errorf("wait for ClickHouse to remove old parts: %w", err)
	}
	r.left = nil
	return nil
}

// Bounds of one attempt at ClickHouse.
const (
	mutationTimeout  = time.Hour
	leftoversTimeout = 10 * time.Minute
)

// eraseRows deletes while the writer is paused.
func eraseRows(ctx context.Context, w *history.Writer, db *history.DB, visitors []history.ErasedVisitor) (history.Leftovers, error) {
	ctx, cancel := context.WithTimeout(ctx, mutationTimeout)
	defer cancel()
	resume, err := w.Pause(ctx)
	if err != nil {
		return nil, err
	}
	defer resume()
	return history.Erase(ctx, db, visitors)
}

// holdsNothing says what stands in the way of an erasure while no history is kept: what an earlier run left.
func (h *historian) holdsNothing() error {
	left := []string{h.dir.history()}
	if h.plans == nil {
		left = append(left, h.dir.plans())
	}
	for _, dir := range left {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if len(entries) > 0 {
			return fmt.Errorf("%s holds history of an earlier run: start with history on, or remove it", dir)
		}
	}
	return nil
}

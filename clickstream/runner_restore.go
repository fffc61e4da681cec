package clickstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// restore brings shards and folds to the newest whole checkpoint. Everything is read and checked before the first fold changes.
func (r *Runner) restore(ctx context.Context) error {
	seqs, err := listCheckpoints(r.cfg.Dir)
	if err != nil {
		return err
	}
	blank := make([]bytes.Buffer, len(r.cfg.Folds)) // the folds as they came, for when a restore fails half way
	for i, f := range r.cfg.Folds {
		if err := f.Fold.Snapshot(&blank[i]); err != nil {
			return fmt.Errorf("fold %s: %w", f.Name, err)
		}
	}
	found := false
	for _, seq := range seqs {
		path := filepath.Join(r.cfg.Dir, checkpointDir(seq))
		m, err := readManifest(path)
		if err == nil {
			err = r.fits(&m)
		}
		if err == nil && found {
			// The older one is kept unread: it is looked into when the newer fails.
			r.kept.list = append([]manifest{m}, r.kept.list...)
			break
		}
		if err == nil {
			err = r.restoreFrom(ctx, path, &m)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.restored.Skipped = append(r.restored.Skipped, err)
			for i, f := range r.cfg.Folds {
				if err := f.Fold.Restore(bytes.NewReader(blank[i].Bytes())); err != nil {
					return fmt.Errorf("fold %s: %w", f.Name, err)
				}
			}
			continue
		}
		found = true
		r.kept.list = append(r.kept.list, m)
	}
	if found {
		return nil
	}
	for p := range r.cfg.Partitions {
		if first := r.cfg.Log.First(p); first != 0 {
			return fmt.Errorf("partition %d starts at offset %d: %w", p, first, errors.Join(append([]error{ErrNoCheckpoint}, r.restored.Skipped...)...))
		}
	}
	r.makeShards()
	r.makeFolds()
	return nil
}

func (r *Runner) makeShards() {
	r.shards = r.shards[:0]
	items := newItemNames()
	for p := range r.cfg.Partitions {
		s := newShard(p, max(1, r.cfg.MaxVisitors/r.cfg.Partitions))
		s.names = items
		r.shards = append(r.shards, s)
	}
}

func (r *Runner) makeFolds() {
	r.orders, r.identity = NewOrders(r.cfg.MaxOrders), NewIdentity(r.cfg.MaxVisitors)
	r.folds = []*foldWorker{newFoldWorker(identityName, r.identity)}
	for _, f := range r.cfg.Folds {
		r.folds = append(r.folds, newFoldWorker(f.Name, f.Fold))
	}
}

// fits says whether a checkpoint is of this log, and the log still has what comes after it.
func (r *Runner) fits(m *manifest) error {
	if m.Epoch != r.cfg.Log.Epoch() {
		return fmt.Errorf("checkpoint %d is of log epoch %s, not %s", m.Seq, m.Epoch, r.cfg.Log.Epoch())
	}
	if len(m.Ends) != r.cfg.Partitions {
		return fmt.Errorf("checkpoint %d has %d partitions, not %d", m.Seq, len(m.Ends), r.cfg.Partitions)
	}
	c, release := r.cut()
	defer release()
	if m.Seq > c.Seq {
		return fmt.Errorf("checkpoint %d is beyond the log's end %d", m.Seq, c.Seq)
	}
	for p, end := range m.Ends {
		if end < r.cfg.Log.First(p) || end > c.Ends[p] {
			return fmt.Errorf("checkpoint %d goes on at offset %d of partition %d, which holds %d to %d", m.Seq, end, p, r.cfg.Log.First(p), c.Ends[p])
		}
	}
	return nil
}

func (r *Runner) restoreFrom(ctx context.Context, path string, m *manifest) error {
	r.makeShards()
	r.makeFolds()
	payloads := make(map[string]string)
	for _, f := range m.Files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		payload, err := readPart(path, f)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(f.Name, sessionsName+"-") {
			payloads[f.Name] = payload
			continue
		}
		if err := r.restoreShards(filepath.Join(path, f.Name), payload); err != nil {
			return err
		}
	}
	for p, s := range r.shards {
		if s.sites == nil || s.next != restoredMark {
			return &CheckpointError{path, -1, fmt.Sprintf("partition %d is missing", p)}
		}
		s.next = m.Ends[p]
		s.nextSeq = m.Seq
		s.applied.Store(s.next)
	}
	payload, ok := payloads[foldFile(ordersName)]
	if !ok {
		return &CheckpointError{path, -1, "orders are missing"}
	}
	if err := r.orders.restore(payload); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(path, foldFile(ordersName)), err)
	}
	if err := r.restoreFolds(path, m, payloads); err != nil {
		return err
	}
	r.done = m.Seq
	r.applied.Store(m.Seq)
	r.restored.Checkpoint, r.restored.Seq = path, m.Seq
	return nil
}

// restoredMark is a shard's offset between reading its snapshot and knowing where it goes on.
const restoredMark = ^uint64(0)

func (r *Runner) restoreShards(name, payload string) error {
	snaps, err := splitShards(name, payload)
	if err != nil {
		return err
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for p, snap := range snaps {
		if p >= len(r.shards) {
			return &CheckpointError{name, -1, fmt.Sprintf("partition %d is unknown", p)}
		}
		g.Go(func() error {
			if err := r.shards[p].restore(snap); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			r.shards[p].next = restoredMark
			return nil
		})
	}
	return g.Wait()
}

// restoreFolds restores each fact fold. One that the checkpoint does not know is new: if the log still reaches back to its first
// record everything is folded again, otherwise it starts empty and is named.
func (r *Runner) restoreFolds(path string, m *manifest, payloads map[string]string) error {
	var missing []string
	for _, f := range r.folds {
		if _, ok := payloads[foldFile(f.name)]; !ok {
			missing = append(missing, f.name)
		}
	}
	if len(missing) > 0 && r.reachesBack() {
		return &CheckpointError{path, -1, "does not hold " + strings.Join(missing, ", ") + "; the log is folded again"}
	}
	for _, f := range r.folds {
		f.applied.Store(m.Seq)
		if payload, ok := payloads[foldFile(f.name)]; ok {
			if err := f.fold.Restore(strings.NewReader(payload)); err != nil {
				return fmt.Errorf("%s: %w", filepath.Join(path, foldFile(f.name)), err)
			}
		}
	}
	r.restored.Empty = missing
	return nil
}

func (r *Runner) reachesBack() bool {
	for p := range r.cfg.Partitions {
		if r.cfg.Log.First(p) != 0 {
			return false
		}
	}
	return true
}

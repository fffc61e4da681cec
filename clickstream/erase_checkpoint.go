package clickstream

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Renew writes checkpoints until both that are kept hold everything below seq, and removes all that is older from the folder, what damage
// and crashes left there included. Checkpoints are named by their Seq, so the log must go on between two: advance appends something that
// changes nothing. It fails while a fold has failed, because nothing older may go then.
func (r *Runner) Renew(ctx context.Context, seq uint64, advance func(ctx context.Context) error) error {
	for range 2 * checkpointsKept { // one may be under way that is too old
		if older := r.kept.older(); older != nil && older.Seq >= seq {
			return r.removeOlder(seq)
		}
		if err := advance(ctx); err != nil {
			return err
		}
		if err := r.Wait(ctx, r.cfg.Log.Cut(nil)); err != nil {
			return fmt.Errorf("renew checkpoints: %w", err)
		}
		if err := r.Checkpoint(ctx); err != nil {
			return err
		}
	}
	if older := r.kept.older(); older != nil && older.Seq >= seq {
		return r.removeOlder(seq)
	}
	return errors.New("renew checkpoints: they do not get beyond the erasure")
}

// removeOlder removes folders of checkpoints below seq, whole or not.
func (r *Runner) removeOlder(seq uint64) error {
	entries, err := os.ReadDir(r.cfg.Dir)
	if err != nil {
		return fmt.Errorf("list checkpoints: %w", err)
	}
	for _, e := range entries {
		digits := strings.TrimPrefix(strings.TrimPrefix(e.Name(), temporaryPrefix), checkpointPrefix)
		put, aside := strings.CutSuffix(digits, ".old")
		at, err := strconv.ParseUint(put, 10, 64)
		if err != nil || !aside && at >= seq || !e.IsDir() {
			continue
		}
		if err := removeFolder(r.cfg.Dir, e.Name()); err != nil {
			return err
		}
	}
	return syncDir(r.cfg.Dir)
}

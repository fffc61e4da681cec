package main

import (
	"context"
	"io/fs"
	"path/filepath"
	"sync"
	"time"
)

// diskWatch looks at the data folder's disk, so that the health page can say when it will be full. One goroutine looks; anyone reads.
type diskWatch struct {
	began time.Time // of the server
	mu    sync.Mutex
	free  []freeSpace // oldest first, at most diskSamples
	sizes map[string]int64
	check time.Time // of the newest checkpoint
}

// freeSpace is what a disk had at a time.
type freeSpace struct {
	at          time.Time
	free, total int64 // bytes
}

const (
	diskEvery   = time.Minute
	diskSamples = 24 * 60
	sizesEvery  = 10 // looks: to walk through a folder costs more than to ask a disk
	growthLeast = 15 * time.Minute
)

// startDiskWatch looks until the server stops.
func (n *node) startDiskWatch(opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	n.disk.begin(n.now())
	wg.Go(func() { n.disk.watch(ctx, n.dir, n.now) })
	opened.add("disk watch", func(context.Context) error {
		cancel()
		wg.Wait()
		return nil
	})
}

func (w *diskWatch) begin(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.began = now
}

func (w *diskWatch) watch(ctx context.Context, dir dataDir, now func() time.Time) {
	tick := time.NewTicker(diskEvery)
	defer tick.Stop()
	for looks := 0; ; looks++ {
		w.look(ctx, dir, now(), looks%sizesEvery == 0)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look asks the disk, and with sizes walks through the folder.
func (w *diskWatch) look(ctx context.Context, dir dataDir, now time.Time, sizes bool) {
	if free, total, ok := diskSpace(string(dir)); ok {
		w.note(freeSpace{now, free, total})
	}
	w.noteCheckpoint(newestIn(dir.checkpoints()))
	if sizes {
		w.noteSizes(map[string]int64{"history": folderSize(ctx, dir.history()), "all": folderSize(ctx, string(dir))})
	}
}

func (w *diskWatch) note(f freeSpace) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.free) == diskSamples {
		w.free = append(w.free[:0], w.free[1:]...)
	}
	w.free = append(w.free, f)
}

func (w *diskWatch) noteSizes(sizes map[string]int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sizes = sizes
}

func (w *diskWatch) noteCheckpoint(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.check = at
}

// diskState is what the watch knows. perDay is by how much free space shrinks in a day, over what was watched, at most a day; known says
// that this was long enough.
type diskState struct {
	began, checkpoint time.Time
	free, total       int64
	history, all      int64
	perDay            int64
	known             bool
}

func (w *diskWatch) state() diskState {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := diskState{began: w.began, checkpoint: w.check, history: w.sizes["history"], all: w.sizes["all"]}
	if len(w.free) == 0 {
		return s
	}
	first, last := w.free[0], w.free[len(w.free)-1]
	s.free, s.total = last.free, last.total
	if watched := last.at.Sub(first.at); watched >= growthLeast {
		s.known = true
		s.perDay = int64(float64(first.free-last.free) / watched.Hours() * 24)
	}
	return s
}

// folderSize is the bytes of a folder's files; what vanishes meanwhile is passed over.
func folderSize(ctx context.Context, root string) (size int64) {
	filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error { // errors are of files that are gone
		if ctx.Err() != nil {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size
}

// newestIn is when the newest entry of a folder was made, the zero time without one.
func newestIn(root string) (at time.Time) {
	filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == root {
			return nil
		}
		if info, err := d.Info(); err == nil && info.ModTime().After(at) {
			at = info.ModTime()
		}
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
	return at
}

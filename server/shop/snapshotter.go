package shop

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// minSnapshotBytes of log between two snapshots, or the size of the last one if that is more: what a start has to fold is bounded
// by the state's own size, and writing snapshots costs no more than writing the log.
const minSnapshotBytes = 16 << 20

// snapshotsKept are the newest; a damaged one is skipped for the older.
const snapshotsKept = 2

// snapshotter keeps the snapshot files of one folder. since belongs to the goroutine that applies the log.
type snapshotter struct {
	dir   string
	epoch string
	least int64 // bytes of log between two snapshots
	since int64 // bytes of log since the last snapshot was begun

	busy    atomic.Bool
	size    atomic.Int64 // of the newest file
	skipped []error      // damaged files that restore passed over
	failed  atomic.Pointer[error]

	// Of whoever writes: restore, then one writeAside at a time, then Close.
	written uint64 // offset of the newest file
	any     bool
	foreign map[string]bool // files that restore passed over: kept, and not counted
}

func (s *snapshotter) note(bytes int) { s.since += int64(bytes) }

// due says once that it is time for a snapshot, and that writeAside will be called.
func (s *snapshotter) due() bool {
	if s.since < max(s.least, s.size.Load()) || !s.busy.CompareAndSwap(false, true) {
		return false
	}
	s.since = 0
	return true
}

func (s *snapshotter) writeAside(im image, offset uint64) {
	defer s.busy.Store(false)
	if err := s.write(im, offset); err != nil {
		s.failed.Store(&err)
		return
	}
	s.failed.Store(nil)
}

// write makes im the newest snapshot, durably, and removes all but snapshotsKept. It does nothing if offset is written already.
func (s *snapshotter) write(im image, offset uint64) error {
	if s.any && s.written == offset {
		return nil
	}
	name := filepath.Join(s.dir, snapshotName(offset))
	size, err := writeFile(name, func(f *os.File) error { return im.write(f, s.epoch, offset) })
	if err != nil {
		return fmt.Errorf("write snapshot %s: %w", name, err)
	}
	s.size.Store(size)
	s.written, s.any = offset, true
	delete(s.foreign, snapshotName(offset))
	names, err := s.names()
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return s.foreign[name] })
	for _, old := range names[min(snapshotsKept, len(names)):] {
		if err := os.Remove(filepath.Join(s.dir, old)); err != nil {
			return fmt.Errorf("remove old snapshot: %w", err)
		}
	}
	return nil
}

// restore reads the newest whole snapshot that belongs to this log and ends at or before end, or starts empty. Damaged files and
// those of another epoch are passed over; none is removed because of that.
func (s *snapshotter) restore(sealer *sealer, others []func() Fold, end uint64) (f *fold, next uint64, err error) {
	if err := removeUnfinished(s.dir); err != nil {
		return nil, 0, err
	}
	names, err := s.names()
	if err != nil {
		return nil, 0, err
	}
	s.foreign = map[string]bool{}
	for _, name := range names {
		f, head, size, err := s.readFile(name, sealer, others)
		switch {
		case errors.Is(err, ErrSecret):
			return nil, 0, fmt.Errorf("snapshot %s: %w", name, err)
		case err != nil:
			s.pass(name, err)
		case head.Epoch != s.epoch || head.Offset > end:
			s.pass(name, errors.New("of another log"))
		default:
			s.size.Store(size)
			s.written, s.any = head.Offset, true
			return f, head.Offset, nil
		}
	}
	return newFold(sealer, others), 0, nil
}

func (s *snapshotter) pass(name string, err error) {
	s.foreign[name] = true
	s.skipped = append(s.skipped, fmt.Errorf("snapshot %s: %w", name, err))
}

func (s *snapshotter) readFile(name string, sealer *sealer, others []func() Fold) (*fold, snapshotHead, int64, error) {
	file, err := os.Open(filepath.Join(s.dir, name))
	if err != nil {
		return nil, snapshotHead{}, 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, snapshotHead{}, 0, err
	}
	f, head, err := readSnapshot(file, sealer, others)
	return f, head, info.Size(), err
}

// names lists snapshot files, newest first.
func (s *snapshotter) names() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("list snapshots: %w", err)
	}
	var names []string
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), snapshotExt)
		if _, err := strconv.ParseUint(digits, 10, 64); ok && err == nil && len(digits) == 20 {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(b, a) })
	return names, nil
}

const snapshotExt = ".snapshot"

func snapshotName(offset uint64) string { return fmt.Sprintf("%020d%s", offset, snapshotExt) }

// unfinished is how files begin that a crash kept from getting their name.
const unfinished = ".unfinished-"

func removeUnfinished(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), unfinished) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("remove what a crash left: %w", err)
			}
		}
	}
	return nil
}

// writeFile replaces name, mode 0600, by what fill writes: a reader finds the old or the new file, whole, also after a crash.
func writeFile(name string, fill func(*os.File) error) (size int64, err error) {
	tmp, err := os.CreateTemp(filepath.Dir(name), unfinished+"*")
	if err != nil {
		return 0, err
	}
	err = fill(tmp)
	if err == nil {
		err = tmp.Sync()
	}
	var info fs.FileInfo
	if err == nil {
		info, err = tmp.Stat()
	}
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(tmp.Name()))
	}
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return 0, err
	}
	return info.Size(), errors.Join(folder.Sync(), folder.Close())
}

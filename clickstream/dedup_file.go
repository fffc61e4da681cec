package clickstream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/zeebo/xxh3"
)

// DedupError says that ids of the window can be found neither in the dedup files nor in the log: starting would forget them.
// Put the files back, or let Dir and the log be restored together.
type DedupError struct {
	File      string // the damaged file, "" when files are missing
	Offset    int64  // of the damage
	Partition int    // of the log, whose records begin at First while From is needed
	From      uint64
	First     uint64
}

func (e *DedupError) Error() string {
	place := "the dedup files end early"
	if e.File != "" {
		place = fmt.Sprintf("%s is damaged at byte %d", e.File, e.Offset)
	}
	return fmt.Sprintf("%s: ids are needed from partition %d offset %d on, and the log begins at %d", place, e.Partition, e.From, e.First)
}

// ErrSeed says that the dedup files were made with another seed.
var ErrSeed = errors.New("dedup files of another seed")

const (
	dedupMagic   = "BKIDS\x00\x00\x01"
	dedupHead    = 16 // magic and a hash of the seed
	dedupPattern = "ids-%010d-%03d.dedup"
)

// dedupFiles are the ids of the window on disk, one file an hour: a head, then frames of dedupBlocks. Nothing in them is needed
// for what the log still has, so a torn end is cut. Its user is the flusher.
type dedupFiles struct {
	dir  string
	seed uint64
	keep int64 // hours
	list []dedupFile

	out    *os.File // the last of list, nil until the next write
	size   int64    // of the last file, as far as it was written and synced
	failed bool     // the last file may have more than that, and gets no more
	buf    []byte
}

type dedupFile struct {
	hour int64
	turn int // counts files of one hour: after a failed write a new one is begun
}

func (f dedupFile) name() string { return fmt.Sprintf(dedupPattern, f.hour, f.turn) }

func (f dedupFile) compare(g dedupFile) int {
	if f.hour != g.hour {
		return int(f.hour - g.hour)
	}
	return f.turn - g.turn
}

// dedupFound is what the files say.
type dedupFound struct {
	upto    []uint64 // nil: there are no files
	sites   []account
	hour    int64
	damaged string // the first file that was not read to its end, and where
	offset  int64
	ids     int
}

// openDedupFiles reads every id of the window into table. What comes after the first damage, or after the end of the log (ends), is not
// read: a torn end of the last file is cut, other damaged files are kept under another name.
func openDedupFiles(dir string, seed uint64, table *dedupTable, ends []uint64) (*dedupFiles, *dedupFound, error) {
	f := &dedupFiles{dir: dir, seed: seed, keep: table.keep}
	names, err := filepath.Glob(filepath.Join(dir, "ids-*.dedup"))
	if err != nil {
		return nil, nil, err
	}
	var bytes int64
	for _, path := range names {
		var d dedupFile
		if n, err := fmt.Sscanf(filepath.Base(path), dedupPattern, &d.hour, &d.turn); n != 2 || err != nil {
			continue
		}
		f.list = append(f.list, d)
		if info, err := os.Stat(path); err == nil && !f.outOfWindow(d.hour, table.hour) {
			bytes += info.Size()
		}
	}
	slices.SortFunc(f.list, dedupFile.compare)
	table.reserve(int(bytes / 8))
	found := &dedupFound{}
	for i, d := range f.list {
		if err := f.read(d, table, ends, found); err != nil {
			return nil, nil, err
		}
		if found.damaged == "" {
			continue
		}
		if err := f.setAside(i, found.offset); err != nil {
			return nil, nil, err
		}
		break
	}
	return f, found, nil
}

func (f *dedupFiles) path(d dedupFile) string { return filepath.Join(f.dir, d.name()) }

func (f *dedupFiles) outOfWindow(hour, now int64) bool { return now-hour > f.keep }

func (f *dedupFiles) read(d dedupFile, table *dedupTable, ends []uint64, found *dedupFound) error {
	data, err := os.ReadFile(f.path(d))
	if err != nil {
		return fmt.Errorf("read dedup file: %w", err)
	}
	text := borrowed(data)
	damaged := func(at int) { found.damaged, found.offset = d.name(), int64(at) }
	if len(text) < dedupHead || text[:8] != dedupMagic {
		damaged(0)
		return nil
	}
	if text[8:dedupHead] != string(seedMark(f.seed)) {
		return fmt.Errorf("%s: %w", d.name(), ErrSeed)
	}
	for i := dedupHead; i < len(text); {
		payload, ok := frame(text[i:])
		var b dedupBlock
		var ids string
		if ok {
			ids, ok = decodeDedupBlock(payload, &b)
		}
		if !ok || len(b.upto) != len(ends) || beyond(b.upto, ends) {
			damaged(i)
			return nil
		}
		found.upto, found.sites, found.hour = b.upto, b.sites, b.hour
		if !f.outOfWindow(d.hour, table.hour) {
			found.ids += load(table, ids, uint8(d.hour))
		}
		i += frameHead + len(payload)
	}
	return nil
}

// load puts ids, 8 bytes each, into table, and says how many were new.
func load(table *dedupTable, ids string, hour uint8) (added int) {
	var some [touched]uint64
	for ids != "" {
		n := min(touched, len(ids)/8)
		for i := range n {
			some[i] = uint64(littleEndian32(ids[8*i:])) | uint64(littleEndian32(ids[8*i+4:]))<<32
		}
		table.touch(some[:n])
		for _, id := range some[:n] {
			if table.insertAt(id, hour) {
				added++
			}
		}
		ids = ids[8*n:]
	}
	return added
}

func beyond(upto, ends []uint64) bool {
	for p := range upto {
		if upto[p] > ends[p] {
			return true
		}
	}
	return false
}

func seedMark(seed uint64) []byte {
	return binary.LittleEndian.AppendUint64(nil, xxh3.HashSeed([]byte(dedupMagic), seed))
}

// setAside cuts file i at offset and renames the files after it. Unless only the end of the last file was torn, a copy of what
// is cut stays beside it.
func (f *dedupFiles) setAside(i int, offset int64) error {
	last := i == len(f.list)-1
	for _, d := range f.list[i+1:] {
		if err := os.Rename(f.path(d), f.path(d)+".damaged"); err != nil {
			return err
		}
	}
	path := f.path(f.list[i])
	if !last || offset < dedupHead {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path+".damaged", data, 0o600); err != nil {
			return err
		}
	}
	f.list = f.list[:i+1]
	if offset < dedupHead {
		f.list = f.list[:i]
		return os.Remove(path)
	}
	return cutFile(path, offset)
}

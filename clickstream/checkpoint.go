package clickstream

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A checkpoint is a folder of files that were all made at one cut of the log:
//
//	cp-<seq, 20 digits>/
//	    sessions-00, -16, …   the shards, sixteen a file, named by the first
//	    fold-<name>           each fact fold
//	    manifest              written last: a folder without one is no checkpoint
//
//	file      = "bkcp" version:1 payload crc32c:4 (of all before, little endian)
//	sessions  = payload of: for each shard  partition:uvarint length:uvarint snapshot
//	manifest  = one line of JSON, one line "crc32c " and 8 hex digits (of the first line)
//
// It is written under a temporary name, synced, renamed, and its parent synced.
const (
	checkpointMagic   = "bkcp"
	checkpointVersion = 1
	manifestVersion   = 1
	manifestName      = "manifest"
	checkpointPrefix  = "cp-"
	temporaryPrefix   = "tmp-"
	shardsPerFile     = 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// CheckpointError says what is wrong with a checkpoint, and where.
type CheckpointError struct {
	Path   string
	Offset int // in the file, -1 if it has none
	Reason string
}

func (e *CheckpointError) Error() string {
	if e.Offset < 0 {
		return e.Path + ": " + e.Reason
	}
	return fmt.Sprintf("%s, byte %d: %s", e.Path, e.Offset, e.Reason)
}

// manifest says what a checkpoint holds.
type manifest struct {
	Version int            `json:"version"`
	Epoch   string         `json:"epoch"` // of the log
	Seq     uint64         `json:"seq"`   // records below are in it
	Ends    []uint64       `json:"ends"`  // the same by partition: the next offset to apply
	Files   []manifestFile `json:"files"`
}

type manifestFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	CRC32C uint32 `json:"crc32c"` // of all bytes but the last four, which say the same
}

// checkpointPart is a file to write: its payload in pieces.
type checkpointPart struct {
	name   string
	pieces [][]byte
}

func shardPart(first int, snapshots [][]byte) checkpointPart {
	p := checkpointPart{name: fmt.Sprintf("%s-%02d", sessionsName, first)}
	for i, b := range snapshots {
		head := binary.AppendUvarint(nil, uint64(first+i))
		p.pieces = append(p.pieces, binary.AppendUvarint(head, uint64(len(b))), b)
	}
	return p
}

func foldFile(name string) string { return "fold-" + name }

func checkpointDir(seq uint64) string { return fmt.Sprintf("%s%020d", checkpointPrefix, seq) }

// writeCheckpointDir writes a checkpoint and fills m.Files. A folder of the same Seq that is there already was not usable: it is put
// aside.
func writeCheckpointDir(dir string, m *manifest, parts []checkpointPart) (err error) {
	tmp := filepath.Join(dir, temporaryPrefix+checkpointDir(m.Seq))
	if err := os.RemoveAll(tmp); err != nil { // of an earlier attempt
		return fmt.Errorf("clear %s: %w", tmp, err)
	}
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return fmt.Errorf("make checkpoint folder: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(tmp) // the error that matters is err
		}
	}()
	for _, p := range parts {
		f, err := writePart(tmp, p)
		if err != nil {
			return fmt.Errorf("write checkpoint: %w", err)
		}
		m.Files = append(m.Files, f)
	}
	text, err := m.encode()
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(tmp, manifestName), [][]byte{text}); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := syncDir(tmp); err != nil {
		return err
	}
	final := filepath.Join(dir, checkpointDir(m.Seq))
	if _, err := os.Lstat(final); err == nil {
		if err := os.RemoveAll(final + ".old"); err != nil {
			return fmt.Errorf("put %s aside: %w", final, err)
		}
		if err := os.Rename(final, final+".old"); err != nil {
			return fmt.Errorf("put %s aside: %w", final, err)
		}
	}
	if err := os.Rename(tmp, final); err != nil {
		return fmt.Errorf("name checkpoint: %w", err)
	}
	return syncDir(dir)
}

func writePart(dir string, p checkpointPart) (manifestFile, error) {
	head := append([]byte(checkpointMagic), checkpointVersion)
	sum, size := crc32.Checksum(head, castagnoli), len(head)
	for _, b := range p.pieces {
		sum = crc32.Update(sum, castagnoli, b)
		size += len(b)
	}
	pieces := append([][]byte{head}, p.pieces...)
	pieces = append(pieces, binary.LittleEndian.AppendUint32(nil, sum))
	return manifestFile{p.name, int64(size + 4), sum}, writeSynced(filepath.Join(dir, p.name), pieces)
}

func writeSynced(path string, pieces [][]byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	for _, b := range pieces {
		if _, err := f.Write(b); err != nil {
			return err
		}
	}
	return f.Sync()
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}

func (m *manifest) encode() ([]byte, error) {
	line, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return fmt.Appendf(line, "\ncrc32c %08x\n", crc32.Checksum(line, castagnoli)), nil
}

func removeCheckpoint(dir string, m manifest) error {
	return removeFolder(dir, checkpointDir(m.Seq))
}

// removeFolder removes a folder of dir. Under a temporary name it is no checkpoint, whatever a crash leaves of it.
func removeFolder(dir, name string) error {
	tmp := name
	if !strings.HasPrefix(name, temporaryPrefix) {
		tmp = temporaryPrefix + name
		if err := os.RemoveAll(filepath.Join(dir, tmp)); err != nil { // of an earlier attempt
			return fmt.Errorf("remove checkpoint: %w", err)
		}
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, tmp)); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("remove checkpoint: %w", err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, tmp)); err != nil {
		return fmt.Errorf("remove checkpoint: %w", err)
	}
	return nil
}

// listCheckpoints returns the Seqs of the checkpoint folders in dir, newest first.
func listCheckpoints(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	var seqs []uint64
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), checkpointPrefix)
		if seq, err := strconv.ParseUint(digits, 10, 64); ok && err == nil && e.IsDir() && e.Name() == checkpointDir(seq) {
			seqs = append(seqs, seq)
		}
	}
	slices.Sort(seqs)
	slices.Reverse(seqs)
	return seqs, nil
}

package eventlog

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const (
	metaName = "meta"
	lockName = "lock"
)

// meta is what a log's folder says about the log.
type meta struct {
	partitions int
	epoch      string
	id         logID
}

// logID is a log's own secret, the same in all its segments. It seeds the checksums of blocks.
type logID [16]byte

func newMeta(partitions int, epoch string) meta {
	m := meta{partitions: partitions, epoch: epoch}
	if epoch == "" {
		m.epoch = rand.Text()
	}
	rand.Read(m.id[:]) // never fails
	return m
}

// encode gives four lines: version, partitions, epoch and id, and a checksum of them.
func (m meta) encode() []byte {
	b := fmt.Appendf(nil, "beckon log 1\npartitions %d\nepoch %s\nid %x\n", m.partitions, m.epoch, m.id[:])
	return fmt.Appendf(b, "crc32c %08x\n", crc32.Checksum(b, castagnoli))
}

func decodeMeta(text string) (m meta, err error) {
	bad := func(reason string) (meta, error) {
		return meta{}, &CorruptionError{Segment: metaName, Reason: reason}
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[5] != "" {
		return bad("not five lines")
	}
	if lines[0] != "beckon log 1" {
		return bad("not a log of version 1")
	}
	body := text[:len(text)-len(lines[4])-1]
	if lines[4] != fmt.Sprintf("crc32c %08x", crc32.Checksum([]byte(body), castagnoli)) {
		return bad("checksum differs")
	}
	n, ok1 := strings.CutPrefix(lines[1], "partitions ")
	epoch, ok2 := strings.CutPrefix(lines[2], "epoch ")
	id, ok3 := strings.CutPrefix(lines[3], "id ")
	raw, err := hex.DecodeString(id)
	if !ok1 || !ok2 || !ok3 || err != nil || len(raw) != len(m.id) || epoch == "" {
		return bad("a field is missing")
	}
	copy(m.id[:], raw)
	m.epoch = epoch
	if m.partitions, err = strconv.Atoi(n); err != nil || m.partitions < 1 || m.partitions > maxPartitions {
		return bad("partitions out of range")
	}
	return m, nil
}

// readMeta returns ok=false when there is none.
func readMeta(dir string) (m meta, ok bool, err error) {
	text, err := os.ReadFile(filepath.Join(dir, metaName))
	if errors.Is(err, os.ErrNotExist) {
		return meta{}, false, nil
	}
	if err != nil {
		return meta{}, false, err
	}
	m, err = decodeMeta(string(text))
	return m, err == nil, err
}

// lockDir keeps other processes, and other Logs of this one, out of dir until unlock.
func lockDir(dir string) (unlock func() error, err error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", dir, ErrLocked)
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return f.Close, nil
}

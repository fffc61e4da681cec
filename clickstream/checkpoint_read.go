package clickstream

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
)

// CheckpointStatus is what VerifyCheckpoints found of one checkpoint.
type CheckpointStatus struct {
	Path string
	Seq  uint64
	Ends []uint64 // by data partition, nil when the manifest is damaged
	Size int64    // bytes of its files
	Err  error    // nil when every checksum and every shard's snapshot is right
}

// VerifyCheckpoints reads every checkpoint in dir, newest first: checksums, and the shards' snapshots to their last byte. Fact folds'
// formats are their own and not looked into.
func VerifyCheckpoints(dir string) ([]CheckpointStatus, error) {
	seqs, err := listCheckpoints(dir)
	if err != nil {
		return nil, err
	}
	var found []CheckpointStatus
	for _, seq := range seqs {
		st := CheckpointStatus{Path: filepath.Join(dir, checkpointDir(seq)), Seq: seq}
		st.Ends, st.Size, st.Err = verifyCheckpoint(st.Path)
		found = append(found, st)
	}
	return found, nil
}

func verifyCheckpoint(path string) (ends []uint64, size int64, err error) {
	m, err := readManifest(path)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range m.Files {
		size += f.Size
		payload, err := readPart(path, f)
		if err != nil {
			return m.Ends, size, err
		}
		if !strings.HasPrefix(f.Name, sessionsName+"-") {
			continue
		}
		snaps, err := splitShards(filepath.Join(path, f.Name), payload)
		if err != nil {
			return m.Ends, size, err
		}
		for p, snap := range snaps {
			if err := newShard(p, defaultMaxVisitors).restore(snap); err != nil {
				return m.Ends, size, fmt.Errorf("%s: %w", filepath.Join(path, f.Name), err)
			}
		}
	}
	return m.Ends, size, nil
}

func readManifest(path string) (manifest, error) {
	name := filepath.Join(path, manifestName)
	text, err := os.ReadFile(name)
	if err != nil {
		return manifest{}, fmt.Errorf("read checkpoint: %w", err)
	}
	m, reason := decodeManifest(text)
	if reason != "" {
		return manifest{}, &CheckpointError{name, -1, reason}
	}
	return m, nil
}

// decodeManifest returns a reason when text is no manifest.
func decodeManifest(text []byte) (m manifest, reason string) {
	line, rest, _ := strings.Cut(string(text), "\n")
	if rest != fmt.Sprintf("crc32c %08x\n", crc32.Checksum([]byte(line), castagnoli)) {
		return m, "checksum differs"
	}
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		return m, err.Error()
	}
	if m.Version != manifestVersion {
		return m, fmt.Sprintf("version %d is not known", m.Version)
	}
	for _, f := range m.Files {
		if f.Name != filepath.Base(f.Name) || f.Name == manifestName {
			return m, fmt.Sprintf("file name %q", f.Name)
		}
	}
	return m, ""
}

// readPart reads a file of a checkpoint and returns its payload.
func readPart(path string, f manifestFile) (string, error) {
	name := filepath.Join(path, f.Name)
	b, err := os.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read checkpoint: %w", err)
	}
	if int64(len(b)) != f.Size {
		return "", &CheckpointError{name, len(b), fmt.Sprintf("size differs from the manifest's %d", f.Size)}
	}
	payload, reason := decodePart(b, f.CRC32C)
	if reason != "" {
		return "", &CheckpointError{name, -1, reason}
	}
	return string(payload), nil
}

func decodePart(b []byte, want uint32) (payload []byte, reason string) {
	head := len(checkpointMagic) + 1
	if len(b) < head+4 || string(b[:len(checkpointMagic)]) != checkpointMagic {
		return nil, "not a checkpoint file"
	}
	body, tail := b[:len(b)-4], b[len(b)-4:]
	if sum := crc32.Checksum(body, castagnoli); sum != binary.LittleEndian.Uint32(tail) || sum != want {
		return nil, "checksum differs"
	}
	if v := b[head-1]; v != checkpointVersion {
		return nil, fmt.Sprintf("version %d is not known", v)
	}
	return body[head:], ""
}

// splitShards takes a sessions file apart.
func splitShards(name, payload string) (map[int]string, error) {
	d := decoder{s: payload}
	snaps := make(map[int]string)
	for d.i < len(d.s) {
		p := d.uvarint()
		n := d.uvarint()
		if p >= 1<<16 || n > uint64(len(d.s)-d.i) {
			d.fail("shard runs over the end")
			break
		}
		snaps[int(p)] = d.take(int(n))
	}
	if d.reason != "" {
		return nil, &CheckpointError{name, d.failed, d.reason}
	}
	return snaps, nil
}

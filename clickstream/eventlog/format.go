package eventlog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

const (
	segmentMagic   = "bklogseg"
	segmentVersion = 1
	segmentSuffix  = ".seg"

	blockMagic    = "BLK1"
	blockHeadSize = 48
	entrySize     = 24
)

var (
	le         = binary.LittleEndian
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// point is a place between two blocks of the log: what the next block continues.
type point struct {
	seq   uint64
	block uint64 // number of the next block
	time  int64  // Unix ms of the newest record before
	ends  []uint64
}

func (p point) clone() point {
	p.ends = append([]uint64(nil), p.ends...)
	return p
}

// segmentHead is the header of a segment file.
type segmentHead struct {
	id     logID
	fileID uint64 // random, so that a rewritten segment is told from the one it replaced
	at     point  // where the segment begins
}

func segmentHeadSize(partitions int) int { return 64 + 8*partitions + 8 }

func (h segmentHead) append(dst []byte) []byte {
	start := len(dst)
	dst = append(dst, segmentMagic...)
	dst = le.AppendUint32(dst, segmentVersion)
	dst = le.AppendUint32(dst, uint32(len(h.at.ends)))
	dst = append(dst, h.id[:]...)
	dst = le.AppendUint64(dst, h.fileID)
	dst = le.AppendUint64(dst, h.at.seq)
	dst = le.AppendUint64(dst, h.at.block)
	dst = le.AppendUint64(dst, uint64(h.at.time))
	for _, end := range h.at.ends {
		dst = le.AppendUint64(dst, end)
	}
	dst = le.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
	return append(dst, 0, 0, 0, 0)
}

// decodeSegmentHead reads the header of a log with so many partitions; reason is "" when it is whole.
func decodeSegmentHead(b []byte, id logID, partitions int) (h segmentHead, reason string) {
	size := segmentHeadSize(partitions)
	if len(b) < size {
		return h, "header is cut short"
	}
	b = b[:size]
	switch {
	case string(b[:8]) != segmentMagic:
		return h, "not a segment"
	case le.Uint32(b[8:]) != segmentVersion:
		return h, fmt.Sprintf("version %d is not known", le.Uint32(b[8:]))
	case le.Uint32(b[12:]) != uint32(partitions):
		return h, fmt.Sprintf("header says %d partitions", le.Uint32(b[12:]))
	case le.Uint64(b[size-8:]) != uint64(crc32.Checksum(b[:size-8], castagnoli)):
		return h, "header's checksum differs"
	case logID(b[16:32]) != id:
		return h, "segment of another log"
	}
	h.id = id
	h.fileID = le.Uint64(b[32:])
	h.at = point{seq: le.Uint64(b[40:]), block: le.Uint64(b[48:]), time: int64(le.Uint64(b[56:])), ends: make([]uint64, partitions)}
	for p := range h.at.ends {
		h.at.ends[p] = le.Uint64(b[64+8*p:])
	}
	return h, ""
}

func segmentName(seq uint64) string { return fmt.Sprintf("%020d%s", seq, segmentSuffix) }

// segmentSeq is the Seq that a file name stands for.
func segmentSeq(name string) (seq uint64, ok bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	seq, err := strconv.ParseUint(digits, 10, 64)
	return seq, err == nil
}

package eventlog

import (
	"hash/crc32"
	"sort"
)

const (
	footerMagic  = "bklogend"
	trailerSize  = 64
	extentBytes  = 256 << 10 // an extent ends with the first block that makes it this long
	maxIndexSize = 1 << 30
)

// index says where in a segment a partition's offset is: extents in order, each a run of whole blocks.
type index struct {
	partitions int
	pos        []int64  // of each extent
	seqs       []uint64 // of the first record at pos
	ends       []uint64 // len(pos) rows of partitions: the offset each partition has reached at pos
	end        int64    // end of the last extent
}

// extentStart is a place between two blocks.
type extentStart struct {
	pos  int64
	seq  uint64
	ends []uint64
}

// add notes that a block may begin at s; it begins a new extent if the last one is long enough. s.ends is copied.
func (x *index) add(s extentStart) {
	if n := len(x.pos); n > 0 && s.pos-x.pos[n-1] < extentBytes {
		return
	}
	x.pos = append(x.pos, s.pos)
	x.seqs = append(x.seqs, s.seq)
	x.ends = append(x.ends, s.ends...)
}

// find returns the bytes of the extent that holds offset of partition, if this segment does.
func (x *index) find(partition int, offset uint64) (from, to int64, ok bool) {
	i := sort.Search(len(x.pos), func(i int) bool { return x.ends[i*x.partitions+partition] > offset }) - 1
	if i < 0 {
		return 0, 0, false
	}
	if i+1 < len(x.pos) {
		return x.pos[i], x.pos[i+1], true
	}
	return x.pos[i], x.end, x.pos[i] < x.end
}

func (x *index) bytes() int64 { return int64(len(x.pos))*int64(16+8*x.partitions) + 64 }

// trailer ends a sealed segment.
type trailer struct {
	fileID    uint64
	blocksEnd int64
	seq       uint64
	block     uint64
	time      int64
	extents   uint32
	indexCRC  uint32
}

// appendFooter encodes x and the point at which the segment's blocks end.
func appendFooter(dst []byte, fileID uint64, x *index, end point) []byte {
	start := len(dst)
	for i := range x.pos {
		dst = le.AppendUint64(dst, uint64(x.pos[i]))
		dst = le.AppendUint64(dst, x.seqs[i])
		for _, e := range x.ends[i*x.partitions:][:x.partitions] {
			dst = le.AppendUint64(dst, e)
		}
	}
	crc := crc32.Checksum(dst[start:], castagnoli)
	start = len(dst)
	dst = append(dst, footerMagic...)
	dst = le.AppendUint64(dst, fileID)
	dst = le.AppendUint64(dst, uint64(x.end))
	dst = le.AppendUint64(dst, end.seq)
	dst = le.AppendUint64(dst, end.block)
	dst = le.AppendUint64(dst, uint64(end.time))
	dst = le.AppendUint32(dst, uint32(len(x.pos)))
	dst = le.AppendUint32(dst, crc)
	dst = le.AppendUint32(dst, 0)
	return le.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// decodeTrailer reads the last trailerSize bytes of a segment of size bytes; ok is false when they are not its trailer.
func decodeTrailer(b []byte, fileID uint64, size int64, partitions int) (t trailer, ok bool) {
	if len(b) != trailerSize || string(b[:8]) != footerMagic || le.Uint32(b[60:]) != crc32.Checksum(b[:60], castagnoli) {
		return t, false
	}
	t = trailer{
		fileID: le.Uint64(b[8:]), blocksEnd: int64(le.Uint64(b[16:])), seq: le.Uint64(b[24:]), block: le.Uint64(b[32:]),
		time: int64(le.Uint64(b[40:])), extents: le.Uint32(b[48:]), indexCRC: le.Uint32(b[52:]),
	}
	row := int64(16 + 8*partitions)
	ok = t.fileID == fileID && int64(t.extents)*row <= maxIndexSize && t.blocksEnd >= int64(segmentHeadSize(partitions)) &&
		t.blocksEnd == size-trailerSize-int64(t.extents)*row
	return t, ok
}

// decodeIndex reads the extents before a trailer; ok is false when they are not what the trailer says or not in order.
func decodeIndex(b []byte, t trailer, partitions int) (x *index, ok bool) {
	row := 16 + 8*partitions
	n := int(t.extents)
	if len(b) != n*row || crc32.Checksum(b, castagnoli) != t.indexCRC {
		return nil, false
	}
	x = &index{
		partitions: partitions, end: t.blocksEnd,
		pos: make([]int64, n), seqs: make([]uint64, n), ends: make([]uint64, 0, n*partitions),
	}
	last := int64(segmentHeadSize(partitions)) - 1
	for i := range n {
		r := b[i*row:][:row]
		x.pos[i], x.seqs[i] = int64(le.Uint64(r)), le.Uint64(r[8:])
		if x.pos[i] <= last || x.pos[i] >= x.end || x.pos[i]%8 != 0 {
			return nil, false
		}
		last = x.pos[i]
		for p := range partitions {
			x.ends = append(x.ends, le.Uint64(r[16+8*p:]))
		}
	}
	return x, true
}

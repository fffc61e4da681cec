package eventlog

import (
	"hash/crc32"

	"beckon/clickstream/record"
)

// blockHead is the fixed part of a block.
type blockHead struct {
	length uint32 // of the whole block
	frames uint32
	block  uint64
	seq    uint64
	time   int64
	group  uint32 // how many blocks of the same write precede this one
}

// entry describes one frame in a block's table.
type entry struct {
	partition uint32
	count     uint32
	first     uint64
	size      uint32 // of the data; the ends take 4·count more
	crc       uint32
}

func (e entry) frameSize() int { return 4*int(e.count) + int(e.size) }

// blockSeed is the checksum with which all block checksums of a log begin.
func blockSeed(id logID) uint32 { return crc32.Checksum(id[:], castagnoli) }

// blockSize is what parts take as a block, 0 when there is no record in them.
func blockSize(parts []record.Append) int {
	size := 0
	for i := range parts {
		if n := parts[i].Records.Len(); n > 0 {
			size += entrySize + 4*n + len(parts[i].Records.Data)
		}
	}
	if size == 0 {
		return 0
	}
	return pad(blockHeadSize + size)
}

func pad(n int) int { return (n + 7) &^ 7 }

// appendBlock encodes parts that start at at, as the group-th block of a write. at is not moved; at.ends is read for the first offsets
// and earlier parts of the same partition count.
func appendBlock(dst []byte, seed uint32, at *point, time int64, group uint32, parts []record.Append) []byte {
	start := len(dst)
	frames := 0
	for i := range parts {
		if parts[i].Records.Len() > 0 {
			frames++
		}
	}
	table := start + blockHeadSize
	body := table + entrySize*frames
	dst = grow(dst, body-start)
	clear(dst[start:body])
	n := 0
	for i := range parts {
		p := &parts[i].Records
		if p.Len() == 0 {
			continue
		}
		from := len(dst)
		for _, end := range p.Ends {
			dst = le.AppendUint32(dst, end)
		}
		dst = append(dst, p.Data...)
		putEntry(dst[table+entrySize*n:], entry{
			partition: uint32(parts[i].Partition), count: uint32(p.Len()), first: parts[i].First,
			size: uint32(len(p.Data)), crc: crc32.Checksum(dst[from:], castagnoli),
		})
		n++
	}
	for (len(dst)-start)%8 != 0 {
		dst = append(dst, 0)
	}
	putBlockHead(dst[start:], seed, blockHead{
		length: uint32(len(dst) - start), frames: uint32(frames), block: at.block, seq: at.seq, time: time, group: group,
	})
	return dst
}

// grow makes b longer by n bytes of any content.
func grow(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b[:len(b)+n]
	}
	return append(b, make([]byte, n)...)
}

func putEntry(b []byte, e entry) {
	le.PutUint32(b, e.partition)
	le.PutUint32(b[4:], e.count)
	le.PutUint64(b[8:], e.first)
	le.PutUint32(b[16:], e.size)
	le.PutUint32(b[20:], e.crc)
}

func entryAt(block []byte, i int) entry {
	b := block[blockHeadSize+entrySize*i:][:entrySize]
	return entry{
		partition: le.Uint32(b), count: le.Uint32(b[4:]), first: le.Uint64(b[8:]), size: le.Uint32(b[16:]), crc: le.Uint32(b[20:]),
	}
}

// putBlockHead writes h before a table that is in its place and completes the checksum.
func putBlockHead(b []byte, seed uint32, h blockHead) {
	copy(b, blockMagic)
	le.PutUint32(b[8:], h.length)
	le.PutUint32(b[12:], h.frames)
	le.PutUint64(b[16:], h.block)
	le.PutUint64(b[24:], h.seq)
	le.PutUint64(b[32:], uint64(h.time))
	le.PutUint32(b[40:], h.group)
	le.PutUint32(b[44:], crc32.Checksum(b[blockHeadSize:][:entrySize*int(h.frames)], castagnoli))
	le.PutUint32(b[4:], crc32.Update(seed, castagnoli, b[8:blockHeadSize]))
}

// tableEnd is where the block's table ends.
func (h blockHead) tableEnd() int { return blockHeadSize + entrySize*int(h.frames) }

// decodeBlockHead checks the first blockHeadSize bytes of a block; reason is "" when they are whole. What h says is then what was written.
func decodeBlockHead(b []byte, seed uint32) (h blockHead, reason string) {
	if len(b) < blockHeadSize {
		return h, "block is cut short"
	}
	if string(b[:4]) != blockMagic {
		return h, "not a block"
	}
	if le.Uint32(b[4:]) != crc32.Update(seed, castagnoli, b[8:blockHeadSize]) {
		return h, "block's checksum differs"
	}
	h = blockHead{
		length: le.Uint32(b[8:]), frames: le.Uint32(b[12:]), block: le.Uint64(b[16:]), seq: le.Uint64(b[24:]),
		time: int64(le.Uint64(b[32:])), group: le.Uint32(b[40:]),
	}
	if h.length%8 != 0 || int64(h.length) < blockHeadSize+entrySize*int64(h.frames) || uint64(h.group) > h.block {
		return h, "block's head makes no sense"
	}
	return h, ""
}

// checkTable checks the table of a block whose head is whole; b has at least h.tableEnd() bytes.
func checkTable(b []byte, h blockHead, partitions int) (reason string) {
	if le.Uint32(b[44:]) != crc32.Checksum(b[blockHeadSize:h.tableEnd()], castagnoli) {
		return "table's checksum differs"
	}
	size := int64(h.tableEnd())
	for i := range int(h.frames) {
		e := entryAt(b, i)
		if int64(e.partition) >= int64(partitions) || e.count == 0 {
			return "block's table makes no sense"
		}
		size += 4*int64(e.count) + int64(e.size)
	}
	if (size+7)&^7 != int64(h.length) {
		return "block's table makes no sense"
	}
	return ""
}

// checkFrame checks a frame's bytes against its entry; reason is "" when they are whole. The ends must be in order and the last one
// must be the end of the data.
func checkFrame(e entry, raw []byte) (reason string) {
	if crc32.Checksum(raw, castagnoli) != e.crc {
		return "frame's checksum differs"
	}
	var last uint32
	for i := range int(e.count) {
		end := le.Uint32(raw[4*i:])
		if end < last {
			return "frame's records overlap"
		}
		last = end
	}
	if last != e.size {
		return "frame's records do not fill it"
	}
	return ""
}

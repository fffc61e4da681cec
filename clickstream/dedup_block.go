package clickstream

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// dedupBlock is one write to a dedup file: the ids first seen since the one before, and the state of the collector after
// every record below upto.
type dedupBlock struct {
	hour  int64 // hours since 1970
	upto  []uint64
	sites []account
	ids   []uint64
}

const (
	dedupBlockVersion = 2
	maxFrame          = 256 << 20 // bytes; a longer length is damage
	frameHead         = 8
)

// A frame is length:4 crc32c:4 payload. sealFrame fills the head of the frame that begins at dst[at].
func sealFrame(dst []byte, at int) {
	payload := dst[at+frameHead:]
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(dst[at+4:], crc32.Checksum(payload, castagnoli))
}

// frame is the payload of the frame at the beginning of data; ok is false when it is not whole.
func frame(data string) (payload string, ok bool) {
	if len(data) < frameHead {
		return "", false
	}
	size, sum := littleEndian32(data), littleEndian32(data[4:])
	if size == 0 || size > maxFrame || int(size) > len(data)-frameHead {
		return "", false
	}
	payload = data[frameHead : frameHead+int(size)]
	crc := uint32(0)
	for rest := payload; rest != ""; {
		var room [4096]byte
		n := copy(room[:], rest)
		crc, rest = crc32.Update(crc, castagnoli, room[:n]), rest[n:]
	}
	return payload, crc == sum
}

func littleEndian32(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// appendDedupBlock appends b as a frame:
//
//	version=2 hour:uvarint partitions:uvarint upto:uvarint each
//	sites:uvarint, each: site received stored duplicates rejected generated deadLetters erased:uvarint clock:varint
//	ids:uvarint, 8 bytes each
//
// Version 1 has no erased.
func appendDedupBlock(dst []byte, b *dedupBlock) []byte {
	at := len(dst)
	dst = append(slices.Grow(dst, frameHead+64+10*len(b.upto)+96*len(b.sites)+8*len(b.ids)), make([]byte, frameHead)...)
	dst = append(dst, dedupBlockVersion)
	dst = binary.AppendUvarint(dst, uint64(b.hour))
	dst = binary.AppendUvarint(dst, uint64(len(b.upto)))
	for _, offset := range b.upto {
		dst = binary.AppendUvarint(dst, offset)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.sites)))
	for i := range b.sites {
		a := &b.sites[i]
		dst = appendString(dst, a.site)
		for _, n := range [...]int64{a.Received, a.Stored, a.Duplicates, a.Rejected, a.Generated, a.DeadLetters, a.Erased} {
			dst = binary.AppendUvarint(dst, uint64(n))
		}
		dst = binary.AppendVarint(dst, a.clock)
	}
	dst = binary.AppendUvarint(dst, uint64(len(b.ids)))
	for _, id := range b.ids {
		dst = binary.LittleEndian.AppendUint64(dst, id)
	}
	sealFrame(dst, at)
	return dst
}

// decodeDedupBlock reads the payload of a frame. ids are not read but left as they stand, 8 bytes each.
func decodeDedupBlock(payload string, b *dedupBlock) (ids string, ok bool) {
	d := decoder{s: payload}
	v := d.byte()
	if v < 1 || v > dedupBlockVersion {
		return "", false
	}
	b.hour = int64(d.uvarint())
	b.upto = b.upto[:0]
	for n := d.count(1); n > 0; n-- {
		b.upto = append(b.upto, d.uvarint())
	}
	b.sites = b.sites[:0]
	for n := d.count(8); n > 0; n-- {
		a := account{site: d.str()}
		for _, p := range [...]*int64{&a.Received, &a.Stored, &a.Duplicates, &a.Rejected, &a.Generated, &a.DeadLetters} {
			*p = int64(d.uvarint())
		}
		if v > 1 {
			a.Erased = int64(d.uvarint())
		}
		a.clock = d.varint()
		b.sites = append(b.sites, a)
	}
	ids = d.take(8 * d.count(8))
	return ids, d.reason == "" && d.i == len(payload)
}

// count reads a number of things that take at least size bytes each: more than there are bytes is damage.
func (d *decoder) count(size int) int {
	n := d.uvarint()
	if n > uint64((len(d.s)-d.i)/size) {
		d.fail("more of them than bytes")
		return 0
	}
	return int(n)
}

// freshIDs is what was committed since the last write of the dedup files. One lock, the book's, is held around its methods.
type freshIDs struct {
	hour    int64
	ids     []uint64
	upto    []uint64 // offsets that follow the last commit, by partition
	changed bool
	ended   []dedupBlock // of hours that are over
}

// add takes over a committed batch.
func (f *freshIDs) add(t *batch) {
	f.ids = append(f.ids, t.ids...)
	for i := range t.appends {
		a := &t.appends[i]
		f.upto[a.Partition] = a.First + uint64(a.Records.Len())
	}
	f.changed = true
}

// roll ends the hour.
func (f *freshIDs) roll(hour int64, sites accounts) {
	if f.changed {
		f.ended = append(f.ended, f.block(sites))
		f.ids, f.changed = nil, false
	}
	f.hour = hour
}

func (f *freshIDs) block(sites accounts) dedupBlock {
	return dedupBlock{f.hour, slices.Clone(f.upto), sites.clone(), f.ids}
}

// take moves everything out, oldest first. room is an emptied slice for the ids to come.
func (f *freshIDs) take(sites accounts, room []uint64) []dedupBlock {
	blocks := f.ended
	f.ended = nil
	if f.changed {
		blocks = append(blocks, f.block(sites))
		f.ids, f.changed = room[:0], false
	}
	return blocks
}

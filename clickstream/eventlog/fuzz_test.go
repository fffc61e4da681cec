package eventlog

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"beckon/clickstream/record"
)

// sealBlocks makes the checksums of heads and tables in b right, as far as b looks like blocks, so that the fuzzer gets behind them.
func sealBlocks(b []byte, seed uint32) {
	for len(b) >= blockHeadSize {
		h := blockHead{
			length: le.Uint32(b[8:]), frames: le.Uint32(b[12:]), block: le.Uint64(b[16:]), seq: le.Uint64(b[24:]),
			time: int64(le.Uint64(b[32:])), group: le.Uint32(b[40:]),
		}
		if int64(blockHeadSize)+entrySize*int64(h.frames) > int64(len(b)) {
			return
		}
		putBlockHead(b, seed, h)
		if int64(h.length) > int64(len(b)) || h.length < blockHeadSize {
			return
		}
		b = b[h.length:]
	}
}

func FuzzBlocks(f *testing.F) {
	seed := blockSeed(logID{1})
	at := point{ends: make([]uint64, 3)}
	one := appendBlock(nil, seed, &at, 5, 0, []record.Append{packed(0, "a", "bc"), packed(2, "", "d")})
	f.Add(one, true)
	f.Add(append(bytes.Clone(one), one...), true)
	f.Add(appendBlock(nil, seed, &at, 5, 0, nil), false)
	f.Fuzz(func(t *testing.T, b []byte, seal bool) {
		b = bytes.Clone(b)
		if seal {
			sealBlocks(b, seed)
		}
		// Both decoders agree on what is whole, and neither panics or reads outside b.
		head := segmentHead{at: point{ends: make([]uint64, 3)}}
		padded := append(make([]byte, segmentHeadSize(3)), b...)
		s := newScanner(bytes.NewReader(padded), "fuzz", int64(len(padded)), seed, head)
		x := &index{partitions: 3}
		_, err := s.all(x)
		if err != nil && !errors.As(err, new(*CorruptionError)) {
			t.Fatal(err)
		}
		if _, err := s.provenDurable(); err != nil {
			t.Fatal(err)
		}
		whole := padded[segmentHeadSize(3):s.pos]
		ext, _, reason := decodeExtent(whole, seed, 3)
		if reason != "" {
			t.Fatalf("%d whole bytes: %s", len(whole), reason)
		}
		var records uint64
		for p := range 3 {
			next := uint64(0)
			for _, fr := range ext.of(p) {
				if fr.first != next {
					t.Fatalf("partition %d: frame at %d, want %d", p, fr.first, next)
				}
				next += uint64(len(fr.ends))
				_ = fr.data()
			}
			if next != s.at.ends[p] {
				t.Fatalf("partition %d: %d records, the scanner found %d", p, next, s.at.ends[p])
			}
			records += next
		}
		if records != s.at.seq {
			t.Fatalf("%d records, seq %d", records, s.at.seq)
		}
		if ext, _, reason := decodeExtent(b, seed, 3); reason == "" {
			for i := range ext.frames {
				fr := &ext.frames[i]
				if checkFrame(entry{count: uint32(len(fr.ends)), size: uint32(len(fr.raw) - 4*len(fr.ends)), crc: fr.crc}, fr.raw) == "" {
					part(fr.data(), fr.ends, 0, 1)
				}
			}
		}
	})
}

func FuzzFooter(f *testing.F) {
	x := &index{partitions: 2, end: 500}
	x.add(extentStart{96, 0, []uint64{0, 0}})
	f.Add(appendFooter(nil, 7, x, point{seq: 9, block: 3}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < trailerSize {
			return
		}
		for _, size := range []int64{500 + int64(len(b)), int64(len(b))} {
			tr, ok := decodeTrailer(b[len(b)-trailerSize:], 7, size, 2)
			if !ok {
				continue
			}
			if from := int64(len(b)) - (size - tr.blocksEnd); from >= 0 {
				if x, ok := decodeIndex(b[from:len(b)-trailerSize], tr, 2); ok {
					x.find(1, 3)
				}
			}
		}
	})
}

func FuzzMeta(f *testing.F) {
	f.Add(string(goldenMeta()))
	f.Add("beckon log 1\npartitions 2\nepoch \nid \ncrc32c 0\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := decodeMeta(text)
		if err == nil && string(m.encode()) != text {
			t.Errorf("%q is read as %+v and written as %q", text, m, m.encode())
		}
	})
}

// FuzzOpen puts any bytes in the place of a log's newest segment, from some place on.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	cfg := Config{Dir: dir, Partitions: 2, SegmentBytes: 4 << 10, FS: newSim(0, failOp, 1)}
	l, err := Open(cfg)
	if err != nil {
		f.Fatal(err)
	}
	for range 5 {
		mustAppend(f, l, packed(0, "some payload", "another"), packed(1, "third"))
	}
	l.Close()
	name := filepath.Join(dir, segmentName(0))
	whole, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	m, _, err := readMeta(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(0), whole[:800], false)
	f.Add(uint16(200), []byte("garbage"), false)
	f.Add(uint16(segmentHeadSize(2)), whole[segmentHeadSize(2):700], true)
	f.Fuzz(func(t *testing.T, at uint16, b []byte, seal bool) {
		broken := bytes.Clone(whole)
		from := int(at) % len(broken)
		broken = append(broken[:from], append(bytes.Clone(b), broken[min(len(broken), from+len(b)):]...)...)
		if seal && from >= segmentHeadSize(2) {
			sealBlocks(broken[segmentHeadSize(2):], blockSeed(m.id))
		}
		if err := os.WriteFile(name, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(dir); err != nil {
			t.Fatal(err)
		}
		cfg.FS = newSim(0, failOp, 1)
		l, err := Open(cfg)
		if err != nil {
			if !errors.As(err, new(*CorruptionError)) {
				t.Fatal(err)
			}
			return
		}
		defer l.Close()
		before := l.Cut(nil)
		mustAppend(t, l, packed(1, "after"))
		for p := range 2 {
			all, err := tryReadAll(l, p, l.First(p), 64)
			if err != nil {
				t.Fatal(err)
			}
			if uint64(len(all))+l.First(p) != before.Ends[p]+uint64(p) {
				t.Fatalf("partition %d: %d records, ends %v", p, len(all), before.Ends)
			}
		}
		if r, err := Verify(dir); err != nil || len(r.Damage) > 0 {
			t.Fatalf("after recovery: %+v, %v", r, err)
		}
		for _, file := range segmentsIn(t, dir) {
			if file != segmentName(0) {
				os.Remove(filepath.Join(dir, file))
			}
		}
	})
}

func segmentsIn(t *testing.T, dir string) []string {
	t.Helper()
	return segmentsOf(readFiles(t, dir))
}

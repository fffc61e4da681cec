package eventlog

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// damageFixture is a closed log with two sealed segments and a newest one, and what is in it.
func damageFixture(t *testing.T, orderly bool) (files map[string][]byte, want [][]string) {
	t.Helper()
	dir := t.TempDir()
	cfg := small(dir, 2)
	cfg.SegmentBytes = 4 << 10
	l := open(t, cfg)
	want = make([][]string, 2)
	for i := range 24 {
		a, b := fmt.Sprintf("a%d %s", i, strings.Repeat("A", 200)), fmt.Sprintf("b%d %s", i, strings.Repeat("B", 150))
		mustAppend(t, l, packed(0, a, "x"), packed(1, b))
		want[0] = append(want[0], a, "x")
		want[1] = append(want[1], b)
	}
	if orderly {
		l.Close()
	} else {
		abandon(t, l)
	}
	files = readFiles(t, dir)
	if n := len(segmentsOf(files)); n != 3 {
		t.Fatalf("the fixture has %d segments", n)
	}
	return files, want
}

func readFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func writeFiles(t *testing.T, files map[string][]byte) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func segmentsOf(files map[string][]byte) []string {
	var names []string
	for name := range files {
		if _, ok := segmentSeq(name); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// blockStarts gives where the blocks of a segment begin, and where they end.
func blockStarts(t *testing.T, files map[string][]byte, name string) []int64 {
	t.Helper()
	m, err := decodeMeta(string(files[metaName]))
	if err != nil {
		t.Fatal(err)
	}
	b := files[name]
	head, reason := decodeSegmentHead(b, m.id, m.partitions)
	if reason != "" {
		t.Fatal(reason)
	}
	s := newScanner(bytes.NewReader(b), name, int64(len(b)), blockSeed(m.id), head)
	starts := []int64{s.pos}
	for {
		ok, err := s.next()
		if err != nil && !errors.As(err, new(*CorruptionError)) {
			t.Fatal(err)
		}
		if !ok {
			return starts
		}
		starts = append(starts, s.pos)
	}
}

// open's answer to damage.
type answer int

const (
	refused  answer = iota // a *CorruptionError that names the segment
	cut                    // records from some point on are gone, as after a crash; all before are there
	repaired               // everything is there
)

func TestDamageTable(t *testing.T) {
	files, want := damageFixture(t, true)
	crashed, _ := damageFixture(t, false)
	segs := segmentsOf(files)
	oldest, middle, newest := segs[0], segs[1], segs[2]
	starts := blockStarts(t, files, middle)
	tail := blockStarts(t, files, newest)
	lastEnd := tail[len(tail)-2] // before the mark
	crashTail := blockStarts(t, crashed, segmentsOf(crashed)[2])
	crashEnd := crashTail[len(crashTail)-1]
	flip := func(at int64) func([]byte) []byte {
		return func(b []byte) []byte { b[at] ^= 0x10; return b }
	}
	zero := func(from, to int64) func([]byte) []byte {
		return func(b []byte) []byte { clear(b[from:to]); return b }
	}
	cutAt := func(at int64) func([]byte) []byte { return func(b []byte) []byte { return b[:at] } }
	garbage := func(at int64) func([]byte) []byte {
		return func(b []byte) []byte {
			for i := range 100 {
				if at+int64(i) < int64(len(b)) {
					b[at+int64(i)] = byte(i*7 + 1)
				} else {
					b = append(b, byte(i*7+1))
				}
			}
			return b
		}
	}
	size := func(name string) int64 { return int64(len(files[name])) }
	for _, c := range []struct {
		name    string
		crashed bool // damage a log that was not closed
		file    string
		change  func([]byte) []byte // nil removes the file
		want    answer
	}{
		{"nothing", false, newest, func(b []byte) []byte { return b }, repaired},
		{"flip magic of a sealed segment", false, oldest, flip(3), refused},
		{"flip version", false, oldest, flip(8), refused},
		{"flip log id", false, oldest, flip(20), refused},
		{"flip first offset", false, middle, flip(70), refused},
		{"flip header checksum", false, middle, flip(81), refused},
		{"flip header of the newest", false, newest, flip(45), refused},
		{"cut a header", false, oldest, cutAt(40), refused},
		{"cut the newest header", false, newest, cutAt(40), refused},
		{"empty newest", false, newest, cutAt(0), refused},
		{"flip block head in a sealed segment", false, middle, flip(starts[2] + 9), refused},
		{"flip block table in a sealed segment", false, middle, flip(starts[2] + blockHeadSize + 3), refused},
		{"flip payload in a sealed segment", false, middle, flip(starts[2] + 150), refused},
		{"flip padding in a sealed segment", false, middle, flip(starts[3] - 1), refused},
		{"zero a block of a sealed segment", false, middle, zero(starts[2], starts[3]), refused},
		{"zero the last block of a sealed segment", false, middle, zero(starts[len(starts)-2], starts[len(starts)-1]), refused},
		{"cut the last block of a sealed segment", false, middle, cutAt(starts[len(starts)-2]), refused},
		{"cut inside a sealed segment", false, middle, cutAt(starts[3] + 17), refused},
		{"flip extents of a footer", false, middle, flip(starts[len(starts)-1] + 1), repaired},
		{"flip trailer of a footer", false, middle, flip(size(middle) - 30), repaired},
		{"cut a footer", false, middle, cutAt(starts[len(starts)-1] + 10), repaired},
		{"no footer", false, middle, cutAt(starts[len(starts)-1]), repaired},
		{"garbage after a footer", false, middle, garbage(size(middle)), repaired},
		{"remove a segment between", false, middle, nil, refused},
		{"remove the newest segment", false, newest, nil, refused},
		{"flip early block of the newest", false, newest, flip(tail[0] + 60), refused},
		{"flip head of an early block of the newest", false, newest, flip(tail[1] + 5), refused},
		{"zero an early block of the newest", false, newest, zero(tail[1], tail[2]), refused},
		{"flip the last block before the mark", false, newest, flip(lastEnd - 20), refused},
		{"garbage after the mark", false, newest, garbage(tail[len(tail)-1]), repaired},
		{"cut the zeros", false, newest, cutAt(tail[len(tail)-1]), repaired},
		{"append garbage to the newest", false, newest, garbage(size(newest)), repaired},
		{"flip the last block after a crash", true, newest, flip(crashEnd - 20), cut},
		{"cut the last block after a crash", true, newest, cutAt(crashEnd - 20), cut},
		{"half of the last block after a crash", true, newest, zero(crashTail[len(crashTail)-2]+100, crashEnd), cut},
		{"head of the last block lost in a crash", true, newest, zero(crashTail[len(crashTail)-2], crashTail[len(crashTail)-2]+96), cut},
		{"garbage after a crash", true, newest, garbage(crashEnd), repaired},
		{"early block damaged in a crashed log", true, newest, flip(crashTail[1] + 60), refused},
		{"flip meta", false, metaName, flip(20), refused},
		{"cut meta", false, metaName, cutAt(30), refused},
		{"empty meta", false, metaName, cutAt(0), refused},
		{"remove meta", false, metaName, nil, refused},
		{"unknown file", false, "notes.txt", func([]byte) []byte { return []byte("hello") }, repaired},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := files
			if c.crashed {
				set = crashed
			}
			broken := map[string][]byte{}
			for name, b := range set {
				broken[name] = b
			}
			if c.change == nil {
				delete(broken, c.file)
			} else {
				broken[c.file] = c.change(slices.Clone(set[c.file]))
			}
			dir := writeFiles(t, broken)
			checkAnswer(t, dir, c.file, c.want, want)
		})
	}
}

func checkAnswer(t *testing.T, dir, file string, wanted answer, want [][]string) {
	t.Helper()
	before := readFiles(t, dir)
	report, verr := Verify(dir)
	cfg := small(dir, 2)
	cfg.SegmentBytes = 4 << 10
	l, err := Open(cfg)
	var damage *CorruptionError
	if wanted == refused {
		if !errors.As(err, &damage) {
			t.Fatalf("got %v, want a *CorruptionError", err)
		}
		if verr == nil && len(report.Damage) == 0 {
			t.Error("Verify found nothing")
		}
		if got := readFiles(t, dir); !sameFiles(got, before) {
			t.Error("Open changed a damaged log")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if verr != nil || len(report.Damage) > 0 {
		t.Errorf("Verify: %+v, %v", report, verr)
	}
	shorter := [][]string{want[0][:len(want[0])-2], want[1][:len(want[1])-1]}
	if wanted == cut {
		want = shorter
		if r := l.Recovery(); r.Segment != file || r.CutBytes == 0 {
			t.Errorf("recovery says %+v", r)
		}
	}
	compare(t, l, want)
	mustAppend(t, l, packed(1, "after"))
	compare(t, l, [][]string{want[0], append(slices.Clone(want[1]), "after")})
}

func sameFiles(a, b map[string][]byte) bool {
	delete(a, lockName)
	delete(b, lockName)
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			return false
		}
	}
	return true
}

// TestEveryFlippedBitIsNoticed flips each byte of a sealed segment's blocks and each of the newest's.
func TestEveryFlippedByteOfBlocksIsNoticed(t *testing.T) {
	files, _ := damageFixture(t, true)
	segs := segmentsOf(files)
	dir := writeFiles(t, files)
	for _, name := range []string{segs[0], segs[2]} {
		starts := blockStarts(t, files, name)
		b := slices.Clone(files[name])
		for at := range int(starts[len(starts)-2]) {
			if name == segs[2] && at%3 != 0 && !testing.Short() {
				continue
			}
			b[at] ^= 1 << (at % 8)
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
			b[at] ^= 1 << (at % 8)
			r, err := Verify(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Damage) == 0 {
				t.Fatalf("segment %s, byte %d: not noticed", name, at)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), files[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDamageThatOpenDoesNotReadIsFoundByReaders sets CheckBytes so that sealed segments are opened by their footers.
func TestDamageThatOpenDoesNotReadIsFoundByReaders(t *testing.T) {
	files, _ := damageFixture(t, true)
	name := segmentsOf(files)[0]
	starts := blockStarts(t, files, name)
	for what, at := range map[string]int64{"payload": starts[2] + 200, "head": starts[2] + 20, "table": starts[2] + 60} {
		broken := map[string][]byte{}
		for n, b := range files {
			broken[n] = slices.Clone(b)
		}
		broken[name][at] ^= 4
		cfg := Config{Dir: writeFiles(t, broken), CheckBytes: -1}
		l := open(t, cfg)
		found := 0
		for p := range 2 {
			_, err := tryReadAll(l, p, 0, 1<<20)
			var damage *CorruptionError
			if errors.As(err, &damage) && damage.Segment == name {
				found++
			} else if err != nil {
				t.Errorf("%s: partition %d: %v", what, p, err)
			}
		}
		if what == "payload" && found != 1 || what != "payload" && found != 2 {
			t.Errorf("%s: %d partitions found damage", what, found)
		}
		l.Close()
	}
}

// TestPayloadCannotPoseAsABlock has a torn write whose payload holds what looks like a block of this log to one who does not know its id.
func TestPayloadCannotPoseAsABlock(t *testing.T) {
	dir := t.TempDir()
	cfg := small(dir, 1)
	l := open(t, cfg)
	mustAppend(t, l, packed(0, "a"))
	forged := make([]byte, 256)
	for at := 0; at+64 < len(forged); at += 8 {
		putBlockHead(forged[at:], blockSeed(logID{}), blockHead{length: 64, block: 99, seq: 99})
	}
	mustAppend(t, l, packed(0, string(forged)))
	abandon(t, l)
	files := readFiles(t, dir)
	name := segmentsOf(files)[0]
	starts := blockStarts(t, files, name)
	files[name][starts[1]] ^= 1
	checkOnly := writeFiles(t, files)
	l = open(t, small(checkOnly, 1))
	if got := payloads(readAll(t, l, 0, 0, 1000)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %q", got)
	}
}

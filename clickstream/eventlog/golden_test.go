package eventlog

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"beckon/clickstream/record"
)

var update = flag.Bool("update", false, "write the golden files of the format anew")

// goldenSegment is a sealed segment of two partitions with two appends, the second of them two blocks in one write, and a mark.
func goldenSegment() []byte {
	id := logID([]byte("0123456789abcdef"))
	head := segmentHead{id: id, fileID: 0x1122334455667788, at: point{seq: 1000, block: 7, time: 1790000000000, ends: []uint64{600, 400}}}
	seed := blockSeed(id)
	b := head.append(nil)
	x := &index{partitions: 2}
	at := head.at.clone()
	x.add(extentStart{int64(len(b)), at.seq, at.ends})
	add := func(time int64, group uint32, parts ...record.Append) {
		for i := range parts {
			parts[i].First = at.ends[parts[i].Partition]
			at.ends[parts[i].Partition] += uint64(parts[i].Records.Len())
		}
		b = appendBlock(b, seed, &at, time, group, parts)
		for i := range parts {
			at.seq += uint64(parts[i].Records.Len())
		}
		at.block++
		at.time = time
	}
	add(1790000000123, 0, packed(0, "first"), packed(1, "second", "", "fourth"))
	add(1790000000124, 1, packed(1, "fifth"))
	add(1790000000124, 0)
	x.end = int64(len(b))
	return appendFooter(b, head.fileID, x, at)
}

func goldenMeta() []byte {
	return meta{partitions: 2, epoch: "EPOCHEPOCHEPOCHEPOCHEPOCHE", id: logID([]byte("0123456789abcdef"))}.encode()
}

// TestFormatIsTheOneOnDisk fails when a log of this version would be written differently: that needs a new version number.
func TestFormatIsTheOneOnDisk(t *testing.T) {
	for name, got := range map[string][]byte{"segment.v1": goldenSegment(), "meta.v1": goldenMeta()} {
		raw, dump := filepath.Join("testdata", name+".raw"), filepath.Join("testdata", name+".hex")
		if *update {
			for file, content := range map[string][]byte{raw: got, dump: []byte(hex.Dump(got))} {
				if err := os.WriteFile(file, content, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		want, err := os.ReadFile(raw)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%swant\n%s", name, hex.Dump(got), hex.Dump(want))
		}
		text, err := os.ReadFile(dump)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != hex.Dump(want) {
			t.Errorf("%s does not show %s", dump, raw)
		}
	}
}

// TestLogOfThisVersionIsRead opens the golden files as a log.
func TestLogOfThisVersionIsRead(t *testing.T) {
	dir := t.TempDir()
	for from, to := range map[string]string{"segment.v1.raw": segmentName(1000), "meta.v1.raw": metaName} {
		b, err := os.ReadFile(filepath.Join("testdata", from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	next := segmentHead{id: logID([]byte("0123456789abcdef")), fileID: 2, at: point{seq: 1005, block: 10, time: 1790000000124, ends: []uint64{601, 404}}}
	if err := os.WriteFile(filepath.Join(dir, segmentName(1005)), next.append(nil), 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, Config{Dir: dir})
	if l.Epoch() != "EPOCHEPOCHEPOCHEPOCHEPOCHE" || l.First(1) != 400 {
		t.Errorf("got epoch %s, first %d", l.Epoch(), l.First(1))
	}
	got := append(readAll(t, l, 0, 600, 100), readAll(t, l, 1, 400, 100)...)
	want := []read{
		{600, 1000, 1790000000123, "first"},
		{400, 1001, 1790000000123, "second"},
		{401, 1002, 1790000000123, ""},
		{402, 1003, 1790000000123, "fourth"},
		{403, 1004, 1790000000124, "fifth"},
	}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
}

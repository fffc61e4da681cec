package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// grepData fails for every file of the data folder that has one of the words.
func (in *installation) grepData(words ...string) {
	in.t.Helper()
	for path, word := range in.holding(words...) {
		in.t.Errorf("%s has %q", path, word)
	}
}

// holding looks for words in every file of the data folder, in what can be decompressed of it, and in names of files.
func (in *installation) holding(words ...string) map[string]string {
	in.t.Helper()
	files := 0
	found := map[string]string{}
	err := filepath.WalkDir(in.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() { // what ClickHouse's links name is walked where it stands
			return nil
		}
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) { // ClickHouse merged it meanwhile; what it became is looked into when all stands still
			return nil
		}
		if err != nil {
			return err
		}
		files++
		for _, text := range [][]byte{[]byte(path), data, gunzipped(data), unpacked(data)} {
			for _, w := range words {
				if bytes.Contains(text, []byte(w)) {
					found[path] = w
				}
			}
		}
		return nil
	})
	if err != nil {
		in.t.Fatal(err)
	}
	if files < 10 {
		in.t.Errorf("only %d files were looked into", files)
	}
	return found
}

func gunzipped(data []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(z) // as far as it goes
	return text
}

// unpacked is what the blocks of a column file of ClickHouse hold: a checksum of 16 bytes, the method, the length of the rest from the
// method on, and that of the content. Numbers in other codecs are passed over. Anything else gives nothing.
func unpacked(data []byte) []byte {
	const sum, head = 16, 9
	var out []byte
	for len(data) >= sum+head {
		method, size, content := data[sum], int(binary.LittleEndian.Uint32(data[sum+1:])), int(binary.LittleEndian.Uint32(data[sum+5:]))
		if size < head || sum+size > len(data) || content > 64<<20 {
			break
		}
		block := data[sum+head : sum+size]
		switch method {
		case 0x02:
			out = append(out, block...)
		case 0x82:
			room := make([]byte, content)
			if n, err := lz4.UncompressBlock(block, room); err == nil {
				out = append(out, room[:n]...)
			}
		case 0x90:
			if z, err := zstd.NewReader(nil); err == nil {
				out, _ = z.DecodeAll(block, out)
				z.Close()
			}
		}
		data = data[sum+size:]
	}
	return out
}

func TestColumnFilesAreUnpacked(t *testing.T) {
	content := bytes.Repeat([]byte("who is this "), 40)
	room := make([]byte, 1000)
	n, err := lz4.CompressBlock(content, room, nil)
	if err != nil || n == 0 {
		t.Fatal(n, err)
	}
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	var file []byte
	for method, block := range map[byte][]byte{0x82: room[:n], 0x90: z.EncodeAll(content, nil), 0x02: content, 0x93: []byte("numbers")} {
		file = append(append(file, make([]byte, 16)...), method)
		file = binary.LittleEndian.AppendUint32(file, uint32(9+len(block)))
		file = append(binary.LittleEndian.AppendUint32(file, uint32(len(content))), block...)
	}
	if got := unpacked(file); !bytes.Equal(got, bytes.Repeat(content, 3)) {
		t.Errorf("got %d bytes, want %d", len(got), 3*len(content))
	}
}

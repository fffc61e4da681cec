package snapshot

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"
	"testing/iotest"
)

// read takes what the script says, a call a byte, and writes it again as long as there is no error.
func read(r io.Reader, script []byte) (again []byte, err error) {
	var b bytes.Buffer
	e, d := NewEncoder(&b, 'x', 3), NewDecoder(r, 'x', 3)
	for _, call := range script {
		switch bound := int(call / 11); call % 11 {
		case 0:
			e.Uint(d.Uint())
		case 1:
			e.Int(d.Int())
		case 2:
			e.Uint(d.UpTo(uint64(bound)))
		case 3:
			e.Int(d.Within(int64(bound)))
		case 4:
			e.Hash(d.Hash())
		case 5:
			e.Float(d.Float())
		case 6:
			e.Float32(d.Float32())
		case 7:
			e.Text(d.Text())
		case 8:
			e.Bytes(d.Bytes(bound << 10))
		case 9:
			fixed := make([]byte, bound)
			d.Fixed(fixed)
			e.Fixed(fixed)
		case 10:
			var a, b, c bool
			d.Flags(&a, &b, &c)
			e.Flags(a, b, c)
		}
	}
	list := make([]uint64, 0, 16)
	for range d.Each(math.MaxInt32) {
		list = append(list, d.Uint())
	}
	e.Uint(uint64(len(list)))
	for _, v := range list {
		e.Uint(v)
	}
	err = errors.Join(d.End(), e.Flush())
	return b.Bytes(), err
}

// Whatever the bytes, they are refused or mean what is written again, and how they arrive makes no difference.
func FuzzDecoder(f *testing.F) {
	script := []byte{0, 0, 1, 1, 1, 4, 5, 6, 7, 19, 42, 10}
	f.Add(written(f, everything), script)
	f.Add([]byte("x\x01\xff\xff\xff\xff\x07"), []byte{})
	f.Fuzz(func(t *testing.T, data, script []byte) {
		again, err := read(bytes.NewReader(data), script)
		_, slow := read(iotest.OneByteReader(bytes.NewReader(data)), script)
		if (err == nil) != (slow == nil) || err != nil && err.Error() != slow.Error() {
			t.Fatalf("%v, by byte %v", err, slow)
		}
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		twice, err := read(bytes.NewReader(again), script)
		if err != nil || !bytes.Equal(twice, again) {
			t.Fatalf("written again: %v", err)
		}
	})
}

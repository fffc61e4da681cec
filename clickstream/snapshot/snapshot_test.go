package snapshot

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// everything writes one of each, with values at the bounds.
func everything(e *Encoder) {
	e.Uint(0)
	e.Uint(math.MaxUint64)
	e.Int(math.MinInt64)
	e.Int(math.MaxInt64)
	e.Int(-1)
	e.Hash(0x0102030405060708)
	e.Float(-0.5)
	e.Float32(0.25)
	e.Text("tea")
	e.Bytes([]byte{9, 8})
	e.Fixed([]byte("EUR"))
	e.Flags(true, false, true)
	e.Uint(2) // a list
	e.Uint(5)
	e.Uint(6)
}

func written(t testing.TB, save func(e *Encoder)) []byte {
	t.Helper()
	var b bytes.Buffer
	e := NewEncoder(&b, 'x', 3)
	save(e)
	if err := e.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The bytes are a promise to every later version: checkpoints hold them.
func TestBytesStayAsTheyAre(t *testing.T) {
	got := hex.EncodeToString(written(t, everything))
	const want = "7803" + "00" + "ffffffffffffffffff01" + "ffffffffffffffffff01" + "feffffffffffffffff01" + "01" + "0807060504030201" +
		"000000000000e0bf" + "0000803e" + "03746561" + "020908" + "455552" + "05" + "020506"
	if got != want {
		t.Errorf("written %s\n   want %s", got, want)
	}
}

func TestReadsWhatWasWrittenHoweverItComes(t *testing.T) {
	whole := written(t, everything)
	for name, r := range map[string]io.Reader{
		"whole": bytes.NewReader(whole), "by byte": iotest.OneByteReader(bytes.NewReader(whole)),
		"end with the last": iotest.DataErrReader(bytes.NewReader(whole)),
	} {
		d := NewDecoder(r, 'x', 3)
		ok := d.Uint() == 0 && d.UpTo(math.MaxUint64) == math.MaxUint64 && d.Int() == math.MinInt64 && d.Within(math.MaxInt64) == math.MaxInt64 &&
			d.Within(1) == -1 && d.Hash() == 0x0102030405060708 && d.Float() == -0.5 && d.Float32() == 0.25 && d.Text() == "tea" &&
			slices.Equal(d.Bytes(2), []byte{9, 8})
		var currency [3]byte
		d.Fixed(currency[:])
		var a, b, c bool
		d.Flags(&a, &b, &c)
		var list []uint64
		for i := range d.Each(2) {
			list = append(list, uint64(i), d.Uint())
		}
		if !ok || string(currency[:]) != "EUR" || !a || b || !c || !slices.Equal(list, []uint64{0, 5, 1, 6}) {
			t.Errorf("%s: other values", name)
		}
		if err := d.End(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLongerThanTheBuffer(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789"), bufferBytes/4)
	d := NewDecoder(bytes.NewReader(written(t, func(e *Encoder) {
		e.Bytes(long)
		for i := range uint64(bufferBytes) {
			e.Uint(i)
		}
		e.Text("end")
	})), 'x', 3)
	if !bytes.Equal(d.Bytes(len(long)), long) {
		t.Error("other bytes")
	}
	for i := range uint64(bufferBytes) {
		if got := d.Uint(); got != i {
			t.Fatalf("number %d is %d", i, got)
		}
	}
	if got := d.Text(); got != "end" || d.End() != nil {
		t.Errorf("text %q, %v", got, d.End())
	}
}

func TestDamageIsNamedAndSticks(t *testing.T) {
	for _, c := range []struct {
		name, bytes, want string
		read              func(d *Decoder)
	}{
		{"nothing", "", "no snapshot of this fold", nil},
		{"one byte", "x", "no snapshot of this fold", nil},
		{"another fold", "y\x01", "no snapshot of this fold", nil},
		{"no version", "x\x00", "version 0 is newer than 3", nil},
		{"a newer version", "x\x04", "version 4 is newer than 3", nil},
		{"too much", "x\x03a", "bytes after the end", nil},
		{"no number", "x\x03", "number: EOF", func(d *Decoder) { d.Uint() }},
		{"half a number", "x\x03\x80", "number: unexpected EOF", func(d *Decoder) { d.Int() }},
		{"a number too long", "x\x03" + strings.Repeat("\xff", 11), "number: binary: varint overflows a 64-bit integer", func(d *Decoder) { d.Uint() }},
		{"a number too long, to the end", "x\x03" + strings.Repeat("\xff", 10), "number: binary: varint overflows a 64-bit integer", func(d *Decoder) { d.Uint() }},
		{"over its bound", "x\x03\x08", "8 is over 7", func(d *Decoder) { d.Count(7) }},
		{"beyond its bound", "x\x03\x0f", "-8 is beyond 7", func(d *Decoder) { d.Within(7) }},
		{"half a hash", "x\x031234567", "unexpected EOF", func(d *Decoder) { d.Hash() }},
		{"no hash", "x\x03", "EOF", func(d *Decoder) { d.Hash() }},
		{"infinite", "x\x03\x00\x00\x00\x00\x00\x00\xf0\x7f", "a number is not finite", func(d *Decoder) { d.Float() }},
		{"no number at all", "x\x03\x00\x00\xc0\x7f", "a number is not finite", func(d *Decoder) { d.Float32() }},
		{"half a float", "x\x03\x00", "unexpected EOF", func(d *Decoder) { d.Float32() }},
		{"half a text", "x\x03\x02a", "unexpected EOF", func(d *Decoder) { d.Text() }},
		{"a text too long", "x\x03\x81\x02", "257 is over 256", func(d *Decoder) { d.Text() }},
		{"half the bytes", "x\x03\x02a", "unexpected EOF", func(d *Decoder) { d.Bytes(2) }},
		{"too few bytes", "x\x03a", "unexpected EOF", func(d *Decoder) { d.Fixed(make([]byte, 2)) }},
		{"an unknown flag", "x\x03\x04", "4 is over 3", func(d *Decoder) { d.Flags(new(bool), new(bool)) }},
		{"a list cut", "x\x03\xff\xff\xff\x7f\x01", "number: EOF", func(d *Decoder) {
			for range d.Each(MaxList) {
				d.Uint()
			}
		}},
		{"what the fold says", "x\x03", "a shelf of 3", func(d *Decoder) { d.Failf("a shelf of %d", 3) }},
	} {
		d := NewDecoder(strings.NewReader(c.bytes), 'x', 3)
		if c.read != nil {
			c.read(d)
		}
		err := d.End()
		if !errors.Is(err, ErrDamaged) || err.Error() != ErrDamaged.Error()+": "+c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
			continue
		}
		d.Failf("later")
		buf, flag := []byte{1}, true
		d.Fixed(buf)
		d.Flags(&flag)
		if d.Uint() != 0 || d.Int() != 0 || d.Hash() != 0 || d.Float() != 0 || d.Float32() != 0 || d.Text() != "" || d.Bytes(9) != nil || buf[0] != 0 || flag {
			t.Errorf("%s: something is read after the error", c.name)
		}
		for range d.Each(9) {
			t.Errorf("%s: a list goes on after the error", c.name)
		}
		if d.Err() == nil || d.End().Error() != err.Error() {
			t.Errorf("%s: the first error is %v now, was %v", c.name, d.End(), err)
		}
	}
}

func TestErrorsOfReaderAndWriterComeThrough(t *testing.T) {
	broken := errors.New("disk on fire")
	whole := written(t, everything)
	for cut := 2; cut <= len(whole); cut++ {
		d := NewDecoder(io.MultiReader(bytes.NewReader(whole[:cut]), iotest.ErrReader(broken)), 'x', 3)
		d.Fixed(make([]byte, len(whole)-2))
		if err := d.End(); !errors.Is(err, broken) {
			t.Fatalf("after %d bytes: %v, want the reader's error", cut, err)
		}
	}
	r, w := io.Pipe()
	r.CloseWithError(broken)
	e := NewEncoder(w, 'x', 3)
	for range 2 * bufferBytes {
		e.Uint(1)
	}
	if err := e.Flush(); !errors.Is(err, broken) {
		t.Errorf("flush: %v, want the writer's error", err)
	}
}

func TestSitesComeBackInOrder(t *testing.T) {
	sites := map[string]uint64{"south": 1, "north": 2, "": 3}
	save := func(e *Encoder, n uint64) { e.Uint(n) }
	load := func(d *Decoder) uint64 { return d.Uint() }
	var b bytes.Buffer
	if err := SaveSites(&b, 'x', 3, sites, save); err != nil {
		t.Fatal(err)
	}
	const want = "x\x03\x01\x00\x03\x01\x05north\x02\x01\x05south\x01\x00"
	if b.String() != want {
		t.Errorf("written %q, want %q", &b, want)
	}
	got, err := LoadSites(strings.NewReader(want), 'x', 3, load)
	if err != nil || len(got) != 3 || got["south"] != 1 || got["north"] != 2 || got[""] != 3 {
		t.Errorf("read %v, %v", got, err)
	}
	_, err = LoadSites(strings.NewReader("x\x03\x01\x01a\x02\x01\x01a\x02\x00"), 'x', 3, load)
	if err == nil || !strings.HasSuffix(err.Error(), `site "a" twice`) {
		t.Errorf("a site twice: %v", err)
	}
}

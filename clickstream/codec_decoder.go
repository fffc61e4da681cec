package clickstream

import "math"

// decoder reads a record from front to back. The first failure is kept, ends the input, and makes every later read return
// a zero value: callers look at it once, with end.
type decoder struct {
	s      string
	i      int
	failed int // where the first failure was
	reason string
}

func (d *decoder) fail(reason string) {
	if d.reason == "" {
		d.reason, d.failed = reason, d.i
	}
	d.i = len(d.s)
}

func (d *decoder) header(recordType byte) {
	if len(d.s) < 2 {
		d.fail("too short")
		return
	}
	if d.s[0] != recordType {
		d.fail("another type")
		return
	}
	if d.s[1] != codecVersion {
		d.fail("unknown version")
		return
	}
	d.i = 2
}

// end is the error of all reads together; a record with bytes left over is damaged too.
func (d *decoder) end(recordType byte) error {
	if d.reason == "" && d.i == len(d.s) {
		return nil
	}
	if d.reason == "" {
		d.fail("bytes left over")
	}
	return &RecordError{Type: recordType, Offset: d.failed, Reason: d.reason}
}

func (d *decoder) byte() byte {
	if d.i >= len(d.s) {
		d.fail("cut short")
		return 0
	}
	d.i++
	return d.s[d.i-1]
}

// take is the next n bytes, "" if there are fewer.
func (d *decoder) take(n int) string {
	if n > len(d.s)-d.i {
		d.fail("cut short")
		return ""
	}
	d.i += n
	return d.s[d.i-n : d.i]
}

func (d *decoder) str() string {
	if i := d.i; i < len(d.s) {
		if n := int(d.s[i]); n < 0x80 && n < len(d.s)-i {
			d.i = i + 1 + n
			return d.s[i+1 : i+1+n]
		}
	}
	return d.longStr()
}

func (d *decoder) longStr() string {
	n := d.uvarint()
	if n > uint64(len(d.s)-d.i) {
		d.fail("string runs over the end")
		return ""
	}
	return d.take(int(n))
}

func (d *decoder) optional(present uint32) string {
	if present == 0 {
		return ""
	}
	return d.str()
}

// uvarint reads at most 10 bytes, as encoding/binary writes them.
func (d *decoder) uvarint() uint64 {
	var v uint64
	for shift := uint(0); shift < 70; shift += 7 {
		if d.i >= len(d.s) {
			d.fail("cut short")
			return 0
		}
		b := d.s[d.i]
		d.i++
		if b < 0x80 {
			if shift == 63 && b > 1 {
				break
			}
			return v | uint64(b)<<shift
		}
		v |= uint64(b&0x7f) << shift
	}
	d.fail("number over 64 bits")
	return 0
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) item(it *Item) {
	flags := d.byte()
	if flags >= itemFlags {
		d.fail("unknown item flags")
		return
	}
	it.ID, it.Price, it.Quantity = d.str(), NoPrice, 1
	if flags&hasPrice != 0 {
		it.Price = d.varint()
	}
	if flags&hasQuantity != 0 {
		it.Quantity = d.varint()
	}
	if flags&hasCategory != 0 {
		it.Category = d.str()
	}
	if flags&hasPropensity != 0 {
		if b := d.take(4); b != "" {
			it.Propensity = math.Float32frombits(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
		}
	}
	if flags&hasReason != 0 {
		it.Reason = d.str()
	}
}

package history

import (
	"fmt"
)

// PlanError says that a payload is not the record of the plan log that it should be.
type PlanError struct {
	Type   byte // the type that was wanted
	Offset int  // byte of the payload at which reading ended
	Reason string
}

func (e *PlanError) Error() string {
	return fmt.Sprintf("plan record type %d, byte %d: %s", e.Type, e.Offset, e.Reason)
}

// planReader reads a record from front to back. The first failure is kept and makes every later read return zero: it is looked at once,
// with end.
type planReader struct {
	s      string
	i      int
	failed int
	reason string
}

func (d *planReader) fail(reason string) {
	if d.reason == "" {
		d.reason, d.failed = reason, d.i
	}
	d.i = len(d.s)
}

func (d *planReader) header(recordType byte) {
	switch {
	case len(d.s) < 2:
		d.fail("too short")
	case d.s[0] != recordType:
		d.fail("another type")
	case d.s[1] != planVersion:
		d.fail("unknown version")
	default:
		d.i = 2
	}
}

func (d *planReader) end(recordType byte) error {
	if d.reason == "" && d.i < len(d.s) {
		d.fail("bytes left over")
	}
	if d.reason == "" {
		return nil
	}
	return &PlanError{recordType, d.failed, d.reason}
}

func (d *planReader) byte() byte {
	if d.i >= len(d.s) {
		d.fail("cut short")
		return 0
	}
	d.i++
	return d.s[d.i-1]
}

func (d *planReader) uvarint() uint64 {
	var v uint64
	for shift := uint(0); shift < 70; shift += 7 {
		if d.i >= len(d.s) {
			break
		}
		b := d.s[d.i]
		d.i++
		if shift == 63 && b > 1 {
			break
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	d.fail("no number")
	return 0
}

func (d *planReader) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *planReader) text() string {
	n := d.uvarint()
	if n > uint64(len(d.s)-d.i) {
		d.fail("a string runs over the end")
		return ""
	}
	d.i += int(n)
	return d.s[d.i-int(n) : d.i]
}

// count is the length of a list whose entries take least bytes each.
func (d *planReader) count(least int) int {
	n := d.uvarint()
	if n > uint64((len(d.s)-d.i)/least) {
		d.fail("a list runs over the end")
		return 0
	}
	return int(n)
}

func (d *planReader) stretch() (n stretchName) {
	n.epoch, n.from = d.text(), d.uvarint()
	n.next = n.from + d.uvarint()
	if n.next < n.from {
		d.fail("a stretch runs over the end of numbers")
	}
	return n
}

// rising reads Seqs within [from, next).
func (d *planReader) rising(from, next uint64) []uint64 {
	n := d.count(1)
	if n == 0 {
		return nil
	}
	list := make([]uint64, n)
	at := from
	for i := range list {
		step := d.uvarint()
		if step >= next-at || i > 0 && step == 0 {
			d.fail("a record outside of the stretch")
			return nil
		}
		at += step
		list[i] = at
	}
	return list
}

func (d *planReader) log() logID {
	l := logID(d.byte())
	if l >= logIDs {
		d.fail("unknown log")
		return 0
	}
	return l
}

// decodePlan reads a batch record. sessions is its rest, for sessionReader. Strings are substrings of data.
func decodePlan(data string) (p plan, sessions string, err error) {
	d := planReader{s: data}
	d.header(planBatch)
	p.stretchName = d.stretch()
	switch d.byte() {
	case 0:
	case 1:
		p.gap = true
	default:
		d.fail("unknown gap")
	}
	p.facts, p.parts = d.uvarint(), d.uvarint()
	p.late, p.machine, p.repeat = d.rising(p.from, p.next), d.rising(p.from, p.next), d.rising(p.from, p.next)
	if d.reason != "" {
		return p, "", &PlanError{planBatch, d.failed, d.reason}
	}
	return p, data[d.i:], nil
}

func decodePart(data string) (sessions string, err error) {
	d := planReader{s: data}
	d.header(planPart)
	if d.reason != "" {
		return "", &PlanError{planPart, d.failed, d.reason}
	}
	return data[d.i:], nil
}

func decodeControl(data string) (stretchName, error) {
	d := planReader{s: data}
	d.header(planControl)
	n := d.stretch()
	return n, d.end(planControl)
}

func decodeCut(data string) (cutRecord, error) {
	d := planReader{s: data}
	d.header(planCut)
	c := cutRecord{log: d.log(), from: d.uvarint()}
	c.next = c.from + d.uvarint()
	if c.next < c.from {
		d.fail("a stretch runs over the end of numbers")
	}
	return c, d.end(planCut)
}

func decodeAside(data string) (asideRecord, error) {
	d := planReader{s: data}
	d.header(planAside)
	a := asideRecord{log: d.log(), from: d.uvarint(), kind: tableID(d.byte())}
	if a.kind >= tableIDs {
		d.fail("unknown table")
	}
	for range d.count(2) {
		a.rows = append(a.rows, asideRow{d.uvarint(), d.text()})
	}
	return a, d.end(planAside)
}

// peekStretch reads a batch record's name and number of parts and nothing else.
func peekStretch(data string) (n stretchName, parts uint64, err error) {
	d := planReader{s: data}
	d.header(planBatch)
	n = d.stretch()
	d.byte()
	d.uvarint()
	parts = d.uvarint()
	if d.reason != "" {
		return n, 0, &PlanError{planBatch, d.failed, d.reason}
	}
	return n, parts, nil
}

// planType is the type of a payload, 0 for an erased record.
func planType(data string) byte {
	if data == "" {
		return 0
	}
	return data[0]
}

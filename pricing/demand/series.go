package demand

import (
	"encoding/binary"
	"math"
)

// cell is the counts of one hour or day.
type cell struct {
	at      int32 // hours or days since 1970
	views   uint32
	carts   uint32
	units   uint32
	revenue int64
}

func (c *cell) counts() Counts {
	return Counts{int64(c.views), int64(c.carts), int64(c.units), c.revenue}
}

// add adds d, which may take back what was counted before. Counts stop at their bounds and never fall below 0.
func (c *cell) add(d Counts) {
	c.views, c.carts, c.units = moved(c.views, d.Views), moved(c.carts, d.Carts), moved(c.units, d.Units)
	c.revenue = min(max(c.revenue+d.Revenue, 0), maxRevenue)
}

func moved(v uint32, by int64) uint32 {
	return uint32(min(max(int64(v)+by, 0), math.MaxUint32))
}

// maxRevenue bounds a cell: sums of some hundred of them do not overflow.
const maxRevenue = 1 << 52

// series is cells in order of time, packed. Hours in which an item is seen and nothing more happens take two bytes each.
//
//	cell = (2·Δ + more):u views:u [carts:u units:u revenue:u]      Δ to the cell before, 0 for the first; more: the rest is not all 0
type series struct {
	packed      []byte
	first, last int32 // at of the first and last cell, 0 when there is none
}

// push appends a cell that is later than all others. A cell of nothing is not kept.
func (s *series) push(c *cell) {
	if c.views|c.carts|c.units == 0 && c.revenue == 0 {
		return
	}
	step := uint64(0)
	if len(s.packed) == 0 {
		s.first = c.at
	} else {
		step = uint64(c.at - s.last)
	}
	s.last = c.at
	var room [5 * binary.MaxVarintLen64]byte
	b := room[:0]
	if c.carts|c.units == 0 && c.revenue == 0 {
		b = binary.AppendUvarint(binary.AppendUvarint(b, step<<1), uint64(c.views))
	} else {
		b = binary.AppendUvarint(binary.AppendUvarint(b, step<<1|1), uint64(c.views))
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(c.carts)), uint64(c.units))
		b = binary.AppendUvarint(b, uint64(c.revenue))
	}
	if need := len(s.packed) + len(b); need > cap(s.packed) { // by an eighth: a million lists must not hold half their room empty
		grown := make([]byte, len(s.packed), need+need/8+8)
		copy(grown, s.packed)
		s.packed = grown
	}
	s.packed = append(s.packed, b...)
}

// next reads the first cell of packed, which follows one at before, and returns what comes after it. The bytes were made by push, or
// checked by check.
func next(packed []byte, before int32, c *cell) []byte {
	head, n := binary.Uvarint(packed)
	packed = packed[n:]
	views, n := binary.Uvarint(packed)
	packed = packed[n:]
	*c = cell{at: before + int32(head>>1), views: uint32(views)}
	if head&1 == 0 {
		return packed
	}
	carts, n := binary.Uvarint(packed)
	packed = packed[n:]
	units, n := binary.Uvarint(packed)
	packed = packed[n:]
	revenue, n := binary.Uvarint(packed)
	c.carts, c.units, c.revenue = uint32(carts), uint32(units), int64(revenue)
	return packed[n:]
}

// each calls f with every cell, in order, until it returns false.
func (s *series) each(f func(c *cell) bool) {
	var c cell
	at := s.first
	for b := s.packed; len(b) > 0; {
		b = next(b, at, &c)
		at = c.at
		if !f(&c) {
			return
		}
	}
}

// sum adds up the cells with from ≤ at < to.
func (s *series) sum(from, to int32) (out Counts) {
	if len(s.packed) == 0 || s.last < from || s.first >= to {
		return out
	}
	s.each(func(c *cell) bool {
		if c.at >= to {
			return false
		}
		if c.at >= from {
			out.Add(c.counts())
		}
		return true
	})
	return out
}

// change adds d to the cell at a time, which is made when there is none. It packs everything anew: what comes out of order by an hour
// or more is rare.
func (s *series) change(at int32, d Counts) {
	var made series
	made.packed = make([]byte, 0, len(s.packed)+16)
	done := false
	s.each(func(c *cell) bool {
		if !done && c.at >= at {
			done = true
			if c.at > at {
				fresh := cell{at: at}
				fresh.add(d)
				made.push(&fresh)
			} else {
				c.add(d)
			}
		}
		made.push(c)
		return true
	})
	if !done {
		fresh := cell{at: at}
		fresh.add(d)
		made.push(&fresh)
	}
	*s = made
}

// cut takes the cells before a time out, in order.
func (s *series) cut(before int32, taken func(c *cell)) {
	if len(s.packed) == 0 || s.first >= before {
		return
	}
	if s.last < before {
		s.each(func(c *cell) bool { taken(c); return true })
		*s = series{}
		return
	}
	var made series
	made.packed = make([]byte, 0, len(s.packed))
	s.each(func(c *cell) bool {
		if c.at < before {
			taken(c)
		} else {
			made.push(c)
		}
		return true
	})
	*s = made
}

// check says whether packed is what push makes: whole, in order, within the bounds.
func (s *series) check() bool {
	at, first := int64(s.first), true
	var last int64
	for b := s.packed; len(b) > 0; first = false {
		var v [5]uint64
		fields := 2
		for i := 0; i < fields; i++ {
			n := 0
			if v[i], n = binary.Uvarint(b); n <= 0 {
				return false
			}
			b = b[n:]
			if i == 0 && v[0]&1 == 1 {
				fields = 5
			}
		}
		step := v[0] >> 1
		if step > math.MaxInt32 || first != (step == 0) || v[1] > math.MaxUint32 || v[2] > math.MaxUint32 || v[3] > math.MaxUint32 || v[4] > maxRevenue {
			return false
		}
		if (fields == 5) != (v[2]|v[3]|v[4] != 0) || v[1]|v[2]|v[3]|v[4] == 0 {
			return false
		}
		at += int64(step)
		last = at
	}
	return len(s.packed) > 0 && last == int64(s.last) && s.first >= 0 || len(s.packed) == 0 && s.first == 0 && s.last == 0
}

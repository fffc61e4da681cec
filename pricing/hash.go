package pricing

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"github.com/zeebo/xxh3"

	"beckon/pricing/policy"
)

// Hash is 128 bits of an Input's canonical encoding (XXH3): it tells inputs apart, and is no secret and no signature.
type Hash [16]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText is 32 hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText takes what MarshalText gives.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != 2*len(h) {
		return fmt.Errorf("hash: %d digits, want %d", len(text), 2*len(h))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Hash is the hash of the whole input.
func (in *Input) Hash() Hash {
	var room [2048]byte // a State has up to some 40 bins
	sum := xxh3.Hash128(in.Append(room[:0])).Bytes()
	return Hash(sum)
}

// Append appends the canonical encoding: every field in the order of the type, integers and floats as 8 bytes little endian, texts and
// lists behind their length. A nil State is encoded as the zero one, which knows the same.
func (in *Input) Append(dst []byte) []byte {
	e := encoding{append(dst, "price input "...)}
	e.int(Algorithm)
	e.int(in.At)
	e.text(in.Site)
	e.text(in.Item)
	e.text(in.Market)
	e.int(int64(in.Version))
	e.int(int64(in.Revision))
	e.int(int64(in.Seed))
	e.int(in.Ref)
	e.int(in.Current)
	e.int(in.LastChange)
	e.limits(in)
	e.state(in)
	e.float(in.Pool.Mean)
	e.float(in.Pool.SD)
	e.float(in.Pool.Right)
	e.int(int64(in.Pool.Items))
	e.int(in.Stock)
	e.int(in.SellBy)
	e.int(in.Salvage)
	e.int(int64(len(in.Competitors)))
	for _, c := range in.Competitors {
		e.int(c.Price)
		e.int(c.At)
	}
	e.bool(in.Explore)
	e.params(in)
	return e.b
}

type encoding struct{ b []byte }

func (e *encoding) int(v int64) { e.b = binary.LittleEndian.AppendUint64(e.b, uint64(v)) }

func (e *encoding) float(v float64) { e.b = binary.LittleEndian.AppendUint64(e.b, math.Float64bits(v)) }

func (e *encoding) bool(v bool) {
	bit := byte(0)
	if v {
		bit = 1
	}
	e.b = append(e.b, bit)
}

func (e *encoding) text(s string) {
	e.int(int64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoding) limits(in *Input) {
	l := &in.Limits
	e.bool(l.Frozen)
	e.bool(l.Kill)
	e.int(l.MAP)
	e.int(l.Cost)
	e.float(l.Margin)
	e.int(l.Floor)
	e.int(l.Ceiling)
	e.float(l.MaxStep)
	e.int(l.Dwell)
	e.float(l.Deadband)
	e.int(l.Rounding.Step)
	e.int(l.Rounding.Ending)
}

func (e *encoding) state(in *Input) {
	s := in.State
	if s == nil {
		s = &policy.State{}
	}
	e.int(int64(len(s.Bins)))
	for _, b := range s.Bins {
		e.float(b.Price)
		e.float(b.Exposure)
		e.float(b.Units)
		e.bool(b.Before)
	}
	e.int(s.Last)
	for _, v := range [...]float64{s.Slots, s.Views, s.Up, s.Down, s.Spread} {
		e.float(v)
	}
	e.int(int64(s.Changes))
	e.int(s.Changed)
}

func (e *encoding) params(in *Input) {
	p := &in.Params
	e.int(p.Slot)
	for _, v := range [...]float64{
		p.MaxStep, p.Deadband, p.PBetter, p.Gain, p.PriorMean, p.PriorSD, p.Right,
		p.Budget, p.Credit, p.Horizon, p.Probe, p.MinUnits, p.HalfLife, p.Alarm, p.Slack,
	} {
		e.float(v)
	}
	e.int(p.CompetitorAge)
	e.float(p.CompetitorAbove)
}

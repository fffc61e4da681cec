package pricing

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"

	"github.com/zeebo/xxh3"

	"beckon/pricing/guard"
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
	dst = append(dst, "price input "...)
	dst = putInt(dst, Algorithm)
	dst = putInt(dst, in.At)
	dst = putText(dst, in.Site)
	dst = putText(dst, in.Item)
	dst = putText(dst, in.Market)
	dst = putInt(dst, int64(in.Version))
	dst = putInt(dst, int64(in.Revision))
	dst = putInt(dst, int64(in.Seed))
	dst = putInt(dst, in.Ref)
	dst = putInt(dst, in.Current)
	dst = putInt(dst, in.LastChange)
	dst = putLimits(dst, &in.Limits)
	if in.State != nil {
		dst = putState(dst, in.State)
	} else {
		dst = putState(dst, &policy.State{})
	}
	dst = putFloat(dst, in.Pool.Mean)
	dst = putFloat(dst, in.Pool.SD)
	dst = putFloat(dst, in.Pool.Right)
	dst = putInt(dst, int64(in.Pool.Items))
	dst = putFloat(dst, in.Pool.Shape.Isoelastic)
	dst = putFloat(dst, in.Pool.Shape.Exponential)
	dst = putFloat(dst, in.Pool.Shape.Straight)
	dst = putInt(dst, in.Stock)
	dst = putInt(dst, in.SellBy)
	dst = putInt(dst, in.Salvage)
	dst = putInt(dst, int64(len(in.Competitors)))
	for _, c := range in.Competitors {
		dst = putInt(dst, c.Price)
		dst = putInt(dst, c.At)
	}
	dst = putBool(dst, in.Explore)
	return putParams(dst, &in.Params)
}

func putInt(b []byte, v int64) []byte { return binary.LittleEndian.AppendUint64(b, uint64(v)) }

func putFloat(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

func putBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func putText(b []byte, s string) []byte { return append(putInt(b, int64(len(s))), s...) }

func putLimits(b []byte, l *guard.Limits) []byte {
	b = putBool(b, l.Frozen)
	b = putBool(b, l.Kill)
	b = putInt(b, l.MAP)
	b = putInt(b, l.Cost)
	b = putFloat(b, l.Margin)
	b = putInt(b, l.Floor)
	b = putInt(b, l.Ceiling)
	b = putFloat(b, l.MaxStep)
	b = putInt(b, l.Dwell)
	b = putFloat(b, l.Deadband)
	b = putInt(b, l.Rounding.Step)
	return putInt(b, l.Rounding.Ending)
}

func putState(b []byte, s *policy.State) []byte {
	b = putInt(b, int64(len(s.Bins)))
	for i := range s.Bins {
		b = putFloat(b, s.Bins[i].Price)
		b = putFloat(b, s.Bins[i].Exposure)
		b = putFloat(b, s.Bins[i].Units)
		b = putBool(b, s.Bins[i].Before)
	}
	b = putInt(b, s.Last)
	b = putFloat(b, s.Slots)
	b = putFloat(b, s.Views)
	b = putFloat(b, s.Up)
	b = putFloat(b, s.Down)
	b = putFloat(b, s.Spread)
	b = putInt(b, int64(s.Changes))
	return putInt(b, s.Changed)
}

// putParams walks the parameters, all of them integers and fractions, so that a new one counts without being named here.
func putParams(b []byte, p *policy.Params) []byte {
	v := reflect.ValueOf(p).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.CanInt() {
			b = putInt(b, f.Int())
		} else {
			b = putFloat(b, f.Float())
		}
	}
	return b
}

package shop

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// endingBytes is one ending in a snapshot: its key, how, missing and at, big-endian.
const endingBytes = len(ref{}) + 1 + 8 + 8

// writeReservations writes the open reservations and the memory of ended ones.
func (s *siteImage) writeReservations(line func(any) error) error {
	for _, r := range s.open {
		if err := line(snapshotLine{Reservation: r}); err != nil {
			return err
		}
	}
	for _, half := range [...]struct {
		ends  map[ref]ending
		older bool
	}{{s.ended.newer, false}, {s.ended.older, true}} {
		keys := slices.SortedFunc(maps.Keys(half.ends), func(a, b ref) int { return slices.Compare(a[:], b[:]) })
		for len(keys) > 0 {
			n := min(len(keys), refsPerLine)
			raw := make([]byte, 0, n*endingBytes)
			for _, key := range keys[:n] {
				e := half.ends[key]
				raw = append(append(raw, key[:]...), e.how)
				raw = binary.BigEndian.AppendUint64(raw, uint64(e.missing))
				raw = binary.BigEndian.AppendUint64(raw, uint64(e.at))
			}
			if err := line(snapshotLine{Endings: hex.EncodeToString(raw), Older: half.older}); err != nil {
				return err
			}
			keys = keys[n:]
		}
	}
	return nil
}

// loadReservation opens r again. What is reserved of an item is not in its own line: it is the sum of these.
func (f *fold) loadReservation(s *siteState, r *Reservation) error {
	if bad := checkReservation(r.ID, r.Lines, DefaultReservationTTL); bad != nil {
		return fmt.Errorf("reservation: %s: %w", bad.message, errDamaged)
	}
	if s.holds.open[r.ID] != nil || len(s.holds.open) >= maxReservations {
		return fmt.Errorf("reservation %s: twice, or one too many: %w", r.ID, errDamaged)
	}
	s.holds.put(&f.held, s, r)
	for _, l := range r.Lines {
		s.holds.add(l.Item, l.Quantity)
		if it := s.catalog.get(l.Item); it != nil {
			it.Reserved = s.holds.pieces[l.Item] // nobody else has this version yet
		}
	}
	return nil
}

func (s *siteState) loadEndings(l *snapshotLine) error {
	raw, err := hex.DecodeString(l.Endings)
	if err != nil || len(raw)%endingBytes != 0 {
		return fmt.Errorf("endings: %w", errDamaged)
	}
	half := &s.holds.ended.newer
	if l.Older {
		half = &s.holds.ended.older
	}
	if *half == nil {
		*half = map[ref]ending{}
	}
	for ; len(raw) > 0; raw = raw[endingBytes:] {
		key, rest := ref(raw[:len(ref{})]), raw[len(ref{}):]
		(*half)[key] = ending{how: rest[0], missing: int64(binary.BigEndian.Uint64(rest[1:])), at: int64(binary.BigEndian.Uint64(rest[9:]))}
	}
	return nil
}

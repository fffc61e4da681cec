package main

import (
	"crypto/rand"
	"encoding/binary"
	"strconv"
	"sync/atomic"
	"time"
)

// idSource makes ids that are unique for ever: start-up entropy, time, and a counter. They name what was shown and open nothing.
type idSource struct {
	base  uint64
	count atomic.Uint64
}

func (s *idSource) seed() {
	var b [8]byte
	rand.Read(b[:])
	s.base = binary.LittleEndian.Uint64(b[:])
}

func (s *idSource) next(prefix string, now time.Time) string {
	var buf [64]byte
	out := append(buf[:0], prefix...)
	out = strconv.AppendInt(out, now.UnixMilli(), 36)
	out = append(out, '-')
	out = strconv.AppendUint(out, s.base, 36)
	out = append(out, '-')
	return string(strconv.AppendUint(out, s.count.Add(1), 36))
}

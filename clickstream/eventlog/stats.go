package eventlog

import (
	"sync/atomic"
	"time"
)

// Stats are counts since Open and the log's present size.
type Stats struct {
	Segments int
	Bytes    int64 // of blocks and footers, without the zeros that wait in the newest segment

	Syncs    int64         // writes that were made durable, each with one sync
	SyncTime time.Duration // spent in them, writing included
	Appends  int64
	Records  int64
	Written  int64 // bytes

	Full     int64 // writes that found no room and were taken back
	Unsealed int64 // segments that found no room for their footer; the next Open gives them one
	Rebuilt  int64 // indexes made again from the blocks because the footer was damaged
}

type stats struct {
	syncs, syncTime, appends, records, written, full, unsealed, rebuilt atomic.Int64

	group atomic.Int64 // recent mean bytes of a write; who holds the baton writes it
}

func (s *stats) committed(g *group, took time.Duration) {
	s.syncs.Add(1)
	s.syncTime.Add(int64(took))
	s.appends.Add(int64(g.blocks))
	s.records.Add(int64(len(g.ends)))
	s.written.Add(int64(g.size))
	s.group.Add((int64(g.size) - s.group.Load()) / 8)
}

// Stats may be called at any time.
func (l *Log) Stats() Stats {
	s := Stats{
		Syncs: l.stats.syncs.Load(), SyncTime: time.Duration(l.stats.syncTime.Load()), Appends: l.stats.appends.Load(),
		Records: l.stats.records.Load(), Written: l.stats.written.Load(), Full: l.stats.full.Load(),
		Unsealed: l.stats.unsealed.Load(), Rebuilt: l.stats.rebuilt.Load(),
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	s.Segments = len(l.segments)
	for _, seg := range l.segments {
		s.Bytes += seg.bytes()
	}
	return s
}

package drift

// Stream is what a report says of one share.
type Stream struct {
	Name    string  // of a placement; "" for the share of unknown items
	N       int64   // outcomes that the present share stands on
	Share   float64 // 0-1
	Since   int64   // Unix ms from which this share holds
	Changed bool    // within the last week
	At      int64   // Unix ms at which it began to be another
	From    float64 // the share before
}

// Times of the tale, ms of event time.
const (
	toldFor = 7 * 24 * 3600_000
	oneTale = 24 * 3600_000
)

// stream is a window with the last change that it saw.
type stream struct {
	window
	at   int64 // Unix ms, 0: none
	from float64
}

// note takes an outcome.
func (s *stream) note(yes bool, at int64) {
	cut, from, since := s.add(yes, at)
	if !cut {
		return
	}
	if s.at != 0 && since-s.at < oneTale { // it goes on
		return
	}
	s.at, s.from = since, from
}

// report is the stream at a time of the site.
func (s *stream) report(name string, now int64) Stream {
	r := Stream{Name: name, N: s.n + s.filing.n, Share: share(s.yes+s.filing.yes, s.n+s.filing.n), Since: s.begins()}
	if s.at != 0 && now-s.at < toldFor {
		r.Changed, r.At, r.From = true, s.at, s.from
	}
	return r
}

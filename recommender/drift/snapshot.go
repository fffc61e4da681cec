package drift

import "beckon/clickstream/snapshot"

// save writes the open answers oldest first, so that the ring begins at 0 when it is read.
func (s *site) save(e *snapshot.Encoder) {
	e.Int(s.now)
	e.Uint(uint64(s.views))
	e.Uint(uint64(len(s.places)))
	for i := range s.places {
		e.Text(s.places[i].name)
		s.places[i].save(e)
	}
	s.unknown.save(e)
	for r := range s.seen {
		e.Fixed(s.seen[r])
	}
	e.Uint(uint64(s.open))
	for i := range s.open {
		a := &s.ring[(s.first+i)%openAnswers]
		e.Hash(a.visitor)
		e.Int(a.at)
		e.Uint(uint64(a.place))
		e.Flags(a.taken)
		e.Uint(uint64(a.n))
		for _, item := range a.items[:a.n] {
			e.Uint(uint64(item))
		}
	}
}

// load reads into an empty site.
func (s *site) load(d *snapshot.Decoder) {
	s.now = d.Int()
	s.views = int64(d.UpTo(1 << 62))
	for range d.Each(maxPlacements) {
		p := place{name: d.Text()}
		p.load(d)
		s.places = append(s.places, p)
	}
	s.unknown.load(d)
	for r := range s.seen {
		d.Fixed(s.seen[r])
	}
	n := uint32(d.Count(openAnswers))
	if n > 0 {
		s.ring, s.newest = make([]answer, openAnswers), make([]uint32, slots)
	}
	for i := range n {
		a := answer{visitor: d.Hash(), at: d.Int(), place: uint8(d.Count(maxPlacements))}
		d.Flags(&a.taken)
		a.n = uint8(d.Count(answerItems))
		for j := range a.n {
			a.items[j] = uint32(d.UpTo(1<<32 - 1))
		}
		if d.Err() != nil {
			return
		}
		if int(a.place) >= len(s.places) {
			d.Failf("answer of placement %d of %d", a.place, len(s.places))
			return
		}
		s.keep(a, i)
	}
}

func (s *stream) save(e *snapshot.Encoder) {
	e.Int(s.at)
	e.Float(s.from)
	e.Uint(uint64(s.after))
	s.filing.save(e)
	e.Uint(uint64(len(s.rows)))
	for _, row := range s.rows {
		e.Uint(uint64(len(row)))
		for i := range row {
			row[i].save(e)
		}
	}
}

func (s *stream) load(d *snapshot.Decoder) {
	s.at, s.from = d.Int(), d.Float()
	s.after = int64(d.UpTo(checkEvery))
	s.filing.load(d)
	for range d.Each(maxRows) {
		row := make([]group, 0, perRow+1)
		for range d.Each(perRow) {
			var g group
			g.load(d)
			row = append(row, g)
			s.n, s.yes = s.n+g.n, s.yes+g.yes
		}
		s.rows = append(s.rows, row)
	}
}

func (g *group) save(e *snapshot.Encoder) {
	e.Uint(uint64(g.n))
	e.Uint(uint64(g.yes))
	e.Int(g.from)
}

func (g *group) load(d *snapshot.Decoder) {
	g.n, g.yes, g.from = int64(d.UpTo(1<<50)), int64(d.UpTo(1<<50)), d.Int()
	if g.yes > g.n {
		d.Failf("%d of %d outcomes", g.yes, g.n)
	}
}

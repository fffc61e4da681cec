package trail

import (
	"io"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

const (
	trailMagic   = 't'
	trailVersion = 1
	maxBlocks    = 1 << 16 // of a site in a snapshot

	newestKind = clickstream.SupportMessage // the last that is known; a snapshot with others is of a newer version
)

// Snapshot writes all sites.
func (f *Fold) Snapshot(w io.Writer) error {
	return snapshot.SaveSites(w, trailMagic, trailVersion, f.sites, func(e *snapshot.Encoder, s *site) {
		e.Int(s.since)
		e.Uint(uint64(len(s.blocks)))
		for _, b := range s.blocks {
			b.save(e)
		}
	})
}

func (b *block) save(e *snapshot.Encoder) {
	for _, n := range []*names{&b.visitors, &b.items, &b.sources} {
		e.Uint(uint64(len(n.list)))
		for _, word := range n.list {
			e.Text(word)
		}
	}
	e.Uint(uint64(len(b.steps)))
	before := int64(0)
	for _, st := range b.steps {
		e.Int(st.at - before)
		before = st.at
		e.Uint(uint64(st.visitor))
		e.Uint(uint64(st.item))
		e.Uint(uint64(st.source))
		e.Fixed([]byte{byte(st.kind), byte(st.device)})
	}
}

// Restore reads what Snapshot wrote.
func (f *Fold) Restore(r io.Reader) error {
	sites, err := snapshot.LoadSites(r, trailMagic, trailVersion, func(d *snapshot.Decoder) *site {
		s := &site{since: d.Int()}
		for range d.Each(maxBlocks) {
			s.blocks = append(s.blocks, loadBlock(d))
		}
		if n := len(s.blocks); n > 0 {
			s.blocks[n-1].open()
		}
		return s
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sites = sites
	return nil
}

func loadBlock(d *snapshot.Decoder) *block {
	b := &block{}
	for _, n := range []*names{&b.visitors, &b.items, &b.sources} {
		for range d.Each(blockSteps + 1) {
			n.list = append(n.list, d.Text())
		}
	}
	at := int64(0)
	for i := range d.Each(blockSteps) {
		at += d.Int()
		st := step{at: at, visitor: b.visitors.load(d), item: b.items.load(d), source: b.sources.load(d)}
		var two [2]byte
		d.Fixed(two[:])
		st.kind, st.device = clickstream.Kind(two[0]), clickstream.Device(two[1])
		if st.kind > newestKind || st.device > clickstream.Tablet {
			d.Failf("step of kind %d and device %d", st.kind, st.device)
			st = step{}
		}
		if i == 0 {
			b.from, b.to = at, at
		}
		b.from, b.to = min(b.from, at), max(b.to, at)
		b.steps = append(b.steps, st)
	}
	return b
}

// load reads a number of n.
func (n *names) load(d *snapshot.Decoder) uint16 {
	if len(n.list) == 0 {
		d.Failf("a step without names")
		return 0
	}
	return uint16(d.Count(len(n.list) - 1))
}

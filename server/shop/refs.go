package shop

import "github.com/zeebo/xxh3"

// Idempotency ids of stock lines are remembered for a day at least, and for two at most, unless a site sends more than maxRefs
// in a day: then the older half of the memory goes early.
const (
	refLife = 24 * 3600_000 // ms
	maxRefs = 500_000       // of one generation: two of them take about 40 MB
)

// ref is a 128-bit fingerprint of (item, id).
type ref [16]byte

func makeRef(item, id string) ref {
	var room [192]byte
	b := append(room[:0], item...)
	b = append(b, 0)
	b = append(b, id...)
	return xxh3.Hash128(b).Bytes()
}

// refs is the memory of one site: two generations, of which the newer takes in.
type refs struct {
	since int64 // Unix ms at which newer began
	newer map[ref]struct{}
	older map[ref]struct{}
}

// seen says whether r is known at now, and turns the generations.
func (m *refs) seen(r ref, now int64) bool {
	if now >= m.since+refLife || len(m.newer) >= maxRefs {
		m.older = m.newer
		if now >= m.since+2*refLife {
			m.older = nil
		}
		m.newer, m.since = nil, now
	}
	_, a := m.newer[r]
	_, b := m.older[r]
	return a || b
}

func (m *refs) add(r ref) {
	if m.newer == nil {
		m.newer = map[ref]struct{}{}
	}
	m.newer[r] = struct{}{}
}

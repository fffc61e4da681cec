package shop

import (
	"maps"
	"slices"
	"sync"
	"unique"
)

// Bounds of what is remembered of changes; older ones are found by reading the log.
const (
	maxAudited  = 65_536 // changes of one site, of the installation, and logins: each about 150 bytes, so 10 MB
	maxHeads    = 100_000
	maxRuns     = 32          // imports that are under way
	runGap      = 10_000      // ms without a line that end an import
	singleLines = 20          // lines of a person's own that are entries of their own before the rest becomes one
	loginTrail  = "\x00login" // no site has that name
	maxWhy      = 200         // bytes kept of a refusal
)

// auditIndex says where in the log the changes made by people, keys and operators stand, and what became of them. It is part of the
// fold: a function of the log. The goroutine that applies the log writes, anyone reads.
type auditIndex struct {
	mu     sync.RWMutex
	trails map[string]*trail // by site, "" for the installation, loginTrail
	// heads are the offsets of the newest change that was carried out, by chain. Those of sites, campaigns and other things that have
	// few changes each outlive their entries.
	heads map[uint64]uint64
	runs  []run // the newest last; of the fold's goroutine
}

// trail is the newest changes of one site, by offset, in a ring.
type trail struct {
	ring    []audited
	first   int    // of the oldest, once the ring is full
	trimmed uint64 // 1 + offset of the newest entry that had to leave, 0 if none did
	why     map[uint64]string
}

// audited is one change as it is remembered; what it says is read from the log.
type audited struct {
	offset, last uint64
	time         int64
	chain        uint64
	prev         uint64 // 1 + offset of the change of the same thing before it, 0 if none is known
	undoes       uint64
	undoneBy     uint64
	was, now     int64 // stock and prices: before and after
	id           string
	actor, do    unique.Handle[string]
	site         unique.Handle[string]
	count        uint32
	refused      bool
}

// run is an import: lines of one actor that follow each other.
type run struct {
	trail     string
	site      string
	actor, do string
	refused   bool
	entry     uint64 // offset of its entry
	single    int    // entries of their own so far
	last      int64  // Unix ms
}

func newAuditIndex() *auditIndex {
	return &auditIndex{trails: map[string]*trail{}, heads: map[uint64]uint64{}}
}

func trailOf(site, kind string) string {
	if kind == kindLogin {
		return loginTrail
	}
	return site
}

// note remembers one change.
func (x *auditIndex) note(e audited, site, kind, why string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	name := trailOf(site, kind)
	t := x.trails[name]
	if t == nil {
		t = &trail{why: map[uint64]string{}}
		x.trails[name] = t
	}
	if !e.refused && e.undoes != 0 {
		if undone := t.find(e.undoes); undone != nil {
			undone.undoneBy = e.offset
		}
	}
	if !e.refused && !imported(e.do.Value()) && kind != kindLogin {
		if was, ok := x.heads[e.chain]; ok {
			e.prev = was + 1
		}
		x.heads[e.chain] = e.offset
	}
	if !e.refused && e.do.Value() == doItemDelete { // undone only while nothing took its place
		x.heads[e.chain] = e.offset
	}
	if imported(e.do.Value()) && x.join(t, name, &e, site) {
		return
	}
	if e.refused {
		t.why[e.offset] = clipText(why, maxWhy)
	}
	if gone, ok := t.add(e); ok {
		delete(t.why, gone.offset)
		if x.heads[gone.chain] == gone.offset && (!lasting(gone.do.Value()) || len(x.heads) > maxHeads) {
			delete(x.heads, gone.chain)
		}
	}
}

// lasting says that there are few things of this kind, each with a history that should not end where memory does.
func lasting(do string) bool {
	switch kindOf(do) {
	case kindItem, kindStock, kindPrice, kindMarkdown, kindLogin, "suggestion", "offer", "competitor":
		return false
	}
	return true
}

// join adds a line to the import that it belongs to.
func (x *auditIndex) join(t *trail, name string, e *audited, site string) bool {
	actor, do := e.actor.Value(), e.do.Value()
	for i := len(x.runs) - 1; i >= 0; i-- {
		r := &x.runs[i]
		if r.do != do || r.actor != actor || r.site != site || r.refused != e.refused {
			continue
		}
		old := e.time-r.last > runGap
		entry := t.find(r.entry)
		if old || entry == nil {
			x.runs = slices.Delete(x.runs, i, i+1)
			break
		}
		r.last = e.time
		if r.single > 0 { // a person's: its own entry, and the run goes on with it
			r.single--
			r.entry = e.offset
			return false
		}
		entry.last, entry.count = e.offset, entry.count+1
		entry.id, entry.chain, entry.prev = "", 0, 0
		return true
	}
	if len(x.runs) == maxRuns {
		oldest := 0
		for i := range x.runs {
			if x.runs[i].last < x.runs[oldest].last {
				oldest = i
			}
		}
		x.runs = slices.Delete(x.runs, oldest, oldest+1)
	}
	r := run{trail: name, site: site, actor: actor, do: do, refused: e.refused, entry: e.offset, last: e.time}
	if isPerson(actor) {
		r.single = singleLines - 1
	}
	x.runs = append(x.runs, r)
	return false
}

// add puts e at the end and returns what had to leave.
func (t *trail) add(e audited) (gone audited, left bool) {
	if len(t.ring) < maxAudited {
		t.ring = append(t.ring, e)
		return audited{}, false
	}
	gone = t.ring[t.first]
	t.ring[t.first] = e
	t.first = (t.first + 1) % len(t.ring)
	t.trimmed = gone.offset + 1
	return gone, true
}

// at is the i-th oldest.
func (t *trail) at(i int) *audited { return &t.ring[(t.first+i)%len(t.ring)] }

// below is how many entries have an offset below the given one.
func (t *trail) below(offset uint64) int {
	lo, hi := 0, len(t.ring)
	for lo < hi {
		if mid := (lo + hi) / 2; t.at(mid).offset < offset {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// find is the entry of a record, nil if it is not remembered. A line of an import that has no entry of its own is not found.
func (t *trail) find(offset uint64) *audited {
	if i := t.below(offset); i < len(t.ring) && t.at(i).offset == offset {
		return t.at(i)
	}
	return nil
}

// names of the trails, in order.
func (x *auditIndex) names() []string { return slices.Sorted(maps.Keys(x.trails)) }

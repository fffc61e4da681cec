package shop

import (
	"fmt"
	"maps"
	"slices"
	"unique"
)

// auditVersion of the index in snapshots. A snapshot with another is of no use: the log is folded instead.
const auditVersion = 1

const (
	auditPerLine = 500
	headsPerLine = 2000
)

// auditJSON is a line of the index in a snapshot: some of a trail's changes, some heads, or the imports that are under way.
type auditJSON struct {
	Trail   string        `json:"trail,omitempty"`
	Trimmed uint64        `json:"trimmed,omitzero"`
	Changes []auditedJSON `json:"changes,omitempty"`
	Heads   []uint64      `json:"heads,omitempty"` // chain and offset in turn, in order of chain
	Runs    []runJSON     `json:"runs,omitempty"`
}

type auditedJSON struct {
	Offset   uint64 `json:"o"`
	Last     uint64 `json:"l,omitzero"` // where it differs
	Time     int64  `json:"t"`
	Actor    string `json:"by,omitempty"`
	Do       string `json:"do"`
	Site     string `json:"site,omitempty"`
	ID       string `json:"id,omitempty"`
	Chain    uint64 `json:"c,omitzero"`
	Prev     uint64 `json:"p,omitzero"`
	Undoes   uint64 `json:"u,omitzero"`
	UndoneBy uint64 `json:"ub,omitzero"`
	Was      int64  `json:"was"`
	Now      int64  `json:"now"`
	Count    uint32 `json:"n,omitzero"` // where it is not 1
	Refused  bool   `json:"no,omitzero"`
	Why      string `json:"why,omitempty"`
}

type runJSON struct {
	Trail   string `json:"trail,omitempty"`
	Site    string `json:"site,omitempty"`
	Actor   string `json:"by,omitempty"`
	Do      string `json:"do"`
	Refused bool   `json:"no,omitzero"`
	Entry   uint64 `json:"entry"`
	Single  int    `json:"single,omitzero"`
	Last    int64  `json:"last"`
}

// auditImage is the index at one offset.
type auditImage struct {
	trails []trailImage // in order of name
	heads  map[uint64]uint64
	runs   []run
}

type trailImage struct {
	name    string
	trimmed uint64
	changes []audited // oldest first
	why     map[uint64]string
}

func (x *auditIndex) image() auditImage {
	im := auditImage{heads: maps.Clone(x.heads), runs: slices.Clone(x.runs)}
	for _, name := range x.names() {
		t := x.trails[name]
		all := make([]audited, 0, len(t.ring))
		all = append(append(all, t.ring[t.first:]...), t.ring[:t.first]...)
		im.trails = append(im.trails, trailImage{name, t.trimmed, all, maps.Clone(t.why)})
	}
	return im
}

func (im *auditImage) write(line func(any) error) error {
	for i := range im.trails {
		t := &im.trails[i]
		for part := range slices.Chunk(t.changes, auditPerLine) {
			l := auditJSON{Trail: t.name, Trimmed: t.trimmed}
			for j := range part {
				l.Changes = append(l.Changes, part[j].wire(t.why))
			}
			if err := line(snapshotLine{Audit: &l}); err != nil {
				return err
			}
		}
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(im.heads)), headsPerLine) {
		l := auditJSON{Heads: make([]uint64, 0, 2*len(part))}
		for _, chain := range part {
			l.Heads = append(l.Heads, chain, im.heads[chain])
		}
		if err := line(snapshotLine{Audit: &l}); err != nil {
			return err
		}
	}
	if len(im.runs) == 0 {
		return nil
	}
	l := auditJSON{}
	for _, r := range im.runs {
		l.Runs = append(l.Runs, runJSON{r.trail, r.site, r.actor, r.do, r.refused, r.entry, r.single, r.last})
	}
	return line(snapshotLine{Audit: &l})
}

func (e *audited) wire(why map[uint64]string) auditedJSON {
	w := auditedJSON{
		Offset: e.offset, Time: e.time, Actor: e.actor.Value(), Do: e.do.Value(), Site: e.site.Value(), ID: e.id, Chain: e.chain,
		Prev: e.prev, Undoes: e.undoes, UndoneBy: e.undoneBy, Was: e.was, Now: e.now, Refused: e.refused, Why: why[e.offset],
	}
	if e.last != e.offset {
		w.Last = e.last
	}
	if e.count != 1 {
		w.Count = e.count
	}
	return w
}

func (x *auditIndex) load(l *auditJSON) error {
	if len(l.Changes) > 0 {
		t := x.trails[l.Trail]
		if t == nil {
			t = &trail{why: map[uint64]string{}}
			x.trails[l.Trail] = t
		}
		t.trimmed = l.Trimmed
		for i := range l.Changes {
			w := &l.Changes[i]
			if len(t.ring) == maxAudited || len(t.ring) > 0 && t.ring[len(t.ring)-1].offset >= w.Offset {
				return fmt.Errorf("change %d of trail %q: %w", w.Offset, l.Trail, errDamaged)
			}
			t.ring = append(t.ring, w.audited())
			if w.Refused {
				t.why[w.Offset] = w.Why
			}
		}
	}
	if len(l.Heads)%2 != 0 {
		return fmt.Errorf("heads of changes: %w", errDamaged)
	}
	for i := 0; i < len(l.Heads); i += 2 {
		x.heads[l.Heads[i]] = l.Heads[i+1]
	}
	if len(l.Runs) > maxRuns {
		return fmt.Errorf("%d imports: %w", len(l.Runs), errDamaged)
	}
	for _, r := range l.Runs {
		x.runs = append(x.runs, run{r.Trail, r.Site, r.Actor, r.Do, r.Refused, r.Entry, r.Single, r.Last})
	}
	return nil
}

func (w *auditedJSON) audited() audited {
	e := audited{
		offset: w.Offset, last: max(w.Offset, w.Last), time: w.Time, chain: w.Chain, prev: w.Prev, undoes: w.Undoes, undoneBy: w.UndoneBy,
		was: w.Was, now: w.Now, id: w.ID, actor: unique.Make(w.Actor), do: unique.Make(w.Do), site: unique.Make(w.Site),
		count: max(1, w.Count), refused: w.Refused,
	}
	return e
}

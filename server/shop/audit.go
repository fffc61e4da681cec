package shop

import (
	"cmp"
	"slices"
	"strings"
)

// AuditQuery chooses changes. Empty fields choose all.
type AuditQuery struct {
	Before  uint64 // only changes at lower offsets than this; 0: from the newest
	From    int64  // Unix ms
	Until   int64  // Unix ms, exclusive
	Actor   string // "user anna", or "anna"
	Kind    string // "rule"
	ID      string // of that kind
	Logins  Logins
	Limit   int  // at most this many, 1 to MaxAuditPage
	Private bool // those of the installation too: users, logins, freezes of all sites
	Brief   bool // without Before and After, which are read from the log
}

// Logins says whether changes are wanted, logins, or both.
type Logins uint8

// What Logins can be.
const (
	LoginsToo Logins = iota
	LoginsNot
	LoginsOnly
)

// MaxAuditPage is the most that one question gives.
const MaxAuditPage = 1000

// AuditEntry is one change, or an attempt at one.
type AuditEntry struct {
	Offset   uint64 // of the control log
	Last     uint64 // of an import: the offset of its last line; else Offset
	Count    int64  // how many lines of an import it stands for; else 1
	Time     int64  // Unix ms
	Actor    string // "user anna", "key key_4fz…", "cli"
	Do       string // "rule.put"
	Site     string // "" for the installation
	Kind     string // "rule"
	ID       string // "" for an import of several lines
	Before   []byte // JSON object, nil if there was nothing before or it is not known
	After    []byte // JSON object, nil if there is nothing after; of one that was refused, what was wanted
	Prev     uint64 // offset of the change of the same (kind, id) before it, meaningful with HasPrev
	HasPrev  bool
	Undo     bool   // it can be taken back, as far as can be known without trying
	NoUndo   string // why it cannot: a code, see NoUndo…
	Undoes   uint64 // offset of the change that it took back, 0 if none: the first record of a log takes nothing back
	UndoneBy uint64 // offset of the newest change that took it back, 0 if none
	Refused  string // why it was not carried out, "" if it was
	Unknown  bool   // older than what is remembered: whether it was carried out is not known
}

// AuditPage is an answer to AuditQuery.
type AuditPage struct {
	Entries []AuditEntry // newest first
	// Next is the Before of the page after this one, 0 when there is none. A page may be empty and have a next one: older changes are
	// looked for in a bounded stretch of the log at a time.
	Next uint64
}

// Changes lists what people, keys and operators changed in a site, the newest first. more says that there may be older ones.
func (s *Store) Changes(site string, q AuditQuery) (list []AuditEntry, more bool, err error) {
	page, err := s.AuditPage(site, q)
	return page.Entries, page.Next != 0, err
}

// AuditPage is Changes with the place where the next page begins.
func (s *Store) AuditPage(site string, q AuditQuery) (AuditPage, error) {
	q.Limit = max(1, min(q.Limit, MaxAuditPage))
	if q.Before == 0 || q.Before > s.Offset() {
		q.Before = s.Offset()
	}
	found, horizon := s.fold.changes.match(site, &q)
	var page AuditPage
	var err error
	if len(found) <= q.Limit && horizon > 0 {
		found, page.Next, err = s.scan(site, &q, found, horizon)
	}
	if len(found) > q.Limit {
		found = found[:q.Limit]
		page.Next = found[q.Limit-1].Offset
	}
	page.Entries = found
	if err == nil {
		err = s.complete(page.Entries, q.Brief)
	}
	return page, err
}

// ChangeAt is the change at an offset, of whatever site. A line of an import gives the whole import. ok is false for a record that is no
// change, as the engine's and the clock's are.
func (s *Store) ChangeAt(offset uint64) (e AuditEntry, ok bool, err error) {
	e, ok = s.fold.changes.entryOf(offset)
	if !ok {
		if e, ok, err = s.entryFromLog(offset); err != nil || !ok {
			return e, false, err
		}
	}
	list := []AuditEntry{e}
	err = s.complete(list, false)
	return list[0], err == nil, err
}

// match finds what is remembered, the newest first, one more than is wanted. Below horizon not all is remembered.
func (x *auditIndex) match(site string, q *AuditQuery) (found []AuditEntry, horizon uint64) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	names := wantedTrails(site, q)
	for _, name := range names {
		if t := x.trails[name]; t != nil {
			horizon = max(horizon, t.trimmed)
		}
	}
	for _, name := range names {
		t := x.trails[name]
		if t == nil {
			continue
		}
		taken := 0
		for i := t.below(q.Before) - 1; i >= 0 && taken <= q.Limit; i-- {
			e := t.at(i)
			if e.offset < horizon || e.time < q.From {
				break
			}
			if q.wants(e.id, e.actor.Value(), e.time) && (q.Kind == "" || q.Kind == kindOf(e.do.Value())) {
				found, taken = append(found, t.entry(e)), taken+1
			}
		}
	}
	slices.SortFunc(found, func(a, b AuditEntry) int { return cmp.Compare(b.Offset, a.Offset) })
	return found[:min(len(found), q.Limit+1)], horizon
}

func wantedTrails(site string, q *AuditQuery) []string {
	var names []string
	if q.Logins != LoginsOnly {
		names = append(names, site)
		if q.Private && site != "" {
			names = append(names, "")
		}
	}
	if q.Private && q.Logins != LoginsNot {
		names = append(names, loginTrail)
	}
	return names
}

// chooses says whether q wants e, whose trail it does.
func (q *AuditQuery) chooses(e *AuditEntry) bool {
	return (q.Kind == "" || q.Kind == e.Kind) && q.wants(e.ID, e.Actor, e.Time)
}

func (q *AuditQuery) wants(id, actor string, at int64) bool {
	return (q.ID == "" || q.ID == id) && at >= q.From && (q.Until == 0 || at < q.Until) &&
		(q.Actor == "" || q.Actor == actor || strings.HasSuffix(actor, q.Actor) && (actor == "user "+q.Actor || actor == "key "+q.Actor))
}

// entry is e as it is shown, without what stands in the log.
func (t *trail) entry(e *audited) AuditEntry {
	out := AuditEntry{
		Offset: e.offset, Last: e.last, Count: int64(e.count), Time: e.time, Actor: e.actor.Value(), Do: e.do.Value(), Site: e.site.Value(),
		Kind: kindOf(e.do.Value()), ID: e.id, Undoes: e.undoes, UndoneBy: e.undoneBy,
	}
	if e.prev > 0 {
		out.Prev, out.HasPrev = e.prev-1, true
	}
	if e.refused {
		out.Refused = cmp.Or(t.why[e.offset], "refused")
	}
	return out
}

// entryOf is the remembered change that the record at offset is, or is a line of.
func (x *auditIndex) entryOf(offset uint64) (AuditEntry, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, name := range x.names() {
		if t := x.trails[name]; t.find(offset) != nil {
			return t.entry(t.find(offset)), true
		}
	}
	return AuditEntry{}, false
}

// remembered is a copy of the change at offset.
func (x *auditIndex) remembered(offset uint64) (audited, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for _, t := range x.trails {
		if e := t.find(offset); e != nil {
			return *e, true
		}
	}
	return audited{}, false
}

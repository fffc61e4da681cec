package shop

import (
	"cmp"
	"slices"
	"unsafe"
)

// How much of the log one question about changes that are not remembered any more reads, about 50 ms of one core: the next page goes on
// from there. The machinery's records, most of a log, are read by hand and cost a tenth of others.
const (
	scanWindow = 4000 // records that are read at once
	scanCost   = 6000 // after which no window is begun
)

// scan adds changes from the log itself, below what is remembered, to found. next is where the next page begins, 0 at the log's end.
func (s *Store) scan(site string, q *AuditQuery, found []AuditEntry, horizon uint64) (all []AuditEntry, next uint64, err error) {
	end := min(q.Before, horizon)
	first := s.cfg.Log.First(0)
	for cost := 0; cost < scanCost && end > first && len(found) <= q.Limit; {
		from := first
		if end-first > scanWindow {
			from = end - scanWindow
		}
		older, spent, err := s.window(site, q, from, end)
		if err != nil {
			return nil, 0, err
		}
		cost += spent
		end = from
		found = append(found, older...)
		if len(older) > 0 && older[len(older)-1].Time < q.From {
			return found, 0, nil
		}
	}
	if end > first {
		next = end
	}
	return found, next, nil
}

// window is the changes of the log's records from up to end, the newest first.
func (s *Store) window(site string, q *AuditQuery, from, end uint64) (list []AuditEntry, cost int, err error) {
	r, err := s.cfg.Log.Read(0, from)
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	imports := map[[3]string]int{} // of the list, by site, actor and what is done
	var last words
	for at := from; at < end; {
		b, ok, err := r.Next(readBytes)
		if err != nil || !ok {
			return nil, 0, err
		}
		for i := range b.Len() {
			if at = b.First + uint64(i); at >= end {
				break
			}
			text := b.At(i)
			var c control
			if text == "" || c.parse(unsafe.Slice(unsafe.StringData(text), len(text)), &last) != nil {
				continue
			}
			if cost++; c.Body == nil { // not read by hand
				cost += 9
			}
			e, ok := s.older(&c, at)
			if !ok || !slices.Contains(wantedTrails(site, q), trailOf(e.Site, e.Kind)) {
				continue
			}
			key := [3]string{e.Site, e.Actor, e.Do}
			if j, known := imports[key]; known && e.Unknown && imported(e.Do) && e.Time-list[j].Time <= runGap*6 {
				list[j].Last, list[j].Count, list[j].ID = at, list[j].Count+1, ""
				continue
			}
			if !q.chooses(&e) {
				continue
			}
			if e.Unknown && imported(e.Do) {
				imports[key] = len(list)
			}
			list = append(list, e)
		}
		at = b.First + uint64(b.Len())
	}
	slices.SortFunc(list, func(a, b AuditEntry) int { return cmp.Compare(b.Offset, a.Offset) })
	return list, cost / 10, nil
}

// older is the change that c at an offset is, as far as its text says, or as it is remembered. Nothing in it is borrowed from the log.
func (s *Store) older(c *control, offset uint64) (AuditEntry, bool) {
	about, ok := s.fold.about(c)
	if !ok {
		return AuditEntry{}, false
	}
	x := s.fold.changes
	x.mu.RLock()
	defer x.mu.RUnlock()
	if t := x.trails[trailOf(c.Site, about.kind)]; t != nil && offset >= t.trimmed {
		if e := t.find(offset); e != nil {
			return t.entry(e), true
		}
		return AuditEntry{}, false // a line of an import, or one that changed nothing
	}
	return AuditEntry{
		Offset: offset, Last: offset, Count: 1, Time: c.Time, Actor: shared(c.Actor), Do: shared(c.Do), Site: shared(c.Site),
		Kind: about.kind, ID: shared(about.id), Undoes: c.Undoes, Unknown: true,
	}, true
}

// entryFromLog is the change at an offset by the log's text alone.
func (s *Store) entryFromLog(offset uint64) (AuditEntry, bool, error) {
	if offset >= s.Offset() || offset < s.cfg.Log.First(0) {
		return AuditEntry{}, false, nil
	}
	c, ok, err := s.recordAt(offset)
	if err != nil || !ok {
		return AuditEntry{}, false, err
	}
	about, ok := s.fold.about(&c)
	if !ok {
		return AuditEntry{}, false, nil
	}
	return AuditEntry{
		Offset: offset, Last: offset, Count: 1, Time: c.Time, Actor: c.Actor, Do: c.Do, Site: c.Site, Kind: about.kind, ID: about.id,
		Undoes: c.Undoes, Unknown: true,
	}, true, nil
}

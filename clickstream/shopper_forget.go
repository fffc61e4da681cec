package clickstream

import (
	"slices"
	"strings"
)

// touch makes v the newest of its site.
func (st *siteShard) touch(v *shopper) {
	if st.newest == v {
		return
	}
	if v.newer != nil || v.older != nil || st.oldest == v {
		st.unlink(v)
	}
	v.older = st.newest
	if st.newest != nil {
		st.newest.newer = v
	} else {
		st.oldest = v
	}
	st.newest = v
}

func (st *siteShard) unlink(v *shopper) {
	if v.older != nil {
		v.older.newer = v.newer
	} else {
		st.oldest = v.newer
	}
	if v.newer != nil {
		v.newer.older = v.older
	} else {
		st.newest = v.older
	}
	v.older, v.newer = nil, nil
}

// forgetIdle forgets shoppers of whom nothing was heard for idleFor. It looks from the longest unheard on and stops at the first that
// stays, so it costs what it forgets.
func (sh *shard) forgetIdle(st *siteShard) {
	for v := st.oldest; v != nil && v.live == nil && v.last+idleFor < st.clock; v = st.oldest {
		sh.drop(st, v)
	}
}

// makeRoom forgets the longest unheard of the site while the partition holds too many. Its live sessions are closed where they are.
func (sh *shard) makeRoom(st *siteShard) {
	for sh.count > sh.maxCount && st.oldest != st.newest {
		v := st.oldest
		sh.groups = st.rule.groups(sh.groups[:0], v.live)
		for i := range sh.groups {
			sh.changes = append(sh.changes, SessionChange{Session: sh.groups[i].session(v.name, true)})
		}
		sh.drop(st, v)
		sh.evicted++
	}
}

func (sh *shard) drop(st *siteShard, v *shopper) {
	st.unlink(v)
	delete(st.shoppers, v.name)
	v.live, v.dueAt = nil, noDeadline
	sh.count--
}

// erase forgets an erased visitor and takes back its live sessions. It looks at all shoppers of the site in the partition, some ten
// thousand at most, for the record has no name. Counts that name nobody stay: the site's clock, its late events.
func (sh *shard) erase(er *Erase, f *Fact) {
	f.Erase = &Erase{Site: strings.Clone(er.Site), Visitor: er.Visitor}
	f.Site = f.Erase.Site
	st := sh.sites[er.Site]
	if st == nil {
		return
	}
	f.Site, f.Clock = st.name, st.clock
	var gone []*shopper
	for name, v := range st.shoppers {
		if VisitorHash(name) == er.Visitor {
			gone = append(gone, v)
		}
	}
	slices.SortFunc(gone, func(a, b *shopper) int { return strings.Compare(a.name, b.name) })
	for _, v := range gone {
		var live []SessionKey
		sh.groups = st.rule.groups(sh.groups[:0], v.live)
		for i := range sh.groups {
			live = append(live, SessionKey{v.name, sh.groups[i].start})
		}
		if live != nil {
			sh.changes = append(sh.changes, SessionChange{Retracted: live})
		}
		sh.drop(st, v)
	}
}

package clickstream

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

package clickstream

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// maxDevices bounds the visitors of one user; the longest unproven is unlinked first.
const maxDevices = 20

// Identity is the fact fold of who is who: which visitors (devices) proved to be which user (customer) of a site, over all partitions.
//
// A login or identify event with Linked set links its visitor to its user. Without proof it changes nothing. A visitor has one user:
// who logs in as another on a device takes the device along, and the first user keeps what else it has. The newest proof by event time
// counts; late events change nothing. A visitor that withdraws Personalization, or is erased, is unlinked.
//
// Users and Visitors may be asked from any goroutine.
type Identity struct {
	limit int // links

	mu    sync.RWMutex
	links map[siteName]*link
	users map[siteName][]string // visitors, by proof, the newest last
	// All links by proof in log order, for the bound.
	oldest, newest *link
}

type siteName struct{ site, name string }

type link struct {
	key          siteName // site and visitor
	user         string
	at           int64 // event time of the newest proof, Unix ms
	older, newer *link
}

// NewIdentity makes the fold. Beyond limit links the longest unproven is forgotten.
func NewIdentity(limit int) *Identity {
	return &Identity{limit: limit, links: make(map[siteName]*link), users: make(map[siteName][]string)}
}

// ApplyFacts implements FactFold.
func (id *Identity) ApplyFacts(facts []Fact) error {
	for i := range facts {
		e := facts[i].Event
		if er := facts[i].Erase; er != nil {
			id.forget(er)
		}
		if e == nil || e.Generated && e.Kind != ConsentChange {
			continue
		}
		switch e.Kind {
		case ConsentChange:
			if e.Consent&Personalization == 0 {
				id.unlink(siteName{e.Site, e.Visitor}, e.Time)
			}
		case Login, Identify:
			if e.Linked && e.User != "" && !facts[i].Late && e.Consent&Personalization != 0 {
				id.link(e)
			}
		}
	}
	return nil
}

// User is the user that a visitor proved to be, "" if none.
func (id *Identity) User(site, visitor string) string {
	id.mu.RLock()
	defer id.mu.RUnlock()
	if l := id.links[siteName{site, visitor}]; l != nil {
		return l.user
	}
	return ""
}

// Visitors are the visitors of a user, the newest proof last. The caller must not change the slice.
func (id *Identity) Visitors(site, user string) []string {
	id.mu.RLock()
	defer id.mu.RUnlock()
	return id.users[siteName{site, user}]
}

// Links is the number of visitors with a user.
func (id *Identity) Links() int {
	id.mu.RLock()
	defer id.mu.RUnlock()
	return len(id.links)
}

func (id *Identity) link(e *Event) {
	id.mu.Lock()
	defer id.mu.Unlock()
	l := id.links[siteName{e.Site, e.Visitor}]
	if l != nil && e.Time < l.at {
		return
	}
	if l != nil {
		id.removeLocked(l)
	}
	id.addLocked(&link{key: siteName{strings.Clone(e.Site), strings.Clone(e.Visitor)}, user: strings.Clone(e.User), at: e.Time})
	for len(id.links) > id.limit {
		id.removeLocked(id.oldest)
	}
}

func (id *Identity) unlink(key siteName, at int64) {
	id.mu.Lock()
	defer id.mu.Unlock()
	if l := id.links[key]; l != nil && l.at <= at {
		id.removeLocked(l)
	}
}

// forget unlinks an erased visitor. It looks at all links, without the lock: nobody else writes, and readers must not wait for it.
func (id *Identity) forget(er *Erase) {
	var gone []*link
	for l := id.oldest; l != nil; l = l.newer {
		if l.key.site == er.Site && VisitorHash(l.key.name) == er.Visitor {
			gone = append(gone, l)
		}
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	for _, l := range gone {
		id.removeLocked(l)
	}
}

func (id *Identity) addLocked(l *link) {
	id.links[l.key] = l
	if l.older = id.newest; l.older != nil {
		l.older.newer = l
	} else {
		id.oldest = l
	}
	id.newest = l
	user := siteName{l.key.site, l.user}
	// Readers hold the old slice: a new one each time. There are at most maxDevices.
	id.users[user] = append(slices.Clone(id.users[user]), l.key.name)
	if devices := id.users[user]; len(devices) > maxDevices {
		id.removeLocked(id.links[siteName{l.key.site, devices[0]}])
	}
}

func (id *Identity) removeLocked(l *link) {
	delete(id.links, l.key)
	if l.older != nil {
		l.older.newer = l.newer
	} else {
		id.oldest = l.newer
	}
	if l.newer != nil {
		l.newer.older = l.older
	} else {
		id.newest = l.older
	}
	l.older, l.newer = nil, nil
	user := siteName{l.key.site, l.user}
	left := slices.Clone(id.users[user])
	left = slices.DeleteFunc(left, func(v string) bool { return v == l.key.name })
	if len(left) == 0 {
		delete(id.users, user)
		return
	}
	id.users[user] = left
}

// The snapshot: version:1 links:u, each, the longest unproven first: site visitor user at.
const identityVersion = 1

// Snapshot implements FactFold.
func (id *Identity) Snapshot(w io.Writer) error {
	b := appendCount([]byte{identityVersion}, len(id.links))
	for l := id.oldest; l != nil; l = l.newer {
		b = appendString(appendString(appendString(b, l.key.site), l.key.name), l.user)
		b = appendInt(b, l.at)
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write identity: %w", err)
	}
	return nil
}

// Restore implements FactFold.
func (id *Identity) Restore(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read identity: %w", err)
	}
	d := snapshotDecoder{decoder: decoder{s: string(data)}}
	if d.byte() != identityVersion {
		d.fail("unknown version")
	}
	fresh := NewIdentity(id.limit)
	for n := d.uvarint(); n > 0 && d.reason == ""; n-- {
		l := &link{key: siteName{strings.Clone(d.str()), strings.Clone(d.str())}, user: strings.Clone(d.str()), at: d.varint()}
		if fresh.links[l.key] != nil {
			d.fail("visitor twice")
			break
		}
		fresh.addLocked(l)
	}
	if err := d.end(identityName); err != nil {
		return err
	}
	id.mu.Lock()
	defer id.mu.Unlock()
	id.links, id.users, id.oldest, id.newest = fresh.links, fresh.users, fresh.oldest, fresh.newest
	return nil
}

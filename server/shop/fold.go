package shop

import (
	"fmt"
	"maps"
	"slices"

	json "github.com/go-json-experiment/json"
)

// fold is all state, owned by the goroutine that applies the log. It has no clock and does no I/O: applying the same records to
// an empty fold gives the same state. What readers need of it they get as a view, or from the catalogs, which lock themselves.
type fold struct {
	sealer *sealer
	now    int64 // Unix ms, the log's clock: the highest time of a record so far. Writers' clocks differ: a record's own may step back
	sites  map[string]*siteState
	users  map[string]*userState
	logins logins
	texts  map[string]keyName // every key that is not forgotten, by its text
	held   dueHeap            // the open reservations of all sites
	stale  bool               // sites, keys or users changed since the last view

	others  map[string]Fold // by name
	order   []string        // their names, sorted
	words   words
	touched []touch // items that the record being applied changed
	priced  repriced
	changes *auditIndex
}

// touch is a change of one item that other folds are told of. was is nil for a new one, now for one that is gone.
type touch struct {
	site     string
	was, now *Item
}

type siteState struct {
	site    Site // settings as they were given, without defaults
	keys    []keyState
	catalog *catalog
	refs    refs
	holds   *holds
	seen    *seenList // of the readers; no part of the state
}

type keyName struct{ site, id string }

func newFold(sealer *sealer, others []func() Fold) *fold {
	f := &fold{
		sealer: sealer,
		sites:  map[string]*siteState{},
		users:  map[string]*userState{},
		logins: newLogins(),
		texts:  map[string]keyName{},
		stale:  true,
		others: map[string]Fold{},

		changes: newAuditIndex(),
	}
	for _, make := range others {
		other := make()
		f.others[other.Name()] = other
	}
	f.order = slices.Sorted(maps.Keys(f.others))
	return f
}

// apply carries out one record, with what it brings about in the other folds. An error means that the record cannot be read: the fold
// must stop before it.
func (f *fold) apply(payload []byte, offset uint64, changes []Change) (outcome, []Change, error) {
	if len(payload) == 0 { // erased
		return outcome{}, changes, nil
	}
	var c control
	if err := c.parse(payload, &f.words); err != nil {
		if foreign(payload) {
			return outcome{}, changes, nil
		}
		return outcome{}, changes, fmt.Errorf("decode control record: %w", err)
	}
	f.now = max(f.now, c.Time)
	shelf := Shelf{f: f, offset: offset, changes: changes}
	f.expire(&shelf)
	f.priced = repriced{}
	if c.Undoes != 0 {
		if refused := f.superseded(&c); refused != nil {
			out := outcome{refused: refused}
			f.audit(&c, offset, &out)
			return out, shelf.changes, nil
		}
	}
	out, err := f.carryOut(&c, &shelf)
	if err == nil {
		f.audit(&c, offset, &out)
		f.tellTouched(&c, &shelf)
	}
	return out, shelf.changes, err
}

func (f *fold) carryOut(c *control, shelf *Shelf) (outcome, error) {
	if other := f.others[prefixOf(c.Do)]; other != nil {
		r := f.control(c, shelf.offset)
		answer, denied := other.Apply(&r, shelf)
		return outcome{answer: answer, denied: denied}, nil
	}
	out, changes, err := f.own(c, shelf.offset, shelf.changes)
	shelf.changes = changes
	return out, err
}

// own carries out one of the shop's own records.
func (f *fold) own(c *control, offset uint64, changes []Change) (outcome, []Change, error) {
	switch c.Do {
	case doSitePut:
		return f.sitePut(c), changes, nil
	case doUserPut:
		return f.userPut(c), changes, nil
	case doUserRemove:
		return f.userRemove(c), changes, nil
	case doUserTOTP:
		return f.userTOTP(c), changes, nil
	case doSessionBegin:
		return f.sessionBegin(c), changes, nil
	case doSessionEnd:
		return f.sessionEnd(c), changes, nil
	case doSiteRetire, doKeyPut, doKeyRevoke, doItemPut, doItemDelete, doItemCover, doStock,
		doReservationPut, doReservationRelease, doReservationCommit:
	default:
		return outcome{}, changes, nil
	}
	s := f.sites[c.Site]
	if s == nil {
		return outcome{refused: refuse("unknown_site", "site: there is no %q", c.Site)}, changes, nil
	}
	switch c.Do {
	case doSiteRetire:
		f.siteRetire(s)
	case doKeyPut:
		out, err := f.keyPut(s, c)
		return out, changes, err
	case doKeyRevoke:
		return f.keyRevoke(s, c), changes, nil
	case doItemPut:
		return f.itemPut(s, c, offset, changes)
	case doItemDelete:
		return f.itemDelete(s, c, offset, changes)
	case doItemCover:
		return f.itemCover(s, c, offset, changes)
	case doStock:
		return f.stock(s, c, offset, changes)
	case doReservationPut:
		return f.reservationPut(s, c, offset, changes)
	case doReservationRelease:
		return f.reservationRelease(s, c, offset, changes)
	case doReservationCommit:
		return f.reservationCommit(s, c, offset, changes)
	}
	return outcome{}, changes, nil
}

// foreign says whether payload is another fold's record, whose fields may have the names of ours and other types.
func foreign(payload []byte) bool {
	var c struct {
		Do string `json:"do"`
	}
	if json.Unmarshal(payload, &c) != nil {
		return false
	}
	switch c.Do {
	case doSitePut, doSiteRetire, doKeyPut, doKeyRevoke, doUserPut, doUserRemove, doUserTOTP, doSessionBegin, doSessionEnd, doLoginFailed, doItemPut, doItemDelete, doItemCover, doStock,
		doReservationPut, doReservationRelease, doReservationCommit:
		return false
	}
	return true
}

func (f *fold) sitePut(c *control) outcome {
	s := f.sites[c.Site]
	if c.Settings == nil || !validSiteID(c.Site) {
		return outcome{refused: refuse("bad_site", "site: %q has no settings or is not 1-32 of a-z 0-9 _ -", c.Site)}
	}
	switch {
	case c.New && s != nil:
		return outcome{refused: refuse("site_exists", "site: %q exists", c.Site)}
	case !c.New && s == nil:
		return outcome{refused: refuse("unknown_site", "site: there is no %q", c.Site)}
	case s == nil:
		s = &siteState{site: Site{ID: c.Site, Created: f.now}, catalog: newCatalog(), holds: newHolds(), seen: &seenList{}}
		f.sites[c.Site] = s
	}
	s.site.Settings, s.site.Changed = *c.Settings, f.now
	s.site.Retired = 0 // new settings bring a retired site back
	f.stale = true
	return outcome{}
}

func (f *fold) siteRetire(s *siteState) {
	if s.site.Retired == 0 {
		s.site.Retired = f.now
		f.stale = true
	}
}

// siteIDs is the order in which state is written.
func (f *fold) siteIDs() []string { return slices.Sorted(maps.Keys(f.sites)) }

func (f *fold) userNames() []string { return slices.Sorted(maps.Keys(f.users)) }

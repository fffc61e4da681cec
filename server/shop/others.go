package shop

import (
	"strings"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"beckon/clickstream/record"
)

// Fold is more state over the control log: prices, offers. The Store applies the log to it, in order, from the goroutine that applies its
// own records; it is a function of the log alone, as the shop's own fold is.
type Fold interface {
	// Name is what its records' Do begin with: "offer" has "offer.claim". 1-16 of a-z.
	Name() string
	// Apply carries out one record. answer goes to the caller of Submit. With refused, which says why not, the state is as before.
	Apply(r *record.Control, shelf *Shelf) (answer any, refused error)
	// ItemChanged follows each record that changed an item of the catalog or its stock. was is nil for a new item, now for one that is
	// gone. It is not called for prices that folds set.
	ItemChanged(r *record.Control, shelf *Shelf, was, now *Item)
	// Due is the Unix ms at which something expires by itself, 0 if nothing will.
	Due() int64
	// Expire ends what is due by now. It is called before any record of that time or later is applied.
	Expire(r *record.Control, shelf *Shelf)
	// Image is the state as lines, each below 1 MiB of JSON. What it returns is called later and from another goroutine, while Apply
	// goes on. The same state gives the same lines.
	Image() func(line func(v any) error) error
	// Load takes one line of Image, in order, into an empty fold.
	Load(line []byte) error
}

// Shelf is the catalog at a record's place in the log. It is valid until the fold returns.
type Shelf struct {
	f       *fold
	offset  uint64
	changes []Change
}

// Item is the item's current version; nil if there is none.
func (s *Shelf) Item(site, id string) *Item {
	if st := s.f.sites[site]; st != nil {
		return st.catalog.get(id)
	}
	return nil
}

// Site says whether the site exists, also when it is retired.
func (s *Shelf) Site(site string) bool { return s.f.sites[site] != nil }

// SetPrice makes amount the price in force; markdown is what an announced reduction is measured from, 0 without one. Its version is
// the record's offset. It is false for an item or market that does not exist or has no price.
func (s *Shelf) SetPrice(site, item, market string, amount, markdown int64) bool {
	st := s.f.sites[site]
	if st == nil {
		return false
	}
	was := st.catalog.get(item)
	if was == nil {
		return false
	}
	now, ok := was.withPrice(market, amount, markdown, s.offset, s.f.now)
	if !ok {
		return false
	}
	st.catalog.put(now)
	if !s.f.priced.ok {
		before, _ := was.In(market)
		s.f.priced = repriced{item, before.Public, amount, true}
	}
	if !sameOffer(was, now) {
		s.changes = append(s.changes, Change{Site: site, Item: item, Price: true, Offset: s.offset, Now: now})
	}
	return true
}

// control is c as other folds see it.
func (f *fold) control(c *control, offset uint64) record.Control {
	return record.Control{Offset: offset, Time: f.now, Actor: c.Actor, Do: c.Do, Site: c.Site, ID: c.ID, Body: c.Body}
}

func prefixOf(do string) string {
	name, _, _ := strings.Cut(do, ".")
	return name
}

// expire ends what is due at the log's clock.
func (f *fold) expire(shelf *Shelf) {
	shelf.changes = f.expireReservations(shelf.offset, shelf.changes)
	f.logins.expire(f.now)
	for _, name := range f.order {
		if due := f.others[name].Due(); due != 0 && due <= f.now {
			r := record.Control{Offset: shelf.offset, Time: f.now, Do: doClock}
			f.others[name].Expire(&r, shelf)
		}
	}
}

// tellTouched tells the other folds what the record did to items.
func (f *fold) tellTouched(c *control, shelf *Shelf) {
	if len(f.touched) == 0 {
		return
	}
	r := f.control(c, shelf.offset)
	for _, t := range f.touched {
		r.Site = t.site
		for _, name := range f.order {
			f.others[name].ItemChanged(&r, shelf, t.was, t.now)
		}
	}
	clear(f.touched)
	f.touched = f.touched[:0]
}

// due is the earliest Unix ms at which something expires by itself, 0 if nothing will.
func (f *fold) due() int64 {
	least := f.nextReservation()
	if at := f.logins.expires; at != 0 && (least == 0 || at < least) {
		least = at
	}
	for _, name := range f.order {
		if due := f.others[name].Due(); due != 0 && (least == 0 || due < least) {
			least = due
		}
	}
	return least
}

// foldImage writes one fold's lines into a snapshot.
type foldImage struct {
	name  string
	lines func(line func(v any) error) error
}

func (i foldImage) write(line func(v any) error) error {
	return i.lines(func(v any) error {
		if text, ok := v.(jsontext.Value); ok { // it is JSON already, and there may be much of it
			return line(snapshotLine{Fold: i.name, Line: text})
		}
		text, err := json.Marshal(v, json.Deterministic(true))
		if err != nil {
			return err
		}
		return line(snapshotLine{Fold: i.name, Line: text})
	})
}

func (f *fold) otherImages() []foldImage {
	var images []foldImage
	for _, name := range f.order {
		images = append(images, foldImage{name, f.others[name].Image()})
	}
	return images
}

func (f *fold) otherNames() []string { return f.order }

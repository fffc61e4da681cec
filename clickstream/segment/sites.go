package segment

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

// What the records of definitions do. Both name the segment as the record's ID.
const (
	DoPut    = "segment.put"    // the body is the whole Definition
	DoRemove = "segment.remove" // a built-in one's own definition returns
)

// Refusal says why a record was not carried out; the state is as it was before.
type Refusal struct{ Code, Message string }

func (r *Refusal) Error() string { return r.Message }

// Sites is the definitions of all sites, a fold over the control log. Apply and Load are called by one goroutine; the others by any.
type Sites struct {
	own  map[string]map[string]Definition // by site and id; values are replaced, never changed
	sets atomic.Pointer[map[string]*Set]
	none *Set // of a site without definitions of its own
}

// NewSites makes an empty fold.
func NewSites() *Sites {
	s := &Sites{own: map[string]map[string]Definition{}, none: Compile(nil)}
	s.sets.Store(&map[string]*Set{})
	return s
}

// Name is what the fold's records begin with.
func (s *Sites) Name() string { return "segment" }

// Of is a site's segments.
func (s *Sites) Of(site string) *Set {
	if set := (*s.sets.Load())[site]; set != nil {
		return set
	}
	return s.none
}

// Own says whether a site has a definition of its own with that id.
func (s *Sites) Own(site, id string) bool {
	d, ok := s.Of(site).Definition(id)
	return ok && !slices.ContainsFunc(Builtin(), func(b Definition) bool { return b.ID == id && same(b, d) })
}

func same(a, b Definition) bool {
	return a.Title == b.Title && a.Any == b.Any && slices.EqualFunc(a.Conditions, b.Conditions, func(x, y Condition) bool {
		return x.Feature == y.Feature && x.Op == y.Op && x.Value == y.Value && slices.Equal(x.Values, y.Values)
	})
}

// Apply carries out one record. The answer to DoPut is the Definition.
func (s *Sites) Apply(r *record.Control) (answer any, refused error) {
	if r.Site == "" {
		return nil, &Refusal{"unknown_site", "site: none is given"}
	}
	own := s.own[r.Site]
	switch r.Do {
	case DoPut:
		d := Definition{}
		if err := json.Unmarshal(r.Body, &d); err != nil {
			return nil, &Refusal{"bad_segment", "segment: not a definition: " + err.Error()}
		}
		d.ID = r.ID
		if err := d.Check(); err != nil {
			return nil, &Refusal{"bad_segment", err.Error()}
		}
		if _, known := own[d.ID]; !known && len(own) >= MaxDefinitions {
			return nil, &Refusal{"too_many_segments", fmt.Sprintf("id: there are %d segments, which is all there can be; remove one", len(own))}
		}
		s.change(r.Site, func(own map[string]Definition) { own[d.ID] = d })
		return d, nil
	case DoRemove:
		if _, known := own[r.ID]; !known {
			return nil, &Refusal{"unknown_segment", fmt.Sprintf("id: the site has no segment %q of its own", cut(r.ID))}
		}
		s.change(r.Site, func(own map[string]Definition) { delete(own, r.ID) })
		return nil, nil
	}
	return nil, &Refusal{"unknown_record", fmt.Sprintf("do: there is no %q", r.Do)}
}

// change makes the site's next definitions and shows them to readers.
func (s *Sites) change(site string, change func(map[string]Definition)) {
	if s.own[site] == nil {
		s.own[site] = map[string]Definition{}
	}
	change(s.own[site])
	s.publish(site)
}

func (s *Sites) publish(site string) {
	sets := maps.Clone(*s.sets.Load())
	sets[site] = Compile(slices.Collect(maps.Values(s.own[site])))
	s.sets.Store(&sets)
}

// imageLine is a site's definitions, in the order of their ids.
type imageLine struct {
	Site string       `json:"site"`
	Defs []Definition `json:"defs"`
}

// Image is the state as lines for Load. The returned func may run while Apply goes on.
func (s *Sites) Image() func(line func(v any) error) error {
	var lines []imageLine
	for _, site := range slices.Sorted(maps.Keys(s.own)) {
		defs := slices.SortedFunc(maps.Values(s.own[site]), func(a, b Definition) int { return cmp.Compare(a.ID, b.ID) })
		lines = append(lines, imageLine{site, defs})
	}
	return func(line func(v any) error) error {
		for _, l := range lines {
			if err := line(l); err != nil {
				return err
			}
		}
		return nil
	}
}

// Load takes one line of Image into a new fold.
func (s *Sites) Load(line []byte) error {
	var l imageLine
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("segments: decode image line: %w", err)
	}
	if s.own[l.Site] != nil || len(l.Defs) > MaxDefinitions {
		return fmt.Errorf("segments: image of site %q twice, or of too many", l.Site)
	}
	own := make(map[string]Definition, len(l.Defs))
	for _, d := range l.Defs {
		if err := d.Check(); err != nil {
			return fmt.Errorf("segments: image of site %q: %w", l.Site, err)
		}
		own[d.ID] = d
	}
	s.own[l.Site] = own
	s.publish(l.Site)
	return nil
}

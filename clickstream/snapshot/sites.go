package snapshot

import (
	"io"
	"maps"
	"slices"
)

// SaveSites writes a fold that is a map of sites.
func SaveSites[S any](w io.Writer, magic, version byte, sites map[string]S, save func(e *Encoder, s S)) error {
	e := NewEncoder(w, magic, version)
	for _, name := range slices.Sorted(maps.Keys(sites)) {
		e.Uint(1)
		e.Text(name)
		save(e, sites[name])
	}
	e.Uint(0)
	return e.Flush()
}

// LoadSites reads what SaveSites wrote. Where there is an error the sites are of no use.
func LoadSites[S any](r io.Reader, magic, version byte, load func(d *Decoder) S) (map[string]S, error) {
	d := NewDecoder(r, magic, version)
	sites := map[string]S{}
	for d.Count(1) == 1 {
		name := d.Text()
		if _, twice := sites[name]; twice {
			d.Failf("site %q twice", name)
		}
		sites[name] = load(d)
	}
	return sites, d.End()
}

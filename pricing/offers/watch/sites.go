package watch

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"sync"

	"beckon/clickstream/snapshot"
)

// writeSites writes a fold's sites in the order of their names. The lock is held while they become bytes, not while w takes them.
func writeSites[S any](w io.Writer, magic, version byte, mu sync.Locker, sites map[string]S, save func(S, *snapshot.Encoder)) error {
	var b bytes.Buffer
	e := snapshot.NewEncoder(&b, magic, version)
	mu.Lock()
	e.Uint(uint64(len(sites)))
	for _, name := range slices.Sorted(maps.Keys(sites)) {
		save(sites[name], e)
	}
	mu.Unlock()
	_ = e.Flush() // to memory: never fails
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

// readSites reads what writeSites wrote.
func readSites[S any](r io.Reader, magic, version byte, load func(*snapshot.Decoder) S, nameOf func(S) string) (map[string]S, error) {
	d := snapshot.NewDecoder(r, magic, version)
	sites := map[string]S{}
	before := ""
	for i := range d.Each(math.MaxInt32) {
		s := load(d)
		name := nameOf(s)
		if i > 0 && name <= before {
			d.Failf("site %q after %q", name, before)
		}
		before = name
		sites[name] = s
	}
	if err := d.End(); err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	return sites, nil
}

package clickstream

import (
	"context"
	"slices"
)

// eachAtOnce is how many shoppers are copied under one hold of a partition's lock: about ten microseconds.
const eachAtOnce = 16

// EachShopper calls each for every shopper of a site that is remembered, partition by partition, the last heard of first, until it
// returns false. v is what ViewDevice gives, and is used again. Who comes meanwhile may be missed. A million shoppers take about a
// second of processor; a partition is held for microseconds, and once for its list of names, which at a million is a millisecond.
func (r *Runner) EachShopper(ctx context.Context, site string, each func(visitor string, v *ShopperView) bool) error {
	var names []string
	var views [eachAtOnce]ShopperView
	var known [eachAtOnce]bool
	for _, s := range r.shards {
		names = s.visitors(site, names[:0])
		for part := range slices.Chunk(names, eachAtOnce) {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.mu.Lock()
			for i, name := range part {
				known[i] = s.viewLocked(site, name, &views[i])
			}
			s.mu.Unlock()
			for i, name := range part {
				if known[i] && !each(name, &views[i]) {
					return nil
				}
			}
		}
	}
	return nil
}

func (s *shard) visitors(site string, dst []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.sites[site]; st != nil {
		for v := st.newest; v != nil; v = v.older {
			dst = append(dst, v.name)
		}
	}
	return dst
}

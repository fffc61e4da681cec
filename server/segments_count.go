package main

import (
	"context"
	"slices"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/segment"
)

// How often all shoppers are counted: each site once a countEvery, sooner while somebody looks, and never so often that counting takes
// more than a fiftieth of the time.
const (
	countEvery     = time.Minute
	countEagerly   = 5 * time.Second
	countShare     = 50
	maxBuyers      = 100_000 // whose spending is kept for ranks; of more, the first in the order of partitions, which is none of size
	segmentSamples = 12
)

// segmentCounts is one count of a site's shoppers. It never changes.
type segmentCounts struct {
	At       int64 // Unix ms
	Took     time.Duration
	Shoppers int // that could be in segments: people who consent to personalization
	segments map[string]segmentCount
	spent    []int64 // of buyers, rising
}

// segmentCount is one segment's part.
type segmentCount struct {
	Shoppers, Here, Buyers int // Here: in a visit now
	Orders                 int64
	Spent                  int64    // minor units
	Samples                []string // visitors, of those who are here first
}

// of is a segment's part.
func (c *segmentCounts) of(id string) segmentCount {
	if c == nil {
		return segmentCount{}
	}
	return c.segments[id]
}

// add counts a shopper.
func (s *segmentCount) add(visitor string, v *clickstream.ShopperView) {
	s.Shoppers++
	s.Orders += int64(v.Purchases)
	s.Spent += v.Spent
	if v.Purchases > 0 {
		s.Buyers++
	}
	here := v.SessionStart != 0
	if here {
		s.Here++
	}
	if len(s.Samples) < segmentSamples {
		s.Samples = append(s.Samples, visitor)
	} else if here && s.Here <= segmentSamples {
		s.Samples[s.Here-1] = visitor
	}
}

// countSegments looks at all shoppers of a site. Ranks follow from the count before, so the first count finds nobody who spent more than
// others, and is followed by a second at once.
func (n *node) countSegments(ctx context.Context, site string) error {
	begin := n.now()
	now := n.clock(site, begin)
	set, before := n.folds.segments.Of(site), n.segments.of(site)
	counts := map[string]*segmentCount{}
	for _, d := range set.Definitions() {
		counts[d.ID] = &segmentCount{}
	}
	c := &segmentCounts{At: begin.UnixMilli(), segments: map[string]segmentCount{}}
	var f segment.Features
	var in []string
	err := n.runner.EachShopper(ctx, site, func(visitor string, v *clickstream.ShopperView) bool {
		if v.Bot || v.Consent&clickstream.Personalization == 0 {
			return true
		}
		c.Shoppers++
		if v.Purchases > 0 && len(c.spent) < maxBuyers {
			c.spent = append(c.spent, v.Spent)
		}
		f.Reset()
		n.fillFeatures(&f, set.Needs(), site, v, now, before)
		in = set.Match(in[:0], &f)
		for _, id := range in {
			counts[id].add(visitor, v)
		}
		return true
	})
	if err != nil {
		return err
	}
	slices.Sort(c.spent)
	for id, s := range counts {
		c.segments[id] = *s
	}
	c.Took = n.now().Sub(begin)
	n.segments.mu.Lock()
	n.segments.sites[site] = c
	n.segments.mu.Unlock()
	if before == nil && len(c.spent) > 0 {
		return n.countSegments(ctx, site)
	}
	return nil
}

// startSegments counts in the background until the server stops.
func (n *node) startSegments(opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.keepCounting(ctx)
	}()
	opened.add("counts of segments", func(context.Context) error {
		cancel()
		<-ended
		return nil
	})
}

func (n *node) keepCounting(ctx context.Context) {
	every := time.NewTicker(countEagerly)
	defer every.Stop()
	wished := map[string]bool{}
	for {
		select {
		case <-ctx.Done():
			return
		case site := <-n.segments.wish:
			wished[site] = true
			continue
		case <-every.C:
		}
		for _, s := range n.liveSites() {
			if !n.countDue(s.ID, wished[s.ID]) {
				continue
			}
			delete(wished, s.ID)
			if err := n.countSegments(ctx, s.ID); err != nil {
				return // only ctx ends it
			}
		}
	}
}

// countDue says whether a site's shoppers are to be counted again.
func (n *node) countDue(site string, wished bool) bool {
	c := n.segments.of(site)
	if c == nil {
		return true
	}
	wait := countEvery
	if wished {
		wait = countEagerly
	}
	return n.now().UnixMilli()-c.At >= max(wait, countShare*c.Took).Milliseconds()
}

// wishCount asks for a count soon.
func (s *segmentCounting) wishCount(site string) {
	select {
	case s.wish <- site:
	default:
	}
}

// A preview looks at whole partitions until it has seen enough: visitors are spread over partitions by their hash, so these are as good
// as any.
const previewShoppers = 20_000

// previewSegment counts a definition that is not saved yet. total is how many shoppers it looked at.
func (n *node) previewSegment(ctx context.Context, site string, d segment.Definition) (count segmentCount, total int, err error) {
	set := segment.Compile([]segment.Definition{d})
	counts := n.segments.of(site)
	now := n.clock(site, n.now())
	var f segment.Features
	var in []string
	err = n.runner.EachShopper(ctx, site, func(visitor string, v *clickstream.ShopperView) bool {
		if v.Bot || v.Consent&clickstream.Personalization == 0 {
			return true
		}
		total++
		f.Reset()
		n.fillFeatures(&f, set.Needs(), site, v, now, counts)
		if in = set.Match(in[:0], &f); slices.Contains(in, d.ID) {
			count.add(visitor, v)
		}
		return total < previewShoppers
	})
	return count, total, err
}

package main

import (
	"context"
	"time"
)

// benchMemory measures the resident set when a million visitors were active within half an hour, six clicks each, in a catalog of a
// hundred thousand items.
func benchMemory(ctx context.Context, b *bench) ([]figure, error) {
	s, err := b.child(ctx, "memory")
	if err != nil {
		return nil, err
	}
	defer s.kill()
	visitors, items := b.count(1_000_000), b.count(100_000)
	if err := s.putItems(ctx, numberedItems(items)); err != nil {
		return nil, err
	}
	v := live(viewClicks*visitors, visitors, items)
	v.spacing = 30 * time.Minute / time.Duration(v.n)
	v.from = time.Now().Add(-30 * time.Minute).UnixMilli()
	if err := s.importAll(ctx, v); err != nil {
		return nil, err
	}
	loaded, most, err := s.resident()
	if err != nil {
		return nil, err
	}
	if err := s.collectGarbage(ctx); err != nil {
		return nil, err
	}
	after, _, err := s.resident()
	return []figure{
		atMost("resident", loaded/1e6, "MB", 1500),
		atMost("resident at most", most/1e6, "MB", 0),
		atMost("resident after a collection", after/1e6, "MB", 0),
	}, err
}

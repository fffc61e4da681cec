package main

import (
	"context"
	"time"
)

// benchRecovery measures from the start of a process to its /readyz after kill -9: ten million events, of which a million came after
// the last snapshot. An ordered stop writes the snapshot; the file cache is warm.
func benchRecovery(ctx context.Context, b *bench) ([]figure, error) {
	s, err := b.child(ctx, "recovery")
	if err != nil {
		return nil, err
	}
	if err := s.putItems(ctx, numberedItems(listed)); err != nil {
		s.kill()
		return nil, err
	}
	n := b.count(10_000_000)
	all := live(n, 200_000, listed)
	all.n -= n / 10
	if err := s.importAll(ctx, all); err != nil {
		return nil, err
	}
	if err := s.stop(); err != nil {
		return nil, err
	}
	never := []string{"--checkpoint-every", "1000h"}
	begin := time.Now()
	if err := s.startChild(ctx, b.e, never...); err != nil {
		return nil, err
	}
	stopped := time.Since(begin)
	all.first, all.n = all.n, n-all.n
	if err := s.importAll(ctx, all); err != nil {
		return nil, err
	}
	s.kill()
	begin = time.Now()
	if err := s.startChild(ctx, b.e, never...); err != nil {
		return nil, err
	}
	killed := time.Since(begin)
	now, most, err := s.resident()
	if err != nil {
		return nil, err
	}
	s.kill()
	return []figure{
		atMost("killed to ready", killed.Seconds(), "s", 8),
		atMost("stopped in order to ready", stopped.Seconds(), "s", 0),
		atMost("resident after it", now/1e6, "MB", 0),
		atMost("resident at most in it", most/1e6, "MB", 0),
	}, nil
}

// importAll imports v and waits until every fold has applied it; it ends the child when it cannot.
func (s *benchServer) importAll(ctx context.Context, v views) error {
	err := s.importViews(ctx, v)
	if err == nil {
		err = s.settled(ctx)
	}
	if err != nil {
		s.kill()
	}
	return err
}

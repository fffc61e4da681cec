package main

import (
	"fmt"
	"testing"
	"time"
)

func TestLimiterAllowsRateAndBurst(t *testing.T) {
	l := newLimiter(50)
	now := time.Unix(1000, 0)
	if wait := l.take("a", 500, now); wait != 0 {
		t.Fatalf("burst of ten seconds refused for %v", wait)
	}
	if wait := l.take("a", 50, now); wait != time.Second {
		t.Fatalf("over the burst: wait %v, want 1s", wait)
	}
	if wait := l.take("b", 500, now); wait != 0 {
		t.Fatalf("another key pays for the first: %v", wait)
	}
	if wait := l.take("a", 50, now.Add(time.Second)); wait != 0 {
		t.Fatalf("after a second 50 more must pass, wait %v", wait)
	}
}

func TestLimiterLetsALargeBatchPassWhenItsWaitIsOver(t *testing.T) {
	l := newLimiter(5)
	now := time.Unix(1000, 0)
	l.take("a", 10, now)
	wait := l.take("a", 200, now)
	if wait != 2*time.Second {
		t.Fatalf("more than a burst at once: wait %v, want the 2s of what was taken", wait)
	}
	now = now.Add(wait)
	if again := l.take("a", 200, now); again != 0 {
		t.Fatalf("after the wait it must wait again: %v", again)
	}
	if wait := l.take("a", 1, now); wait != 30200*time.Millisecond {
		t.Fatalf("what passed beyond the burst is owed: wait %v, want 30.2s", wait)
	}
}

func TestLimiterForgetsOnlyTheIdle(t *testing.T) {
	l := newLimiter(10)
	now := time.Unix(1000, 0)
	l.take("busy", 100, now)
	for i := range 20000 {
		l.take(fmt.Sprint("other", i), 1, now)
	}
	if l.take("busy", 1, now) == 0 {
		t.Fatal("a key at its limit was forgotten while idler ones stood")
	}
}

func TestNoLimiterAllowsAll(t *testing.T) {
	if wait := newLimiter(0).take("a", 1<<20, time.Unix(0, 0)); wait != 0 {
		t.Fatalf("wait %v, want none", wait)
	}
}

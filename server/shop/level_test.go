package shop

import "testing"

func TestLevelFollowsTheTable(t *testing.T) {
	f := func(was string, stock, low int64, stated bool, want string) {
		t.Helper()
		if got := nextLevel(was, stock, low, stated); got != want {
			t.Errorf("%s, stock %d, threshold %d, stated %v: %s, want %s", was, stock, low, stated, got, want)
		}
	}
	f(LevelIn, Unset, 5, true, LevelIn)
	f(LevelOut, Unset, 5, true, LevelIn)
	f(LevelIn, 0, 5, true, LevelOut)
	f(LevelLow, 0, 0, true, LevelOut)
	f(LevelOut, 1, 5, true, LevelBack)
	f(LevelOut, 100, 5, true, LevelBack)
	f(LevelBack, 100, 5, false, LevelBack)
	f(LevelBack, 100, 5, true, LevelIn)
	f(LevelBack, 5, 5, true, LevelLow)
	f(LevelBack, 0, 5, true, LevelOut)
	f(LevelIn, 6, 5, true, LevelIn)
	f(LevelIn, 5, 5, true, LevelLow)
	f(LevelLow, 6, 5, true, LevelLow)
	f(LevelLow, 7, 5, true, LevelIn)
	f(LevelLow, 24, 20, true, LevelLow)
	f(LevelLow, 25, 20, true, LevelIn)
	f(LevelLow, 26, 21, true, LevelLow) // 20 % of 21 is 4.2: five
	f(LevelLow, 27, 21, true, LevelIn)
	f(LevelLow, 1, 0, true, LevelIn)
	f(LevelIn, 1, 0, true, LevelIn)
}

func TestLevelDoesNotFlapAroundItsThreshold(t *testing.T) {
	for low := int64(1); low <= 60; low++ {
		level, changes := LevelIn, 0
		for i := range int64(1000) {
			next := nextLevel(level, low+i%2, low, true) // one bought, one returned, …
			if next != level {
				changes++
			}
			level = next
		}
		if changes != 1 {
			t.Errorf("threshold %d: %d changes, want 1", low, changes)
		}
	}
}

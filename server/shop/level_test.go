package shop

import "testing"

// on is a shelf of which nothing is reserved.
func on(was string, stock, low int64, stated bool) string {
	level, _ := standing{was: &Item{Level: was}, stock: stock, free: stock, low: low, stated: stated}.level()
	return level
}

func TestLevelFollowsTheTable(t *testing.T) {
	f := func(was string, stock, low int64, stated bool, want string) {
		t.Helper()
		if got := on(was, stock, low, stated); got != want {
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

func TestLevelCountsFreePiecesAndCover(t *testing.T) {
	sold, held := &Item{Level: LevelOut, Stock: 0}, &Item{Level: LevelOut, Stock: 3, Reserved: 3}
	low, byCover := &Item{Level: LevelLow, Stock: 4}, &Item{Level: LevelLow, Stock: 40, byCover: true}
	back := &Item{Level: LevelBack, Stock: 9}
	f := func(name string, s standing, level string, covered bool) {
		t.Helper()
		s.low = 5
		if got, by := s.level(); got != level || by != covered {
			t.Errorf("%s: %s by cover %v, want %s %v", name, got, by, level, covered)
		}
	}
	f("every piece is reserved", standing{was: low, stock: 4, free: 0}, LevelOut, false)
	f("some are", standing{was: low, stock: 40, free: 3}, LevelLow, false)
	f("the reserved last piece is free again", standing{was: held, stock: 3, free: 1}, LevelLow, false)
	f("and many are", standing{was: held, stock: 30, free: 30}, LevelIn, false)
	f("one around the threshold is free again", standing{was: held, stock: 6, free: 6}, LevelLow, false)
	f("sold out, and then more", standing{was: sold, stock: 3, free: 3, stated: true}, LevelBack, false)
	f("sold out, and a reservation ends", standing{was: sold, stock: 0, free: 0}, LevelOut, false)
	f("back, and one is reserved", standing{was: back, stock: 9, free: 8}, LevelBack, false)
	f("back, and one is sold", standing{was: back, stock: 4, free: 4, stated: true}, LevelLow, false)
	f("scarce by cover", standing{stock: 40, free: 40, scarce: true}, LevelLow, true)
	f("low by both", standing{was: low, stock: 4, free: 4, scarce: true}, LevelLow, false)
	f("just above the count's threshold after cover alone", standing{was: byCover, stock: 6, free: 6, scarce: true}, LevelLow, true)
	f("no longer by cover", standing{was: byCover, stock: 6, free: 6}, LevelIn, false)
	f("not tracked", standing{was: byCover, stock: Unset, free: Unset, scarce: true}, LevelIn, false)
	f("back beats cover", standing{was: sold, stock: 9, free: 9, stated: true, scarce: true}, LevelBack, false)
}

func TestLevelDoesNotFlapAroundItsThreshold(t *testing.T) {
	for low := int64(1); low <= 60; low++ {
		level, changes := LevelIn, 0
		for i := range int64(1000) {
			next := on(level, low+i%2, low, true) // one bought, one returned, …
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

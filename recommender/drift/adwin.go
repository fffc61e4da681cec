package drift

import "math"

// Bounds of a window. Outcomes come into it by the unit, and row i holds groups of 2^i units.
const (
	unit       = 32       // outcomes
	checkEvery = 4 * unit // outcomes between two looks for a cut
	perRow     = 5        // groups of a row before the two oldest become one of the next
	maxRows    = 28       // beyond, the oldest are dropped: eight billion outcomes
	delta      = 1e-5     // see the package
	leastPart  = 256      // outcomes of either part of a cut
)

// group is outcomes that followed each other.
type group struct {
	n, yes int64
	from   int64 // Unix ms of its first
}

// window is ADWIN over outcomes of yes and no.
type window struct {
	rows   [][]group // of each row the oldest first; higher rows are older
	filing group     // of less than a unit
	n, yes int64     // of rows
	after  int64     // outcomes since the last look for a cut
}

// add puts an outcome at the end. cut says that the old part was dropped, whose share was from; the new part began at since.
func (w *window) add(yes bool, at int64) (cut bool, from float64, since int64) {
	if w.filing.n == 0 {
		w.filing.from = at
	}
	w.filing.n++
	if yes {
		w.filing.yes++
	}
	if w.filing.n < unit {
		return false, 0, 0
	}
	w.file(w.filing)
	w.after += unit
	w.filing = group{}
	if w.after < checkEvery {
		return false, 0, 0
	}
	w.after = 0
	return w.check()
}

// file keeps g and joins what is too many in a row.
func (w *window) file(g group) {
	w.n, w.yes = w.n+g.n, w.yes+g.yes
	for row := 0; ; row++ {
		if row == len(w.rows) {
			w.rows = append(w.rows, make([]group, 0, perRow+1))
		}
		w.rows[row] = append(w.rows[row], g)
		if len(w.rows[row]) <= perRow {
			return
		}
		r := w.rows[row]
		g = group{r[0].n + r[1].n, r[0].yes + r[1].yes, r[0].from}
		w.rows[row] = r[:copy(r, r[2:])]
		if row == maxRows-1 {
			w.n, w.yes = w.n-g.n, w.yes-g.yes
			return
		}
	}
}

// check drops the oldest groups while the rest differs from them by more than chance explains.
func (w *window) check() (cut bool, from float64, since int64) {
	gone := group{}
	for w.n >= 2*leastPart {
		n, yes, found := w.bestCut()
		if !found {
			break
		}
		since = w.drop(n)
		gone.n, gone.yes, cut = gone.n+n, gone.yes+yes, true
	}
	if !cut {
		return false, 0, 0
	}
	return true, share(gone.yes, gone.n), since
}

// bestCut is the size of the old part that the rest differs from most, in terms of what chance explains.
func (w *window) bestCut() (n, yes int64, found bool) {
	mean := share(w.yes, w.n)
	variance := mean * (1 - mean)
	log := math.Log(2 * math.Log(float64(w.n)) / delta)
	old, oldYes, most := int64(0), int64(0), 1.0
	for row := len(w.rows) - 1; row >= 0; row-- {
		for _, g := range w.rows[row] {
			old, oldYes = old+g.n, oldYes+g.yes
			rest := w.n - old
			if rest < leastPart {
				return n, yes, found
			}
			if old < leastPart {
				continue
			}
			m := 1 / (1/float64(old) + 1/float64(rest))
			bound := math.Sqrt(2/m*variance*log) + 2/(3*m)*log
			if by := math.Abs(share(oldYes, old)-share(w.yes-oldYes, rest)) / bound; by > most {
				n, yes, most, found = old, oldYes, by, true
			}
		}
	}
	return n, yes, found
}

// drop removes the oldest groups, n outcomes in all, and says when the rest begins.
func (w *window) drop(n int64) (begins int64) {
	for row := len(w.rows) - 1; row >= 0; row-- {
		for len(w.rows[row]) > 0 {
			r := w.rows[row]
			if n == 0 {
				return r[0].from
			}
			n -= r[0].n
			w.n, w.yes = w.n-r[0].n, w.yes-r[0].yes
			w.rows[row] = r[:copy(r, r[1:])]
		}
	}
	return w.filing.from
}

// begins is when the window's oldest outcome was, Unix ms; 0 without one.
func (w *window) begins() int64 {
	for row := len(w.rows) - 1; row >= 0; row-- {
		if len(w.rows[row]) > 0 {
			return w.rows[row][0].from
		}
	}
	return w.filing.from
}

func share(yes, n int64) float64 {
	if n == 0 {
		return 0
	}
	return float64(yes) / float64(n)
}

package guard

// Window is the prices that the hard limits allow, lowest and highest, both included. lo is above hi where they leave none.
func (l *Limits) Window() (lo, hi int64) {
	if in := (Input{Limits: *l}); in.Check() != nil {
		return 1, 0
	}
	b := boundsOf(l)
	return b.lo, b.hi
}

package policy

import "math"

const (
	mostBins   = 16    // prices kept apart since the latest shift
	mostBefore = 6     // and before it
	forgotten  = 1e-6  // views that are as good as none
	samePrice  = 0.004 // prices nearer than this are one
	mostSlot   = 1e12  // views or units of one slot; more is no observation
	fadeBefore = 0.35  // what observations from before a shift still count for: elasticity may have shifted too
)

// Observe adds one closed slot. Slots are to come in order of time; an unclean one, one without views, one
// older than the latest or one that is no number teaches nothing and leaves the state as it was.
// A state that cannot have come from observations begins anew.
func Observe(st *State, o Observation, p Params) {
	p = p.filled()
	season := o.Season
	if season == 0 {
		season = 1
	}
	x := float64(o.Views * season)
	if !o.Clean || o.Price <= 0 || !(o.Views > 0) || !(o.Units >= 0) || !(x > 0) || x > mostSlot || o.Units > mostSlot ||
		(o.Slot <= st.Last && st.Slots > 0) {
		return
	}
	if !st.sound() {
		*st = State{}
	}
	if st.Slots >= 5 {
		st.watch(o, x, p)
	}
	fade := exp(-math.Ln2 / p.HalfLife)
	kept := st.Bins[:0]
	for _, b := range st.Bins {
		b.Exposure, b.Units = float64(b.Exposure*fade), float64(b.Units*fade)
		if b.Exposure > forgotten {
			kept = append(kept, b)
		}
	}
	st.Bins = kept
	st.add(Bin{Price: float64(o.Price), Exposure: x, Units: o.Units})
	st.Last = o.Slot
	st.Slots++
	rate := math.Max(1/st.Slots, 0.05)
	st.Views += float64(rate * (o.Views - st.Views))
}

// add puts a bin in its place by price and merges the two nearest when there are too many.
func (st *State) add(b Bin) {
	at := len(st.Bins)
	for i := range st.Bins {
		c := &st.Bins[i]
		if c.Before {
			continue
		}
		if math.Abs(c.Price-b.Price) <= float64(samePrice*b.Price) {
			c.merge(b)
			return
		}
		if c.Price > b.Price {
			at = i
			break
		}
	}
	bins := make([]Bin, 0, len(st.Bins)+1)
	bins = append(bins, st.Bins[:at]...)
	bins = append(bins, b)
	st.Bins = append(bins, st.Bins[at:]...)
	st.squeeze(false, mostBins)
}

// squeeze merges the nearest neighbours of one side of the shift until at most most are left.
func (st *State) squeeze(before bool, most int) {
	for {
		n, near, gap := 0, -1, math.Inf(1)
		last := -1
		for i := range st.Bins {
			if st.Bins[i].Before != before {
				continue
			}
			n++
			if last >= 0 {
				d := st.Bins[i].Price/st.Bins[last].Price - 1
				if d < gap {
					near, gap = i, d
				}
			}
			last = i
		}
		if n <= most {
			return
		}
		to := near - 1
		for st.Bins[to].Before != before {
			to--
		}
		st.Bins[to].merge(st.Bins[near])
		st.Bins = append(st.Bins[:near], st.Bins[near+1:]...)
	}
}

func (b *Bin) merge(c Bin) {
	x := b.Exposure + c.Exposure
	if x > 0 {
		b.Price = (float64(b.Price*b.Exposure) + float64(c.Price*c.Exposure)) / x
	}
	b.Exposure = x
	b.Units += c.Units
}

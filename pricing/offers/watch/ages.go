package watch

// ages is a site's shoppers in about the order in which they were last heard of, so that those silent longest are found. An act costs
// nothing: a shopper is looked at when the turn comes, and put back at the end if there was an act since. Each shopper who is not
// forgotten has one place.
type ages struct {
	places []place
	head   int // places before it are empty
}

type place struct {
	s  *shopper
	at int64 // Unix ms: s.last when it was put there
}

func (a *ages) push(s *shopper) {
	if a.head > len(a.places)/2 && a.head > 1024 {
		n := copy(a.places, a.places[a.head:])
		clear(a.places[n:])
		a.places, a.head = a.places[:n], 0
	}
	a.places = append(a.places, place{s, s.last})
}

func (a *ages) pop() *shopper {
	s := a.places[a.head].s
	a.places[a.head] = place{}
	a.head++
	return s
}

// front drops the places of who is gone and puts back who acted since, and returns the place that is in front then, nil if none is.
func (a *ages) front(before int64) *place {
	for a.head < len(a.places) {
		p := &a.places[a.head]
		switch {
		case p.s.gone:
			a.pop()
		case p.at < before && p.s.last > p.at:
			a.push(a.pop())
		default:
			return p
		}
	}
	return nil
}

// silent takes out a shopper without an act since before, Unix ms; nil if none is in front.
func (a *ages) silent(before int64) *shopper {
	if p := a.front(before); p != nil && p.at < before {
		return a.pop()
	}
	return nil
}

// oldest takes out the shopper in front, who is silent longest or nearly so. There must be one.
func (a *ages) oldest() *shopper {
	a.front(1<<63 - 1)
	return a.pop()
}

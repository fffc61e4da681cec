package demand

// season is views and units by the hour of the week in UTC, of the weeks that are kept: what a site's or a category's profile is made of.
type season struct {
	first int32 // hour of its first event
	weeks [seasonWeeks]week
}

type week struct {
	number int32 // weeks since Monday, 29 December 1969
	views  [weekHours]uint32
	units  [weekHours]uint32
}

const (
	seasonWeeks = 6
	weekHours   = 168
	// mondayHours is from that Monday to 1 January 1970, a Thursday.
	mondayHours = 72
)

// bin is the week and the hour of the week of an hour since 1970.
func bin(hour int32) (number int32, of int) {
	hour += mondayHours
	return hour / weekHours, int(hour % weekHours)
}

// add counts d in an hour. What is older than the weeks that are kept is left out.
func (s *season) add(hour int32, d Counts) {
	number, of := bin(hour)
	w := &s.weeks[number%seasonWeeks]
	if w.number != number {
		if number < w.number {
			return
		}
		*w = week{number: number}
	}
	w.views[of], w.units[of] = moved(w.views[of], d.Views), moved(w.units[of], d.Units)
	if s.first == 0 || hour < s.first {
		s.first = hour
	}
}

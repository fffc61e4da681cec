package recommender

import (
	"slices"

	"beckon/clickstream/snapshot"
)

// window counts views by minute and hour of event time. It answers for any span up to a day: exact to the minute within two hours,
// to the hour beyond.
//
// Bounds: a minute holds minuteItems entries and an hour hourItems; an item that is new to a full one is not counted there.
type window struct {
	minutes [windowMinutes]viewBucket // minute m at m modulo the length
	hours   [windowHours]viewBucket
	newest  int64 // minute
}

// pair is an item and how often.
type pair struct{ id, k uint32 }

// viewBucket is the views of one minute or hour; an item may stand in it more than once.
type viewBucket struct {
	number int64 // minute or hour since 1970; with views only
	views  []pair
}

const (
	windowMinutes = 128
	exactMinutes  = 120
	windowHours   = 32
	minuteItems   = 1 << 16
	hourItems     = 1 << 18
	minuteMs      = 60_000
)

// add counts one view of item id at a minute. spot is where the item stands in the newest minute.
func (w *window) add(id uint32, minute int64, spot *windowSpot) {
	if minute > w.newest {
		w.advance(minute)
	}
	if minute <= w.newest-windowMinutes {
		w.addHour(pair{id, 1}, minute/60)
		return
	}
	b := &w.minutes[minute&(windowMinutes-1)]
	b.number = minute
	if minute == w.newest && spot.place > 0 && spot.minute == minute {
		b.views[spot.place-1].k++
		return
	}
	if len(b.views) == minuteItems {
		return
	}
	b.views = append(b.views, pair{id, 1})
	if minute == w.newest {
		*spot = windowSpot{minute, uint32(len(b.views))}
	}
}

// windowSpot is an item's entry in the newest minute.
type windowSpot struct {
	minute int64
	place  uint32 // 1 + its index, 0 none
}

// advance moves minutes that leave the ring into their hours.
func (w *window) advance(minute int64) {
	from := max(w.newest+1, minute-windowMinutes+1)
	for m := from; m <= minute; m++ {
		b := &w.minutes[m&(windowMinutes-1)]
		for _, v := range b.views {
			w.addHour(v, b.number/60)
		}
		b.views = b.views[:0]
	}
	w.newest = minute
}

func (w *window) addHour(v pair, hour int64) {
	newest := w.newest / 60
	if hour <= newest-windowHours || hour > newest {
		return
	}
	b := &w.hours[hour&(windowHours-1)]
	if b.number != hour {
		b.number, b.views = hour, b.views[:0]
	}
	if len(b.views) == hourItems {
		b.merge()
		if len(b.views) == hourItems {
			return
		}
	}
	b.views = append(b.views, v)
}

// merge joins entries of the same item, the lowest item first.
func (b *viewBucket) merge() {
	slices.SortFunc(b.views, func(x, y pair) int { return int(int64(x.id) - int64(y.id)) })
	kept := b.views[:0]
	for _, v := range b.views {
		if n := len(kept); n > 0 && kept[n-1].id == v.id {
			kept[n-1].k += v.k
			continue
		}
		kept = append(kept, v)
	}
	b.views = kept
}

// each calls f with the entries of the span of minutes that ends with now's.
func (w *window) each(now, span int64, f func(v pair)) {
	last := now / minuteMs
	from := last - span + 1
	for i := range w.minutes {
		if b := &w.minutes[i]; len(b.views) > 0 && b.number >= from && b.number <= last {
			for _, v := range b.views {
				f(v)
			}
		}
	}
	if from > w.newest-exactMinutes {
		return
	}
	for i := range w.hours {
		if b := &w.hours[i]; len(b.views) > 0 && b.number*60 >= from-30 && b.number*60 <= last {
			for _, v := range b.views {
				f(v)
			}
		}
	}
}

// renumber replaces item numbers by renumbered, dropping those that map to gone.
func (w *window) renumber(renumbered []uint32) {
	for _, buckets := range [2][]viewBucket{w.minutes[:], w.hours[:]} {
		for i := range buckets {
			b := &buckets[i]
			kept := b.views[:0]
			for _, v := range b.views {
				if v.id = renumbered[v.id]; v.id != gone {
					kept = append(kept, v)
				}
			}
			b.views = kept
		}
	}
}

// gone marks an item that a renumbering drops.
const gone = ^uint32(0)

func (w *window) save(e *snapshot.Encoder) {
	e.Int(w.newest)
	for _, buckets := range [2][]viewBucket{w.minutes[:], w.hours[:]} {
		for i := range buckets {
			b := &buckets[i]
			e.Uint(uint64(len(b.views)))
			if len(b.views) > 0 {
				e.Int(b.number)
			}
			for _, v := range b.views {
				e.Uint(uint64(v.id))
				e.Uint(uint64(v.k))
			}
		}
	}
}

func (w *window) load(d *snapshot.Decoder, items int) {
	w.newest = d.Int()
	w.loadBuckets(d, w.minutes[:], minuteItems, items)
	w.loadBuckets(d, w.hours[:], hourItems, items)
}

func (w *window) loadBuckets(d *snapshot.Decoder, buckets []viewBucket, bound, items int) {
	for i := range buckets {
		b := &buckets[i]
		n := d.Count(bound)
		if n > 0 {
			b.number = d.Int()
		}
		if d.Err() == nil && n > 0 && int(b.number&int64(len(buckets)-1)) != i {
			d.Failf("bucket %d at %d", b.number, i)
		}
		for j := 0; j < n && d.Err() == nil; j++ {
			v := pair{uint32(d.Count(max(items-1, 0))), uint32(d.Count(1<<32 - 1))}
			b.views = append(b.views, v)
		}
		if n > 0 && items == 0 {
			d.Failf("views of no item")
		}
	}
}

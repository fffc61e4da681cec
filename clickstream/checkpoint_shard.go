package clickstream

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// A shard's snapshot, integers as varints (u: unsigned), strings with their length before them:
//
//	version:1 evicted:u sites:u, each in order of name:
//	    name gap lateness longest clock late shoppers:u, each from the longest unheard on:
//	        name first last−first:u flags:1 floor views:u carts:u purchases:u searches:u rateMinute:u rateCounts:12
//	        [visits:u away:1 device:1 source, "" direct] recent fragments:u
//	        [cart wishlist bought cartAt lastSearch user userAt [orders:u, each: 8 little endian] [spent, for each order: worth:u]]
//	    marks    = n:u, each: item at:u n:u
//	    fragment = start last−start:u events:u pages:u consent:1 signs:1 acted:1 steps:u, each: item kind:1 time−start
//
// The same state has one snapshot, byte for byte.
const shardVersion = 1

// Flags of a shopper.
const (
	flagAnalytics = byte(Analytics)
	flagPersonal  = byte(Personalization)
	flagBot       = 1 << 2
	flagLists     = 1 << 3
	flagOrders    = 1 << 4
	flagVisit     = 1 << 5
	flagSpent     = 1 << 6
	shopperFlags  = 1 << 7
)

func (s *shard) appendSnapshot(dst []byte) []byte {
	dst = append(dst, shardVersion)
	dst = binary.AppendUvarint(dst, uint64(s.evicted))
	dst = binary.AppendUvarint(dst, uint64(len(s.sites)))
	for _, name := range slices.Sorted(maps.Keys(s.sites)) {
		st := s.sites[name]
		dst = appendString(dst, name)
		for _, n := range []int64{st.rule.gap, st.rule.lateness, st.rule.longest, st.clock, st.late} {
			dst = binary.AppendVarint(dst, n)
		}
		dst = binary.AppendUvarint(dst, uint64(len(st.shoppers)))
		for v := st.oldest; v != nil; v = v.newer {
			dst = v.appendSnapshot(dst, st)
		}
	}
	return dst
}

func (v *shopper) appendSnapshot(dst []byte, st *siteShard) []byte {
	dst = appendString(dst, v.name)
	dst = binary.AppendVarint(dst, v.first)
	dst = binary.AppendUvarint(dst, uint64(v.last-v.first))
	flags := byte(v.consent) & (flagAnalytics | flagPersonal)
	if v.bot {
		flags |= flagBot
	}
	if v.lists != nil {
		flags |= flagLists
		if len(v.lists.orders) > 0 {
			flags |= flagOrders
		}
		if v.lists.hasWorth() {
			flags |= flagSpent
		}
	}
	if v.visit != (visitOf{}) {
		flags |= flagVisit
	}
	dst = binary.AppendVarint(append(dst, flags), v.floor)
	for _, n := range []uint32{v.views, v.carts, v.purchases, v.searches} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	dst = binary.AppendUvarint(dst, uint64(v.rate.newest))
	dst = append(dst, v.rate.counts[:]...)
	if flags&flagVisit != 0 {
		dst = append(binary.AppendUvarint(dst, uint64(v.visit.count)), v.visit.away, byte(v.visit.device))
		source := ""
		if v.visit.source != 0 {
			source = st.sources[v.visit.source-1]
		}
		dst = appendString(dst, source)
	}
	dst = appendMarks(dst, v.recent)
	n := uint64(0)
	for f := v.live; f != nil; f = f.next {
		n++
	}
	dst = binary.AppendUvarint(dst, n)
	for f := v.live; f != nil; f = f.next {
		dst = f.appendSnapshot(dst)
	}
	if l := v.lists; l != nil {
		dst = appendMarks(appendMarks(appendMarks(dst, l.cart), l.wishlist), l.bought)
		dst = binary.AppendVarint(dst, l.cartAt)
		dst = appendString(appendString(dst, l.lastSearch), l.user)
		dst = binary.AppendVarint(dst, l.userAt)
		if len(l.orders) > 0 {
			dst = binary.AppendUvarint(dst, uint64(len(l.orders)))
			for _, o := range l.orders {
				dst = binary.LittleEndian.AppendUint64(dst, o.mark)
			}
		}
		if flags&flagSpent != 0 {
			dst = binary.AppendUvarint(dst, uint64(l.spent))
			for _, o := range l.orders {
				dst = binary.AppendUvarint(dst, uint64(o.worth))
			}
		}
	}
	return dst
}

func (f *fragment) appendSnapshot(dst []byte) []byte {
	dst = binary.AppendVarint(dst, f.start)
	for _, n := range []uint64{uint64(f.last - f.start), uint64(f.events), uint64(f.pages)} {
		dst = binary.AppendUvarint(dst, n)
	}
	var acted byte
	if f.acted {
		acted = 1
	}
	dst = append(dst, byte(f.consent), byte(f.signs), acted)
	dst = binary.AppendUvarint(dst, uint64(len(f.steps)))
	for _, step := range f.steps {
		dst = append(appendString(dst, step.Item()), byte(step.Kind()))
		dst = binary.AppendVarint(dst, step.Time()-f.start)
	}
	return dst
}

func appendMarks(dst []byte, marks []mark) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(marks)))
	for _, m := range marks {
		dst = appendString(dst, m.item.Value())
		dst = binary.AppendUvarint(dst, uint64(m.at()))
		dst = binary.AppendUvarint(dst, uint64(m.n()))
	}
	return dst
}

// restore replaces the shard's state by a snapshot's. On error the shard is not to be used.
func (s *shard) restore(data string) error {
	d := snapshotDecoder{decoder: decoder{s: data}, names: s.names}
	if d.byte() != shardVersion {
		d.fail("unknown version")
	}
	s.evicted = int64(d.uvarint())
	s.sites, s.last, s.count = make(map[string]*siteShard), nil, 0
	for n := d.uvarint(); n > 0 && d.reason == ""; n-- {
		st := s.site(d.str())
		if len(s.sites) > 1 && st.clock != 0 {
			d.fail("site twice")
		}
		st.rule = ruleOf(&Settings{Gap: d.varint(), Lateness: d.varint(), Longest: d.varint()})
		st.clock, st.late = d.time(), d.varint()
		for n := d.uvarint(); n > 0 && d.reason == ""; n-- {
			v := d.shopper(st)
			if st.shoppers[v.name] != nil {
				d.fail("shopper twice")
				break
			}
			st.shoppers[v.name] = v
			s.count++
			st.touch(v)
			s.scheduleFirst(st, v)
		}
	}
	return d.end(fmt.Sprintf("%s/%d", sessionsName, s.partition))
}

// SnapshotError says where a snapshot of the Runner's own folds could not be read.
type SnapshotError struct {
	Fold   string
	Offset int
	Reason string
}

func (e *SnapshotError) Error() string {
	return fmt.Sprintf("snapshot of %s, byte %d: %s", e.Fold, e.Offset, e.Reason)
}

// snapshotDecoder reads snapshots like records: the first failure ends the input.
type snapshotDecoder struct {
	decoder
	names *itemNames
}

func (d *snapshotDecoder) end(fold string) error {
	if d.reason == "" && d.i != len(d.s) {
		d.fail("bytes left over")
	}
	if d.reason != "" {
		return &SnapshotError{fold, d.failed, d.reason}
	}
	return nil
}

// below reads an unsigned integer of at most limit.
func (d *snapshotDecoder) below(limit uint64) uint64 {
	n := d.uvarint()
	if n > limit {
		d.fail("number too large")
		return 0
	}
	return n
}

// time reads Unix ms, within what sums of times and rules cannot overflow.
func (d *snapshotDecoder) time() int64 {
	t := d.varint()
	if t < -maxTime || t > maxTime {
		d.fail("time out of range")
		return 0
	}
	return t
}

const maxTime = 1 << 53

func (d *snapshotDecoder) flags(known byte) byte {
	b := d.byte()
	if b >= known {
		d.fail("unknown flags")
		return 0
	}
	return b
}

func (d *snapshotDecoder) shopper(st *siteShard) *shopper {
	v := &shopper{name: strings.Clone(d.str()), first: d.time(), dueAt: noDeadline}
	v.last = v.first + int64(d.below(maxTime))
	flags := d.flags(shopperFlags)
	v.consent, v.bot = Consent(flags&(flagAnalytics|flagPersonal)), flags&flagBot != 0
	v.floor = d.time()
	for _, n := range []*uint32{&v.views, &v.carts, &v.purchases, &v.searches} {
		*n = uint32(d.below(1<<32 - 1))
	}
	v.rate.newest = int32(d.below(1 << 30))
	copy(v.rate.counts[:], d.take(rateMinutes))
	if flags&flagVisit != 0 {
		d.visit(v, st)
	}
	v.recent = d.marks(maxRecent)
	at, after := &v.live, int64(math.MinInt64)
	for n := d.uvarint(); n > 0 && d.reason == ""; n-- {
		f := d.fragment()
		if f.start <= after && v.live != nil {
			d.fail("fragments out of order")
		}
		*at, at, after = f, &f.next, f.last
	}
	if flags&flagLists != 0 {
		v.lists = &lists{cart: d.marks(maxCart), wishlist: d.marks(maxWishlist), bought: d.marks(maxBought), cartAt: d.time()}
		v.lists.lastSearch, v.lists.user = strings.Clone(d.str()), strings.Clone(d.str())
		v.lists.userAt = d.time()
	}
	if flags&flagOrders != 0 {
		d.orders(v)
	}
	if flags&flagSpent != 0 {
		d.spent(v)
	}
	return v
}

func (d *snapshotDecoder) visit(v *shopper, st *siteShard) {
	v.visit = visitOf{count: uint16(d.below(math.MaxUint16)), away: d.byte(), device: Device(d.byte())}
	if v.visit.device >= devices {
		d.fail("unknown device")
		return
	}
	if source := d.str(); source != "" {
		v.visit.source = st.sourceAt(source)
	}
	if v.visit == (visitOf{}) && d.reason == "" {
		d.fail("visit of nothing")
	}
}

// spent reads what a shopper's orders are worth; without lists there are none.
func (d *snapshotDecoder) spent(v *shopper) {
	if v.lists == nil {
		d.fail("spent without lists")
		return
	}
	l := v.lists
	l.spent = int64(d.below(maxSpent))
	for i := range l.orders {
		l.orders[i].worth = int64(d.below(maxSpent))
	}
	if !l.hasWorth() && d.reason == "" {
		d.fail("spent of nothing")
	}
}

func (d *snapshotDecoder) orders(v *shopper) {
	n := d.below(maxOrders)
	if v.lists == nil || n == 0 {
		d.fail("orders without lists or number")
		return
	}
	for ; n > 0 && d.reason == ""; n-- {
		if b := d.take(8); len(b) == 8 {
			v.lists.orders = append(v.lists.orders, counted{mark: binary.LittleEndian.Uint64([]byte(b))})
		}
	}
}

func (d *snapshotDecoder) fragment() *fragment {
	f := &fragment{start: d.time()}
	f.last = f.start + int64(d.below(maxTime))
	f.events, f.pages = uint32(d.below(1<<32-1)), uint16(d.below(1<<16-1))
	f.consent, f.signs = Consent(d.byte()), BotSign(d.byte())
	f.acted = d.flags(2) == 1
	n := d.below(MaxSteps)
	if left := uint64(len(d.s) - d.i); n > left/3 { // a step takes three bytes at least
		d.fail("more steps than bytes")
		return f
	}
	if n > 0 {
		f.steps = make([]Step, 0, n)
	}
	for ; n > 0 && d.reason == ""; n-- {
		step := newStep(d.names.handle(d.str()), Kind(d.byte()), f.start+d.time())
		if step.Kind() >= kinds || len(f.steps) > 0 && compareSteps(f.steps[len(f.steps)-1], step) > 0 {
			d.fail("steps out of order")
		}
		f.steps = append(f.steps, step)
	}
	return f
}

func (d *snapshotDecoder) marks(bound uint64) []mark {
	n := d.below(bound)
	if left := uint64(len(d.s) - d.i); n > left/3 || n == 0 {
		if n > 0 {
			d.fail("more marks than bytes")
		}
		return nil
	}
	marks := make([]mark, 0, n)
	for ; n > 0 && d.reason == ""; n-- {
		h := d.names.handle(d.str())
		marks = append(marks, newMark(h, int64(d.below(1<<48-1)), uint16(d.below(1<<16-1))))
	}
	return marks
}

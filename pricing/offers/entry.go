package offers

// entry is one remembered claim. It has no pointers, so that a million of them cost the garbage collector nothing.
type entry struct {
	terms
	who         [16]byte // zero after the shopper was erased
	transaction [16]byte // redeemed: the first half of its SHA-256
	seq         uint64   // the order in which claims were decided, from 1; 0 in a place that is free
	spent       int64    // redeemed: minor units
	campaign    uint32   // serial
	item        uint32   // place in Ledger.items
	state       entryState
	code        claimCode // refused: why
	settled     bool      // its time is over: it waits to be forgotten
}

// terms are what never changes of an entry: what its shopper was promised, if anything.
type terms struct {
	id      [16]byte
	number  uint64 // of granted claims, in order; 0 for others
	amount  int64  // minor units the discount comes to at most; reserved while it is live
	value   int64  // of the discount as it was granted: percent or minor units
	decided int64  // Unix ms
	expires int64  // Unix ms; of a refused claim when it was decided
	percent bool   // kind of the discount
}

// entryState is what became of a claim.
type entryState uint8

// States of an entry. Their numbers stand in snapshots.
const (
	stateRefused entryState = iota
	stateHeld
	stateLive
	stateRedeemed
	stateExpired
	stateCancelled
	states // how many there are
)

func (e *entry) granted() bool { return e.state >= stateLive }

// claimCode is why a claim was refused.
type claimCode uint8

// Codes of refused claims, in the order in which they are looked at. Their numbers stand in snapshots.
const (
	codeNone claimCode = iota
	codeNotRunning
	codeCurrency
	codeEmptyCart
	codeAudience
	codeNoDiscount
	codeHasOffer
	codeCapShopper
	codeCapDay
	codeCapTotal
	codeNoBudget
	codeTooManyOpen
	codeTooManyShoppers
	codes // how many there are
)

// codeNames is how answers, counts and snapshots name them.
var codeNames = [codes]string{
	"", "not_running", "currency", "empty_cart", "audience", "no_discount", "has_offer", "cap_shopper", "cap_day", "cap_total",
	"no_budget", "too_many_open", "too_many_shoppers",
}

func codeOf(name string) (claimCode, bool) {
	for i, n := range codeNames {
		if n == name {
			return claimCode(i), true
		}
	}
	return 0, false
}

// entries keeps entries in places that stay the same until they are removed. Pieces are copied before they change when an image has
// them, so that an image costs a pointer for each 256 entries.
type entries struct {
	pieces []*piece
	free   []uint32
	used   uint32 // places ever used
	epoch  uint32 // of the images taken
}

const pieceEntries = 256

type piece struct {
	epoch uint32 // images of later epochs have it
	all   [pieceEntries]entry
}

// at is the entry of a place, to be read.
func (t *entries) at(place uint32) *entry {
	return &t.pieces[place/pieceEntries].all[place%pieceEntries]
}

// edit is the entry of a place, to be changed before the next call.
func (t *entries) edit(place uint32) *entry {
	p := t.pieces[place/pieceEntries]
	if p.epoch != t.epoch {
		clone := *p
		p = &clone
		p.epoch = t.epoch
		t.pieces[place/pieceEntries] = p
	}
	return &p.all[place%pieceEntries]
}

func (t *entries) add(e *entry) (place uint32) {
	if n := len(t.free); n > 0 {
		place, t.free = t.free[n-1], t.free[:n-1]
	} else {
		place = t.used
		t.used++
		if int(place/pieceEntries) == len(t.pieces) {
			t.pieces = append(t.pieces, &piece{epoch: t.epoch})
		}
	}
	*t.edit(place) = *e
	return place
}

func (t *entries) remove(place uint32) {
	*t.edit(place) = entry{}
	t.free = append(t.free, place)
}

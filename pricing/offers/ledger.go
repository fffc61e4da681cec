package offers

import (
	"cmp"
	"sync"
	"sync/atomic"

	"beckon/clickstream/record"
)

// Shelf is the catalog at the record's place in the log.
type Shelf interface {
	Item(site, id string) (Item, bool)
}

// Item is what an offer needs to know of a catalog item.
type Item struct {
	Price    int64  // minor units: the public price in force
	Currency string // ISO 4217, "" for an item without a price
	Floor    int64  // minor units, Unset if none
	Cost     int64  // minor units, Unset if none
	Category []string
}

// Unset is an amount that was not given.
const Unset = -1

// Config bounds a Ledger. It is part of what the fold is: other bounds give other decisions. A live offer takes about 370 bytes of memory,
// a settled claim about 250.
type Config struct {
	MaxOutcomes int // settled claims that are remembered; 0: 1,048,576
	MaxOpen     int // offers, and claims held out, before their expiry; 0: 1,048,576
	MaxShoppers int // counted for caps, once for each campaign; 0: 8,388,608
}

// Ledger is the fold. See the package for what it promises and who may call what.
type Ledger struct {
	cfg Config

	sites     map[string]*siteState
	campaigns map[uint32]*campaign // by serial, also removed ones that an entry names
	serial    uint32               // of the newest campaign
	seq       uint64               // of the newest claim
	number    uint64               // of the newest offer

	entries  entries
	numbers  numbers // places of granted claims
	open     openHeap
	settled  settledQueue
	shoppers int // counted in all campaigns

	items     []string // that offers are about; [0] is ""
	itemPlace map[string]uint32

	scratch Claim // of the claim being decided

	shown atomic.Pointer[map[string]*shownSite] // what readers see of campaigns
}

// siteState is one site's campaigns and claims.
type siteState struct {
	name      string
	campaigns map[string]*campaign
	ids       map[[16]byte]uint32 // places of claims
	live      *siteLive
}

// campaign is one campaign with its account. The goroutine that applies the log changes it.
type campaign struct {
	serial     uint32
	site       *siteState
	shown      atomic.Pointer[Campaign]
	remembered int // entries that name it
	shoppers   shopperCounts

	mu sync.Mutex // held by the writer for every change below, by readers to copy
	account
}

// account is what a campaign has granted and spent.
type account struct {
	grants   int64
	states   [states]int64 // claims by what became of them
	refusals [codes]int64
	reserved int64 // minor units
	spent    int64
	day      int64 // since 1970 UTC, of the newest grant
	today    int64 // granted on that day
}

// New returns an empty Ledger.
func New(cfg Config) *Ledger {
	cfg.MaxOutcomes = cmp.Or(cfg.MaxOutcomes, 1<<20)
	cfg.MaxOpen = cmp.Or(cfg.MaxOpen, 1<<20)
	cfg.MaxShoppers = cmp.Or(cfg.MaxShoppers, 1<<23)
	l := &Ledger{
		cfg: cfg, sites: map[string]*siteState{}, campaigns: map[uint32]*campaign{}, numbers: numbers{},
		items: []string{""}, itemPlace: map[string]uint32{},
	}
	l.shown.Store(&map[string]*shownSite{})
	return l
}

// Name is what the records' Do begin with.
func (l *Ledger) Name() string { return "offer" }

// Apply carries out one record. See the package for the records; answers are *Decision, *Redemption, *Campaign, *Offer and *Forgotten.
func (l *Ledger) Apply(r *record.Control, shelf Shelf) (answer any, refused error) {
	var no *Refusal
	switch r.Do {
	case DoClaim:
		answer, no = result(l.claim(r, shelf))
	case DoRedeem:
		answer, no = result(l.redeem(r, shelf))
	case DoCancel:
		answer, no = result(l.cancel(r))
	case DoCampaign:
		answer, no = result(l.putCampaign(r))
	case DoState:
		answer, no = result(l.setState(r))
	case DoForget:
		answer, no = result(l.forget(r))
	default:
		no = refuse("unknown_command", "%s: offers have no such record", r.Do)
	}
	if no != nil {
		return nil, no
	}
	return answer, nil
}

// What a control record does.
const (
	DoCampaign = "offer.campaign"
	DoState    = "offer.state"
	DoClaim    = "offer.claim"
	DoRedeem   = "offer.redeem"
	DoCancel   = "offer.cancel"
	DoForget   = "offer.forget"
)

func result[T any](answer *T, refused *Refusal) (any, *Refusal) { return answer, refused }

const (
	dayMs = 24 * 3600_000
	// forgetStep rounds up when outcomes are forgotten, so that forgetting alone makes something due six times an hour at most.
	forgetStep = 10 * 60_000
)

// forgottenAt is when an entry is forgotten whose time ended at expires.
func forgottenAt(expires int64) int64 {
	return (expires + dayMs + forgetStep - 1) / forgetStep * forgetStep
}

// Due is the Unix ms at which something expires by itself, 0 if nothing will.
func (l *Ledger) Due() int64 {
	due := int64(0)
	if len(l.open) > 0 {
		due = l.open[0].expires
	}
	if l.settled.len() > 0 {
		if at := forgottenAt(l.entries.at(l.settled.first()).expires); due == 0 || at < due {
			due = at
		}
	}
	return due
}

// Expire ends what is due by now, Unix ms.
func (l *Ledger) Expire(now int64) {
	for len(l.open) > 0 && l.open[0].expires <= now {
		o := l.open.pop()
		e := l.entries.edit(o.place)
		if e.state == stateLive {
			l.end(e, stateExpired, 0)
		}
		e.settled = true
		l.settle(o.place)
	}
	for l.settled.len() > 0 && forgottenAt(l.entries.at(l.settled.first()).expires) <= now {
		l.drop(l.settled.pop())
	}
}

// end turns a live offer into what became of it and frees its reservation but for spent.
func (l *Ledger) end(e *entry, state entryState, spent int64) {
	c := l.campaigns[e.campaign]
	e.state, e.spent = state, spent
	c.mu.Lock()
	c.states[stateLive]--
	c.states[state]++
	c.reserved -= e.amount
	c.spent += spent
	c.mu.Unlock()
	c.site.live.remove(e.who)
	l.clearShoppers(c)
}

// clearShoppers forgets who got offers of a campaign that will grant no more.
func (l *Ledger) clearShoppers(c *campaign) {
	if state := c.shown.Load().State; (state == Ended || state == Removed) && c.states[stateLive] == 0 {
		l.shoppers -= c.shoppers.len()
		c.shoppers = shopperCounts{}
	}
}

// settle queues an entry whose time is over to be forgotten a day later, or at once the oldest when there are too many. Entries come in
// order of expires and seq: the ones that expire at an instant before the ones that are refused then, which are decided later.
func (l *Ledger) settle(place uint32) {
	l.settled.push(place)
	if l.settled.len() > l.cfg.MaxOutcomes {
		l.drop(l.settled.pop())
	}
}

// drop forgets an entry, and a removed campaign with its last one.
func (l *Ledger) drop(place uint32) {
	e := l.entries.at(place)
	c := l.campaigns[e.campaign]
	delete(c.site.ids, e.id)
	if e.number != 0 {
		l.numbers.remove(e.number)
	}
	l.entries.remove(place)
	c.remembered--
	l.forgetCampaign(c)
}

func (l *Ledger) forgetCampaign(c *campaign) {
	if c.remembered == 0 && c.shown.Load().State == Removed {
		delete(l.campaigns, c.serial)
	}
}

package push

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// Hub is all sockets of one process.
type Hub struct {
	cfg   Config
	enc   encoder
	ready *ready
	wheel *wheel
	stats counters

	// top is the highest offset published or given out: no connection was ever sent a higher one.
	top       atomic.Uint64
	refreshes atomic.Int64 // refreshes that may still be computed before the wheel's next second
	ruled     atomic.Int64 // and of those that a change of rules asks for

	seed     maphash.Seed
	visitors [shardCount]visitorShard
	topics   [shardCount]topicShard

	wg       sync.WaitGroup // workers, wheel, readers and writers of stalled sockets
	stop     chan struct{}  // closed when the wheel must end
	mu       sync.Mutex
	conns    map[*conn]struct{}
	places   int // taken by connections, those in their handshake included
	perAddr  map[string]int
	models   map[string]*siteCounts // by site
	draining bool
	empty    chan struct{} // closed when draining and no place is taken
}

const shardCount = 64

// New starts a hub. Its offsets begin at the log's current position: what an earlier process sent is gone, and who missed some of
// it is told to resync.
func New(cfg Config) *Hub {
	cfg = cfg.withDefaults()
	h := &Hub{
		cfg:     cfg,
		enc:     newEncoder(cfg.Epoch),
		ready:   newReady(),
		seed:    maphash.MakeSeed(),
		stop:    make(chan struct{}),
		conns:   map[*conn]struct{}{},
		perAddr: map[string]int{},
		models:  map[string]*siteCounts{},
		empty:   make(chan struct{}),
	}
	start := cfg.Backend.Position()
	h.top.Store(start)
	for i := range h.visitors {
		h.visitors[i] = newVisitorShard(start)
		h.topics[i].topics = map[itemKey]*topic{}
	}
	h.wheel = newWheel(h.now())
	h.refreshes.Store(int64(cfg.RefreshesPerSecond))
	h.ruled.Store(int64(cfg.RulesPerSecond))
	for range cfg.Workers {
		h.wg.Go(func() { (&worker{hub: h}).run() })
	}
	h.wg.Go(h.turnWheel)
	return h
}

// now is Unix milliseconds.
func (h *Hub) now() int64 { return h.cfg.Now().UnixMilli() }

// raise notes that offset is known to someone.
func (h *Hub) raise(offset uint64) {
	for {
		top := h.top.Load()
		if offset <= top || h.top.CompareAndSwap(top, offset) {
			return
		}
	}
}

// PublishItem sends an item's new state to every connection that has it in a subscription, the cart, the wishlist or on the page.
// kind is "stock" or "price", body one JSON object as of Backend.AppendItem; it is copied. offset is the Seq of the record that
// caused it. Calls for one item take effect in the order they are made.
func (h *Hub) PublishItem(site, item, kind string, body []byte, offset uint64) {
	h.raise(offset)
	key := itemKey{site, item}
	shard := &h.topics[maphash.Comparable(h.seed, key)%shardCount]
	t := shard.find(key)
	if t == nil {
		return
	}
	f := h.enc.frame(kind, item, false, offset, h.now(), body)

	// Publishers of one item take turns, so that an older state cannot overtake a newer one on the way into a queue.
	t.publish.Lock()
	defer t.publish.Unlock()
	conns := shard.listeners(t)
	woken := conns[:0]
	for _, c := range conns {
		if c.put(f) {
			woken = append(woken, c)
		}
	}
	h.ready.push(woken)
}

// PublishOffer sends an offer to one shopper and keeps it for those who are away. body is one JSON object and is copied. Offers of
// one shopper are a sequence in the order of the calls; id is the offer's, and a second offer with the id of a kept one is ignored.
func (h *Hub) PublishOffer(site, visitor, id string, body []byte, offset uint64) {
	key := visitorKey{site, visitor}
	shard := h.visitorShard(key)
	ms := h.now()
	shard.mu.Lock()
	v, woken := shard.offerLocked(h, key, id, body, offset, ms)
	shard.forgetLocked(h, v)
	shard.mu.Unlock()
	h.ready.push(woken)
}

// Acted says that an act of the shopper was applied, so that answers show it. A view_item, add_to_cart, remove_from_cart or
// purchase is followed by one recommendations frame per subscribed placement; acts that come before it was written share it. Any
// other kind only has the cart and wishlist read again. item is the act's item, if it has one.
func (h *Hub) Acted(site, visitor string, offset uint64, kind, item string) {
	h.raise(offset)
	key := visitorKey{site, visitor}
	shard := h.visitorShard(key)
	var woken []*conn
	shard.mu.Lock()
	if v := shard.visitors[key]; v != nil {
		for _, c := range v.conns {
			if c.act(offset, kind, item) {
				woken = append(woken, c)
			}
		}
	}
	shard.mu.Unlock()
	h.ready.push(woken)
}

// ModelChanged says that others' behaviour may have changed what shoppers of the site should be shown. Each placement is asked
// again at most once per Config.Refresh, and a frame is sent only when the items changed. Cheap: it only counts.
func (h *Hub) ModelChanged(site string) {
	h.mu.Lock()
	n := h.models[site]
	h.mu.Unlock()
	if n != nil {
		n.models.Add(1)
	}
}

// siteCounts is how often what answers of a site depend on changed.
type siteCounts struct {
	models atomic.Uint64 // others' behaviour
	rules  atomic.Uint64 // the shop's decisions
}

// model returns the counters of a site.
func (h *Hub) model(site string) *siteCounts {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.models[site]
	if n == nil {
		n = new(siteCounts)
		h.models[site] = n
	}
	return n
}

// Connected says whether the shopper has an open connection. It takes tens of nanoseconds.
func (h *Hub) Connected(site, visitor string) bool {
	if h.stats.live.Load() == 0 {
		return false
	}
	key := visitorKey{site, visitor}
	shard := h.visitorShard(key)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	v := shard.visitors[key]
	return v != nil && len(v.conns) > 0
}

// Languages is what the shopper's newest connection asks for (Accept-Language), "" without one.
func (h *Hub) Languages(site, visitor string) string {
	key := visitorKey{site, visitor}
	shard := h.visitorShard(key)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if v := shard.visitors[key]; v != nil && len(v.conns) > 0 {
		return v.conns[len(v.conns)-1].languages
	}
	return ""
}

func (h *Hub) visitorShard(key visitorKey) *visitorShard {
	return &h.visitors[maphash.Comparable(h.seed, key)%shardCount]
}

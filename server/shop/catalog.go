package shop

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// shards of a catalog: enough that an upsert of 100 k items seldom meets a reader at the same lock.
const shards = 32

// catalog is the items of one site. The fold's goroutine writes, anyone reads; a shard's lock is held for one map operation.
type catalog struct {
	seed  maphash.Seed
	count atomic.Int64
	ever  atomic.Bool // it has had an item: from then on unlisted items are not available by themselves
	parts [shards]catalogPart
}

type catalogPart struct {
	mu    sync.RWMutex
	items map[string]*Item
	_     [32]byte // a cache line each
}

func newCatalog() *catalog {
	c := &catalog{seed: maphash.MakeSeed()}
	for i := range c.parts {
		c.parts[i].items = map[string]*Item{}
	}
	return c
}

func (c *catalog) part(id string) *catalogPart {
	return &c.parts[maphash.String(c.seed, id)%shards]
}

// get is the item's current version, nil if the catalog does not have it.
func (c *catalog) get(id string) *Item {
	p := c.part(id)
	p.mu.RLock()
	it := p.items[id]
	p.mu.RUnlock()
	return it
}

func (c *catalog) put(it *Item) {
	p := c.part(it.ID)
	p.mu.Lock()
	before := len(p.items)
	p.items[it.ID] = it
	grown := len(p.items) - before
	p.mu.Unlock()
	c.count.Add(int64(grown))
	c.ever.Store(true)
}

func (c *catalog) remove(id string) {
	p := c.part(id)
	p.mu.Lock()
	before := len(p.items)
	delete(p.items, id)
	grown := len(p.items) - before
	p.mu.Unlock()
	c.count.Add(int64(grown))
}

// all appends every item, in no order. A shard is copied under its lock.
func (c *catalog) all(dst []*Item) []*Item {
	for i := range c.parts {
		p := &c.parts[i]
		p.mu.RLock()
		for _, it := range p.items {
			dst = append(dst, it)
		}
		p.mu.RUnlock()
	}
	return dst
}

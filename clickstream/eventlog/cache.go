package eventlog

import (
	"container/list"
	"sync"
)

// cache keeps what was loaded most recently, up to max bytes. Who asks for what another is loading waits for that.
type cache[K comparable, V any] struct {
	max int64

	mu    sync.Mutex
	bytes int64
	items map[K]*cached[K, V]
	order list.List // of *cached, most recently used first
}

type cached[K comparable, V any] struct {
	key   K
	ready chan struct{} // closed when value or err is there
	value V
	err   error
	bytes int64
	at    *list.Element // nil until loaded
}

func newCache[K comparable, V any](maxBytes int64) *cache[K, V] {
	return &cache[K, V]{max: maxBytes, items: map[K]*cached[K, V]{}}
}

// get returns the value of key, from load when it is not there; size is what it takes. Errors are not kept.
func (c *cache[K, V]) get(key K, load func() (v V, size int64, err error)) (V, error) {
	c.mu.Lock()
	it := c.items[key]
	if it != nil {
		if it.at != nil {
			c.order.MoveToFront(it.at)
		}
		c.mu.Unlock()
		<-it.ready
		return it.value, it.err
	}
	it = &cached[K, V]{key: key, ready: make(chan struct{})}
	c.items[key] = it
	c.mu.Unlock()

	it.value, it.bytes, it.err = load()
	c.mu.Lock()
	switch {
	case c.items[key] != it: // forgotten meanwhile
	case it.err != nil:
		delete(c.items, key)
	default:
		it.at = c.order.PushFront(it)
		c.bytes += it.bytes
		for c.bytes > c.max && c.order.Len() > 0 {
			c.removeLocked(c.order.Back().Value.(*cached[K, V]))
		}
	}
	c.mu.Unlock()
	close(it.ready)
	return it.value, it.err
}

// forget drops every key for which gone says so.
func (c *cache[K, V]) forget(gone func(K) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, it := range c.items {
		if gone(key) {
			c.removeLocked(it)
		}
	}
}

func (c *cache[K, V]) removeLocked(it *cached[K, V]) {
	delete(c.items, it.key)
	if it.at != nil {
		c.order.Remove(it.at)
		c.bytes -= it.bytes
		it.at = nil
	}
}

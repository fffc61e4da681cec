package clickstream

import (
	"hash/maphash"
	"sync/atomic"
	"unique"
)

// itemNames is a direct-mapped table of item names before unique.Make, which costs a hash walk and two weak pointers each time. Few items
// are most of what shoppers look at, so nearly every name is where its hash says. It may be read and written by any goroutine: a place
// is one pointer to something that never changes. A nil table asks unique.Make each time.
type itemNames struct {
	seed   maphash.Seed
	places [1 << itemBits]atomic.Pointer[itemName]
}

// itemBits bounds the table at 512 KB of places, and at the 65,536 names, 24 bytes and the text each, that it keeps alive.
const itemBits = 16

type itemName struct {
	text   string // the handle's own
	handle unique.Handle[string]
}

func newItemNames() *itemNames { return &itemNames{seed: maphash.MakeSeed()} }

// handle is unique.Make(text).
func (t *itemNames) handle(text string) unique.Handle[string] {
	if t == nil {
		return unique.Make(text)
	}
	place := &t.places[maphash.String(t.seed, text)>>(64-itemBits)]
	if n := place.Load(); n != nil && n.text == text {
		return n.handle
	}
	h := unique.Make(text)
	place.Store(&itemName{h.Value(), h})
	return h
}

// text is the one copy of text that all shards share.
func (t *itemNames) text(text string) string { return t.handle(text).Value() }

package clickstream

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"unique"
)

// The snapshot of Orders:
//
//	version:1 unknown
//	sites:u, each in order of site and currency: site currency totals
//	items:u, each in order of site, item and currency: site item currency totals
//	orders:u, each from the first counted on: key:16 visitor:8 site currency left lines:u, each: item price left
//	totals = revenue orders units refunded
//
// Version 1 has no visitor.
const ordersVersion = 2

func (o *Orders) appendSnapshot(b []byte) []byte {
	b = appendInt(append(b, ordersVersion), o.unknown)
	b = appendCount(b, len(o.sites))
	for _, k := range slices.SortedFunc(maps.Keys(o.sites), func(a, b siteName) int {
		return cmp.Or(strings.Compare(a.site, b.site), strings.Compare(a.name, b.name))
	}) {
		b = o.sites[k].append(appendString(appendString(b, k.site), k.name))
	}
	b = appendCount(b, len(o.items))
	for _, k := range slices.SortedFunc(maps.Keys(o.items), func(a, b itemMoney) int {
		return cmp.Or(strings.Compare(a.site, b.site), strings.Compare(a.item, b.item), strings.Compare(a.currency, b.currency))
	}) {
		b = o.items[k].append(appendString(appendString(appendString(b, k.site), k.item), k.currency))
	}
	b = appendCount(b, len(o.orders))
	for ord := o.oldest; ord != nil; ord = ord.newer {
		key := ord.key.Bytes()
		b = binary.LittleEndian.AppendUint64(append(b, key[:]...), ord.visitor)
		b = appendString(appendString(b, ord.site), ord.currency)
		b = appendCount(appendInt(b, ord.left), len(ord.lines))
		for _, line := range ord.lines {
			b = appendInt(appendInt(appendString(b, line.item), line.price), line.left)
		}
	}
	return b
}

func (t *OrderTotals) append(b []byte) []byte {
	return appendInt(appendInt(appendInt(appendInt(b, t.Revenue), t.Orders), t.Units), t.Refunded)
}

// restore replaces the state, or fails and leaves it.
func (o *Orders) restore(data string) error {
	d := snapshotDecoder{decoder: decoder{s: data}}
	v := d.byte()
	if v < 1 || v > ordersVersion {
		d.fail("unknown version")
	}
	fresh := NewOrders(o.limit)
	fresh.unknown = d.varint()
	for n := d.uvarint(); n > 0 && d.reason == ""; n-- {
		d.totals(fresh.siteLocked(d.str(), d.str()))
	}
	for n := d.uvarint(); n > 0 && d.reason == ""; n-- {
		d.totals(fresh.itemLocked(d.str(), d.str(), d.str()))
	}
	for n := d.uvarint(); n > 0 && d.reason == ""; n-- {
		ord := d.order(v)
		if fresh.orders[ord.key] != nil {
			d.fail("transaction twice")
			break
		}
		fresh.rememberLocked(ord)
	}
	if err := d.end(ordersName); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.orders, o.oldest, o.newest = fresh.orders, fresh.oldest, fresh.newest
	o.sites, o.items, o.unknown = fresh.sites, fresh.items, fresh.unknown
	return nil
}

func (d *snapshotDecoder) totals(t *OrderTotals) {
	t.Revenue, t.Orders, t.Units, t.Refunded = d.varint(), d.varint(), d.varint(), d.varint()
}

func (d *snapshotDecoder) order(version byte) *order {
	ord := &order{}
	if key := d.take(16); key != "" {
		ord.key.Hi, ord.key.Lo = binary.BigEndian.Uint64([]byte(key[:8])), binary.BigEndian.Uint64([]byte(key[8:]))
	}
	if version > 1 {
		ord.visitor = d.fixed64()
	}
	ord.site, ord.currency, ord.left = owned(d.str()), owned(d.str()), d.varint()
	for n := d.uvarint(); n > 0 && d.reason == ""; n-- {
		ord.lines = append(ord.lines, orderLine{owned(d.str()), d.varint(), d.varint()})
	}
	return ord
}

// owned is ord with strings of its own: an event's are borrowed.
func (ord *order) owned() *order {
	ord.site, ord.currency = owned(ord.site), owned(ord.currency)
	for i := range ord.lines {
		ord.lines[i].item = owned(ord.lines[i].item)
	}
	return ord
}

// owned is a copy of s that equal strings share.
func owned(s string) string { return unique.Make(s).Value() }

func appendCount(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }

func appendInt(b []byte, n int64) []byte { return binary.AppendVarint(b, n) }

func sortTotals(t []OrderTotals) {
	slices.SortFunc(t, func(a, b OrderTotals) int { return strings.Compare(a.Currency, b.Currency) })
}

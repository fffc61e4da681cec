package clickstream

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/zeebo/xxh3"
)

// Record types: the first byte of every payload in the events log.
const (
	RecordEvent    = 1 // Event
	RecordTick     = 2 // Tick
	RecordSettings = 3 // Settings
	RecordLedger   = 4 // a change of the ledger, in the intake partition
	RecordRejected = 5 // a dead letter, in the intake partition
	RecordErase    = 6 // Erase, in its visitor's partition
	RecordErased   = 7 // Erased, in the intake partition
)

// codecVersion is the second byte of event, tick and settings records. A decoder refuses versions it does not know.
const codecVersion = 1

// RecordError says that a payload is not a record of the wanted type and version.
type RecordError struct {
	Type   byte // the type that was wanted
	Offset int  // where in the payload decoding ended
	Reason string
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("record type %d, byte %d: %s", e.Type, e.Offset, e.Reason)
}

// RecordType is the type of a payload, 0 for the empty payload of an erased record.
func RecordType(data string) byte {
	if data == "" {
		return 0
	}
	return data[0]
}

// PeekVisitor reads site and visitor of an event record and nothing else. Both are substrings of data.
func PeekVisitor(data string) (site, visitor string, ok bool) {
	if len(data) < 2 || data[0] != RecordEvent || data[1] != codecVersion {
		return "", "", false
	}
	d := decoder{s: data, i: 2}
	site, visitor = d.str(), d.str()
	return site, visitor, d.reason == ""
}

// PartitionOf is the partition that keeps a visitor's events in order: xxh3 of site, 0, visitor, modulo partitions.
// It is part of the log's format: changing it would move visitors.
func PartitionOf(site, visitor string, partitions int) int {
	var room [192]byte
	b := append(room[:0], site...)
	b = append(b, 0)
	b = append(b, visitor...)
	return int(xxh3.Hash(b) % uint64(partitions))
}

// Fingerprint is what the dedup window keeps of (site, visitor, event id): seeded xxh3 of the three with 0 between them.
func Fingerprint(seed uint64, site, visitor, id string) uint64 {
	var room [256]byte
	b := append(room[:0], site...)
	b = append(b, 0)
	b = append(b, visitor...)
	b = append(b, 0)
	b = append(b, id...)
	return xxh3.HashSeed(b, seed)
}

// Bits of an event record's flags: which of its fields follow, in this order.
const (
	hasLinked = 1 << iota
	hasGenerated
	hasName // the name differs from Kind.String()
	hasUser
	hasURL
	hasRef
	hasTitle
	hasItems
	hasCurrency
	hasValue
	hasTransaction
	hasSearchTerm
	hasPlacement
	hasRecID
	hasProps
	hasUserAgent
	hasIP
	hasBot
	eventFlags
)

// Bits of an item's flags.
const (
	hasPrice = 1 << iota
	hasQuantity
	hasCategory
	hasPropensity
	hasReason
	itemFlags
)

// AppendEvent appends e as an event record:
//
//	type=1 version=1 site visitor flags:3 kind:1 consent:1 id time:varint received−time:varint
//	[name] [user] [url] [ref] [title] [currency] [value:varint] [transaction] [searchTerm] [placement] [recID] [props]
//	[userAgent] [ip] [bot:1] [items:uvarint, each: flags:1 id [price:varint] [quantity:varint] [category] [propensity:4] [reason]]
//
// Strings are uvarint length and bytes, varint is zigzag, fixed widths are little endian, and what flags leave out is absent.
func AppendEvent(dst []byte, e *Event) []byte {
	dst = append(dst, RecordEvent, codecVersion)
	dst = appendString(dst, e.Site)
	dst = appendString(dst, e.Visitor)
	at := len(dst)
	dst = append(dst, 0, 0, 0, byte(e.Kind), byte(e.Consent))
	dst = appendString(dst, e.ID)
	dst = binary.AppendVarint(dst, e.Time)
	dst = binary.AppendVarint(dst, e.Received-e.Time)
	var flags uint32
	if e.Linked {
		flags |= hasLinked
	}
	if e.Generated {
		flags |= hasGenerated
	}
	if e.Name != e.Kind.String() {
		flags |= hasName
		dst = appendString(dst, e.Name)
	}
	dst = appendOptional(dst, e.User, &flags, hasUser)
	dst = appendOptional(dst, e.URL, &flags, hasURL)
	dst = appendOptional(dst, e.Ref, &flags, hasRef)
	dst = appendOptional(dst, e.Title, &flags, hasTitle)
	dst = appendOptional(dst, e.Currency, &flags, hasCurrency)
	if e.Value != 0 {
		flags |= hasValue
		dst = binary.AppendVarint(dst, e.Value)
	}
	dst = appendOptional(dst, e.Transaction, &flags, hasTransaction)
	dst = appendOptional(dst, e.SearchTerm, &flags, hasSearchTerm)
	dst = appendOptional(dst, e.Placement, &flags, hasPlacement)
	dst = appendOptional(dst, e.RecID, &flags, hasRecID)
	dst = appendOptional(dst, e.Props, &flags, hasProps)
	dst = appendOptional(dst, e.UserAgent, &flags, hasUserAgent)
	dst = appendOptional(dst, e.IP, &flags, hasIP)
	if e.Bot != 0 {
		flags |= hasBot
		dst = append(dst, byte(e.Bot))
	}
	if len(e.Items) > 0 {
		flags |= hasItems
		dst = binary.AppendUvarint(dst, uint64(len(e.Items)))
		for i := range e.Items {
			dst = appendItem(dst, &e.Items[i])
		}
	}
	dst[at], dst[at+1], dst[at+2] = byte(flags), byte(flags>>8), byte(flags>>16)
	return dst
}

func appendItem(dst []byte, it *Item) []byte {
	at := len(dst)
	dst = append(dst, 0)
	dst = appendString(dst, it.ID)
	var flags byte
	if it.Price != NoPrice {
		flags |= hasPrice
		dst = binary.AppendVarint(dst, it.Price)
	}
	if it.Quantity != 1 {
		flags |= hasQuantity
		dst = binary.AppendVarint(dst, it.Quantity)
	}
	if it.Category != "" {
		flags |= hasCategory
		dst = appendString(dst, it.Category)
	}
	if p := math.Float32bits(it.Propensity); p != 0 {
		flags |= hasPropensity
		dst = binary.LittleEndian.AppendUint32(dst, p)
	}
	if it.Reason != "" {
		flags |= hasReason
		dst = appendString(dst, it.Reason)
	}
	dst[at] = flags
	return dst
}

func appendString(dst []byte, s string) []byte {
	if len(s) < 0x80 {
		dst = append(dst, byte(len(s)))
	} else {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
	}
	return append(dst, s...)
}

func appendOptional(dst []byte, s string, flags *uint32, bit uint32) []byte {
	if s == "" {
		return dst
	}
	*flags |= bit
	return appendString(dst, s)
}

// DecodeEvent reads an event record, its type byte included, into e. Every string of e is a substring of data; e.Items is
// reused. On error, a *RecordError, e is unspecified.
func DecodeEvent(data string, e *Event) error {
	d := decoder{s: data}
	d.header(RecordEvent)
	items := e.Items[:0]
	*e = Event{Site: d.str(), Visitor: d.str()}
	head := d.take(5)
	if head == "" {
		head = "\x00\x00\x00\x00\x00"
	}
	flags := uint32(head[0]) | uint32(head[1])<<8 | uint32(head[2])<<16
	if flags >= eventFlags {
		d.fail("unknown flags")
	}
	if head[3] >= byte(kinds) {
		d.fail("unknown kind")
		return d.end(RecordEvent)
	}
	e.Kind, e.Consent = Kind(head[3]), Consent(head[4])
	e.ID = d.str()
	e.Time = d.varint()
	e.Received = e.Time + d.varint()
	e.Linked, e.Generated = flags&hasLinked != 0, flags&hasGenerated != 0
	e.Name = e.Kind.String()
	if flags&hasName != 0 {
		e.Name = d.str()
	}
	e.User = d.optional(flags & hasUser)
	e.URL = d.optional(flags & hasURL)
	e.Ref = d.optional(flags & hasRef)
	e.Title = d.optional(flags & hasTitle)
	e.Currency = d.optional(flags & hasCurrency)
	if flags&hasValue != 0 {
		e.Value = d.varint()
	}
	e.Transaction = d.optional(flags & hasTransaction)
	e.SearchTerm = d.optional(flags & hasSearchTerm)
	e.Placement = d.optional(flags & hasPlacement)
	e.RecID = d.optional(flags & hasRecID)
	e.Props = d.optional(flags & hasProps)
	e.UserAgent = d.optional(flags & hasUserAgent)
	e.IP = d.optional(flags & hasIP)
	if flags&hasBot != 0 {
		e.Bot = BotSign(d.byte())
	}
	if flags&hasItems != 0 {
		n := d.uvarint()
		if n > uint64(len(data)-d.i)/2 { // an item takes two bytes at least
			d.fail("more items than bytes")
			n = 0
		}
		for range n {
			items = append(items, Item{})
			d.item(&items[len(items)-1])
		}
	}
	e.Items = items
	return d.end(RecordEvent)
}

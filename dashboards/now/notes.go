package now

import (
	"slices"
	"unicode/utf8"

	"beckon/clickstream"
)

// notes is a ring of the newest events. Its memory is used again: a note costs no allocation once the ring is full.
type notes struct {
	bound int
	list  []note
	next  int // place of the oldest, once the list is full
}

// note is an event. Its texts stand one after the other in text.
type note struct {
	seq     uint64
	hash    uint64 // of the visitor
	at      int64
	value   int64
	kind    clickstream.Kind
	late    bool
	machine bool
	items   uint16
	ends    [noteTexts]uint16
	text    []byte
}

// The texts of a note.
const (
	noteVisitor = iota
	noteName
	noteItem
	noteCurrency
	noteSearch
	notePage
	notePlacement
	noteTexts
)

// maxNoteText bounds each text of a note, in bytes.
const maxNoteText = 160

func (n *notes) add(f *clickstream.Fact, hash uint64) {
	var to *note
	if len(n.list) < n.bound {
		n.list = append(n.list, note{})
		to = &n.list[len(n.list)-1]
	} else {
		to = &n.list[n.next]
		if n.next++; n.next == n.bound {
			n.next = 0
		}
	}
	to.fill(f, hash)
}

func (n *note) fill(f *clickstream.Fact, hash uint64) {
	e := f.Event
	n.seq, n.hash, n.at, n.kind, n.late, n.machine = f.Seq, hash, e.Time, e.Kind, f.Late, f.Bot
	n.items = uint16(min(len(e.Items), 1<<16-1))
	n.value = clickstream.NoPrice
	item := ""
	if len(e.Items) > 0 {
		item = e.Items[0].ID
	}
	switch {
	case f.Money > 0:
		n.value = f.Money
	case e.Value > 0:
		n.value = e.Value
	case len(e.Items) == 1 && e.Items[0].Price >= 0:
		n.value = min(e.Items[0].Price, maxPrice) * min(max(e.Items[0].Quantity, 1), maxQuantity)
	}
	name := ""
	if e.Kind == clickstream.Custom {
		name = e.Name
	}
	n.text = n.text[:0]
	for i, t := range [noteTexts]string{e.Visitor, name, item, e.Currency, e.SearchTerm, e.URL, e.Placement} {
		n.text = append(n.text, cut(t)...)
		n.ends[i] = uint16(len(n.text))
	}
}

func cut(t string) string { return clipped(t, maxNoteText) }

// clipped is a text's first bytes, whole characters of them.
func clipped(t string, n int) string {
	if len(t) <= n {
		return t
	}
	for n > 0 && !utf8.RuneStart(t[n]) {
		n--
	}
	return t[:n]
}

func (n *note) part(i int) string {
	from := uint16(0)
	if i > 0 {
		from = n.ends[i-1]
	}
	return string(n.text[from:n.ends[i]])
}

// newest calls f with the notes, the newest first, until it returns false.
func (n *notes) newest(f func(*note) bool) {
	for i := range n.list {
		at := n.next - 1 - i
		if at < 0 {
			at += len(n.list)
		}
		if !f(&n.list[at]) {
			return
		}
	}
}

// forget drops the notes of a visitor.
func (n *notes) forget(hash uint64) {
	n.list = append(n.list[n.next:len(n.list):len(n.list)], n.list[:n.next]...) // the oldest first
	n.next = 0
	n.list = slices.DeleteFunc(n.list, func(one note) bool { return one.hash == hash })
}

func (n *note) event() Event {
	e := Event{
		Seq: n.seq, Time: n.at, Kind: n.kind, Name: n.part(noteName), Visitor: n.part(noteVisitor), Item: n.part(noteItem), Items: int(n.items),
		Value: n.value, Currency: n.part(noteCurrency), Search: n.part(noteSearch), Page: n.part(notePage), Placement: n.part(notePlacement),
		Machine: n.machine, Late: n.late,
	}
	if n.kind != clickstream.Custom {
		e.Name = n.kind.String()
	}
	return e
}

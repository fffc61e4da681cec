package clickstream

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// DeadLetter is a rejected event, kept as it came.
type DeadLetter struct {
	ID       string `json:"id"` // partition-offset of its record in the log
	Site     string `json:"site"`
	Time     int64  `json:"time"`               // Unix ms at which it was received
	EventID  string `json:"event_id,omitempty"` // as far as it could be read
	Code     string `json:"code"`
	Message  string `json:"message"`
	Raw      string `json:"event"` // the event's bytes, whole, addresses in it truncated
	Replayed bool   `json:"replayed"`

	letterSource
}

// letterSource is what a replay needs beside the event: where it came from, and what its body said around it.
type letterSource struct {
	secret, history bool
	visitor         string // fixed by a token
	userAgent, ip   string // of the connection, the address truncated
	head            string // Rejection.Head
}

const letterVersion = 1

// What a record of the dead letter holds.
const (
	letterKept   = 0
	letterMarked = 1
	letterErased = 2 // in the files only: what is left of a letter that was erased
)

// Bits of a letter's flags.
const (
	letterSecret = 1 << iota
	letterHistory
	letterFlags
)

// appendLetter appends l as a record:
//
//	type=5 version=1 kind=0 flags:1 site time:varint event_id code message visitor user_agent ip head raw
func appendLetter(dst []byte, l *DeadLetter) []byte {
	var flags byte
	if l.secret {
		flags |= letterSecret
	}
	if l.history {
		flags |= letterHistory
	}
	dst = append(dst, RecordRejected, letterVersion, letterKept, flags)
	dst = appendString(dst, l.Site)
	dst = binary.AppendVarint(dst, l.Time)
	for _, s := range [...]string{l.EventID, l.Code, l.Message, l.visitor, l.userAgent, l.ip, l.head, l.Raw} {
		dst = appendString(dst, s)
	}
	return dst
}

// appendLetterMark appends the record that says that the letter at offset of the same partition was replayed:
//
//	type=5 version=1 kind=1 offset:uvarint
func appendLetterMark(dst []byte, offset uint64) []byte {
	return binary.AppendUvarint(append(dst, RecordRejected, letterVersion, letterMarked), offset)
}

// isErasedLetter says whether a record of the files is what is left of a letter that was erased.
func isErasedLetter(data string) bool {
	return len(data) >= 3 && data[0] == RecordRejected && data[1] == letterVersion && data[2] == letterErased
}

// decodeLetter reads a record of the dead letter, either kind, into l, whose strings become substrings of data.
func decodeLetter(data string, l *DeadLetter) (marked uint64, isMark bool, err error) {
	d := decoder{s: data}
	d.header(RecordRejected)
	switch d.byte() {
	case letterMarked:
		marked = d.uvarint()
		return marked, true, d.end(RecordRejected)
	case letterKept:
	default:
		d.fail("unknown kind")
	}
	flags := d.byte()
	if flags >= letterFlags {
		d.fail("unknown flags")
	}
	*l = DeadLetter{Site: d.str(), Time: d.varint()}
	l.secret, l.history = flags&letterSecret != 0, flags&letterHistory != 0
	for _, s := range [...]*string{&l.EventID, &l.Code, &l.Message, &l.visitor, &l.userAgent, &l.ip, &l.head, &l.Raw} {
		*s = d.str()
	}
	return 0, false, d.end(RecordRejected)
}

func letterID(partition int, offset uint64) string { return fmt.Sprintf("%d-%d", partition, offset) }

func parseLetterID(id string, partition int) (offset uint64, ok bool) {
	p, o, found := strings.Cut(id, "-")
	if !found || p != strconv.Itoa(partition) {
		return 0, false
	}
	offset, err := strconv.ParseUint(o, 10, 64)
	return offset, err == nil
}

// letterOf is the letter that keeps r.
func letterOf(src *Source, r *Rejection, network string) DeadLetter {
	l := DeadLetter{Site: src.Site, Time: src.Received, EventID: r.ID, Code: r.Code, Message: r.Message, Raw: r.Raw}
	l.letterSource = letterSource{secret: src.Secret, history: src.Import, visitor: src.Visitor, head: r.Head}
	if !src.Secret {
		l.userAgent, l.ip = src.UserAgent, network
	}
	return l
}

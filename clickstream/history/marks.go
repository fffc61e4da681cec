package history

import (
	"encoding/binary"
	"errors"
)

// Marks are the skeleton of a stretch of the events log, in the order of its records: where each stood, when the log took it and what it
// was. Of records that are rows of a table nothing else is kept; all others are there with their payload, erased ones with an empty one.
//
//	version:1 time:varint, then runs to the end
//	run   n<<3 | same<<2 | kind:uvarint, unless same: partition:uvarint and time:varint from that of the run before;
//	      kind 0: n payloads, each with its length before it
//
// A run is n records of a kind, partition and time. same says that partition and time are those of the run before.
const marksVersion = 1

// marksWriter makes marks.
type marksWriter struct {
	b         []byte
	begun     bool
	time      int64
	partition int

	kind     int
	n        uint64
	same     bool
	step     int64 // of the run at work
	payloads []byte
}

func (m *marksWriter) reset() { *m = marksWriter{b: m.b[:0], payloads: m.payloads[:0]} }

// add takes the next record; payload counts for markPayload only.
func (m *marksWriter) add(kind int, p *place) {
	if !m.begun {
		m.begun, m.time, m.partition = true, p.time, -1
		m.b = binary.AppendVarint(append(m.b, marksVersion), p.time)
	}
	if at := p.time == m.time && p.partition == m.partition; m.n == 0 || !at || kind != m.kind {
		m.flush()
		m.kind, m.same = kind, at
		m.step = p.time - m.time
		m.time, m.partition = p.time, p.partition
	}
	m.n++
	if kind == markPayload {
		m.payloads = appendText(m.payloads, p.payload)
	}
}

func (m *marksWriter) flush() {
	if m.n == 0 {
		return
	}
	head := m.n<<3 | uint64(m.kind)
	if m.same {
		head |= 1 << 2
	}
	m.b = binary.AppendUvarint(m.b, head)
	if !m.same {
		m.b = binary.AppendUvarint(m.b, uint64(m.partition))
		m.b = binary.AppendVarint(m.b, m.step)
	}
	m.b = append(m.b, m.payloads...)
	m.payloads = m.payloads[:0]
	m.n = 0
}

// text is the marks of all that was added.
func (m *marksWriter) text() string {
	m.flush()
	return string(m.b)
}

var errMarks = errors.New("marks are damaged")

// walkMarks calls each for every record that marks stand for, in order.
func walkMarks(marks string, each func(kind, partition int, at int64, payload string) error) error {
	if marks == "" {
		return nil
	}
	d := planReader{s: marks}
	if d.byte() != marksVersion {
		return errMarks
	}
	at, partition := d.varint(), -1
	for d.i < len(d.s) && d.reason == "" {
		head := d.uvarint()
		n, kind := head>>3, int(head&3)
		if head&(1<<2) == 0 {
			p := d.uvarint()
			if p > 1<<16 {
				return errMarks
			}
			partition = int(p)
			at += d.varint()
		}
		if d.reason != "" || kind > markLetter || partition < 0 || n > 1<<24 {
			return errMarks
		}
		for range n {
			payload := ""
			if kind == markPayload {
				if payload = d.text(); d.reason != "" {
					return errMarks
				}
			}
			if err := each(kind, partition, at, payload); err != nil {
				return err
			}
		}
	}
	if d.reason != "" {
		return errMarks
	}
	return nil
}

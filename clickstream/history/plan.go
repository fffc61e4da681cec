package history

import "encoding/binary"

// Records of the plan log. Integers are uvarints where nothing else is said, strings have their length before them.
//
//	batch    type=1 version=1 epoch from span gap:1 facts parts late machine repeat sessions
//	         The stretch [from, from+span) of the events log: which of its events are late, a machine's or a repeat, and the last
//	         version of every session that it changed. parts is how many part records before it belong to it. gap=1 says that
//	         nothing is known of the stretch but its name: what was found had been lost.
//	part     type=2 version=1 sessions
//	         Sessions of a batch that would be too long as one record. Parts without a batch after them are of one that was begun
//	         again, and count for nothing.
//	control  type=3 version=1 epoch from span
//	         The stretch [from, from+span) of the control log.
//	cut      type=4 version=1 log from span
//	         What begins at from of log (0: events, 1: control) ends after span records, though its plan goes on: it was too large.
//	aside    type=5 version=1 log from kind rows
//	         Of what begins at from of log, these rows of the table kind are set aside: n, then each: seq, reason.
//
//	late, machine, repeat   n, then n distances of Seqs, the first from the stretch's from, each other from the one before
//	sessions                sites: n, then n names; n, then n sessions
//	session                 site visitor start:varint version flags:1 and, unless it is retracted, end−start:varint events consent:1
//	                        steps: n, each: kind:1 time:varint from that of the step before, at first from start, item
//
// An erased record is the empty payload.
const (
	planBatch   = 1
	planPart    = 2
	planControl = 3
	planCut     = 4
	planAside   = 5

	planVersion = 1
)

// Bits of a session's flags.
const (
	sessionRetracted = 1 << iota
	sessionBot
	sessionClosed
	sessionFlags
)

// stretchName names a stretch of a log.
type stretchName struct {
	epoch      string
	from, next uint64 // Seq
}

// plan is a batch record, without its sessions.
type plan struct {
	stretchName
	gap                   bool
	facts                 uint64 // of events
	parts                 uint64
	late, machine, repeat []uint64 // Seqs, rising
}

// append appends the record up to its sessions.
func (p *plan) append(dst []byte) []byte {
	dst = append(dst, planBatch, planVersion)
	dst = p.stretchName.append(dst)
	dst = append(dst, boolByte(p.gap))
	dst = binary.AppendUvarint(dst, p.facts)
	dst = binary.AppendUvarint(dst, p.parts)
	for _, list := range [...][]uint64{p.late, p.machine, p.repeat} {
		dst = appendRising(dst, p.from, list)
	}
	return dst
}

func (n *stretchName) append(dst []byte) []byte {
	dst = appendText(dst, n.epoch)
	dst = binary.AppendUvarint(dst, n.from)
	return binary.AppendUvarint(dst, n.next-n.from)
}

func appendControl(dst []byte, n *stretchName) []byte {
	return n.append(append(dst, planControl, planVersion))
}

// cutRecord says that what begins at from of a log ends at next.
type cutRecord struct {
	log        logID
	from, next uint64
}

func (c *cutRecord) append(dst []byte) []byte {
	dst = append(dst, planCut, planVersion, byte(c.log))
	dst = binary.AppendUvarint(dst, c.from)
	return binary.AppendUvarint(dst, c.next-c.from)
}

// asideRecord names the rows of one table that ClickHouse refused.
type asideRecord struct {
	log  logID
	from uint64
	kind tableID
	rows []asideRow
}

type asideRow struct {
	seq    uint64
	reason string
}

func (a *asideRecord) append(dst []byte) []byte {
	dst = append(dst, planAside, planVersion, byte(a.log))
	dst = binary.AppendUvarint(dst, a.from)
	dst = append(dst, byte(a.kind))
	dst = binary.AppendUvarint(dst, uint64(len(a.rows)))
	for i := range a.rows {
		dst = binary.AppendUvarint(dst, a.rows[i].seq)
		dst = appendText(dst, a.rows[i].reason)
	}
	return dst
}

// logID is a log in the plan log and in the tables.
type logID byte

const (
	eventsID logID = iota
	controlID
	logIDs
)

func (l logID) String() string { return [logIDs]string{eventsLog, controlLog}[l] }

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendRising(dst []byte, from uint64, list []uint64) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, seq := range list {
		dst = binary.AppendUvarint(dst, seq-from)
		from = seq
	}
	return dst
}

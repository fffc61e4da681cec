package history

import (
	"encoding/binary"
	"hash/fnv"
	"strconv"
)

// job names a batch and where it is read from. The batch follows from it and the logs: a retry makes the same one again.
type job struct {
	log    logID
	from   uint64   // Seq
	next   uint64   // Seq; 0: as far as the bounds allow, at most to limit
	limit  uint64   // Seq at which its plan ends
	starts []uint64 // offset of each partition's first record from from on
	plan   *heldPlan
}

// heldPlan is a plan and where its records stand in the plan log.
type heldPlan struct {
	stretchName
	log   logID
	at    uint64
	parts []uint64
}

// batchName is what a batch is called.
type batchName struct {
	log        logID
	epoch      string
	from, next uint64
	hash       uint64
}

// nameOf names a batch by its stretch and by the offsets between which each partition's records of it lie. Nothing of the records
// themselves is in it: an erasure empties them and the batch keeps its name.
func nameOf(log logID, epoch string, from, next uint64, starts, ends []uint64) batchName {
	h := fnv.New64a()
	var b [16]byte
	for p := range ends {
		binary.LittleEndian.PutUint64(b[:8], starts[p])
		binary.LittleEndian.PutUint64(b[8:], ends[p])
		h.Write(b[:])
	}
	return batchName{log, epoch, from, next, h.Sum64()}
}

// token is the insert_deduplication_token of the batch's block number i for a table: EPOCH/LOG/FROM-NEXT/HASH/TABLE.
func (n *batchName) token(table string, i int) string {
	b := append([]byte(n.epoch), '/')
	b = append(b, n.log.String()...)
	b = append(b, '/')
	b = strconv.AppendUint(b, n.from, 10)
	b = append(b, '-')
	b = strconv.AppendUint(b, n.next, 10)
	b = append(b, '/')
	b = strconv.AppendUint(b, n.hash, 16)
	b = append(b, '/')
	b = append(b, table...)
	if i > 0 {
		b = strconv.AppendInt(append(b, '/'), int64(i), 10)
	}
	return string(b)
}

// batch is a job encoded, ready to be sent.
type batch struct {
	job
	name       batchName
	ends       []uint64
	time       int64       // log time of its last record
	tables     []tableRows // the row of batches last
	rows       int         // of events or decisions, those set aside among them
	sessions   int
	aside      int
	setAside   *asideBlock // until it is encoded
	gap        int         // events of which nothing was found
	generation uint64      // of the logs' content
}

// rowKey names a row of a table in the decision to set it aside.
func rowKey(table tableID, p *place, s *plannedSession) uint64 {
	if table != sessionsTable {
		return p.seq
	}
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], uint64(s.Start))
	binary.LittleEndian.PutUint64(b[8:], s.Version)
	h.Write([]byte(s.Site))
	h.Write([]byte{0})
	h.Write([]byte(s.Visitor))
	h.Write(b[:])
	return h.Sum64()
}

// findings answers what was found of events that are asked for in rising order.
type findings struct{ late, machine, repeat []uint64 }

func (f *findings) of(seq uint64) found {
	return found{takes(&f.late, seq), takes(&f.machine, seq), takes(&f.repeat, seq)}
}

func takes(list *[]uint64, seq uint64) bool {
	for len(*list) > 0 && (*list)[0] < seq {
		*list = (*list)[1:]
	}
	return len(*list) > 0 && (*list)[0] == seq
}

// decision is a control record as a row.
type decision struct {
	Actor   string `json:"by"`
	Action  string `json:"do"`
	Site    string `json:"site"`
	Subject string `json:"id"`
	payload string
}

// undecodable is the reason of an event that is none.
const undecodable = "the record cannot be decoded: "

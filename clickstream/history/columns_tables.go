package history

import (
	"beckon/clickstream"
)

// tableID is a table that the writer fills, in the order in which it does.
type tableID byte

const (
	eventsTable tableID = iota
	lettersTable
	sessionsTable
	decisionsTable
	asideTable
	batchesTable
	tableIDs
)

func (t tableID) String() string {
	return [tableIDs]string{"events", "dead_letters", "sessions", "decisions", "set_aside", "batches"}[t]
}

// letterBlock is rows of dead_letters.
type letterBlock struct {
	rowBlock

	site                   *words
	time                   *fixed
	seq, partition, offset *fixed
	payload                *text
}

func newLetterBlock() *letterBlock {
	b := &letterBlock{
		site: newWords("site"), time: newTime("time"), seq: newFixed("seq", "UInt64"), partition: newFixed("partition", "UInt16"),
		offset: newFixed("offset", "UInt64"), payload: newText("payload"),
	}
	b.columns = []nativeColumn{b.site, b.time, b.seq, b.partition, b.offset, b.payload}
	return b
}

func (b *letterBlock) add(site string, p *place) {
	b.rows++
	b.site.add(site)
	b.time.i64(p.time)
	b.seq.u64(p.seq)
	b.partition.u16(uint16(p.partition))
	b.offset.u64(p.offset)
	b.payload.add(p.payload)
}

// sessionBlock is rows of sessions.
type sessionBlock struct {
	rowBlock

	site                            *words
	visitor                         *text
	start, end, version, deleted    *fixed
	events, views, carts, purchases *fixed
	bot, consent, closed            *fixed
	items                           *lists[*text]
	kinds, times                    *lists[*fixed]
	received                        *fixed
}

func newSessionBlock() *sessionBlock {
	b := &sessionBlock{
		site: newWords("site"), visitor: newText("visitor"), start: newTime("start"), end: newTime("end"), version: newFixed("version", "UInt64"),
		deleted: newFixed("deleted", "UInt8"), events: newFixed("events", "UInt32"), views: newFixed("views", "UInt32"),
		carts: newFixed("carts", "UInt32"), purchases: newFixed("purchases", "UInt32"), bot: newFixed("bot", "Bool"),
		consent: newFixed("consent", "UInt8"), closed: newFixed("closed", "Bool"), items: newLists(newText("items")),
		kinds: newLists(newFixed("kinds", "UInt8")), times: newLists(newTime("times")), received: newTime("received"),
	}
	b.columns = []nativeColumn{
		b.site, b.visitor, b.start, b.end, b.version, b.deleted, b.events, b.views, b.carts, b.purchases, b.bot, b.consent, b.closed, b.items,
		b.kinds, b.times, b.received,
	}
	return b
}

// add appends a row; received is the log time of the stretch.
func (b *sessionBlock) add(s *plannedSession, received int64) {
	b.rows++
	b.site.add(s.Site)
	b.visitor.add(s.Visitor)
	b.start.i64(s.Start)
	b.end.i64(s.End)
	b.version.u64(s.Version)
	b.deleted.u8(boolByte(s.Retracted))
	b.events.u32(uint32(s.Events))
	var views, carts, purchases uint32
	for i := range s.Steps {
		step := &s.Steps[i]
		switch step.Kind() {
		case clickstream.ViewItem:
			views++
		case clickstream.AddToCart:
			carts++
		case clickstream.Purchase:
			purchases++
		}
		b.items.values.add(step.Item())
		b.kinds.values.u8(uint8(step.Kind()))
		b.times.values.i64(step.Time())
	}
	n := len(s.Steps)
	b.items.row(n)
	b.kinds.row(n)
	b.times.row(n)
	b.views.u32(views)
	b.carts.u32(carts)
	b.purchases.u32(purchases)
	b.bot.bool(s.Bot)
	b.consent.u8(uint8(s.Consent))
	b.closed.bool(s.Closed)
	b.received.i64(received)
}

// decisionBlock is rows of decisions.
type decisionBlock struct {
	rowBlock

	epoch            *text
	offset, time     *fixed
	site             *words
	actor            *text
	action           *words
	subject, payload *text
}

func newDecisionBlock() *decisionBlock {
	b := &decisionBlock{
		epoch: newText("epoch"), offset: newFixed("offset", "UInt64"), time: newTime("time"), site: newWords("site"), actor: newText("actor"),
		action: newWords("action"), subject: newText("subject"), payload: newText("payload"),
	}
	b.columns = []nativeColumn{b.epoch, b.offset, b.time, b.site, b.actor, b.action, b.subject, b.payload}
	return b
}

func (b *decisionBlock) add(epoch string, p *place, d *decision) {
	b.rows++
	b.epoch.add(epoch)
	b.offset.u64(p.offset)
	b.time.i64(p.time)
	b.site.add(d.Site)
	b.actor.add(d.Actor)
	b.action.add(d.Action)
	b.subject.add(d.Subject)
	b.payload.add(d.payload)
}

// asideBlock is rows of set_aside.
type asideBlock struct {
	rowBlock

	log                    *words
	seq, partition, offset *fixed
	time                   *fixed
	payload, reason        *text
}

func newAsideBlock() *asideBlock {
	b := &asideBlock{
		log: newWords("log"), seq: newFixed("seq", "UInt64"), partition: newFixed("partition", "UInt16"), offset: newFixed("offset", "UInt64"),
		time: newTime("time"), payload: newText("payload"), reason: newText("reason"),
	}
	b.columns = []nativeColumn{b.log, b.seq, b.partition, b.offset, b.time, b.payload, b.reason}
	return b
}

func (b *asideBlock) add(log, reason, payload string, p *place) {
	b.rows++
	b.log.add(log)
	b.seq.u64(p.seq)
	b.partition.u16(uint16(p.partition))
	b.offset.u64(p.offset)
	b.time.i64(p.time)
	b.payload.add(payload)
	b.reason.add(reason)
}

// batchBlock is rows of batches.
type batchBlock struct {
	rowBlock

	log                   *words
	epoch                 *text
	from, next            *fixed
	ends                  *lists[*fixed]
	count, sessions, hash *fixed
	marks                 *text
}

func newBatchBlock() *batchBlock {
	b := &batchBlock{
		log: newWords("log"), epoch: newText("epoch"), from: newFixed("from", "UInt64"), next: newFixed("next", "UInt64"),
		ends: newLists(newFixed("ends", "UInt64")), count: newFixed("rows", "UInt32"), sessions: newFixed("sessions", "UInt32"),
		hash: newFixed("hash", "UInt64"), marks: newText("marks"),
	}
	b.columns = []nativeColumn{b.log, b.epoch, b.from, b.next, b.ends, b.count, b.sessions, b.hash, b.marks}
	return b
}

func (b *batchBlock) add(n *batchName, ends []uint64, rows, sessions int, marks string) {
	b.rows++
	b.log.add(n.log.String())
	b.epoch.add(n.epoch)
	b.from.u64(n.from)
	b.next.u64(n.next)
	for _, end := range ends {
		b.ends.values.u64(end)
	}
	b.ends.row(len(ends))
	b.count.u32(uint32(rows))
	b.sessions.u32(uint32(sessions))
	b.hash.u64(n.hash)
	b.marks.add(marks)
}

package history

import (
	"encoding/json"
	"fmt"
	"slices"

	"beckon/clickstream"
)

// builder makes batches. Its memory is used again from one to the next. It belongs to one goroutine.
type builder struct {
	w      *Writer
	reader *logReader // of the events log, where the last batch ended; nil: opened for the next
	at     uint64     // Seq at which reader stands
	was    uint64     // generation of what reader holds

	events    *eventBlock
	letters   *letterBlock
	sessions  *sessionBlock
	decisions *decisionBlock
	marks     marksWriter
	event     clickstream.Event
	session   plannedSession
	durable   []uint64

	// collect, if set, is given the rows instead of blocks: to look for those that ClickHouse refuses.
	collect *collected
}

func newBuilder(w *Writer) *builder {
	return &builder{w: w, events: newEventBlock(), letters: newLetterBlock(), sessions: newSessionBlock(), decisions: newDecisionBlock()}
}

func (b *builder) reset() {
	b.events.reset()
	b.letters.reset()
	b.sessions.reset()
	b.decisions.reset()
	b.marks.reset()
	b.event = clickstream.Event{Items: b.event.Items[:0]}
}

// build reads and encodes a job.
func (b *builder) build(j job) (*batch, error) {
	out := &batch{job: j, generation: b.w.generation.Load()}
	defer b.reset()
	log := b.w.log(j.log)
	if b.reader == nil || b.reader.log != log || b.at != j.from || b.was != out.generation {
		b.close()
		b.reader, b.was = openLog(log, j.starts), out.generation
	}
	err := b.read(out, log)
	if err == nil {
		err = b.encode(out)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return out, nil
}

func (b *builder) close() {
	if b.reader != nil {
		b.reader.close()
		b.reader = nil
	}
}

// read fills the blocks and ends the batch at a bound if it has no end yet.
func (b *builder) read(out *batch, log clickstream.Log) error {
	cut := log.Cut(b.durable)
	b.durable = cut.Ends
	end := out.next
	if end == 0 {
		end = out.limit
	}
	if end > cut.Seq {
		return fmt.Errorf("the %s log ends at %d, and the plan log speaks of %d", out.log, cut.Seq, end)
	}
	var f findings
	var sessions []string
	unknown := out.log == eventsID
	if out.plan != nil && out.log == eventsID {
		p, lists, err := readPlanned(b.w.cfg.Plans, out.plan)
		if err != nil {
			return err
		}
		f = findings{p.late, p.machine, p.repeat}
		sessions, unknown = lists, p.gap
	}
	bytes, at := 0, out.from
	for at < end {
		to := min(end, at+readWindow)
		list, err := b.reader.window(at, to, b.durable)
		if err != nil {
			return err
		}
		for i := range list {
			p := &list[i]
			bytes += len(p.payload)
			if out.log == controlID {
				b.decision(out, p)
			} else {
				b.record(out, p, &f)
			}
			out.time = p.time
		}
		at = to
		if out.next == 0 && (at-out.from >= uint64(b.w.cfg.BatchRows) || bytes >= b.w.cfg.BatchBytes) {
			break
		}
	}
	b.at = at
	out.next = at
	out.ends = b.reader.ends(nil)
	if unknown {
		out.gap = out.rows
	}
	if at == out.limit {
		return b.planned(out, sessions)
	}
	return nil
}

// record takes a record of the events log.
func (b *builder) record(out *batch, p *place, f *findings) {
	kind := markPayload
	switch clickstream.RecordType(p.payload) {
	case clickstream.RecordEvent:
		kind = markEvent
		out.rows++
		reason, refused := b.w.refused(out, eventsTable, p.seq)
		if err := clickstream.DecodeEvent(p.payload, &b.event); err != nil {
			reason, refused = undecodable+err.Error(), true
		}
		found := f.of(p.seq)
		switch {
		case refused:
			b.setAside(out, eventsLog, withFound(found, reason), p.payload, p)
		case b.collect != nil:
			b.collect.event(p, found)
		default:
			b.events.add(&b.event, p, found)
		}
	case clickstream.RecordRejected:
		site, ok := clickstream.PeekLetter(p.payload)
		if !ok {
			break
		}
		kind = markLetter
		if reason, refused := b.w.refused(out, lettersTable, p.seq); refused {
			b.setAside(out, eventsLog, reason, p.payload, p)
		} else if b.collect != nil {
			b.collect.letter(p, site)
		} else {
			b.letters.add(site, p)
		}
	}
	b.marks.add(kind, p)
}

// decision takes a record of the control log. What is not JSON keeps its payload and has no names. Decisions are never set aside: a
// ClickHouse that refuses one is a ClickHouse to be repaired.
func (b *builder) decision(out *batch, p *place) {
	out.rows++
	var d decision
	if p.payload != "" {
		if err := json.Unmarshal([]byte(p.payload), &d); err != nil {
			d = decision{}
		}
	}
	d.payload = p.payload
	if b.w.cfg.Seal != nil {
		d.payload = b.w.cfg.Seal(d.Action, p.payload)
	}
	if b.collect == nil {
		b.decisions.add(b.w.cfg.Control.Epoch(), p, &d)
	}
}

// planned takes the plan's sessions.
func (b *builder) planned(out *batch, lists []string) error {
	for i, list := range lists {
		r := openSessions(list)
		for r.next(&b.session) {
			s := &b.session
			out.sessions++
			if reason, refused := b.w.refused(out, sessionsTable, rowKey(sessionsTable, nil, s)); refused {
				b.setAside(out, sessionsLog, reason, s.alone(), &place{seq: s.Version, time: out.time})
			} else if b.collect != nil {
				b.collect.session(s, out.time)
			} else {
				b.sessions.add(s, out.time)
			}
		}
		if err := r.err(planPart); err != nil {
			return fmt.Errorf("plan %d to %d: %w", out.plan.from, out.plan.next, err)
		}
		if b.collect == nil && b.sessions.rows > 0 {
			out.name = nameOf(out.log, b.w.log(out.log).Epoch(), out.from, out.next, out.starts, out.ends)
			out.tables = append(out.tables, encodeRows(sessionsTable.String(), &b.sessions.rowBlock, out.name.token(sessionsTable.String(), i)))
			b.sessions.reset()
		}
	}
	return nil
}

// encode makes what is in the blocks ready to be sent: events first, since views count them, sessions as they came, the batch last.
func (b *builder) encode(out *batch) error {
	out.name = nameOf(out.log, b.w.log(out.log).Epoch(), out.from, out.next, out.starts, out.ends)
	if b.collect != nil {
		return nil
	}
	var first []tableRows
	for _, t := range []struct {
		id   tableID
		rows *rowBlock
	}{{eventsTable, &b.events.rowBlock}, {lettersTable, &b.letters.rowBlock}, {decisionsTable, &b.decisions.rowBlock}} {
		if t.rows.rows > 0 {
			first = append(first, encodeRows(t.id.String(), t.rows, out.name.token(t.id.String(), 0)))
		}
	}
	out.tables = slices.Concat(first, out.tables)
	if out.setAside != nil {
		out.aside = out.setAside.rows
		out.tables = append(out.tables, encodeRows(asideTable.String(), &out.setAside.rowBlock, out.name.token(asideTable.String(), 0)))
		out.setAside = nil
	}
	last := newBatchBlock()
	marks := ""
	if out.log == eventsID {
		marks = b.marks.text()
	}
	last.add(&out.name, out.ends, out.rows, out.sessions, marks)
	out.tables = append(out.tables, encodeRows(batchesTable.String(), &last.rowBlock, out.name.token(batchesTable.String(), 0)))
	return nil
}

// setAside makes a row of set_aside of a record.
func (b *builder) setAside(out *batch, log, reason, payload string, p *place) {
	if b.collect != nil {
		return
	}
	if out.setAside == nil {
		out.setAside = newAsideBlock()
	}
	out.setAside.add(log, reason, payload, p)
}

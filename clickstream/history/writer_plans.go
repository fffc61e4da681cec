package history

import (
	"context"
	"fmt"
	"time"

	"beckon/clickstream"
)

// sessionsLog is what set_aside calls sessions.
const sessionsLog = "sessions"

// planCursor walks the plan log.
type planCursor struct {
	log    clickstream.Log
	next   uint64 // offset
	reader clickstream.Reader
	batch  batchAt
	parts  []uint64 // offsets of parts since the last batch record
}

func (c *planCursor) close() {
	if c.reader != nil {
		_ = c.reader.Close() // nothing was written through it
		c.reader = nil
	}
	c.batch = batchAt{}
}

// record returns the next record of the plan log; ok=false at its end.
func (c *planCursor) record() (at uint64, payload string, ok bool, err error) {
	b := &c.batch
	if b.at == b.Len() {
		if c.reader == nil {
			if c.reader, err = c.log.Read(0, c.next); err != nil {
				return 0, "", false, fmt.Errorf("read the plan log from offset %d: %w", c.next, err)
			}
		}
		rb, ok, err := c.reader.Next(readBytes)
		if err != nil {
			return 0, "", false, fmt.Errorf("read the plan log at offset %d: %w", c.next, err)
		}
		if !ok {
			return 0, "", false, nil
		}
		c.batch = batchAt{rb, 0}
	}
	at, payload = c.next, b.At(b.at)
	b.at++
	c.next++
	return at, payload, true, nil
}

// plan returns the next stretch that is to be written; ok=false at the end of the log.
func (c *planCursor) plan() (p *heldPlan, ok bool, err error) {
	for {
		at, payload, ok, err := c.record()
		if err != nil || !ok {
			return nil, false, err
		}
		p, err := c.held(at, payload)
		if err != nil {
			c.close()
			c.next = at // it is not passed over
			return nil, false, fmt.Errorf("plan log, offset %d: %w", at, err)
		}
		if p != nil {
			return p, true, nil
		}
	}
}

// held is the stretch that a record names, nil if it names none.
func (c *planCursor) held(at uint64, payload string) (*heldPlan, error) {
	switch planType(payload) {
	case planPart:
		c.parts = append(c.parts, at)
	case planBatch:
		name, parts, err := peekStretch(payload)
		if err != nil {
			return nil, err
		}
		if parts > uint64(len(c.parts)) {
			return nil, fmt.Errorf("%d of its parts are missing", parts-uint64(len(c.parts)))
		}
		p := &heldPlan{stretchName: name, log: eventsID, at: at, parts: append([]uint64(nil), c.parts[uint64(len(c.parts))-parts:]...)}
		p.epoch = string([]byte(p.epoch)) // not a substring of the log's memory
		c.parts = c.parts[:0]
		return p, nil
	case planControl:
		name, err := decodeControl(payload)
		if err != nil {
			return nil, err
		}
		name.epoch = string([]byte(name.epoch))
		return &heldPlan{stretchName: name, log: controlID, at: at}, nil
	}
	return nil, nil
}

// readPlanned reads a plan and the lists of its sessions.
func readPlanned(plans clickstream.Log, h *heldPlan) (p plan, sessions []string, err error) {
	for _, at := range h.parts {
		payload, err := readPlan(plans, at)
		if err != nil {
			return p, nil, err
		}
		if payload == "" {
			continue // erased as a whole
		}
		list, err := decodePart(payload)
		if err != nil {
			return p, nil, fmt.Errorf("plan log, offset %d: %w", at, err)
		}
		sessions = append(sessions, list)
	}
	payload, err := readPlan(plans, h.at)
	if err != nil {
		return p, nil, err
	}
	p, list, err := decodePlan(payload)
	if err != nil {
		return p, nil, fmt.Errorf("plan log, offset %d: %w", h.at, err)
	}
	return p, append(sessions, list), nil
}

// decisions are what was decided about batches and made durable before they were sent.
type decided struct {
	cuts  map[batchStart]uint64
	aside map[asideKey]string // reason
}

type batchStart struct {
	log  logID
	from uint64
}

type asideKey struct {
	batchStart
	table tableID
	row   uint64
}

func (d *decided) take(payload string) error {
	switch planType(payload) {
	case planCut:
		c, err := decodeCut(payload)
		if err != nil {
			return err
		}
		d.cuts[batchStart{c.log, c.from}] = c.next
	case planAside:
		a, err := decodeAside(payload)
		if err != nil {
			return err
		}
		for _, r := range a.rows {
			d.aside[asideKey{batchStart{a.log, a.from}, a.kind, r.seq}] = string([]byte(r.reason))
		}
	}
	return nil
}

// forget drops what was decided about a batch that is written.
func (d *decided) forget(at batchStart) {
	delete(d.cuts, at)
	for k := range d.aside {
		if k.batchStart == at {
			delete(d.aside, k)
		}
	}
}

// refused says whether a row of a batch was decided to be set aside, and why.
func (w *Writer) refused(b *batch, table tableID, row uint64) (reason string, ok bool) {
	if w.asides.Load() == 0 {
		return "", false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	reason, ok = w.decided.aside[asideKey{batchStart{b.log, b.from}, table, row}]
	return reason, ok
}

// decide makes a decision durable, and then known.
func (w *Writer) decide(ctx context.Context, payload []byte) error {
	for wait := firstRoomWait; ; wait = min(2*wait, lastRoomWait) {
		_, err := appendPlan(context.Background(), w.cfg.Plans, payload)
		if err == nil {
			break
		}
		if !noRoom(err) {
			return err
		}
		w.failed(err)
		if !pause(ctx, wait) {
			return ctx.Err()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.decided.take(string(payload))
	w.asides.Store(int64(len(w.decided.aside)))
	return err
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// scan reads the whole plan log for what was decided about batches that are not written yet, and sets the cursor on the first plan that
// is not.
func (w *Writer) scan(c *planCursor) error {
	known := decided{map[batchStart]uint64{}, map[asideKey]string{}}
	all := planCursor{log: w.cfg.Plans, next: w.cfg.Plans.First(0)}
	defer all.close()
	start, found := uint64(0), false
	for {
		at, payload, ok, err := all.record()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		p, err := all.held(at, payload)
		if err == nil {
			err = known.take(payload)
		}
		if err != nil {
			return fmt.Errorf("plan log, offset %d: %w", at, err)
		}
		if p == nil {
			continue
		}
		if p.log == controlID {
			w.planned = max(w.planned, p.next)
		}
		if !found && p.next > w.position[p.log].next {
			found, start = true, p.first()
		}
	}
	for k := range known.cuts {
		if k.from < w.position[k.log].next {
			delete(known.cuts, k)
		}
	}
	for k := range known.aside {
		if k.from < w.position[k.log].next {
			delete(known.aside, k)
		}
	}
	if !found {
		start = all.next
	}
	c.log, c.next = w.cfg.Plans, start
	w.mu.Lock()
	defer w.mu.Unlock()
	w.decided, w.lowPlans = known, start
	w.asides.Store(int64(len(known.aside)))
	return nil
}

// first is the offset of the plan's first record.
func (h *heldPlan) first() uint64 {
	if len(h.parts) > 0 {
		return h.parts[0]
	}
	return h.at
}

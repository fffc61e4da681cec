package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/clickstream"
	"beckon/clickstream/history"
	"beckon/web/text"
)

// Bounds of exports.
const (
	exportsAtOnce = 4
	exportTimeout = 10 * time.Minute
	exportChunk   = 32 << 10
)

// exportVisitor streams everything that is held of a visitor of the key's site as one JSON document, in parts that are bounded in memory:
//
//	{"site","visitor","exported","user","offers":[…],"profile":…|null,"sessions":[…],"events":[…],"orders":[…],"impressions":[…],"dead_letters":[…]}
//
// Each event stands in one of the three lists, in the order of the log; times are Unix ms. It is the history's and, for what is not there yet,
// the log's. A failure in the middle ends the connection, so that what came is no whole document. A visitor of whom nothing is held gets
// empty lists.
func (n *node) exportVisitor(c *fiber.Ctx) error {
	key, id, err := n.ownVisitor(c)
	if err != nil {
		return err
	}
	return n.sendVisitor(c, strings.Clone(key.Site), id)
}

// sendVisitor answers with the export.
func (n *node) sendVisitor(c *fiber.Ctx, site, id string) error {
	source := n.history.source.Load()
	if n.history.configured && (source == nil || n.history.questions.Load() == nil) {
		return overloaded(15*time.Second, "the history is not reached now, so an export would not be whole")
	}
	select {
	case n.exports <- struct{}{}:
	default:
		return overloaded(5*time.Second, "other exports are under way")
	}
	x := &visitorExport{n: n, id: clickstream.VisitorID{Site: site, Visitor: id}}
	if source != nil {
		x.db = source.db
	}
	c.Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Context().SetBodyStream(x.open(), -1)
	return nil
}

// visitorExport is one export. It runs when its reader is read, on the goroutine that reads.
type visitorExport struct {
	n  *node
	id clickstream.VisitorID
	db *history.DB // nil without a ClickHouse

	ctx   context.Context
	buf   []byte
	yield func([]byte, error) bool
	comma bool
}

// open returns the document. Close must be called, and is by whoever sends it.
func (x *visitorExport) open() io.ReadCloser {
	ctx, cancel := context.WithTimeout(x.n.work, exportTimeout)
	x.ctx = ctx
	next, stop := iter.Pull2(x.write)
	return &exportReader{next: next, close: func() {
		stop()
		cancel()
		<-x.n.exports
	}}
}

// exportReader reads chunks as they are made.
type exportReader struct {
	next   func() ([]byte, error, bool)
	close  func()
	chunk  []byte
	closed bool
}

func (r *exportReader) Read(p []byte) (int, error) {
	for len(r.chunk) == 0 {
		chunk, err, ok := r.next()
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, io.EOF
		}
		r.chunk = chunk
	}
	n := copy(p, r.chunk)
	r.chunk = r.chunk[n:]
	return n, nil
}

func (r *exportReader) Close() error {
	if !r.closed {
		r.closed = true
		r.close()
	}
	return nil
}

// errExportEnded says that nobody reads any more.
var errExportEnded = fmt.Errorf("export: %w", io.ErrClosedPipe)

// flush gives away what is in the buffer once it is large enough, or at once.
func (x *visitorExport) flush(now bool) error {
	if len(x.buf) == 0 || !now && len(x.buf) < exportChunk {
		return nil
	}
	if !x.yield(x.buf, nil) {
		return errExportEnded
	}
	x.buf = x.buf[:0]
	return nil
}

// write makes the document.
func (x *visitorExport) write(yield func([]byte, error) bool) {
	x.yield = yield
	err := x.settle()
	for _, part := range []func() error{x.head, x.sessions, x.events, x.letters} {
		if err == nil {
			err = part()
		}
	}
	if err == nil {
		x.buf = append(x.buf, '}', '\n')
		err = x.flush(true)
	}
	if err != nil && !errors.Is(err, errExportEnded) {
		x.n.out.Warn("export of a visitor", "error", err)
		yield(nil, err)
	}
}

// settle waits for the folds and has the plans frozen, so that sessions are what they are now.
func (x *visitorExport) settle() error {
	if err := x.n.impressions.flushed(x.ctx); err != nil {
		return err
	}
	if err := x.n.settle(x.ctx); err != nil {
		return err
	}
	if x.n.history.spool == nil {
		return nil
	}
	return x.n.history.spool.Freeze(x.ctx)
}

func (x *visitorExport) head() error {
	x.buf = append(x.buf, `{"site":`...)
	x.buf = appendText(x.buf, x.id.Site)
	x.buf = append(x.buf, `,"visitor":`...)
	x.buf = appendText(x.buf, x.id.Visitor)
	x.buf = fmt.Appendf(x.buf, `,"exported":%d,"user":`, x.n.now().UnixMilli())
	x.buf = appendText(x.buf, x.n.runner.User(x.id.Site, x.id.Visitor))
	live := []offerAnswer{}
	if o, ok := x.n.folds.offers.Live(x.id.Site, x.n.who(x.id.Site, x.id.Visitor)); ok {
		live = append(live, x.n.shownOffer(x.id.Site, &o, text.For("en")))
	}
	x.buf = append(x.buf, `,"offers":`...)
	if err := x.value(live); err != nil {
		return err
	}
	x.buf = append(x.buf, `,"profile":`...)
	var view clickstream.ShopperView
	if !x.n.runner.ViewDevice(x.id.Site, x.id.Visitor, &view) {
		x.buf = append(x.buf, "null"...)
		return nil
	}
	p := profileOf(x.id.Visitor, nil, &view)
	p.Segments = x.n.appendSegments([]string{}, x.id.Site, &view, x.n.clock(x.id.Site, x.n.now()))
	return x.value(p)
}

// sessions are the history's and the plans'; without either the running one is in the profile.
func (x *visitorExport) sessions() error {
	x.list("sessions")
	var plans clickstream.Log
	if x.n.history.plans != nil {
		plans = x.n.history.plans
	}
	err := history.EachVisitorSession(x.ctx, x.db, plans, x.id, func(s *history.VisitorSession) error {
		return x.item(exportedSessionOf(s))
	})
	x.buf = append(x.buf, ']')
	return err
}

// The lists of events.
var exportLists = []struct {
	name string
	has  func(k clickstream.Kind) bool
}{
	{"events", func(k clickstream.Kind) bool {
		return k != clickstream.Purchase && k != clickstream.Refund && k != clickstream.Impression
	}},
	{"orders", func(k clickstream.Kind) bool { return k == clickstream.Purchase || k == clickstream.Refund }},
	{"impressions", func(k clickstream.Kind) bool { return k == clickstream.Impression }},
}

func (x *visitorExport) events() error {
	for _, l := range exportLists {
		x.list(l.name)
		err := x.eachEvent(func(e *clickstream.Event) error {
			if !l.has(e.Kind) {
				return nil
			}
			return x.item(exportedEventOf(e))
		})
		if err != nil {
			return err
		}
		x.buf = append(x.buf, ']')
	}
	return nil
}

// eachEvent merges the history and the log by Seq: what stands in both is given once.
func (x *visitorExport) eachEvent(each func(e *clickstream.Event) error) error {
	next := func() (uint64, *clickstream.Event, error) { return 0, nil, nil }
	if x.db != nil {
		stored, err := history.OpenVisitorEvents(x.ctx, x.db, x.id)
		if err != nil {
			return err
		}
		defer stored.Close()
		next = stored.Next
	}
	at, e, err := next()
	if err != nil {
		return err
	}
	err = clickstream.EachEvent(x.ctx, x.n.events, x.id, func(seq uint64, held *clickstream.Event) error {
		for e != nil && at <= seq {
			if at < seq {
				if err := each(e); err != nil {
					return err
				}
			}
			if at, e, err = next(); err != nil {
				return err
			}
		}
		return each(held)
	})
	for err == nil && e != nil {
		if err = each(e); err == nil {
			_, e, err = next()
		}
	}
	return err
}

// letters are the history's, then those of the files and the log that it does not have.
func (x *visitorExport) letters() error {
	x.list("dead_letters")
	seen := map[string]bool{}
	each := func(l *clickstream.DeadLetter) error {
		if seen[l.ID] {
			return nil
		}
		seen[l.ID] = true
		return x.item(l)
	}
	if x.db != nil {
		if err := history.EachVisitorLetter(x.ctx, x.db, x.id, each); err != nil {
			return err
		}
	}
	err := x.n.collector.EachLetter(x.ctx, x.id, each)
	x.buf = append(x.buf, ']')
	return err
}

func (x *visitorExport) list(name string) {
	x.buf = append(append(append(x.buf, `,"`...), name...), `":[`...)
	x.comma = false
}

// item adds one element to the list.
func (x *visitorExport) item(v any) error {
	if x.comma {
		x.buf = append(x.buf, ',')
	}
	x.comma = true
	return x.value(v)
}

package history

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"beckon/clickstream"
)

// maxRefused bounds what is set aside of a batch: more, and more than a hundredth, is a fault of the tables and not of the rows.
const maxRefused = 100

// collected is the rows of one table of a batch, one by one.
type collected struct {
	table tableID
	rows  []collectedRow
}

type collectedRow struct {
	key      uint64
	place    place
	found    found
	site     string
	session  plannedSession
	received int64
}

func (c *collected) event(p *place, f found) {
	if c.table == eventsTable {
		c.rows = append(c.rows, collectedRow{key: rowKey(c.table, p, nil), place: *p, found: f})
	}
}

func (c *collected) letter(p *place, site string) {
	if c.table == lettersTable {
		c.rows = append(c.rows, collectedRow{key: rowKey(c.table, p, nil), place: *p, site: site})
	}
}

func (c *collected) session(s *plannedSession, received int64) {
	if c.table == sessionsTable {
		kept := *s
		kept.Steps = slices.Clone(s.Steps)
		c.rows = append(c.rows, collectedRow{key: rowKey(c.table, nil, s), session: kept, received: received})
	}
}

// encode encodes some of the rows for table to.
func (c *collected) encode(rows []collectedRow, to, token string) (tableRows, error) {
	switch c.table {
	case lettersTable:
		b := newLetterBlock()
		for i := range rows {
			b.add(rows[i].site, &rows[i].place)
		}
		return encodeRows(to, &b.rowBlock, token), nil
	case sessionsTable:
		b := newSessionBlock()
		for i := range rows {
			b.add(&rows[i].session, rows[i].received)
		}
		return encodeRows(to, &b.rowBlock, token), nil
	}
	b := newEventBlock()
	var e clickstream.Event
	for i := range rows {
		if err := clickstream.DecodeEvent(rows[i].place.payload, &e); err != nil {
			return tableRows{}, err
		}
		b.add(&e, &rows[i].place, rows[i].found)
	}
	return encodeRows(to, &b.rowBlock, token), nil
}

// setAsideRefused looks for the rows of a batch that ClickHouse refuses by what they hold, by halves, and makes the decision to set
// them aside durable: a retry must send the same others. found is false when no row is refused by itself, or too many are: then the tables
// are at fault, and the batch is tried again.
func (w *Writer) setAsideRefused(ctx context.Context, b *batch, table string, cause error) (found bool, err error) {
	c := collected{table: tableIDs}
	for _, t := range []tableID{eventsTable, lettersTable, sessionsTable} {
		if t.String() == table {
			c.table = t
		}
	}
	if c.table == tableIDs {
		return false, nil
	}
	reader := newBuilder(w)
	defer reader.close()
	reader.collect = &c
	if _, err := reader.build(b.job); err != nil {
		return false, err
	}
	probe, drop, err := w.probe(ctx, table)
	if err != nil {
		return false, err
	}
	defer drop()
	var refused []asideRow
	if err := w.search(ctx, &c, c.rows, probe, &refused); err != nil {
		return false, err
	}
	if len(refused) == 0 {
		return false, nil
	}
	if len(refused) > max(maxRefused, len(c.rows)/100) {
		return false, fmt.Errorf("more than %d of %d rows are refused: %w", len(refused)-1, len(c.rows), cause)
	}
	a := asideRecord{b.log, b.from, c.table, refused}
	return true, w.decide(ctx, a.append(nil))
}

// search appends the rows that are refused alone. It ends early when there are more than may be.
func (w *Writer) search(ctx context.Context, c *collected, rows []collectedRow, probe string, refused *[]asideRow) error {
	if len(rows) == 0 || len(*refused) > max(maxRefused, len(c.rows)/100) {
		return nil
	}
	t, err := c.encode(rows, probe, "")
	if err != nil {
		return err
	}
	err = w.send(ctx, &t)
	switch {
	case err == nil:
		return nil
	case !isContent(err):
		return err
	case len(rows) == 1:
		*refused = append(*refused, asideRow{rows[0].key, reasonOf(err)})
		return nil
	}
	half := len(rows) / 2
	if err := w.search(ctx, c, rows[:half], probe, refused); err != nil {
		return err
	}
	return w.search(ctx, c, rows[half:], probe, refused)
}

// probe makes a table like another that takes rows and keeps none: types, computed columns and constraints refuse what they refuse there.
func (w *Writer) probe(ctx context.Context, table string) (name string, drop func(), err error) {
	name = table + "_probe"
	like, on := w.stored(table)
	run := func(ctx context.Context, text string) error {
		ctx, cancel := context.WithTimeout(ctx, w.cfg.InsertTimeout)
		defer cancel()
		return w.cfg.DB.Exec(ctx, text)
	}
	dropText := "DROP TABLE IF EXISTS " + quoteName(name) + on + " SYNC"
	if err := run(ctx, dropText); err != nil {
		return "", nil, fmt.Errorf("probe %s: %w", table, err)
	}
	if err := run(ctx, "CREATE TABLE "+quoteName(name)+on+" AS "+quoteName(like)+" ENGINE = Null"); err != nil {
		return "", nil, fmt.Errorf("probe %s: %w", table, err)
	}
	return name, func() {
		// It holds nothing: one that stays behind is made anew the next time.
		_ = run(context.WithoutCancel(ctx), dropText)
	}, nil
}

// stored is the table that holds the rows of a table of this name, and what makes a statement reach all servers.
func (w *Writer) stored(table string) (name, on string) {
	if c, ok := w.cfg.DB.(interface{ Cluster() string }); ok && c.Cluster() != "" {
		return table + "_local", " ON CLUSTER " + quoteName(c.Cluster())
	}
	return table, ""
}

// maxReason bounds a reason, in bytes.
const maxReason = 300

// reasonOf is what ClickHouse said, without the row's values, which are somebody's.
func reasonOf(err error) string {
	code := codeOf(err)
	reason := fmt.Sprintf("%s (%d)", contentCodes[code], code)
	var message string
	if code == codeViolatedConstraint {
		message = err.Error()
		if i := strings.Index(message, "Constraint"); i >= 0 {
			message = message[i:]
		}
		for _, values := range []string{" Column values", ". Column values", "Expression"} {
			message, _, _ = strings.Cut(message, values)
		}
	}
	if message != "" {
		reason += ": " + strings.TrimRight(message[:min(len(message), maxReason)], ". ")
	}
	return strings.ToValidUTF8(reason, "")
}

// withFound puts what the folds found of an event before the reason why it was refused: [late,machine,repeat].
func withFound(f found, reason string) string {
	var list []string
	for _, x := range []struct {
		is   bool
		name string
	}{{f.late, "late"}, {f.machine, "machine"}, {f.repeat, "repeat"}} {
		if x.is {
			list = append(list, x.name)
		}
	}
	if list == nil {
		return reason
	}
	return "[" + strings.Join(list, ",") + "] " + reason
}

func foundIn(reason string) (f found) {
	text, ok := strings.CutPrefix(reason, "[")
	if !ok {
		return f
	}
	text, _, _ = strings.Cut(text, "]")
	for name := range strings.SplitSeq(text, ",") {
		switch name {
		case "late":
			f.late = true
		case "machine":
			f.machine = true
		case "repeat":
			f.repeat = true
		}
	}
	return f
}

package history

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/clickstream"
)

// How much one statement names at most.
const (
	eraseVisitors = 100
	eraseSeqs     = 5000
)

// erasedTables are those whose rows name their visitor by visitor_hash, with the column that says where in the log a row came from. Statements
// say hashes and numbers only: ClickHouse keeps the text of mutations.
var erasedTables = [...]erasedTable{
	{"events", "seq"},
	{"impressions", "seq"},
	{"orders", "seq"},
	{"sampled", "seq"},
	{"sessions", "version"},
}

type erasedTable struct{ table, seq string }

// otherErasedTables are changed in other ways.
var otherErasedTables = [...]string{"visitor_days", "dead_letters", "set_aside"}

// Leftovers are parts that hold rows which were erased until ClickHouse removes them.
type Leftovers map[string]bool

// Erase deletes every row of visitors from before their erase records: events, sessions, impressions, orders, the sample, dead letters and
// rows set aside, and counts their days anew from what came later. It returns when ClickHouse has done it on all replicas. It can be repeated, and must
// be done while the Writer is paused, after the logs have lost the visitors, so that nothing of them comes again. What stays in daily and
// daily_items are counts, and in daily's visitors a sketch of 32-bit hashes.
//
// Old parts stay on the disk for the tables' old_parts_lifetime; Leftovers names them for AwaitGone.
func Erase(ctx context.Context, db *DB, visitors []ErasedVisitor) (Leftovers, error) {
	e := eraser{db}
	for from := 0; from < len(visitors); from += eraseVisitors {
		some := visitors[from:min(from+eraseVisitors, len(visitors))]
		for _, t := range erasedTables {
			if err := e.delete(ctx, t.table, whereErased(some, t.seq)); err != nil {
				return nil, err
			}
		}
		if err := e.days(ctx, some); err != nil {
			return nil, err
		}
	}
	if err := e.letters(ctx, visitors); err != nil {
		return nil, err
	}
	if err := e.aside(ctx, visitors); err != nil {
		return nil, err
	}
	return e.leftovers(ctx)
}

type eraser struct{ db *DB }

// store is the table that holds a table's rows, and on which servers a change of it is to be made.
func (e *eraser) store(table string) string {
	if e.db.Cluster() == "" {
		return table
	}
	return table + "_local ON CLUSTER `" + e.db.Cluster() + "`"
}

// delete deletes rows, if there are any: a mutation goes over every part.
func (e *eraser) delete(ctx context.Context, table, where string) error {
	var n uint64
	if err := e.db.QueryRow(ctx, "SELECT count() FROM "+table+" WHERE "+where).Scan(&n); err != nil {
		return fmt.Errorf("erase from %s: %w", table, err)
	}
	if n == 0 {
		return nil
	}
	if err := e.db.Exec(ctx, "ALTER TABLE "+e.store(table)+" DELETE WHERE "+where+" SETTINGS mutations_sync = 2"); err != nil {
		return fmt.Errorf("erase from %s: %w", table, err)
	}
	return nil
}

// whereErased matches rows of visitors below their erase records.
func whereErased(visitors []ErasedVisitor, seq string) string {
	var b strings.Builder
	for i := range visitors {
		v := &visitors[i]
		if i > 0 {
			b.WriteString(" OR ")
		}
		fmt.Fprintf(&b, "(site = %s AND visitor_hash = %d", quoteText(v.Site), clickstream.VisitorHash(v.Visitor))
		if seq != "" {
			fmt.Fprintf(&b, " AND %s < %d", seq, v.At.Seq)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// days counts the visitors' days anew: rows there have no place in the log, so all go, and what came after the erasure is put back from
// events. The rows that are put back must not be taken for a repetition of themselves, hence without deduplication.
func (e *eraser) days(ctx context.Context, visitors []ErasedVisitor) error {
	all := whereErased(visitors, "")
	if err := e.delete(ctx, "visitor_days", all); err != nil {
		return err
	}
	err := e.db.Exec(ctx, `INSERT INTO visitor_days (site, day, visitor_hash, events, views, carts, purchases, received) SETTINGS insert_deduplicate = 0, distributed_foreground_insert = 1
		SELECT site, toDate(time) AS day, visitor_hash, count() AS events, countIf(name = 'view_item') AS views, countIf(name = 'add_to_cart') AS carts,
			countIf(name = 'purchase' AND NOT repeat) AS purchases, toDateTime(max(received), 'UTC') AS received
		FROM events WHERE NOT machine AND (`+all+`) GROUP BY site, day, visitor_hash`)
	if err != nil {
		return fmt.Errorf("count days of erased visitors anew: %w", err)
	}
	return nil
}

// letters deletes dead letters, which name visitors in what came only.
func (e *eraser) letters(ctx context.Context, visitors []ErasedVisitor) error {
	var seqs []uint64
	for _, site := range sitesOf(visitors) {
		rows, err := e.db.Query(ctx, "SELECT seq, offset, payload FROM dead_letters WHERE site = "+quoteText(site))
		if err != nil {
			return fmt.Errorf("read dead letters: %w", err)
		}
		for rows.Next() {
			var seq, offset uint64
			var payload string
			if err := rows.Scan(&seq, &offset, &payload); err != nil {
				rows.Close()
				return fmt.Errorf("read dead letters: %w", err)
			}
			if letterErased(payload, offset, visitors) {
				seqs = append(seqs, seq)
			}
		}
		err = rows.Err()
		rows.Close()
		if err != nil {
			return fmt.Errorf("read dead letters: %w", err)
		}
	}
	return e.deleteSeqs(ctx, "dead_letters", "", seqs)
}

// aside deletes rows that were set aside: events, letters and sessions of the visitors.
func (e *eraser) aside(ctx context.Context, visitors []ErasedVisitor) error {
	rows, err := e.db.Query(ctx, "SELECT log, seq, offset, payload FROM set_aside")
	if err != nil {
		return fmt.Errorf("read what was set aside: %w", err)
	}
	defer rows.Close()
	seqs := map[string][]uint64{}
	for rows.Next() {
		var log, payload string
		var seq, offset uint64
		if err := rows.Scan(&log, &seq, &offset, &payload); err != nil {
			return fmt.Errorf("read what was set aside: %w", err)
		}
		if asideErased(log, payload, seq, offset, visitors) {
			seqs[log] = append(seqs[log], seq)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read what was set aside: %w", err)
	}
	for _, log := range []string{eventsLog, sessionsLog} {
		if err := e.deleteSeqs(ctx, "set_aside", "log = "+quoteText(log)+" AND ", seqs[log]); err != nil {
			return err
		}
	}
	return nil
}

func letterErased(payload string, offset uint64, visitors []ErasedVisitor) bool {
	for i := range visitors {
		if v := &visitors[i]; offset < v.At.Intake && clickstream.LetterNames(payload, v.VisitorID) {
			return true
		}
	}
	return false
}

func asideErased(log, payload string, seq, offset uint64, visitors []ErasedVisitor) bool {
	if site, visitor, ok := AsideVisitor(log, payload); ok {
		for i := range visitors {
			if v := &visitors[i]; v.Site == site && v.Visitor == visitor && seq < v.At.Seq {
				return true
			}
		}
		return false
	}
	return log == eventsLog && letterErased(payload, offset, visitors)
}

func (e *eraser) deleteSeqs(ctx context.Context, table, and string, seqs []uint64) error {
	for from := 0; from < len(seqs); from += eraseSeqs {
		var list strings.Builder
		for i, seq := range seqs[from:min(from+eraseSeqs, len(seqs))] {
			if i > 0 {
				list.WriteByte(',')
			}
			list.WriteString(strconv.FormatUint(seq, 10))
		}
		if err := e.delete(ctx, table, and+"seq IN ("+list.String()+")"); err != nil {
			return err
		}
	}
	return nil
}

// leftovers names the parts that are not read any more, whatever replaced them: an attempt before this one may have done it.
func (e *eraser) leftovers(ctx context.Context) (Leftovers, error) {
	return e.inactive(ctx, func(table, _ string) bool {
		table = strings.TrimSuffix(table, "_local")
		return slices.Contains(otherErasedTables[:], table) || slices.ContainsFunc(erasedTables[:], func(t erasedTable) bool { return t.table == table })
	})
}

func (e *eraser) inactive(ctx context.Context, want func(table, part string) bool) (Leftovers, error) {
	from := "system.parts"
	if c := e.db.Cluster(); c != "" {
		from = "clusterAllReplicas('" + c + "', system.parts)"
	}
	rows, err := e.db.Query(ctx, "SELECT table, name FROM "+from+" WHERE database = currentDatabase() AND NOT active")
	if err != nil {
		return nil, fmt.Errorf("read parts: %w", err)
	}
	defer rows.Close()
	l := Leftovers{}
	for rows.Next() {
		var table, part string
		if err := rows.Scan(&table, &part); err != nil {
			return nil, fmt.Errorf("read parts: %w", err)
		}
		if want(table, part) {
			l[table+" "+part] = true
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read parts: %w", err)
	}
	return l, nil
}

// look wakes the cleanup of tables with left parts, as ClickHouse does whenever cleanup is allowed again. A user who may not allow it only waits
// for longer, so errors do not count.
func (e *eraser) look(ctx context.Context, l Leftovers) {
	var tables []string
	for name := range l {
		table, _, _ := strings.Cut(name, " ")
		if !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	on := ""
	if c := e.db.Cluster(); c != "" {
		on = " ON CLUSTER `" + c + "`"
	}
	for _, table := range tables {
		if err := e.db.Exec(ctx, "SYSTEM START CLEANUP"+on+" `"+e.db.Database()+"`."+table); err != nil {
			return
		}
	}
}

func sitesOf(visitors []ErasedVisitor) []string {
	var sites []string
	seen := map[string]bool{}
	for i := range visitors {
		if s := visitors[i].Site; !seen[s] {
			seen[s] = true
			sites = append(sites, s)
		}
	}
	return sites
}

// AwaitGone waits until l is gone from the disk: the tables' old_parts_lifetime, which is half a minute, and then ClickHouse's next look. That
// may come five minutes later where little happens (max_cleanup_delay_period), so it is asked to look.
func AwaitGone(ctx context.Context, db *DB, l Leftovers) error {
	if len(l) == 0 {
		return nil
	}
	e := eraser{db}
	for {
		left, err := e.inactive(ctx, func(table, part string) bool { return l[table+" "+part] })
		if len(left) == 0 || err != nil {
			return err
		}
		e.look(ctx, l)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

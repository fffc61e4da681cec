package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
	"beckon/clickstream/history"
	"beckon/clickstream/history/engine"
)

// history compares what is in ClickHouse with the logs and the ledger: the embedded engine's data if there are any, or what is at url.
func (v *verifier) history(ctx context.Context, e env, dir dataDir, url string, sites []clickstream.SiteAudit) (err error) {
	if url == "" {
		if _, err := os.Stat(dir.history()); errors.Is(err, fs.ErrNotExist) {
			if e.getenv("BECKON_CLICKHOUSE_URL") != "" {
				fmt.Fprintln(v.out, "history      not verified: name its server with --history URL")
			}
			return nil
		} else if err != nil {
			return err
		}
	}
	source, err := openSource(ctx, dir, url, e.getenv(engine.LibraryVariable), slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.close(context.WithoutCancel(ctx))) }()
	bar := stepBar(e.stderr, "history")
	found, err := history.Verify(ctx, source.db.Conn, steps(bar))
	if err := errors.Join(err, bar.Close()); err != nil {
		return err
	}
	v.bad = append(v.bad, found.Bad...)
	if found.Events.Batches == 0 {
		fmt.Fprintln(v.out, "history      empty")
		return nil
	}
	fmt.Fprintf(v.out, "history      %d batches, records %d to %d, %d rows, %d of them set aside, %d missing\n",
		found.Events.Batches, found.Events.From, found.Events.Next, found.Rows, found.SetAside, found.Missing())
	if found.Ahead > 0 {
		fmt.Fprintf(v.out, "history      %d rows of a batch that was cut short; the writer sends it again\n", found.Ahead)
	}
	log, err := eventlog.Open(eventlog.Config{Dir: dir.events()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	if !v.position(log, &found.Events) {
		return nil
	}
	return v.historyLedger(log, found, sites)
}

// position says whether the history's position lies within the log.
func (v *verifier) position(log *eventlog.Log, x *history.Extent) bool {
	cut := log.Cut(nil)
	switch {
	case x.Epoch != log.Epoch():
		v.bad = append(v.bad, fmt.Errorf("history is of the log's epoch %s, the log is %s", x.Epoch, log.Epoch()))
	case x.Next > cut.Seq:
		v.bad = append(v.bad, fmt.Errorf("history's position is %d, beyond the log's end %d", x.Next, cut.Seq))
	case len(x.Ends) != len(cut.Ends):
		v.bad = append(v.bad, fmt.Errorf("history has %d partitions, the log %d", len(x.Ends), len(cut.Ends)))
	default:
		for p, end := range x.Ends {
			if end > cut.Ends[p] {
				v.bad = append(v.bad, fmt.Errorf("history's position in partition %d is %d, beyond the log's end %d", p, end, cut.Ends[p]))
				return false
			}
		}
		return true
	}
	return false
}

// historyLedger compares, by site, the rows with the ledger as it was at the history's position: the ledger less what the log has after it.
func (v *verifier) historyLedger(log *eventlog.Log, found *history.Verified, sites []clickstream.SiteAudit) error {
	if found.Events.From != 0 {
		fmt.Fprintf(v.out, "history      begins at record %d: the ledger of what came before is not compared\n", found.Events.From)
		return nil
	}
	after, err := countAfter(log, found.Events.Ends)
	if err != nil {
		return err
	}
	missing := int64(found.Missing())
	for _, a := range sites {
		l, rows := a.Ledger, found.Sites[a.Site]
		stored, generated := l.Stored-l.Erased-after[a.Site].Stored, l.Generated-after[a.Site].Generated
		// Of generated events the ledger does not say how many were erased: they are within what is missing, and what is erased of the
		// others is too.
		missing -= l.Erased + max(generated-rows.Generated, 0)
		if rows.Stored != stored || rows.Generated > generated {
			v.bad = append(v.bad, fmt.Errorf("history of site %s: %d rows and %d generated, the ledger says %d and %d", a.Site, rows.Stored, rows.Generated, stored, generated))
		}
	}
	if missing > 0 {
		v.bad = append(v.bad, fmt.Errorf("history: %d rows are missing that were not erased: %s", missing, shortfalls(found.Short)))
	}
	return nil
}

// maxShortfalls bounds what an error lists.
const maxShortfalls = 5

func shortfalls(list []history.Shortfall) string {
	var parts []string
	for _, s := range list[:min(len(list), maxShortfalls)] {
		parts = append(parts, fmt.Sprintf("%d of records %d to %d", s.Rows, s.From, s.Next))
	}
	if len(list) > maxShortfalls {
		parts = append(parts, fmt.Sprintf("and of %d batches more", len(list)-maxShortfalls))
	}
	return strings.Join(parts, ", ")
}

// countAfter counts the events of the log from ends on, by site.
func countAfter(log *eventlog.Log, ends []uint64) (map[string]history.SiteCount, error) {
	count := map[string]history.SiteCount{}
	var e clickstream.Event
	for p := range log.Partitions() - 1 {
		r, err := log.Read(p, max(ends[p], log.First(p)))
		if err != nil {
			return nil, err
		}
		for {
			b, ok, err := r.Next(1 << 20)
			if err != nil {
				return nil, errors.Join(err, r.Close())
			}
			if !ok {
				break
			}
			for i := range b.Len() {
				if clickstream.RecordType(b.At(i)) != clickstream.RecordEvent {
					continue
				}
				if err := clickstream.DecodeEvent(b.At(i), &e); err != nil {
					return nil, errors.Join(err, r.Close())
				}
				n, known := count[e.Site]
				if !known {
					e.Site = strings.Clone(e.Site) // the key outlives the batch
				}
				if e.Generated {
					n.Generated++
				} else {
					n.Stored++
				}
				count[e.Site] = n
			}
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	return count, nil
}

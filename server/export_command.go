package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"beckon/clickstream/history"
)

// exportCommand writes a range of the history as Parquet files: through the running server where one runs on the data folder.
func exportCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("export", "--from 2026-01-01 --to 2026-02-01 [--site S] [--table events] [--by day|month] [--data DIR] TARGET")
	data := e.dataFlag(fs)
	from := fs.String("from", "", "first day, or instant as 2026-01-01T12:00:00Z; UTC")
	to := fs.String("to", "", "the day or instant after the last")
	site := fs.String("site", "", "one site only")
	table := fs.String("table", "events", "one of "+strings.Join(history.ExportTables(), ", "))
	by := fs.String("by", "", "a file for each `day` or month; default day, for more than 92 days month")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("export: a folder, s3://bucket/prefix or https://host/bucket/prefix is needed")
	}
	if *from == "" || *to == "" {
		return usagef("export: --from and --to are needed")
	}
	ask := map[string]string{
		"from": *from, "to": *to, "site": *site, "table": *table, "by": *by, "target": rest[0],
		"endpoint": e.getenv("AWS_ENDPOINT_URL"), "region": e.getenv("AWS_REGION"), "key": e.getenv("AWS_ACCESS_KEY_ID"), "secret": e.getenv("AWS_SECRET_ACCESS_KEY"),
	}
	if !isURL(rest[0]) {
		if ask["target"], err = filepath.Abs(rest[0]); err != nil {
			return err
		}
	}
	if _, err := exportConfig(ask); err != nil {
		return usagef("export: %v", err)
	}
	var m history.ExportManifest
	if s, ok := runningServer(dataDir(*data)); ok {
		stop := watchWork(ctx, e.stderr, *table, s.progress)
		err = s.send(ctx, operation{Name: "export", Args: ask}, &m)
		stop()
	} else {
		m, err = exportAlone(ctx, e, dataDir(*data), ask)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "exported %d rows of %s in %d files to %s\n", m.Rows, m.Table, len(m.Files), rest[0])
	return nil
}

func isURL(target string) bool { return strings.Contains(target, "://") }

// exportConfig is what an operation's arguments ask for.
func exportConfig(args map[string]string) (cfg history.ExportConfig, err error) {
	cfg = history.ExportConfig{Table: args["table"], Site: args["site"], By: args["by"]}
	if cfg.From, err = parseInstant("from", args["from"]); err != nil {
		return cfg, err
	}
	if cfg.To, err = parseInstant("to", args["to"]); err != nil {
		return cfg, err
	}
	if isURL(args["target"]) {
		cfg.S3 = history.S3Target{URL: args["target"], Endpoint: args["endpoint"], Region: args["region"], KeyID: args["key"], KeySecret: args["secret"]}
	} else {
		cfg.Dir = args["target"]
	}
	return cfg, cfg.Check()
}

func parseInstant(name, text string) (time.Time, error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s: %q is not a day as 2026-01-31 or an instant as 2026-01-31T12:00:00Z", name, text)
}

// export executes the operation on the running installation.
func (n *node) export(ctx context.Context, args map[string]string) (*history.ExportManifest, error) {
	cfg, err := exportConfig(args)
	if err != nil {
		return nil, err
	}
	if !n.history.configured {
		return nil, fmt.Errorf("no history is kept here: %s", *n.history.trouble.Load())
	}
	source := n.history.source.Load()
	if source == nil {
		return nil, n.history.away()
	}
	n.copying.Lock()
	defer n.copying.Unlock()
	n.longWork.set(0, 0)
	cfg.DB, cfg.Progress = source.db.Conn, n.longWork.set
	return history.Export(ctx, cfg)
}

// exportAlone exports from a data folder on which no server runs, or from BECKON_CLICKHOUSE_URL.
func exportAlone(ctx context.Context, e env, dir dataDir, args map[string]string) (history.ExportManifest, error) {
	cfg, err := exportConfig(args)
	if err != nil {
		return history.ExportManifest{}, err
	}
	source, err := openHistoryAlone(ctx, e, dir)
	if err != nil {
		return history.ExportManifest{}, err
	}
	bar := stepBar(e.stderr, cfg.Table)
	cfg.DB, cfg.Progress = source.db.Conn, steps(bar)
	m, err := history.Export(ctx, cfg)
	err = errors.Join(err, bar.Close(), source.close(context.WithoutCancel(ctx)))
	if err != nil {
		return history.ExportManifest{}, err
	}
	return *m, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"beckon/clickstream/history"
	"beckon/clickstream/history/engine"
	"beckon/migrations"
)

// historySource is a ClickHouse that was reached: a server by URL, or the embedded engine of a data folder.
type historySource struct {
	db     *history.DB
	engine *engine.Engine // nil with a URL
}

// openSource connects to url or, when it is empty, starts the embedded engine of dir. With a URL nothing is reached yet. Without
// the engine's library the error is an *engine.MissingError.
func openSource(ctx context.Context, dir dataDir, url, library string, out *slog.Logger) (*historySource, error) {
	if url != "" {
		db, err := history.Connect(history.Config{URL: url})
		if err != nil {
			return nil, err
		}
		return &historySource{db: db}, nil
	}
	path, err := engine.Library(library)
	if err != nil {
		return nil, err
	}
	child, err := engine.Start(ctx, engine.Config{Library: path, Dir: dir.history(), Log: func(line string) { out.Info("ClickHouse engine", "says", line) }})
	if err != nil {
		return nil, fmt.Errorf("start the embedded ClickHouse engine: %w", err)
	}
	db, err := history.Connect(history.Config{Options: child.Options()})
	if err != nil {
		return nil, errors.Join(err, child.Close(ctx))
	}
	return &historySource{db, child}, nil
}

// migrate makes the database if it is missing and brings its schema up to date. With cfg.DryRun it changes nothing.
func (s *historySource) migrate(ctx context.Context, cfg migrations.Config) ([]migrations.Step, error) {
	cfg.Cluster, cfg.Replicated = s.db.Cluster(), s.db.Replicated()
	there, err := s.db.Exists(ctx)
	if err != nil {
		return nil, err
	}
	if !there && cfg.DryRun {
		empty, err := s.db.Empty()
		if err != nil {
			return nil, err
		}
		steps, err := migrations.Apply(ctx, empty, s.db.Database(), cfg)
		return steps, errors.Join(err, empty.Close())
	}
	if err := s.db.Prepare(ctx); err != nil {
		return nil, err
	}
	return migrations.Apply(ctx, s.db, s.db.Database(), cfg)
}

func (s *historySource) close(ctx context.Context) error {
	err := s.db.Close()
	if s.engine != nil {
		err = errors.Join(err, s.engine.Close(ctx))
	}
	return err
}

// openSourceAlone is openSource for one operator's command: by BECKON_CLICKHOUSE_URL, else the engine of a data folder on which no
// server runs.
func openSourceAlone(ctx context.Context, e env, dir dataDir) (*historySource, error) {
	url := e.getenv("BECKON_CLICKHOUSE_URL")
	if _, ok := runningServer(dir); ok && url == "" {
		return nil, fmt.Errorf("a server runs on %s and has its history open", dir)
	}
	return openSource(ctx, dir, url, e.getenv(engine.LibraryVariable), slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

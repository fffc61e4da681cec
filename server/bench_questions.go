package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"beckon/clickstream/history"
	"beckon/migrations"
)

// askedEach is how often each question is asked of each range.
const askedEach = 5

// benchQuestions measures what a dashboard asks of 50 M events that span 90 days: each question over the last 7 and 30 days.
func benchQuestions(ctx context.Context, b *bench) (figures []figure, err error) {
	source, err := openSource(ctx, dataDir(b.dir), "", b.e.getenv("BECKON_CHDB_LIB"), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.close(context.WithoutCancel(ctx))) }()
	end := time.Now().Truncate(24 * time.Hour)
	if err := b.fillHistory(ctx, source, end); err != nil {
		return nil, err
	}
	for _, fast := range []bool{true, false} {
		for _, days := range []int{7, 30} {
			f, err := b.questions(ctx, source.db, end, days, fast)
			if err != nil {
				return nil, err
			}
			figures = append(figures, f...)
		}
	}
	return figures, nil
}

// questions asks everything of the last days, one after the other as a page does.
func (b *bench) questions(ctx context.Context, db *history.DB, end time.Time, days int, fast bool) ([]figure, error) {
	q := history.NewQuestions(db, history.QuestionsConfig{})
	scope := history.Scope{
		Site: history.BenchSite, From: end.AddDate(0, 0, -days).UnixMilli(), To: end.UnixMilli(), Fast: fast, Timeout: history.MaxTimeout,
	}
	var all []float64
	slowest, name := 0.0, ""
	for _, one := range history.EveryQuestion(scope) {
		var took []float64
		for range askedEach {
			begin := time.Now()
			if _, err := one.Ask(ctx, q); err != nil {
				return nil, fmt.Errorf("%s over %d days: %w", one.Name, days, err)
			}
			took = append(took, micros(time.Since(begin))/1000)
		}
		all = append(all, took...)
		if median := quantile(took, .5); median > slowest {
			slowest, name = median, one.Name
		}
	}
	what := fmt.Sprintf("questions over %d days, exact", days)
	floor := 0.0
	if fast {
		what, floor = fmt.Sprintf("questions over %d days, as a page asks", days), 300
	}
	p95 := atMost(what+", p95", quantile(all, .95), "ms", floor)
	p95.Note = fmt.Sprintf("(slowest by median: %s, %.0f ms)", name, slowest)
	return []figure{atMost(what+", p50", quantile(slices.Clone(all), .5), "ms", 0), p95}, nil
}

// fillHistory puts 50 M events of 90 days before end into an empty ClickHouse.
func (b *bench) fillHistory(ctx context.Context, source *historySource, end time.Time) error {
	if _, err := source.migrate(ctx, migrations.Config{}); err != nil {
		return err
	}
	begin := time.Now()
	if err := history.FillForBench(ctx, source.db, int64(b.count(50_000_000)), end, nil); err != nil {
		return err
	}
	b.say("   filled in %v", time.Since(begin).Round(time.Second))
	return nil
}

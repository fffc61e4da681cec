package main

import (
	"bufio"
	"context"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// benchHistory measures the writer into the embedded engine and the dashboard's questions. The writer starts on a log whose events came
// while there was no ClickHouse, so nothing but it and the engine works.
func benchHistory(ctx context.Context, b *bench) ([]figure, error) {
	s, err := b.installation(ctx, "history")
	if err != nil {
		return nil, err
	}
	n := b.count(3_000_000)
	if err := s.fillLog(ctx, b, n); err != nil {
		return nil, err
	}
	if err := s.startChild(ctx, b.e, "--history", "auto"); err != nil {
		return nil, err
	}
	begin, begun := time.Now(), 0.0
	for begun == 0 { // until the engine is up and has the first batch
		if begun, err = s.metric(ctx, "beckon_history_rows_total"); err != nil {
			s.kill()
			return nil, err
		}
		begin = time.Now()
	}
	if err := s.operate(ctx, operation{Name: "settle history"}, new(any)); err != nil {
		s.kill()
		return nil, err
	}
	took := time.Since(begin)
	all, err := s.metric(ctx, "beckon_history_rows_total")
	if err != nil {
		s.kill()
		return nil, err
	}
	sessions, err := s.metric(ctx, "beckon_history_session_versions_total")
	if err != nil {
		s.kill()
		return nil, err
	}
	if err := s.stop(); err != nil {
		return nil, err
	}
	questions, err := benchQuestions(ctx, b)
	return append([]figure{
		atLeast("event rows written to the embedded engine", (all-begun)/took.Seconds(), "/s", 300_000),
		atLeast("session versions beside them", sessions/all, "× events", 0),
	}, questions...), err
}

// fillLog imports n events into a server that has no ClickHouse, and ends it.
func (s *benchServer) fillLog(ctx context.Context, b *bench, n int) error {
	none := b.e
	none.getenv = func(name string) string {
		if name == "BECKON_CHDB_LIB" {
			return filepath.Join(s.dir, "none")
		}
		return b.e.getenv(name)
	}
	if err := s.start(ctx, none, "--history", "auto"); err != nil {
		return err
	}
	if err := s.putItems(ctx, numberedItems(listed)); err != nil {
		return err
	}
	if err := s.importViews(ctx, live(n, 200_000, listed)); err != nil {
		return err
	}
	if err := s.settled(ctx); err != nil {
		return err
	}
	return s.stop()
}

// metric reads one unlabelled number from the ops address, 0 while it is not there.
func (s *benchServer) metric(ctx context.Context, name string) (value float64, err error) {
	req, err := http.NewRequestWithContext(ctx, "GET", s.ops+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(text, 64)
		}
	}
	return 0, lines.Err()
}

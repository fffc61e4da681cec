package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"beckon/server/shop"
)

// Of the pages' measurement: how often each is asked, and the dashboard user who asks.
const (
	pageAskedEach = 20
	benchUser     = "bench"
	benchPassword = "only for a measurement"
)

// benchPages measures the dashboard's pages as a browser gets them, beside 50 M events of history and a shop with 20,000 items whose
// shoppers are there now. What a page asks of the history it fetches afterwards: those parts are measured apart.
func benchPages(ctx context.Context, b *bench) ([]figure, error) {
	s, err := b.installation(ctx, "pages")
	if err != nil {
		return nil, err
	}
	if err := b.fillPast(ctx, dataDir(s.dir)); err != nil {
		return nil, err
	}
	user := operation{"admin add", map[string]string{"name": benchUser, "password": benchPassword, "role": string(shop.Admin)}}
	if err := operateOn(ctx, b.e, dataDir(s.dir), user, new(any)); err != nil {
		return nil, err
	}
	if err := s.startChild(ctx, b.e, "--history", "auto"); err != nil {
		return nil, err
	}
	figures, err := s.benchPages(ctx, b)
	return figures, errors.Join(err, s.stop())
}

// fillPast fills the ClickHouse of a data folder that no server runs on.
func (b *bench) fillPast(ctx context.Context, dir dataDir) (err error) {
	source, err := openSource(ctx, dir, "", b.e.getenv("BECKON_CHDB_LIB"), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.close(context.WithoutCancel(ctx))) }()
	return b.fillHistory(ctx, source, time.Now().Truncate(24*time.Hour))
}

func (s *benchServer) benchPages(ctx context.Context, b *bench) ([]figure, error) {
	if err := s.putItems(ctx, numberedItems(listed)); err != nil {
		return nil, err
	}
	if err := s.importViews(ctx, live(b.count(400_000), 40_000, listed)); err != nil {
		return nil, err
	}
	if err := s.settled(ctx); err != nil {
		return nil, err
	}
	for begun := 0.0; begun == 0; { // until the engine is up and has the first batch
		var err error
		if begun, err = s.metric(ctx, "beckon_history_rows_total"); err != nil {
			return nil, err
		}
	}
	if err := s.operate(ctx, operation{Name: "settle history"}, new(any)); err != nil {
		return nil, err
	}
	r := reader{url: s.url}
	if err := r.login(ctx); err != nil {
		return nil, err
	}
	var pages, parts []float64
	slowest, slowestPart, heaviest := timedPage{}, timedPage{}, timedPage{}
	for _, path := range pagePaths() {
		p, fragments, err := r.page(ctx, path, pageAskedEach)
		if err != nil {
			return nil, err
		}
		pages = append(pages, p.took...)
		slowest = slower(slowest, p)
		if p.bytes > heaviest.bytes {
			heaviest = p
		}
		for _, f := range fragments {
			part, _, err := r.page(ctx, f, 1) // answers are kept for a minute: only the first asks the history
			if err != nil {
				return nil, err
			}
			parts = append(parts, part.took...)
			slowestPart = slower(slowestPart, part)
		}
	}
	p95 := atMost("pages of the dashboard, p95", quantile(slices.Clone(pages), .95), "ms", 150)
	p95.Note = fmt.Sprintf("(slowest by median: %s, %.0f ms)", slowest.path, quantile(slices.Clone(slowest.took), .5))
	weight := atMost("heaviest page with its assets, compressed", float64(heaviest.bytes)/1000, "KB", 100)
	weight.Note = "(" + heaviest.path + ")"
	figures := []figure{atMost("pages of the dashboard, p50", quantile(slices.Clone(pages), .5), "ms", 0), p95, weight}
	if len(parts) > 0 {
		later := atMost("parts fetched afterwards from 50 M events, p95", quantile(slices.Clone(parts), .95), "ms", 0)
		later.Note = fmt.Sprintf("(slowest: %s, %.0f ms)", slowestPart.path, slowestPart.took[0])
		figures = append(figures, atMost("parts fetched afterwards from 50 M events, p50", quantile(slices.Clone(parts), .5), "ms", 0), later)
	}
	return figures, nil
}

// pagePaths are the pages that need no id.
func pagePaths() []string {
	var paths []string
	for _, r := range new(node).adminRoutes() {
		whole := r.method == "GET" && r.role != anyone && !strings.Contains(r.path, ":") && !strings.Contains(r.path, "*")
		if whole && (strings.Count(r.path, "/") <= 2) && r.path != "/admin/frames" {
			paths = append(paths, r.path)
		}
	}
	return paths
}

type timedPage struct {
	path  string
	took  []float64 // ms
	bytes int       // with assets, as they travel
}

func slower(a, b timedPage) timedPage {
	if len(a.took) == 0 || quantile(slices.Clone(b.took), .5) > quantile(slices.Clone(a.took), .5) {
		return b
	}
	return a
}

// reader is a browser that looks at pages and does not run their scripts.
type reader struct {
	url    string
	client http.Client
	assets map[string]int // bytes, by address
}

var (
	csrfField = regexp.MustCompile(`name="csrf" value="([^"]*)"`)
	deferred  = regexp.MustCompile(`data-src="([^"]*)"`)
	assetRef  = regexp.MustCompile(`(?:src|href)="(/admin/assets/[^"]*)"`)
)

func (r *reader) login(ctx context.Context) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	r.client, r.assets = http.Client{Jar: jar}, map[string]int{}
	body, _, err := r.get(ctx, "/admin/login")
	if err != nil {
		return err
	}
	token := csrfField.FindSubmatch(body)
	if token == nil {
		return errors.New("the login page has no form")
	}
	form := url.Values{"user": {benchUser}, "password": {benchPassword}, "csrf": {html.UnescapeString(string(token[1]))}}
	req, err := http.NewRequestWithContext(ctx, "POST", r.url+"/admin/login", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", r.url)
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.Request.URL.Path == "/admin/login" || resp.StatusCode != 200 {
		return fmt.Errorf("login answered %s at %s", resp.Status, resp.Request.URL.Path)
	}
	return nil
}

// page asks for a page some times, and for its assets once; fragments are what it fetches later.
func (r *reader) page(ctx context.Context, path string, times int) (p timedPage, fragments []string, err error) {
	p.path, _, _ = strings.Cut(path, "?")
	var body []byte
	for range times {
		begin := time.Now()
		if body, p.bytes, err = r.get(ctx, path); err != nil {
			return p, nil, err
		}
		p.took = append(p.took, micros(time.Since(begin))/1000)
	}
	for _, m := range assetRef.FindAllSubmatch(body, -1) {
		name := string(m[1])
		if _, known := r.assets[name]; !known {
			if _, r.assets[name], err = r.get(ctx, name); err != nil {
				return p, nil, err
			}
		}
		p.bytes += r.assets[name]
	}
	for _, m := range deferred.FindAllSubmatch(body, -1) {
		fragments = append(fragments, html.UnescapeString(string(m[1])))
	}
	return p, fragments, nil
}

// get reads an address compressed; weight is the bytes of the body as they travelled.
func (r *reader) get(ctx context.Context, path string) (body []byte, weight int, err error) {
	req, err := http.NewRequestWithContext(ctx, "GET", r.url+path, nil)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	packed, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, 0, err
	}
	if resp.StatusCode != 200 {
		return nil, 0, fmt.Errorf("GET %s answered %s", path, resp.Status)
	}
	body = packed
	if resp.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, 0, err
		}
		if body, err = io.ReadAll(zr); err != nil {
			return nil, 0, err
		}
	}
	return body, len(packed), nil
}

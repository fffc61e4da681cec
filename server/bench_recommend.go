package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"beckon/recommender"
	"beckon/server/replay"
)

const (
	askedShoppers = 2000 // in a running session each
	maxAsked      = 10   // clicks of such a session at most
)

// shoppers is a data folder with a learned site, and who is asked for: shoppers with their last click, in a running session.
type shoppers struct {
	server *benchServer // stopped
	site   string
	asked  []clicks
	note   string
}

type clicks struct {
	visitor string
	items   []string
}

// learned makes the data folder of the rows about recommendations at the first call: RetailRocket's published sessions where the
// evaluation data is, and a generated walk otherwise.
func (b *bench) learned(ctx context.Context) (*shoppers, error) {
	if b.shoppers != nil {
		return b.shoppers, nil
	}
	s, err := b.child(ctx, "recommend")
	if err != nil {
		return nil, err
	}
	sh := &shoppers{server: s, site: "retail", note: "RetailRocket"}
	learn := sh.learnFile
	if b.eval == "" {
		sh.note = "generated set: BECKON_EVAL_DATA is not set"
		learn = sh.learnWalks
	}
	var key struct{ Key string }
	err = s.operate(ctx, operation{"replay site", map[string]string{"site": sh.site}}, &key)
	if err == nil {
		s.secret = key.Key
		err = learn(ctx, b)
	}
	if err == nil {
		err = s.settled(ctx)
	}
	if err := errors.Join(err, s.stop()); err != nil {
		return nil, err
	}
	b.shoppers = sh
	return sh, nil
}

// learnFile replays the training sessions, lists their items in the catalog, and lets shoppers begin with the test sessions.
func (sh *shoppers) learnFile(ctx context.Context, b *bench) error {
	dir := filepath.Join(b.eval, "sessions")
	in, err := replay.Open(filepath.Join(dir, "retailrocket.train.txt.gz"), "sessions", "rr")
	if err != nil {
		return err
	}
	known := map[string]bool{}
	var items []string
	var end int64
	err = sh.server.importLines(ctx, 1, func(dst []byte) ([]byte, bool, error) {
		before := len(dst)
		dst, err := in.Next(dst)
		if errors.Is(err, io.EOF) {
			return dst, false, nil
		}
		line := dst[before:]
		if item := fieldOf(line, `"item_id":"`); !known[string(item)] {
			known[string(item)] = true
			items = append(items, string(item))
		}
		if ts, tsErr := strconv.ParseInt(string(fieldOf(line, `"ts":`)), 10, 64); tsErr == nil {
			end = max(end, ts)
		}
		return dst, true, err
	})
	if err := errors.Join(err, in.Close()); err != nil {
		return err
	}
	if err := sh.server.putItems(ctx, items); err != nil {
		return err
	}
	sessions, err := readSessions(filepath.Join(dir, "retailrocket.test.txt.gz"), askedShoppers)
	if err != nil {
		return err
	}
	return sh.begin(ctx, sessions, end)
}

// learnWalks imports generated sessions and lets shoppers begin with some of the same kind.
func (sh *shoppers) learnWalks(ctx context.Context, b *bench) error {
	v := live(b.count(700_000), 120_000, listed)
	if err := sh.server.importViews(ctx, v); err != nil {
		return err
	}
	if err := sh.server.putItems(ctx, numberedItems(v.items)); err != nil {
		return err
	}
	var sessions [][]string
	for visit := range askedShoppers {
		var items []string
		for click := range 1 + visit%viewClicks {
			items = append(items, string(fieldOf(v.appendLine(nil, click*viewsAtOnce+visit%viewsAtOnce), `"item_id":"`)))
		}
		sessions = append(sessions, items)
	}
	return sh.begin(ctx, sessions, time.Now().UnixMilli())
}

// begin imports the sessions as clicks of new shoppers who all are on the site after end.
func (sh *shoppers) begin(ctx context.Context, sessions [][]string, end int64) error {
	var lines []byte
	for i, items := range sessions {
		items = items[:min(len(items), maxAsked)]
		visitor := "q_" + strconv.Itoa(i)
		for k, item := range items {
			lines = append(lines, `{"id":"`+visitor+"-"+strconv.Itoa(k)+`","name":"view_item","ts":`...)
			lines = strconv.AppendInt(lines, end+60_000+int64(k)*10_000, 10)
			lines = append(lines, `,"visitor":"`+visitor+`","items":[{"item_id":"`+item+"\"}]}\n"...)
		}
		sh.asked = append(sh.asked, clicks{visitor, items})
	}
	return sh.server.postImport(ctx, lines)
}

// fieldOf is what follows name in an import line, up to the end of the string or number.
func fieldOf(line []byte, name string) []byte {
	_, rest, _ := bytes.Cut(line, []byte(name))
	if end := bytes.IndexAny(rest, `",}`); end >= 0 {
		return rest[:end]
	}
	return nil
}

// readSessions reads the first n lines of items.
func readSessions(name string, n int) ([][]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var sessions [][]string
	in := bufio.NewScanner(zr)
	for len(sessions) < n && in.Scan() {
		if items := strings.Fields(in.Text()); len(items) > 0 {
			sessions = append(sessions, items)
		}
	}
	return sessions, in.Err()
}

// benchRecommend measures answers over HTTP, the home page's and an item page's in turns.
func benchRecommend(ctx context.Context, b *bench) ([]figure, error) {
	sh, err := b.learned(ctx)
	if err != nil {
		return nil, err
	}
	s := sh.server
	if err := s.startChild(ctx, b.e); err != nil {
		return nil, err
	}
	defer s.stop()
	l := load{addr: s.addr(), connections: 16, want: 200, prepare: func() func(*fasthttp.Request) {
		var uri []byte
		n := rand.IntN(len(sh.asked))
		return func(req *fasthttp.Request) {
			n++
			who := &sh.asked[n%len(sh.asked)]
			uri = append(append(uri[:0], s.url...), "/v1/recommendations?limit=10&visitor="...)
			uri = append(uri, who.visitor...)
			if n/len(sh.asked)%2 == 0 {
				uri = append(uri, "&placement=home"...)
			} else {
				uri = append(append(uri, "&placement=item&item="...), who.items[len(who.items)-1]...)
			}
			req.SetRequestURIBytes(uri)
			req.Header.Set("Authorization", "Bearer "+s.secret)
		}
	}}
	if _, _, err := l.run(ctx, b.scale(2*time.Second)); err != nil { // warm
		return nil, err
	}
	rate, took, err := l.run(ctx, b.scale(15*time.Second))
	if err != nil {
		return nil, err
	}
	figures := []figure{
		atMost("answer, p50", micros(quantile(took, .5))/1000, "ms", 0),
		atMost("answer, p99", micros(quantile(took, .99))/1000, "ms", 5),
		atLeast("answers", rate, "/s", 8000),
	}
	for i := range figures {
		figures[i].Note = sh.note
	}
	return figures, nil
}

// benchEngine measures the models alone, one thread, with the questions that the server would ask them.
func benchEngine(ctx context.Context, b *bench) ([]figure, error) {
	sh, err := b.learned(ctx)
	if err != nil {
		return nil, err
	}
	cfg, err := serveConfig(b.e, sh.server.args()[1:])
	if err != nil {
		return nil, err
	}
	n, stop, err := openNode(ctx, b.e, cfg)
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := n.settle(ctx); err != nil {
		return nil, err
	}
	queries := make([]recommender.Query, 0, len(sh.asked))
	for i, who := range sh.asked {
		a := ask{who: shopperID{site: sh.site, visitor: who.visitor}, placement: recommender.Home, limit: 20}
		if i%2 == 1 {
			a.placement, a.item = recommender.ItemPage, who.items[len(who.items)-1]
		}
		s := new(scratch)
		n.fillQuery(ctx, s, &a)
		queries = append(queries, s.query)
	}
	var answer recommender.Answer
	items := 0
	for i := range queries { // warm, and grow what is reused
		n.engine.Recommend(&answer, &queries[i])
		items += len(answer.Items)
	}
	rounds := b.count(20)
	took := make([]time.Duration, 0, rounds*len(queries))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range rounds {
		for i := range queries {
			begin := time.Now()
			n.engine.Recommend(&answer, &queries[i])
			took = append(took, time.Since(begin))
		}
	}
	runtime.ReadMemStats(&after)
	figures := []figure{
		atMost("call, p50", micros(quantile(took, .5)), "µs", 0),
		atMost("call, p99", micros(quantile(took, .99)), "µs", 400),
		atMost("allocations a call", float64(after.Mallocs-before.Mallocs)/float64(len(took)), "", 0),
		atLeast("items a call", float64(items)/float64(len(queries)), "", 0),
	}
	for i := range figures {
		figures[i].Note = sh.note
	}
	return figures, nil
}

package engine

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

func TestNothingOfARequestIsLeftForTheNext(t *testing.T) {
	b := newBrowser(t, startEngine(t, Config{}))
	b.must("", "CREATE DATABASE other")
	before := b.must("", "SELECT name, value FROM system.settings WHERE changed AND name != '"+tagSetting+"' ORDER BY name")
	const ask = "SELECT getSetting('max_threads'), currentDatabase()"
	fresh := b.must("", ask)
	t.Run("without a session", func(t *testing.T) {
		if got := b.must("max_threads=3&database=other", ask); got != "3\tother\n" {
			t.Errorf("within the request: %q", got)
		}
		b.must("", "SET max_threads = 5")
		b.must("", "USE other")
		b.must("", "CREATE TEMPORARY TABLE mine (a UInt8)")
		for range 20 {
			if got := b.must("", ask); got != fresh {
				t.Fatalf("afterwards: %q, want %q", got, fresh)
			}
		}
		if got := b.ask("", "SELECT * FROM mine"); got.code() != 60 {
			t.Errorf("a temporary table outlived its request: %d %s", got.status, got.body)
		}
		if after := b.must("", "SELECT name, value FROM system.settings WHERE changed AND name != '"+tagSetting+"' ORDER BY name"); after != before {
			t.Errorf("settings are\n%s, were\n%s", after, before)
		}
	})
	t.Run("in a session only what its statements say", func(t *testing.T) {
		const s = "session_id=one&"
		b.must(s, "SET max_threads = 5")
		b.must(s, "USE other")
		b.must(s, "CREATE TEMPORARY TABLE mine AS SELECT toDateTime(0, 'Asia/Tokyo') AS d")
		if got := b.must(s+"max_threads=7&database=default", ask); got != "7\tdefault\n" {
			t.Errorf("a request's own: %q", got)
		}
		if got := b.must(s, ask); got != "5\tother\n" {
			t.Errorf("afterwards: %q", got)
		}
		if got := b.must(s+"default_format=Native&client_protocol_version=54460", "SELECT d FROM mine"); !strings.Contains(got, "DateTime('Asia/Tokyo')") {
			t.Errorf("the time zone is lost: %q", got)
		}
		if got := b.ask("session_id=two", "SELECT * FROM mine"); got.code() != 60 {
			t.Errorf("another session sees it: %d %s", got.status, got.body)
		}
		b.must(s+"close_session=1", "SELECT 1")
		if got := b.ask(s+"session_check=1", "SELECT 1"); got.code() != codeSessionNotFound {
			t.Errorf("a closed session: %d %s", got.status, got.body)
		}
	})
	t.Run("a session and a query id are used by one request at a time", func(t *testing.T) {
		body, feed := io.Pipe()
		answered := make(chan reply, 1)
		held := b.request(t.Context(), "session_id=held&query_id=held&query=INSERT+INTO+FUNCTION+null('a+UInt8')+FORMAT+CSV", body)
		go func() { answered <- b.do(held) }()
		if _, err := io.WriteString(feed, strings.Repeat("1\n", 1<<20)); err != nil { // the request is in its statement: it takes rows
			t.Fatal(err)
		}
		if got := b.ask("session_id=held", "SELECT 1"); got.code() != codeSessionLocked {
			t.Errorf("the session: %d %s", got.status, got.body)
		}
		if got := b.ask("query_id=held", "SELECT 1"); got.code() != codeSameIDRunning {
			t.Errorf("the query id: %d %s", got.status, got.body)
		}
		if err := feed.Close(); err != nil {
			t.Fatal(err)
		}
		if got := <-answered; got.status != http.StatusOK {
			t.Errorf("%d %s", got.status, got.body)
		}
		b.must("session_id=held&query_id=held", "SELECT 1")
	})
}

// unopened are sessions whose connections do nothing.
func unopened(closed *atomic.Int32) *sessions {
	return newSessions(func() (*work, error) {
		lib := &library{}
		lib.chdbCloseConn = func(unsafe.Pointer) { closed.Add(1) }
		return &work{conn: &conn{lib: lib}}, nil
	})
}

func TestSessionsEndWhenTheyAreNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed atomic.Int32
		s := unopened(&closed)
		q := &request{session: "a", sessionTimeout: time.Minute}
		use := func() {
			_, done, err := s.take(q)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Minute) // a request that takes longer than the timeout keeps its session
			done()
		}
		use()
		time.Sleep(59 * time.Second)
		use()
		if closed.Load() != 0 {
			t.Fatal("a session ended that was in use")
		}
		time.Sleep(61 * time.Second)
		synctest.Wait()
		if n := closed.Load(); n != 1 {
			t.Fatalf("%d connections closed after the timeout, want 1", n)
		}
		if _, _, err := s.take(&request{session: "a", sessionCheck: true}); err == nil {
			t.Error("the session is still there")
		}
		use()
		s.close()
		if n := closed.Load(); n != 2 {
			t.Errorf("%d connections closed, want 2", n)
		}
	})
}

func TestSessionsAreBounded(t *testing.T) {
	var closed atomic.Int32
	s := unopened(&closed)
	defer s.close()
	for i := range mostSessions + 1 {
		_, done, err := s.take(&request{session: strings.Repeat("x", i+1), sessionTimeout: time.Hour})
		if (err != nil) != (i == mostSessions) {
			t.Fatalf("session %d: %v", i, err)
		}
		if err == nil {
			done()
		}
	}
}

func TestStatementsBeyondTheBoundWaitAndThenAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, 1)
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 {
			if err := g.enter(ctx); err != nil {
				t.Fatal(err)
			}
		}
		entered := make(chan error, 1)
		go func() { entered <- g.enter(ctx) }()
		synctest.Wait()
		var e *Exception
		if err := g.enter(ctx); !errors.As(err, &e) || e.Code != codeTooManyQueries || statusOf(e.Code) != http.StatusServiceUnavailable {
			t.Errorf("the fourth: %v", err)
		}
		g.leave()
		if err := <-entered; err != nil {
			t.Errorf("the third, after one has left: %v", err)
		}
		go func() { entered <- g.enter(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-entered; !errors.Is(err, context.Canceled) {
			t.Errorf("one whose client has gone: %v", err)
		}
		g.leave()
		g.leave()
		if len(g.inside)+len(g.running) != 0 {
			t.Errorf("%d inside, %d running after all have left", len(g.inside), len(g.running))
		}
		g.drain()
	})
}

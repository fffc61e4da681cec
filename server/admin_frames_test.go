package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/a-h/templ"

	"beckon/server/shop"
	"beckon/web/text"
)

// frameStage is a desk with one topic whose regions the test sets.
type frameStage struct {
	t    *testing.T
	desk *frameDesk

	mu       sync.Mutex
	regions  map[string]string
	rendered int
	refused  map[string]bool // sessions
}

func newFrameStage(t *testing.T) *frameStage {
	st := &frameStage{t: t, regions: map[string]string{"a": "1", "b": "1"}, refused: map[string]bool{}}
	topic := adminTopic{name: "overview", role: shop.Viewer, render: func(frame) (map[string]templ.Component, error) {
		st.mu.Lock()
		defer st.mu.Unlock()
		st.rendered++
		out := map[string]templ.Component{}
		for id, html := range st.regions {
			out[id] = templ.Raw(html)
		}
		return out, nil
	}}
	st.desk = &frameDesk{
		topics: []adminTopic{topic}, out: slog.New(slog.DiscardHandler),
		site: func(id string) (shop.Site, bool) { return shop.Site{ID: id}, true },
		may: func(session, _ string, _ shop.Role) bool {
			st.mu.Lock()
			defer st.mu.Unlock()
			return !st.refused[session]
		},
		frame: func(site shop.Site, p *text.Printer, _ url.Values) frame {
			return frame{ctx: context.Background(), site: site, text: p}
		},
		panicked: func(topic string, what any) { t.Errorf("topic %s: %v", topic, what) },
		wake:     make(chan struct{}, 1), stop: make(chan struct{}), idle: make(chan struct{}),
		views: map[viewKey]*frameView{}, streams: map[*frameStream]struct{}{}, perUser: map[string]int{},
	}
	return st
}

func (st *frameStage) set(id, html string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.regions[id] = html
}

func (st *frameStage) times() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.rendered
}

// start runs the desk; stop ends it and everything that it serves.
func (st *frameStage) start() (stop func()) {
	var wg sync.WaitGroup
	wg.Go(st.desk.run)
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := st.desk.close(ctx); err != nil {
			st.t.Error("close:", err)
		}
		wg.Wait()
	}
}

// looker is a page that looks. What it reads goes to messages.
type looker struct {
	socket   net.Conn
	messages chan string
	done     chan struct{}
}

func (st *frameStage) looks(user, session, site string, reads bool) *looker {
	st.t.Helper()
	s, err := st.desk.admit(user, session, site, text.For("en"), []wantedTopic{{adminTopic: &st.desk.topics[0], text: "overview"}})
	if err != nil {
		st.t.Fatal(err)
	}
	ours, theirs := net.Pipe()
	l := &looker{ours, make(chan string, 100), make(chan struct{})}
	go func() {
		defer close(l.done)
		st.desk.serve(s, theirs, []byte("head\n\n"))
	}()
	if reads {
		go l.read()
	}
	return l
}

func (l *looker) read() {
	defer close(l.messages)
	r := bufio.NewReader(l.socket)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		if line = strings.TrimSpace(line); line != "" && line != "head" {
			l.messages <- line
		}
	}
}

// regionsOf reads a message's regions.
func regionsOf(t *testing.T, message string) map[string]string {
	t.Helper()
	var f struct{ Regions map[string]string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(message, "data: ")), &f); err != nil {
		t.Fatalf("message %q: %v", message, err)
	}
	return f.Regions
}

func TestFramesComeOnceASecondAndHoldWhatChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newFrameStage(t)
		defer st.start()()
		l := st.looks("anna", "s1", "shop", true)
		if got := regionsOf(t, <-l.messages); fmt.Sprint(got) != "map[a:1 b:1]" {
			t.Errorf("the first frame has everything: %v", got)
		}
		for i := range 10 { // of five changes in a second one frame is made
			st.set("a", fmt.Sprint("<b>\n\"", i))
			time.Sleep(200 * time.Millisecond)
		}
		synctest.Wait()
		if n := len(l.messages); n != 2 {
			t.Errorf("%d frames in two seconds", n)
		}
		for len(l.messages) > 0 {
			if got := regionsOf(t, <-l.messages); len(got) != 1 || !strings.HasPrefix(got["a"], "<b>\n\"") {
				t.Errorf("only what changed: %v", got)
			}
		}
		time.Sleep(10 * time.Second)
		if n := len(l.messages); n != 0 {
			t.Errorf("%d frames though nothing changed", n)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if got := <-l.messages; got != ": alive" {
			t.Errorf("after a quiet while %q", got)
		}
	})
}

func TestAllWhoLookShareOneRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newFrameStage(t)
		defer st.start()()
		var all []*looker
		for i := range 20 {
			all = append(all, st.looks(fmt.Sprint("user", i), fmt.Sprint("s", i), "shop", true))
		}
		other := st.looks("anna", "t", "other", true)
		before := st.times()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := st.times() - before; n < 20 || n > 22 {
			t.Errorf("%d renderings of two sites in ten seconds", n)
		}
		for i, l := range append(all, other) {
			if len(l.messages) != 1 {
				t.Errorf("page %d got %d frames", i, len(l.messages))
			}
			_ = l.socket.Close()
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		before = st.times()
		time.Sleep(5 * time.Second)
		if n := st.times() - before; n != 0 {
			t.Errorf("%d renderings though nobody looks", n)
		}
		if len(st.desk.views) != 0 || len(st.desk.streams) != 0 || len(st.desk.perUser) != 0 {
			t.Errorf("left: %d views, %d streams, %d users", len(st.desk.views), len(st.desk.streams), len(st.desk.perUser))
		}
	})
}

func TestASlowReaderGetsTheLatestAndHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newFrameStage(t)
		defer st.start()()
		slow := st.looks("anna", "s1", "shop", false)
		quick := st.looks("ben", "s2", "shop", true)
		time.Sleep(frameEvery / 2) // changes come between frames: at the same instant either could be first
		for i := range 15 {
			st.set("a", fmt.Sprint(i))
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if len(quick.messages) < 12 {
			t.Errorf("the quick one got %d frames", len(quick.messages))
		}
		go slow.read()
		synctest.Wait()
		var last map[string]string
		n := 0
		for ; len(slow.messages) > 0; n++ {
			last = regionsOf(t, <-slow.messages)
		}
		if n != 1 || last["a"] != "14" || last["b"] != "1" {
			t.Errorf("the slow one got %d frames, at last %v", n, last)
		}
	})
}

func TestAReaderThatTakesNothingIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newFrameStage(t)
		defer st.start()()
		l := st.looks("anna", "s1", "shop", false)
		time.Sleep(frameWrite + time.Second)
		synctest.Wait()
		select {
		case <-l.done:
		default:
			t.Error("still served")
		}
	})
}

func TestWhoMayNotSeeItAnyMoreIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newFrameStage(t)
		defer st.start()()
		out := st.looks("anna", "s1", "shop", true)
		in := st.looks("ben", "s2", "shop", true)
		time.Sleep(1500 * time.Millisecond)
		st.mu.Lock()
		st.refused["s1"] = true // logged out, or another role
		st.mu.Unlock()
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		select {
		case <-out.done:
		default:
			t.Error("who logged out is still served")
		}
		select {
		case <-in.done:
			t.Error("the other one is not served any more")
		default:
		}
	})
}

func TestTooManyPagesAreToldToComeBack(t *testing.T) {
	st := newFrameStage(t)
	admit := func(user string) error {
		_, err := st.desk.admit(user, "s", "shop", text.For("en"), []wantedTopic{{adminTopic: &st.desk.topics[0], text: "overview"}})
		return err
	}
	var refused *apiError
	for range framesPerUser {
		if err := admit("anna"); err != nil {
			t.Fatal(err)
		}
	}
	if err := admit("anna"); !errors.As(err, &refused) || refused.status != 503 || refused.retry <= 0 {
		t.Errorf("one more of a user: %v", err)
	}
	for i := framesPerUser; i < framesAtOnce; i++ {
		if err := admit(fmt.Sprint("user", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := admit("ben"); !errors.As(err, &refused) || refused.status != 503 {
		t.Errorf("one more of all: %v", err)
	}
	for s := range st.desk.streams {
		st.desk.leave(s)
		st.desk.leave(s) // twice is once
		break
	}
	if err := admit("ben"); err != nil {
		t.Errorf("after one left: %v", err)
	}
}

func TestAStoppedDeskEndsItsStreamsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newFrameStage(t)
		stop := st.start()
		reads, stuck := st.looks("anna", "s1", "shop", true), st.looks("ben", "s2", "shop", false)
		time.Sleep(2500 * time.Millisecond)
		begun := time.Now()
		stop()
		<-reads.done
		<-stuck.done
		if took := time.Since(begun); took > 100*time.Millisecond {
			t.Errorf("took %v", took)
		}
		if _, err := st.desk.admit("anna", "s1", "shop", text.For("en"), nil); err == nil {
			t.Error("a page was let in after the stop")
		}
		if _, err := io.Copy(io.Discard, stuck.socket); err != nil {
			t.Error(err)
		}
	})
}

func TestAPanicInOnePageEndsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newFrameStage(t)
		panics := 0
		st.desk.panicked = func(string, any) { panics++ }
		st.desk.topics[0].render = func(f frame) (map[string]templ.Component, error) {
			if f.site.ID == "bad" {
				panic("a bug")
			}
			return map[string]templ.Component{"a": templ.Raw("fine")}, nil
		}
		defer st.start()()
		st.looks("anna", "s1", "bad", true)
		good := st.looks("ben", "s2", "shop", true)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if panics == 0 || len(good.messages) != 1 {
			t.Errorf("%d panics, %d frames", panics, len(good.messages))
		}
	})
}

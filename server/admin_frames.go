package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/server/shop"
	"beckon/web/text"
)

// frameDesk sends the live regions of the dashboard's pages as server-sent events. One goroutine renders each topic, site and language that
// somebody looks at, once a second, and keeps what each region is now; a stream's own goroutine sends what changed since it sent last.
// So a reader that is slow gets the latest, not all that was between, and nothing queues.
type frameDesk struct {
	topics   []adminTopic
	site     func(id string) (shop.Site, bool)
	may      func(session, site string, role shop.Role) bool // says whether a session may still see that
	frame    func(site shop.Site, p *text.Printer, query url.Values) frame
	panicked func(topic string, what any)
	out      *slog.Logger
	wake     chan struct{} // has an element when there is a stream again
	stop     chan struct{}
	stopOnce sync.Once

	mu      sync.Mutex
	views   map[viewKey]*frameView
	streams map[*frameStream]struct{}
	perUser map[string]int
	closing bool
	idle    chan struct{} // closed when the desk is closing and the last stream has ended
}

// viewKey is what is rendered at once for all who look at it. The topic is as the page names it, with its query.
type viewKey struct{ topic, site, lang string }

// wantedTopic is a topic as a page names it.
type wantedTopic struct {
	*adminTopic
	text  string
	query url.Values
}

// Bounds of streams. What does not fit is told to come back.
const (
	framesPerUser = 64
	framesAtOnce  = 1000
	framesRetry   = 10 * time.Second

	frameEvery  = time.Second
	frameAlive  = 15 * time.Second // without anything new, so that proxies and browsers know that the stream lives
	frameWrite  = 20 * time.Second // that a reader may take none of a frame
	frameTopics = 8                // of one stream
	frameTopic  = 512              // bytes of one topic with its query
)

func newFrameDesk(n *node) *frameDesk {
	return &frameDesk{
		topics: n.topics(), site: n.shop.Site, out: n.out,
		may: n.maySee,
		frame: func(site shop.Site, p *text.Printer, query url.Values) frame {
			return frame{ctx: n.work, n: n, site: site, text: p, now: n.now(), query: query}
		},
		panicked: func(topic string, what any) {
			n.panics.Add(1)
			n.out.Error("a live region panicked", "topic", topic, "panic", what)
		},
		wake: make(chan struct{}, 1), stop: make(chan struct{}), idle: make(chan struct{}),
		views: map[viewKey]*frameView{}, streams: map[*frameStream]struct{}{}, perUser: map[string]int{},
	}
}

// maySee says whether a session is live and its user may see a site in a role.
func (n *node) maySee(session, site string, role shop.Role) bool {
	_, user, ok := n.shop.Session(session)
	return ok && user.Role.May(role) && user.Sees(site)
}

func (n *node) frameRoutes() []adminRoute {
	return []adminRoute{{"GET", "/admin/frames", shop.Viewer, n.getFrames}}
}

// startFrames renders until the server stops, which ends all streams.
func (n *node) startFrames(opened *closers) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.frames.run()
	}()
	opened.add("live frames", func(ctx context.Context) error {
		err := n.frames.close(ctx)
		<-ended
		return err
	})
}

// getFrames begins a stream of ?topic=a,b?x=y, of topics that the user may see.
func (n *node) getFrames(a *adminRequest) error {
	var topics []wantedTopic
	for _, wanted := range strings.Split(a.Query("topic"), ",") {
		name, query, _ := strings.Cut(wanted, "?")
		at := slices.IndexFunc(n.frames.topics, func(t adminTopic) bool { return t.name == name })
		if at < 0 {
			return fail(400, "unknown_topic", "topic: there is nothing live called %q", name)
		}
		t := wantedTopic{adminTopic: &n.frames.topics[at], text: wanted}
		if !a.user.Role.May(t.role) {
			return fail(403, "forbidden", "topic: %s needs the role %s", name, t.role)
		}
		var err error
		if t.query, err = url.ParseQuery(query); err != nil || len(wanted) > frameTopic {
			return fail(400, "bad_topic", "topic: what follows the name %q cannot be read", name)
		}
		if !slices.ContainsFunc(topics, func(known wantedTopic) bool { return known.text == wanted }) {
			topics = append(topics, t)
		}
	}
	if len(topics) > frameTopics {
		return fail(400, "bad_topic", "topic: %d, at most %d", len(topics), frameTopics)
	}
	if !a.App().Server().KeepHijackedConns {
		return errors.New("frames: keepSockets was not called for this app")
	}
	s, err := n.frames.admit(a.user.Name, a.session.Key, a.site.ID, a.text, topics)
	if err != nil {
		return err
	}
	a.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	a.Set("X-Accel-Buffering", "no") // proxies: pass on what comes at once
	head := streamHead(a.Ctx)
	a.Context().HijackSetNoResponse(true)
	a.Context().Hijack(func(taken net.Conn) {
		socket, _, err := release(taken)
		if err != nil {
			n.frames.leave(s)
			_ = socket.Close() // it failed already
			return
		}
		n.frames.serve(s, socket, head)
	})
	return nil
}

// streamHead is the head of the answer, with the headers that every answer has, out of the memory that Fiber uses again.
func streamHead(c *fiber.Ctx) []byte {
	head := []byte("HTTP/1.1 200 OK\r\n")
	for name, value := range c.Response().Header.All() {
		switch string(name) {
		case fiber.HeaderContentLength, fiber.HeaderConnection, fiber.HeaderTransferEncoding:
			continue
		}
		head = append(append(append(append(head, name...), ": "...), value...), "\r\n"...)
	}
	return append(head, "Connection: close\r\n\r\nretry: 2000\n\n"...)
}

// admit makes place for a stream.
func (d *frameDesk) admit(user, session, site string, p *text.Printer, topics []wantedTopic) (*frameStream, error) {
	s := &frameStream{user: user, session: session, site: site, ready: make(chan struct{}, 1), gone: make(chan struct{})}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.closing:
		return nil, overloaded(framesRetry, "closing")
	case len(d.streams) >= framesAtOnce:
		return nil, overloaded(framesRetry, "too many pages are live at once")
	case d.perUser[user] >= framesPerUser:
		return nil, overloaded(framesRetry, "too many pages of one user are live at once")
	}
	for _, t := range topics {
		key := viewKey{t.text, site, p.Lang()}
		v := d.views[key]
		if v == nil {
			v = &frameView{key: key, topic: t.adminTopic, query: t.query, text: p}
			d.views[key] = v
		}
		v.readers++
		s.views = append(s.views, seenView{view: v})
		s.roles = append(s.roles, t.role)
	}
	d.streams[s] = struct{}{}
	d.perUser[user]++
	select {
	case d.wake <- struct{}{}:
	default: // it has been told already
	}
	if slices.ContainsFunc(s.views, func(v seenView) bool { return v.view.version > 0 }) {
		s.ready <- struct{}{}
	}
	return s, nil
}

// leave gives a stream's place back.
func (d *frameDesk) leave(s *frameStream) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.streams[s]; !ok {
		return
	}
	delete(d.streams, s)
	if d.perUser[s.user]--; d.perUser[s.user] == 0 {
		delete(d.perUser, s.user)
	}
	for _, v := range s.views {
		if v.view.readers--; v.view.readers == 0 {
			delete(d.views, v.view.key)
		}
	}
	if d.closing && len(d.streams) == 0 {
		close(d.idle)
	}
}

// close ends all streams and waits for them.
func (d *frameDesk) close(ctx context.Context) error {
	d.stopOnce.Do(func() { close(d.stop) })
	d.mu.Lock()
	d.closing = true
	all := len(d.streams)
	for s := range d.streams {
		s.end()
	}
	d.mu.Unlock()
	if all == 0 {
		return nil
	}
	select {
	case <-d.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

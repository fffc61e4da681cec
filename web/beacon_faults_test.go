package web_test

import (
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// offline cuts the window off from the network, or connects it again.
func (w tab) offline(off bool) {
	w.t.Helper()
	if _, err := chromedp.Call(w.ctx, network.Enable, network.EnableParams{}); err != nil {
		w.t.Fatal(err)
	}
	cut := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}}}
	if _, err := chromedp.Call(w.ctx, network.EmulateNetworkConditionsByRule, cut); err != nil {
		w.t.Fatal(err)
	}
	state := network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}
	if _, err := chromedp.Call(w.ctx, network.OverrideNetworkState, state); err != nil {
		w.t.Fatal(err)
	}
}

// wantOnce says that each of the numbered events called name was counted, and no more.
func wantOnce(t *testing.T, c *collector, name string, n int) {
	t.Helper()
	events := c.waitEvents(name, n)
	var ids []string
	numbers := map[float64]bool{}
	for _, e := range events {
		ids = append(ids, e.ID)
		numbers[e.Props["n"].(float64)] = true
	}
	slices.Sort(ids)
	if len(events) != n || len(numbers) != n || len(slices.Compact(ids)) != n {
		t.Errorf("%d %s counted, %d different ones, want %d", len(events), name, len(numbers), n)
	}
}

func TestClosedTabLosesNothing(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	second := w.another()
	second.open(s.URL + "/q")
	c.waitEvents("page_view", 2)
	second.run(`for (let i = 0; i < 45; i++) beckon('track', 'last', { n: i })`)
	second.close()
	wantOnce(t, c, "last", 45)
}

func TestTabClosedWhileTheServerIsAwayLosesNothing(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	second := w.another()
	second.open(s.URL + "/q")
	views := c.waitEvents("page_view", 2)
	c.stop()
	second.run(`for (let i = 0; i < 30; i++) beckon('track', 'last', { n: i })`)
	second.close()
	w.until(`Object.keys(localStorage).some((k) => localStorage[k].startsWith('{"t":0'))`) // the closed tab has let go
	c.restart()
	w.open(s.URL + "/back")
	wantOnce(t, c, "last", 30)
	if last := c.waitEvents("last", 30); last[0].visitor != views[0].visitor {
		t.Errorf("adopted events are of %s, want %s", last[0].visitor, views[0].visitor)
	}
}

func TestCrashedTabIsAdopted(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	// What a tab leaves that was killed four minutes ago: a lease that nobody renews.
	w.run(`localStorage.setItem('beckon.pk_test.q.dead', JSON.stringify({ t: Date.now() - 240000, q: [
			{ e: { id: 'x1', name: 'left', ts: Date.now() - 250000, props: { n: 1 } }, v: 'v_old' },
			{ e: { id: 'x2', name: 'left', ts: Date.now() - 250000, props: { n: 2 } } },
			{ e: { id: 'x3', name: 'left', ts: Date.now() - 8 * 864e5, props: { n: 3 } } }] }))
		localStorage.setItem('beckon.pk_test.q.alive', JSON.stringify({ t: Date.now(), q: [{ e: { id: 'x4', name: 'left', ts: Date.now(), props: { n: 4 } } }] }))`)
	w.open(s.URL + "/q")
	wantOnce(t, c, "left", 2)
	if got := c.waitEvents("left", 2); got[0].visitor != "v_old" || got[1].visitor != "v_1" {
		t.Errorf("sent for %s and %s", got[0].visitor, got[1].visitor)
	}
	if w.text(`localStorage.getItem('beckon.pk_test.q.alive') !== null`) != "true" {
		t.Error("the queue of a living tab was taken")
	}
}

func TestOfflineThenOnline(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	w.offline(true)
	w.run(`for (let i = 0; i < 25; i++) beckon('track', 'away', { n: i })`)
	w.until(`Object.keys(localStorage).some((k) => k.startsWith('beckon.pk_test.q.') && localStorage[k].includes('away'))`)
	if c.count("away") > 0 {
		t.Fatal("the window was not offline")
	}
	w.offline(false)
	wantOnce(t, c, "away", 25)
	w.until(`!Object.keys(localStorage).some((k) => k.startsWith('beckon.pk_test.q.'))`)
}

func TestTwoTabsShareAVisitorAndNoEvent(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	second := w.another()
	second.open(s.URL + "/q")
	c.waitEvents("page_view", 2)
	w.run(`for (let i = 0; i < 30; i++) beckon('track', 'tab', { n: i })`)
	second.run(`for (let i = 30; i < 60; i++) beckon('track', 'tab', { n: i })`)
	wantOnce(t, c, "tab", 60)
	for _, e := range c.waitEvents("tab", 60) {
		if e.visitor != "v_1" {
			t.Fatalf("an event of visitor %s", e.visitor)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sessions != 1 || c.doubles > 0 {
		t.Errorf("%d sessions asked for, %d events sent twice", c.sessions, c.doubles)
	}
}

func TestRestartInTheMiddle(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	// The answer to some batch is lost: the server has its events, the page does not know.
	c.set(func() { c.swallow = true })
	w.run(`for (let i = 0; i < 30; i++) beckon('track', 'kept', { n: i })`)
	c.waitEvents("kept", 20)
	c.stop()
	w.run(`for (let i = 30; i < 60; i++) beckon('track', 'kept', { n: i })`)
	c.set(func() { c.swallow = false })
	c.restart()
	wantOnce(t, c, "kept", 60)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.doubles == 0 {
		t.Error("nothing was sent twice: the test did not lose an answer")
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	var refused time.Time
	var wait time.Duration
	c.refuse = func(n int, _ []string) (int, map[string]string) {
		switch n {
		case 1:
			refused = time.Now()
			return 429, map[string]string{"Retry-After": "2"}
		case 2:
			wait = time.Since(refused)
		}
		return 0, nil
	}
	w := newTab(t)
	w.open(s.URL + "/p")
	c.wait("a refusal", func() bool { return len(c.batches) == 1 })
	w.run(`beckon('track', 'urgent', { n: 1 })`)
	c.waitEvents("urgent", 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if wait < 2*time.Second {
		t.Errorf("tried again after %v, asked for 2 s", wait)
	}
	if len(c.batches) != 2 || c.batches[1] != 2 {
		t.Errorf("bodies of %v events", c.batches)
	}
}

func TestOverloadIsTriedAgainAndBadBodiesAreNot(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	c.refuse = func(n int, names []string) (int, map[string]string) {
		switch {
		case n <= 2:
			return 503, nil
		case slices.Contains(names, "bad"):
			return 400, nil
		case slices.Contains(names, "large"):
			return 413, nil
		}
		return 0, nil
	}
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	w.run(`beckon('track', 'bad')`)
	c.wait("the bad body", func() bool { return len(c.batches) == 4 })
	w.run(`beckon('track', 'large')`)
	c.wait("the large body", func() bool { return len(c.batches) == 5 })
	w.run(`beckon('track', 'good')`)
	c.waitEvents("good", 1)
	w.until(`!Object.keys(localStorage).some((k) => k.startsWith('beckon.pk_test.q.'))`)
	if c.count("bad")+c.count("large") > 0 {
		t.Error("a refused event was counted")
	}
}

func TestRefusedKeyStopsSending(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	c.refuse = func(int, []string) (int, map[string]string) { return 403, nil }
	w := newTab(t)
	w.open(s.URL + "/p")
	c.wait("a refusal", func() bool { return len(c.batches) == 1 })
	w.run(`beckon('track', 'more')`)
	w.open(s.URL + "/q") // the old page had its chance at unload
	c.wait("the next page's try", func() bool { return len(c.batches) == 2 })
}

package web_test

import (
	"strings"
	"testing"
)

func TestConsentRefusedSendsAndKeepsNothing(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.head = `<script>beckon('consent', { analytics: false })</script>`
	s.script = "b-core.js"
	w := newTab(t)
	w.open(s.URL + "/p")
	w.until("beckon.here")
	w.run(`beckon('track', 'secret')`)
	w.run(`beckon('consent', { analytics: true, personalization: false })`)
	w.run(`beckon('track', 'open')`)
	e := c.waitEvents("open", 1)[0]
	if !e.consent["analytics"] || e.consent["personalization"] {
		t.Errorf("sent with consent %v", e.consent)
	}
	w.run(`beckon('track', 'unsent'); beckon('consent', { analytics: false })`)
	if got := w.text("Object.keys(localStorage).sort()"); got != "beckon.pk_test.c" {
		t.Errorf("left in storage: %s", got)
	}
	w.open(s.URL + "/q")
	w.until("beckon.here")
	w.run(`beckon('consent', { analytics: true })`)
	w.run(`beckon('track', 'again')`)
	c.waitEvents("again", 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range []string{"secret", "unsent", "page_view"} {
		if strings.Contains(c.namesLocked(), name) {
			t.Errorf("%s was sent", name)
		}
	}
}

func TestWaitingForConsentHoldsEventsInMemory(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.attributes += ` data-consent="wait"`
	s.script = "b-core.js"
	w := newTab(t)
	w.open(s.URL + "/p")
	w.until("window.beckon && beckon.here")
	if n := w.text("localStorage.length"); n != "0" || c.count("page_view") > 0 {
		t.Fatalf("%s entries stored, %d events sent before consent", n, c.count("page_view"))
	}
	w.run(`beckon('consent', { analytics: true, personalization: true })`)
	if e := c.waitEvents("page_view", 1)[0]; !e.consent["personalization"] {
		t.Errorf("sent with %v", e.consent)
	}
	w.open(s.URL + "/q") // said once
	c.waitEvents("page_view", 2)
}

func TestGoogleConsentModeDecides(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.script = "b-core.js"
	s.head = `<script>dataLayer = []; function gtag() { dataLayer.push(arguments) }
		gtag('consent', 'default', { analytics_storage: 'denied', ad_storage: 'denied', ad_personalization: 'denied' })</script>`
	w := newTab(t)
	w.open(s.URL + "/p")
	w.until("beckon.here")
	w.run(`beckon('track', 'held')`)
	w.run(`gtag('consent', 'update', { analytics_storage: 'granted', ad_personalization: 'denied', ad_storage: 'granted' })`)
	e := c.waitEvents("held", 1)[0]
	if !e.consent["analytics"] || e.consent["personalization"] {
		t.Errorf("sent with %v", e.consent)
	}
	if c.count("page_view") != 1 {
		t.Error("what was held is lost")
	}
}

func TestOptOutSignalsRefusePersonalization(t *testing.T) {
	for _, signal := range []string{"globalPrivacyControl', { value: true", "doNotTrack', { value: '1'"} {
		c := startCollector(t)
		s := startShop(t, c)
		s.head = `<script>beckon('consent', { analytics: true, personalization: true })</script>`
		w := newTab(t)
		w.before(`Object.defineProperty(navigator, '` + signal + ` })`)
		w.open(s.URL + "/p")
		if e := c.waitEvents("page_view", 1)[0]; e.consent["personalization"] || !e.consent["analytics"] {
			t.Errorf("%s: sent with %v", signal, e.consent)
		}
	}
}

func TestNoCookieUnlessAskedFor(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	if got := w.text("document.cookie"); got != "" {
		t.Errorf("cookies %q", got)
	}
	s.attributes += ` data-cookie`
	fresh := newTab(t)
	fresh.open(s.URL + "/p")
	c.waitEvents("page_view", 2)
	if got := fresh.text("document.cookie"); !strings.HasPrefix(got, "beckon_pk_test=") {
		t.Errorf("cookies %q", got)
	}
	fresh.run("localStorage.clear()")
	fresh.open(s.URL + "/q")
	if views := c.waitEvents("page_view", 3); views[2].visitor != views[1].visitor {
		t.Errorf("visitors %s and %s", views[1].visitor, views[2].visitor)
	}
}

func TestBlockedBrowserPartsBreakNothing(t *testing.T) {
	for name, script := range map[string]string{
		"storage":   `for (const area of ['localStorage', 'sessionStorage']) Object.defineProperty(window, area, { get() { throw new DOMException('blocked', 'SecurityError') } })`,
		"quota":     `Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }`,
		"socket":    `delete window.WebSocket`,
		"keepalive": `delete Request.prototype.keepalive`,
		"beacon":    `delete Request.prototype.keepalive; navigator.sendBeacon = () => { throw new Error('blocked') }`,
	} {
		c := startCollector(t)
		s := startShop(t, c)
		s.body = `<div data-beckon="recommendations" data-placement="home"></div>`
		w := newTab(t)
		w.before(script)
		w.open(s.URL + "/p")
		w.until(`document.querySelectorAll('li').length == 3`)
		c.waitEvents("page_view", 1)
		w.run(`for (let i = 0; i < 25; i++) beckon('track', 'fine', { n: i })`)
		wantOnce(t, c, "fine", 25)
		t.Log(name, "blocked: nothing lost")
	}
}

package web_test

import (
	"strings"
	"testing"
)

func TestEveryPageOfAVisitCountsOnce(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/one")
	c.waitEvents("page_view", 1)
	for i, path := range []string{"/two", "/three"} {
		w.run(`location.href = '` + path + `'`)
		c.waitEvents("page_view", i+2)
	}
	views := c.waitEvents("page_view", 3)
	c.waitEvents("leave", 2)
	visitor := views[0].visitor
	for i, path := range []string{"/one", "/two", "/three"} {
		if views[i].Page["url"] != s.URL+path || views[i].visitor != visitor {
			t.Errorf("view %d is of %v by %s, want %s by %s", i, views[i].Page, views[i].visitor, path, visitor)
		}
	}
	if got := views[1].Page["ref"]; got != s.URL+"/one" {
		t.Errorf("second page came from %v", got)
	}
	if c.count("page_view") != 3 {
		t.Errorf("%d page views", c.count("page_view"))
	}
}

func TestRoutesOfASinglePageAreViews(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/start")
	c.waitEvents("page_view", 1)
	w.run(`history.replaceState(null, '', '/start'); history.pushState(null, '', '/a'); document.title = 'A'`)
	c.waitEvents("page_view", 2)
	w.run(`history.replaceState({}, '', '/b'); document.title = 'B'`)
	c.waitEvents("page_view", 3)
	w.run(`history.back()`)
	views := c.waitEvents("page_view", 4)
	for i, want := range []string{"/start", "/a", "/b", "/start"} {
		if got := views[i].Page["url"]; got != s.URL+want {
			t.Errorf("view %d is of %v, want %s", i, got, want)
		}
	}
	if views[1].Page["title"] != "A" || views[1].Page["ref"] != s.URL+"/start" {
		t.Errorf("second view says %v", views[1].Page)
	}
}

func TestCallsBeforeTheScriptAreKept(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.head = `<script>beckon('identify', 'c-42', { user_hash: 'abc' }); beckon('track', 'view_item', { items: ['sku-1'], colour: 'red' }); beckon('nonsense', 1)</script>`
	w := newTab(t)
	w.open(s.URL + "/p")
	e := c.waitEvents("view_item", 1)[0]
	if e.User != "c-42" || len(e.Items) != 1 || e.Items[0].ID != "sku-1" || e.Props["colour"] != "red" {
		t.Errorf("got %+v", e)
	}
	if who := c.waitEvents("identify", 1)[0]; who.User != "c-42" || who.UserHash != "abc" {
		t.Errorf("identify says %+v", who)
	}
}

func TestDataLayerCountsInMinorUnits(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.head = `<script>
		dataLayer = [{ event: 'view_item', ecommerce: { currency: 'EUR', value: 19.99, items: [{ item_id: 'a', price: 19.99 }] } }, { event: 'gtm.js' }]
		function gtag() { dataLayer.push(arguments) }
		gtag('js', new Date()); gtag('event', 'add_to_cart', { currency: 'JPY', value: 500, items: [{ item_id: 'b', price: '500', quantity: '2' }] })
	</script>`
	w := newTab(t)
	w.open(s.URL + "/p")
	w.until("beckon.here")
	w.run(`dataLayer.push({ event: 'purchase', ecommerce: { transaction_id: 77, currency: 'KWD', value: 1.005, items: [{ item_id: 'c', price: 1.005 }] } })`)
	w.run(`dataLayer.push({ event: 'page_view' }, { event: 'search', search_term: 'kettle' }, null, 5, 'text')`)
	view, add, buy := c.waitEvents("view_item", 1)[0], c.waitEvents("add_to_cart", 1)[0], c.waitEvents("purchase", 1)[0]
	if *view.Items[0].Price != 1999 || *view.Value != 1999 || view.Items[0].ID != "a" {
		t.Errorf("view_item %+v", view)
	}
	if *add.Items[0].Price != 500 || *add.Items[0].Quantity != 2 {
		t.Errorf("add_to_cart %+v", add)
	}
	if *buy.Items[0].Price != 1005 || buy.Transaction != "77" || buy.Currency != "KWD" {
		t.Errorf("purchase %+v", buy)
	}
	if got := c.waitEvents("search", 1)[0].Search; got != "kettle" {
		t.Errorf("searched for %q", got)
	}
	if c.count("page_view") != 1 {
		t.Errorf("%d page views: the data layer's are ours already", c.count("page_view"))
	}
}

func TestMarksInTheMarkupAreEvents(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.body = `<div data-beckon-view="sku-1" data-beckon-price="1999" data-beckon-currency="EUR"></div>
		<button data-beckon-add-to-cart="sku-1" data-beckon-quantity="3"><span id="inner">Buy</span></button>`
	w := newTab(t)
	w.open(s.URL + "/p")
	if e := c.waitEvents("view_item", 1)[0]; e.Items[0].ID != "sku-1" || *e.Items[0].Price != 1999 || e.Currency != "EUR" {
		t.Errorf("view_item %+v", e)
	}
	w.run(`document.getElementById('inner').click()`)
	if e := c.waitEvents("add_to_cart", 1)[0]; *e.Items[0].Quantity != 3 || e.Items[0].Price != nil {
		t.Errorf("add_to_cart %+v", e)
	}
	w.run(`document.querySelector('[data-beckon-view]').dataset.beckonView = 'sku-2'`)
	if e := c.waitEvents("view_item", 2)[1]; e.Items[0].ID != "sku-2" {
		t.Errorf("second view %+v", e)
	}
	w.run(`document.body.insertAdjacentHTML('beforeend', '<i data-beckon-search="red kettle"></i>')`)
	if e := c.waitEvents("search", 1)[0]; e.Search != "red kettle" {
		t.Errorf("search %+v", e)
	}
}

func TestBatchesAreBounded(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	w.run(`for (let i = 0; i < 50; i++) beckon('track', 'many', { n: i })
		for (let i = 0; i < 6; i++) beckon('track', 'large', { text: 'ä'.repeat(12000) })
		beckon('track', 'huge', { text: 'x'.repeat(70000) })`)
	c.waitEvents("many", 50)
	c.waitEvents("large", 6)
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, n := range c.batches {
		if n > 20 || len(c.bodies[i]) > 64<<10 {
			t.Errorf("a body of %d events and %d bytes", n, len(c.bodies[i]))
		}
	}
	if strings.Contains(c.namesLocked(), "huge") {
		t.Error("an event that no server takes was sent")
	}
}

func TestVisiblePageBeats(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.before(`const slow = setInterval; setInterval = (f, ms) => slow(f, ms / 100)`)
	w.open(s.URL + "/p")
	c.waitEvents("heartbeat", 2)
}

func TestCoreCollectsWithoutSocket(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.script = "b-core.js"
	s.body = `<div data-beckon="recommendations"></div><i data-beckon-view="sku-1"></i>`
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("view_item", 1)
	w.run(`beckon('recommendations', { placement: 'home' }, (answer) => (window.got = answer))`)
	w.until("window.got && got.items.length == 3")
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.frames) > 0 {
		t.Errorf("a socket said %v", c.frames)
	}
}

package web_test

import (
	"strings"
	"testing"

	"github.com/coder/websocket"
)

const lists = `<div id="home" data-beckon="recommendations" data-placement="home" data-limit="3"></div>
	<div id="item" data-beckon="recommendations" data-placement="item" data-item="sku-1"><template><a data-field="url"><img data-field="image"><b data-field="title"></b></a><i data-field="price"></i><u data-field="stock"></u></template></div>
	<span id="price" data-beckon="price" data-item="sku-1" data-amount="1999" data-list="1999">€19.99</span><span id="stock" data-beckon="stock" data-item="sku-1"></span>`

// listed is the item ids that a list shows.
func listed(id string) string {
	return `[...document.querySelectorAll('#` + id + ` li')].map((li) => li.dataset.id).join()`
}

func TestWidgetsAreFilledAndFollowTheSocket(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.body = lists
	w := newTab(t)
	w.open(s.URL + "/p")
	w.until(listed("home") + ` == 'for-,b,c' && ` + listed("item") + ` == 'for-sku-1,b,c'`)
	c.wait("the subscriptions", func() bool {
		items, home, item := false, false, false
		for _, f := range c.frames {
			if ids, ok := f["items"].([]any); ok && f["type"] == "subscribe" {
				for _, id := range ids {
					items = items || id == "sku-1"
				}
			}
			if names, ok := f["placements"].([]any); ok && f["type"] == "subscribe" {
				home = home || names[0] == "home"
				item = item || names[0] == "item" && f["item"] == "sku-1"
			}
		}
		return items && home && item
	})
	if got := w.text(`document.querySelector('#item b').textContent + ' ' + document.querySelector('#item a').getAttribute('href')`); got != "<b>for-sku-1</b> "+s.URL+"/p/for-sku-1" {
		t.Errorf("title and address %q: titles are text", got)
	}
	w.run(`window.kept = document.querySelector('#home li[data-id=b]')`)
	c.push(strings.Replace(answer("r_push", "home", "x", "b"), "{", `{"type":"recommendations","epoch":"e1","offset":8,"ts":2,`, 1))
	w.until(listed("home") + ` == 'x,b'`)
	if w.text(`kept == document.querySelector('#home li[data-id=b]')`) != "true" {
		t.Error("an item that stays was made anew")
	}
	c.push(`{"type":"price","epoch":"e1","offset":9,"ts":3,"item_id":"sku-1","amount":1499,"currency":"EUR","list":1999,"lowest_30d":1499}`)
	w.until(`document.querySelector('#price').textContent == '€14.99 €19.99 Lowest price of the last 30 days: €14.99' && document.querySelector('#price s').textContent == '€19.99'`)
	c.push(`{"type":"stock","epoch":"e1","offset":10,"ts":4,"item_id":"sku-1","level":"low","left":3}`)
	w.until(`document.querySelector('#stock').textContent == 'Only 3 left' && document.querySelector('#stock').dataset.level == 'low'`)
	c.push(`{"type":"stock","epoch":"e1","offset":11,"ts":5,"item_id":"sku-1","level":"out"}`)
	w.until(`document.querySelector('#stock').textContent == 'Sold out'`)
	c.push(`{"type":"stock","epoch":"e1","offset":12,"ts":6,"item_id":"sku-1","level":"out","reserved":true}`)
	w.until(`document.querySelector('#stock').textContent == 'In a cart for now'`)
	c.push(`{"type":"stock","epoch":"e1","offset":13,"ts":7,"item_id":"sku-1","level":"out","sold":true}`)
	w.until(`document.querySelector('#stock').textContent == 'The last one was just sold' && document.querySelector('#stock').dataset.level == 'out'`)
	c.push(`{"type":"stock","epoch":"e1","offset":14,"ts":8,"item_id":"sku-1","level":"back"}`)
	w.until(`document.querySelector('#stock').textContent == 'Back in stock'`)
}

func TestLateWidgetsAreFound(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	w := newTab(t)
	w.open(s.URL + "/p")
	c.waitEvents("page_view", 1)
	w.run(`document.body.innerHTML = '<div id="home" data-beckon="recommendations" data-item="one"></div>'`)
	w.until(listed("home") + ` == 'for-one,b,c'`)
	w.run(`document.querySelector('#home').dataset.item = 'two'`)
	w.until(listed("home") + ` == 'for-two,b,c'`)
	w.run(`document.body.innerHTML = ''`)
	c.wait("the end of the subscription", func() bool {
		for _, f := range c.frames {
			if f["type"] == "unsubscribe" {
				return true
			}
		}
		return false
	})
}

func TestListUnderThePointerStaysStill(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.body = lists + `<button id="elsewhere">Elsewhere</button>`
	w := newTab(t)
	w.open(s.URL + "/p")
	w.until(listed("home") + ` == 'for-,b,c'`)
	c.wait("the socket", func() bool { return len(c.frames) >= 3 })
	w.run(`document.querySelector('#home a').focus()`)
	c.push(strings.Replace(answer("r_push", "home", "x"), "{", `{"type":"recommendations","epoch":"e1","offset":8,"ts":2,`, 1))
	c.push(`{"type":"stock","epoch":"e1","offset":10,"ts":4,"item_id":"sku-1","level":"low","left":3}`)
	w.until(`document.querySelector('#stock').textContent == 'Only 3 left'`)
	if got := w.text(listed("home")); got != "for-,b,c" {
		t.Errorf("the list with the focus in it became %s", got)
	}
	w.run(`document.querySelector('#elsewhere').focus()`)
	w.until(listed("home") + ` == 'x'`)
}

func TestWhatIsSeenAndClickedTellsItsList(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.body = `<div id="home" data-beckon="recommendations"></div>`
	w := newTab(t)
	w.open(s.URL + "/p")
	seen := c.waitEvents("impression", 1)[0]
	if seen.Rec != "r_get" || seen.Placement != "home" || len(seen.Items) == 0 {
		t.Errorf("impression %+v", seen)
	}
	w.until(listed("home") + ` == 'for-,b,c'`)
	w.run(`document.querySelector('#home li[data-id=b] a').click()`)
	if e := c.waitEvents("select_item", 1)[0]; e.Items[0].ID != "b" || e.Rec != "r_get" || e.Placement != "home" {
		t.Errorf("select_item %+v", e)
	}
}

func TestSocketComesBackWhereItWas(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.body = lists
	w := newTab(t)
	w.open(s.URL + "/p")
	hellos := func() (n int, last map[string]any) {
		for _, f := range c.frames {
			if f["type"] == "hello" {
				n, last = n+1, f
			}
		}
		return n, last
	}
	c.wait("a hello", func() bool { n, _ := hellos(); return n == 1 })
	w.run(`window.offers = 0; beckon('on', 'offer', () => offers++); beckon('on', 'hello', () => (window.back = 1))`)
	c.push(`{"type":"offer","epoch":"e1","offset":43,"ts":4,"id":"o_2"}`)
	w.until(`offers == 1`)
	c.stop()
	c.set(func() { c.frames = nil })
	c.restart()
	c.wait("the resumption", func() bool {
		n, last := hellos()
		return n > 0 && last["epoch"] == "e1" && last["offset"] == 43.0
	})
	w.until(`window.back`)
	c.wait("the subscriptions again", func() bool {
		n := 0
		for _, f := range c.frames {
			if f["type"] == "subscribe" {
				n++
			}
		}
		return n >= 3
	})
}

func TestOldTokenIsRenewed(t *testing.T) {
	c := startCollector(t)
	s := startShop(t, c)
	s.body = lists
	w := newTab(t)
	w.open(s.URL + "/p")
	first := c.waitEvents("page_view", 1)[0]
	c.set(func() { c.token = "t2" })
	w.open(s.URL + "/q")
	w.until(listed("home") + ` == 'for-,b,c'`)
	c.wait("a hello with the new token", func() bool {
		for _, f := range c.frames {
			if f["token"] == "t2" {
				return true
			}
		}
		return false
	})
	if second := c.waitEvents("page_view", 2)[1]; second.visitor != first.visitor {
		t.Errorf("the visitor became %s, was %s", second.visitor, first.visitor)
	}
}

func TestCloseCodesAreHeeded(t *testing.T) {
	hellos := func(c *collector) (n int) {
		for _, f := range c.frames {
			if f["type"] == "hello" {
				n++
			}
		}
		return n
	}
	for _, test := range []struct {
		name   string
		code   websocket.StatusCode
		reason string
		again  bool
	}{
		{"going away", 3001, `{"retry_ms":300}`, true},
		{"too slow", 3008, "", true},
		{"an unreadable reason", 3001, `{`, true},
		{"abuse", 3500, "", false},
		{"too many", 3503, "", false},
	} {
		c := startCollector(t)
		s := startShop(t, c)
		w := newTab(t)
		w.before(`Math.random = () => 0.02`) // of the first second
		w.open(s.URL + "/p")
		c.wait("a hello", func() bool { return hellos(c) == 1 })
		c.mu.Lock()
		socket := c.sockets[0]
		c.mu.Unlock()
		w.run(`beckon('on', 'sent', () => setTimeout(() => beckon('track', 'later'), 400))`)
		_ = socket.Close(test.code, test.reason) // the page may close at the same time
		if test.again {
			c.wait(test.name+": a second hello", func() bool { return hellos(c) == 2 })
			continue
		}
		w.run(`beckon('track', 'now')`)
		c.waitEvents("later", 2) // most of a second has passed
		c.mu.Lock()
		if n := hellos(c); n != 1 {
			t.Errorf("%s: %d hellos", test.name, n)
		}
		c.mu.Unlock()
	}
}

package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const priced = `<p><span id="price" data-beckon="price" data-item="sku-1"></span></p>`

// priceFrame is a price of sku-1 whose quote has life left by the server's clock.
func (c *collector) priceFrame(amount int64, life time.Duration) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	expires := time.Now().Add(c.ahead + life).UnixMilli()
	return fmt.Sprintf(`{"type":"price","epoch":"e1","offset":9,"ts":3,"item_id":"sku-1","amount":%d,"currency":"EUR","list":%d,"lowest_30d":%d,"reason":"dynamic","quote":"q_%d","expires":%d}`, amount, amount, amount, amount, expires)
}

// shown is what the price element says, by its text's beginning, and whether it is held.
const shown = `document.querySelector('#price').textContent.split(' ')[0] + ('beckonHeld' in document.querySelector('#price').dataset ? ' held' : '')`

func openPriced(t *testing.T) (*collector, *shop, tab) {
	t.Helper()
	c := startCollector(t)
	s := startShop(t, c)
	s.body = priced
	w := newTab(t)
	w.open(s.URL + "/p")
	c.subscribed(1)
	return c, s, w
}

// subscribed waits for n subscriptions to the item.
func (c *collector) subscribed(n int) {
	c.t.Helper()
	c.wait("the subscription", func() bool {
		got := 0
		for _, f := range c.frames {
			if f["type"] == "subscribe" {
				got++
			}
		}
		return got >= n
	})
}

func TestARiseWaitsWhileItsQuoteHolds(t *testing.T) {
	c, _, w := openPriced(t)
	c.push(c.priceFrame(1899, time.Hour))
	w.until(shown + ` == '€18.99'`)
	c.push(c.priceFrame(1999, time.Hour))
	w.until(shown + ` == '€18.99 held'`)
	if got := w.text(`document.querySelector('#price').textContent`); !strings.HasPrefix(got, "€18.99 Price held until ") {
		t.Errorf("a held price says %q", got)
	}
	if got := w.text(`document.querySelector('#price').dataset.quote + ' ' + document.querySelector('#price').dataset.amount`); got != "q_1899 1899" {
		t.Errorf("a held price has the quote %s", got)
	}
	c.push(c.priceFrame(1949, time.Hour)) // lower than the last, and still higher than what was promised
	c.push(c.priceFrame(1799, time.Hour))
	w.until(shown + ` == '€17.99'`)
	if got := w.text(`document.querySelector('#price').dataset.quote + document.querySelector('#price').childElementCount`); got != "q_17990" {
		t.Errorf("a drop left %s", got)
	}
	c.push(c.priceFrame(1899, time.Hour))
	w.until(shown + ` == '€17.99 held'`)
}

func TestARiseIsShownWhenTheQuoteEnds(t *testing.T) {
	c, _, w := openPriced(t)
	c.push(c.priceFrame(1899, 2*time.Second))
	w.until(shown + ` == '€18.99'`)
	c.push(c.priceFrame(2099, time.Hour))
	c.push(c.priceFrame(1999, time.Hour))
	w.until(shown + ` == '€18.99 held'`)
	w.until(shown + ` == '€19.99'`)
	if got := w.text(`document.querySelector('#price').dataset.quote + document.querySelector('#price').childElementCount`); got != "q_19990" {
		t.Errorf("after the promise %s", got)
	}
}

func TestADropWhileARiseWaitsIsTheOneThatStays(t *testing.T) {
	c, _, w := openPriced(t)
	c.push(c.priceFrame(1899, 1500*time.Millisecond))
	w.until(shown + ` == '€18.99'`)
	c.push(c.priceFrame(1999, time.Hour))
	w.until(shown + ` == '€18.99 held'`)
	w.run(`window.was = []; new MutationObserver(() => was.push(` + shown + `)).observe(document.querySelector('#price'), { childList: true, attributes: true })
		setTimeout(() => (window.over = 1), 2000)`)
	c.push(c.priceFrame(1799, time.Hour))
	w.until(shown + ` == '€17.99'`)
	w.until(`window.over`)
	if got := w.text(shown + ` + was.some((s) => s.startsWith('€19'))`); got != "€17.99false" {
		t.Errorf("after the first promise ended: %s", got)
	}
}

func TestALockHoldsOnTheNextPageAndInAnotherTab(t *testing.T) {
	c, s, w := openPriced(t)
	c.push(c.priceFrame(1899, time.Hour))
	w.until(shown + ` == '€18.99'`)
	w.until(`JSON.parse(localStorage.getItem('beckon.pk_test.p'))['sku-1'].amount == 1899`)
	w.open(s.URL + "/q")
	c.subscribed(2)
	second := w.another()
	second.open(s.URL + "/r")
	c.subscribed(3)
	c.push(c.priceFrame(1999, time.Hour))
	w.until(shown + ` == '€18.99 held'`)
	second.until(shown + ` == '€18.99 held'`)
}

func TestALockIsByTheServersClock(t *testing.T) {
	for _, ahead := range []time.Duration{-time.Hour, time.Hour} {
		c := startCollector(t)
		c.ahead = ahead
		s := startShop(t, c)
		s.body = priced
		w := newTab(t)
		w.open(s.URL + "/p")
		c.subscribed(1)
		c.push(c.priceFrame(1899, 2*time.Second))
		w.until(shown + ` == '€18.99'`)
		c.push(c.priceFrame(1999, time.Hour))
		w.until(shown + ` == '€18.99 held'`)
		w.until(shown + ` == '€19.99'`)
	}
}

func TestAPriceInAnotherCurrencyIsShownAtOnce(t *testing.T) {
	c, _, w := openPriced(t)
	c.push(c.priceFrame(1899, time.Hour))
	w.until(shown + ` == '€18.99'`)
	c.push(strings.Replace(c.priceFrame(2099, time.Hour), "EUR", "USD", 1))
	w.until(shown + ` == '$20.99'`)
}

func TestOnlyAReductionIsStruckThrough(t *testing.T) {
	c, _, w := openPriced(t)
	w.run(`document.documentElement.lang = 'de'`)
	c.push(c.priceFrame(1899, time.Hour))
	w.until(`document.querySelector('#price').dataset.amount == 1899`)
	c.push(`{"type":"price","epoch":"e1","offset":9,"ts":3,"item_id":"sku-1","amount":1499,"currency":"EUR","list":1899,"lowest_30d":1899,"reason":"markdown","quote":"q_m","expires":1}`)
	w.until(`document.querySelector('#price s')`)
	got := strings.ReplaceAll(w.text(`document.querySelector('#price').textContent`), "\u00a0", " ")
	if got != "14,99 € 18,99 € Niedrigster Preis der letzten 30 Tage: 18,99 €" {
		t.Errorf("a reduction says %q", got)
	}
	c.push(c.priceFrame(1399, time.Hour))
	w.until(`document.querySelector('#price').dataset.amount == 1399`)
	if got := w.text(`document.querySelector('#price').childElementCount`); got != "0" {
		t.Errorf("a drop that nobody announced is struck through: %s", w.text(`document.querySelector('#price').innerHTML`))
	}
}

func TestAskedPricesAreThePromisedOnes(t *testing.T) {
	c, _, w := openPriced(t)
	c.push(c.priceFrame(1899, time.Hour))
	w.until(shown + ` == '€18.99'`)
	expires := time.Now().Add(time.Hour).UnixMilli()
	c.set(func() {
		c.prices = fmt.Sprintf(`{"prices":[{"item_id":"sku-1","amount":1999,"currency":"EUR","list":1999,"quote":"q_1999","expires":%d},{"item_id":"sku-2","amount":500,"currency":"EUR","list":500,"quote":"q_500","expires":%d}],"unknown":[]}`, expires, expires)
	})
	w.run(`beckon('prices', ['sku-1', 'sku-2'], (a) => (window.asked = a.prices.map((p) => [p.item_id, p.amount, p.quote, p.reason].join(' ')).join()))`)
	w.until(`window.asked`)
	if got := w.text(`asked`); got != "sku-1 1899 q_1899 locked,sku-2 500 q_500 " {
		t.Errorf("asked prices %q", got)
	}
	c.set(func() { c.token = "t2"; c.prices = "" })
	w.run(`beckon('prices', ['sku-3'], (a) => (window.none = a === null))`)
	w.until(`window.none`)
}

func TestRefusedConsentKeepsNoPrices(t *testing.T) {
	c, _, w := openPriced(t)
	c.push(c.priceFrame(1899, time.Hour))
	w.until(`localStorage.getItem('beckon.pk_test.p')`)
	w.run(`beckon('consent', { analytics: false })`)
	c.push(c.priceFrame(1799, time.Hour))
	w.until(shown + ` == '€17.99'`)
	c.push(c.priceFrame(1899, time.Hour))
	w.until(shown + ` == '€17.99 held'`) // in this page all the same
	if got := w.text(`localStorage.getItem('beckon.pk_test.p')`); got != "null" {
		t.Errorf("kept %s", got)
	}
}

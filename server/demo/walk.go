package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"time"

	"beckon/web/text"
)

// act is one event of a simulated shopper, before it has an id and a time.
type act struct {
	name        string
	items       []line
	search      string
	placement   string
	rec         string // rec_id
	transaction string
	off         int64 // minor units that an offer took off
}

// line is an item and how many of it.
type line struct {
	item     *Item
	quantity int
}

// page is what a shopper does on one page: where it is, the events there, and how long they stay.
type page struct {
	path, title string
	acts        []act
	stay        time.Duration
}

// advice is a list of recommendations that a shopper was shown.
type advice struct {
	rec       string
	placement string
	items     []*Item
}

// walk is one visit of one shopper. It decides; visit tells what was decided.
type walk struct {
	r       *rand.Rand
	c       *Catalog
	taste   taste
	now     func() time.Time
	visit   func(ctx context.Context, p page) bool                    // false ends the visit
	advise  func(ctx context.Context, placement, item string) *advice // nil: there is none to be had
	order   func(ctx context.Context, id string, cart []line) bool    // the shop's till takes the pieces off the shelf
	orderID string                                                    // of a purchase

	// Of shoppers who are there now; nil in the past.
	hold   func(ctx context.Context, id string, cart []line) bool // the till keeps the pieces; false when someone else was faster
	price  func(ctx context.Context, it *Item) int64
	offer  func(ctx context.Context) string
	redeem func(ctx context.Context, order, code string, value int64) int64
	cost   func(cart []line) int64 // at the prices they saw

	cart []line
	at   *Item // on whose page they are
	want []*Item
}

// run walks from the home page to the till, or away.
func (w *walk) run(ctx context.Context) {
	if !w.visit(ctx, page{path: "/shop", title: "Home", stay: w.seconds(2, 6), acts: []act{{name: "page_view"}}}) {
		return
	}
	for range 2 + w.r.IntN(7) {
		it, how, ok := w.next(ctx)
		if !ok {
			return
		}
		if it == nil {
			continue
		}
		if !w.look(ctx, it, how) {
			return
		}
	}
	w.checkout(ctx)
}

// next finds the item to look at, and the act that led there.
func (w *walk) next(ctx context.Context) (it *Item, how []act, ok bool) {
	if len(w.want) > 0 { // what goes with the thing in the cart
		it, w.want = w.want[0], w.want[1:]
		return it, nil, true
	}
	switch p := w.r.Float64(); {
	case p < 0.40:
		if it, how := w.fromAdvice(ctx); it != nil {
			return it, how, true
		}
	case p < 0.60:
		return w.fromSearch(ctx)
	}
	return w.fromCategory(ctx)
}

func (w *walk) fromAdvice(ctx context.Context) (*Item, []act) {
	placement, item := "home", ""
	if w.at != nil {
		placement, item = "item", w.at.ID
	}
	seen := w.advise(ctx, placement, item)
	if seen == nil || len(seen.items) == 0 {
		return nil, nil
	}
	it, ok := w.pick(seen.items)
	if !ok {
		return nil, nil
	}
	shown := make([]line, 0, len(seen.items))
	for _, s := range seen.items {
		shown = append(shown, line{s, 1})
	}
	return it, []act{
		{name: "impression", items: shown, rec: seen.rec, placement: seen.placement},
		{name: "select_item", items: []line{{it, 1}}, rec: seen.rec, placement: seen.placement},
	}
}

func (w *walk) fromSearch(ctx context.Context) (*Item, []act, bool) {
	k := kinds[w.r.IntN(len(kinds))]
	p := page{
		path: "/shop/search?q=" + url.QueryEscape(k.name), title: "Search: " + k.name, stay: w.seconds(2, 5),
		acts: []act{{name: "page_view"}, {name: "search", search: k.name}},
	}
	if !w.visit(ctx, p) {
		return nil, nil, false
	}
	it, _ := w.pick(w.c.InCategory(k.category, k.id))
	return it, nil, true
}

func (w *walk) fromCategory(ctx context.Context) (*Item, []act, bool) {
	m := momentAt(w.c, w.now())
	cat, _ := choose(w.r, categories, func(c Category) float64 { return max(w.taste.category[c.ID], 1) * m.season[c.ID] })
	shown := w.c.InCategory(cat.ID, "")
	list := act{name: "view_item_list"}
	for _, it := range shown[:min(12, len(shown))] {
		list.items = append(list.items, line{it, 1})
	}
	p := page{path: "/shop/c/" + cat.ID, title: cat.name(text.For("en")), stay: w.seconds(2, 6), acts: []act{{name: "page_view"}, list}}
	if !w.visit(ctx, p) {
		return nil, nil, false
	}
	it, _ := w.pick(shown)
	return it, nil, true
}

// pick draws the item that the shopper likes, more often than not.
func (w *walk) pick(items []*Item) (*Item, bool) {
	m := momentAt(w.c, w.now())
	return choose(w.r, items, func(it *Item) float64 {
		if w.inCart(it) {
			return 0
		}
		return w.taste.likes(it, m)
	})
}

// look reads an item's page, and perhaps puts it into the cart.
func (w *walk) look(ctx context.Context, it *Item, how []act) bool {
	w.at = it
	one := []line{{it, 1}}
	p := page{path: it.URL(), title: it.Title, stay: w.seconds(3, 14), acts: append(how, act{name: "page_view"}, act{name: "view_item", items: one})}
	if !w.visit(ctx, p) {
		return false
	}
	buy := w.taste.intent * 0.35
	if w.taste.series[it.Series] > 1 {
		buy *= 1.6
	}
	if w.goesWithCart(it) {
		buy = max(buy, 0.55)
	}
	buy *= w.willing(ctx, it)
	switch p := w.r.Float64(); {
	case p < buy && !w.inCart(it):
		if it.Price < 4000 && w.r.Float64() < 0.3 {
			one[0].quantity = 2 + w.r.IntN(3)
		}
		w.cart = append(w.cart, one[0])
		w.wantWhatGoesWith(it)
		return w.visit(ctx, page{path: it.URL(), title: it.Title, stay: w.seconds(1, 4), acts: []act{{name: "add_to_cart", items: one}}})
	case p > 0.95:
		return w.visit(ctx, page{path: it.URL(), title: it.Title, stay: w.seconds(1, 3), acts: []act{{name: "add_to_wishlist", items: one}}})
	}
	return true
}

// wantWhatGoesWith makes baskets of things that belong together.
func (w *walk) wantWhatGoesWith(it *Item) {
	for i, id := range it.goes {
		if other := w.c.Item(id); other != nil && !w.inCart(other) && w.r.Float64() < 0.45/float64(i+1) {
			w.want = append(w.want, other)
		}
	}
}

func (w *walk) inCart(it *Item) bool {
	return slices.ContainsFunc(w.cart, func(l line) bool { return l.item == it })
}

func (w *walk) goesWithCart(it *Item) bool {
	return slices.ContainsFunc(w.cart, func(l line) bool { return slices.Contains(l.item.goes, it.ID) })
}

// checkout ends the visit of a shopper with something in the cart: some think again, most of the others pay.
func (w *walk) checkout(ctx context.Context) {
	if len(w.cart) == 0 {
		return
	}
	if len(w.cart) > 1 && w.r.Float64() < 0.12 {
		i := w.r.IntN(len(w.cart))
		gone := w.cart[i]
		w.cart = slices.Delete(slices.Clone(w.cart), i, i+1)
		if !w.visit(ctx, page{path: "/shop/cart", title: "Cart", stay: w.seconds(1, 3), acts: []act{{name: "page_view"}, {name: "remove_from_cart", items: []line{gone}}}}) {
			return
		}
	}
	if !w.visit(ctx, page{path: "/shop/cart", title: "Cart", stay: w.seconds(3, 8), acts: []act{{name: "page_view"}, {name: "view_cart", items: w.cart}}}) {
		return
	}
	if w.r.Float64() > 0.35+0.6*w.taste.intent {
		w.thinkAgain(ctx)
		return
	}
	w.pay(ctx, "")
}

// pay goes through the checkout, with an offer's code if there is one. What is in the cart is held from its beginning.
func (w *walk) pay(ctx context.Context, code string) {
	if w.hold != nil && !w.hold(ctx, w.orderID, w.cart) {
		return
	}
	p := page{path: "/shop/checkout", title: "Checkout", stay: w.seconds(5, 12), acts: []act{{name: "page_view"}, {name: "begin_checkout", items: w.cart}, {name: "add_shipping_info", items: w.cart}}}
	if !w.visit(ctx, p) || !w.order(ctx, w.orderID, w.cart) {
		return
	}
	off := int64(0)
	if code != "" {
		off = w.redeem(ctx, w.orderID, code, w.cost(w.cart))
	}
	w.visit(ctx, page{
		path: "/shop/thanks", title: "Thank you", stay: w.seconds(1, 3),
		acts: []act{{name: "page_view"}, {name: "purchase", items: w.cart, transaction: w.orderID, off: off}},
	})
}

func (w *walk) seconds(from, to float64) time.Duration {
	return time.Duration((from + (to-from)*w.r.Float64()) * float64(time.Second))
}

// priceList is what items cost where it is not what the catalog says.
type priceList map[string]int64

func (p priceList) of(it *Item) int64 {
	if price, ok := p[it.ID]; ok {
		return price
	}
	return it.Price
}

// total is what a cart costs.
func (p priceList) total(cart []line) int64 {
	var sum int64
	for _, l := range cart {
		sum += p.of(l.item) * int64(l.quantity)
	}
	return sum
}

// orderNumber names an order in words that a person could read out.
func orderNumber(shop string, n uint64) string { return fmt.Sprintf("%s-%08d", shop, n%1e8) }

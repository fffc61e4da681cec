package demo

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"beckon/web"
	"beckon/web/text"
)

const (
	perPage    = 24
	mostFound  = 96
	anyKind    = ""
	byShelf    = ""
	cheapFirst = "price"
	dearFirst  = "-price"
)

func (h *handler) category(c *fiber.Ctx) error {
	cat := categoryOf(c.Params("category"))
	if cat == nil {
		return c.Next()
	}
	kind, order := query(c, "kind"), query(c, "order")
	items := slices.Clone(h.Catalog.InCategory(cat.ID, kind))
	switch order {
	case cheapFirst:
		slices.SortStableFunc(items, func(a, b *Item) int { return cmp.Compare(a.Price, b.Price) })
	case dearFirst:
		slices.SortStableFunc(items, func(a, b *Item) int { return cmp.Compare(b.Price, a.Price) })
	default:
		shuffleKinds(items)
	}
	address := func(kind, order string, page int) string {
		v := url.Values{}
		for name, value := range map[string]string{"kind": kind, "order": order} {
			if value != "" {
				v.Set(name, value)
			}
		}
		if page > 1 {
			v.Set("page", strconv.Itoa(page))
		}
		if len(v) == 0 {
			return "/shop/c/" + cat.ID
		}
		return "/shop/c/" + cat.ID + "?" + v.Encode()
	}
	t := language(c)
	list := web.ShopList{Heading: cat.name(t), Text: cat.text(t), Category: cat.ID}
	list.Filters = append(list.Filters, web.ShopFilter{Name: t.T("shop.all"), URL: address(anyKind, order, 1), On: kind == ""})
	for _, k := range kinds {
		if k.category == cat.ID {
			list.Filters = append(list.Filters, web.ShopFilter{Name: t.T("shop.kinds_" + k.id), URL: address(k.id, order, 1), On: kind == k.id})
		}
	}
	for _, s := range []struct{ name, order string }{{t.T("shop.our_order"), byShelf}, {t.T("shop.cheapest"), cheapFirst}, {t.T("shop.dearest"), dearFirst}} {
		list.Sorts = append(list.Sorts, web.ShopFilter{Name: s.name, URL: address(kind, s.order, 1), On: order == s.order})
	}
	cut(&list, t, items, atoi(c.Query("page"), 1), func(page int) string { return address(kind, order, page) })
	return h.show(c, web.ShopItems(h.frame(c, list.Heading, cat.ID), list))
}

func (h *handler) search(c *fiber.Ctx) error {
	t := language(c)
	frame := h.frame(c, t.T("shop.search"), "")
	found := h.Catalog.Search(frame.Query, mostFound)
	list := web.ShopList{Heading: frame.Title, Text: t.T("shop.looking_for")}
	if frame.Query != "" {
		list.Heading = t.T("shop.quoted", "words", frame.Query)
		list.Text = t.N("shop.found", int64(len(found)))
		if len(found) == 0 {
			list.Text = t.T("shop.found_none")
		}
	}
	cut(&list, t, found, atoi(c.Query("page"), 1), func(page int) string {
		return "/shop/search?" + url.Values{"q": {frame.Query}, "page": {strconv.Itoa(page)}}.Encode()
	})
	return h.show(c, web.ShopItems(frame, list))
}

// cut puts one page of items into list.
func cut(list *web.ShopList, t *text.Printer, items []*Item, page int, address func(page int) string) {
	pages := max(1, (len(items)+perPage-1)/perPage)
	page = min(max(page, 1), pages)
	list.Total = len(items)
	for _, it := range items[(page-1)*perPage : min(page*perPage, len(items))] {
		list.Items = append(list.Items, shown(it, t))
	}
	if page > 1 {
		list.Earlier = address(page - 1)
	}
	if page < pages {
		list.More = address(page + 1)
	}
}

// shuffleKinds orders a department so that neighbours differ, the same way every time: kinds take turns.
func shuffleKinds(items []*Item) {
	place := map[string]int{}
	turn := map[*Item]int{}
	for _, it := range items {
		turn[it] = place[it.Kind]
		place[it.Kind]++
	}
	slices.SortStableFunc(items, func(a, b *Item) int { return cmp.Compare(turn[a], turn[b]) })
}

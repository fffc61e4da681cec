package demo

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"beckon/web"
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
	list := web.ShopList{Heading: cat.Name, Text: cat.Text, Category: cat.ID}
	list.Filters = append(list.Filters, web.ShopFilter{Name: "All", URL: address(anyKind, order, 1), On: kind == ""})
	for _, k := range kinds {
		if k.category == cat.ID {
			list.Filters = append(list.Filters, web.ShopFilter{Name: k.name + "s", URL: address(k.id, order, 1), On: kind == k.id})
		}
	}
	for _, s := range []struct{ name, order string }{{"Our order", byShelf}, {"Cheapest", cheapFirst}, {"Dearest", dearFirst}} {
		list.Sorts = append(list.Sorts, web.ShopFilter{Name: s.name, URL: address(kind, s.order, 1), On: order == s.order})
	}
	cut(&list, items, atoi(c.Query("page"), 1), func(page int) string { return address(kind, order, page) })
	return h.show(c, web.ShopItems(h.frame(c, cat.Name, cat.ID), list))
}

func (h *handler) search(c *fiber.Ctx) error {
	frame := h.frame(c, "Search", "")
	found := h.Catalog.Search(frame.Query, mostFound)
	list := web.ShopList{Heading: "Search", Text: "What are you looking for?"}
	if frame.Query != "" {
		list.Heading = "“" + frame.Query + "”"
		list.Text = fmt.Sprintf("%d found", len(found))
		if len(found) == 0 {
			list.Text = "Nothing has all of these words. Try fewer of them, or a colour."
		}
	}
	cut(&list, found, atoi(c.Query("page"), 1), func(page int) string {
		return "/shop/search?" + url.Values{"q": {frame.Query}, "page": {strconv.Itoa(page)}}.Encode()
	})
	return h.show(c, web.ShopItems(frame, list))
}

// cut puts one page of items into list.
func cut(list *web.ShopList, items []*Item, page int, address func(page int) string) {
	pages := max(1, (len(items)+perPage-1)/perPage)
	page = min(max(page, 1), pages)
	list.Total = len(items)
	for _, it := range items[(page-1)*perPage : min(page*perPage, len(items))] {
		list.Items = append(list.Items, shown(it))
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

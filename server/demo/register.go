package demo

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"beckon/web"
	"beckon/web/text"
)

// Shop is what Register needs.
type Shop struct {
	Account
	Catalog *Catalog
}

// policy allows pages nothing but their own server: no inline script or style, no frame around them.
const policy = "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// Register adds the demo shop's routes below /shop.
func Register(app *fiber.App, shop Shop) {
	h := &handler{Shop: shop}
	g := app.Group("/shop", func(c *fiber.Ctx) error {
		c.Set("Content-Security-Policy", policy)
		c.Set("X-Content-Type-Options", "nosniff")
		c.Set("Referrer-Policy", "same-origin")
		return c.Next()
	})
	g.Get("/", h.home)
	g.Get("/c/:category", h.category)
	g.Get("/search", h.search)
	g.Get("/p/:item", h.product)
	g.Get("/cart", h.page("shop.your_cart", web.ShopCart))
	g.Get("/checkout", h.page("shop.checkout", web.ShopCheckout))
	g.Post("/checkout", h.checkout)
	g.Post("/checkout/hold", h.holdCart)
	g.Get("/thanks", h.page("shop.thanks", web.ShopThanks))
	g.Get("/inspect", h.page("shop.inspect", web.ShopInspect))
	g.Get("/pictures/:file", h.picture)
	g.Get("/assets/:file", h.asset)
	g.Use(func(c *fiber.Ctx) error {
		c.Status(fiber.StatusNotFound)
		return h.show(c, web.ShopMissing(h.frame(c, language(c).T("shop.not_found"), "")))
	})
}

// handler serves the shop's pages. Its fields do not change.
type handler struct {
	Shop
	pictures sync.Map // item id: SVG, drawn when it is first asked for; bounded by the catalog
}

// frame is what every page needs.
func (h *handler) frame(c *fiber.Ctx, title, active string) web.ShopPage {
	t := language(c)
	p := web.ShopPage{Text: t, Title: title, Key: h.Public, Query: query(c, "q"), Active: active}
	for i, cat := range categories {
		items := h.Catalog.InCategory(cat.ID, "")
		p.Categories = append(p.Categories, web.ShopCategory{ID: cat.ID, Name: cat.name(t), Text: cat.text(t), Picture: items[(i*7)%len(items)].Picture()})
	}
	return p
}

func (h *handler) show(c *fiber.Ctx, page templ.Component) error {
	var out bytes.Buffer
	if err := page.Render(context.Background(), &out); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	return c.Send(out.Bytes())
}

// page is a handler of a page that depends on nothing but the browser. title is a message's key.
func (h *handler) page(title string, of func(web.ShopPage) templ.Component) fiber.Handler {
	return func(c *fiber.Ctx) error { return h.show(c, of(h.frame(c, language(c).T(title), ""))) }
}

// languageCookie keeps what ?lang= asked for, so that the pages after it and the till speak the same.
const languageCookie = "shop_lang"

// language is what a page is written in: what ?lang= asks for, now or before, or what the browser prefers.
func language(c *fiber.Ctx) *text.Printer {
	asked := c.Query("lang")
	if asked == "" {
		return text.Match(c.Cookies(languageCookie), c.Get(fiber.HeaderAcceptLanguage))
	}
	p := text.Match(asked, c.Get(fiber.HeaderAcceptLanguage))
	c.Cookie(&fiber.Cookie{Name: languageCookie, Value: p.Lang(), Path: "/shop", MaxAge: 365 * 24 * 3600, SameSite: fiber.CookieSameSiteLaxMode, HTTPOnly: true})
	return p
}

// heroes are the pictures that the shop greets with.
var heroes = []string{"gala-armchair", "isar-kettle", "juno-vase", "hedda-tablelamp", "alva-backpack", "kale-planter"}

func (h *handler) home(c *fiber.Ctx) error {
	var hero []web.ShopItem
	t := language(c)
	for _, id := range heroes {
		hero = append(hero, shown(h.Catalog.Item(id), t))
	}
	return h.show(c, web.ShopHome(h.frame(c, language(c).T("shop.home_title"), ""), hero))
}

func (h *handler) product(c *fiber.Ctx) error {
	it := h.Catalog.Item(c.Params("item"))
	if it == nil {
		return c.Next()
	}
	return h.show(c, web.ShopProduct(h.frame(c, it.Title, it.Category), shown(it, language(c))))
}

func (h *handler) picture(c *fiber.Ctx) error {
	it := h.Catalog.Item(strings.TrimSuffix(c.Params("file"), ".svg"))
	if it == nil {
		return c.Next()
	}
	svg, ok := h.pictures.Load(it.ID)
	if !ok {
		svg, _ = h.pictures.LoadOrStore(it.ID, it.picture())
	}
	c.Set(fiber.HeaderContentType, "image/svg+xml")
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	return c.Send(svg.([]byte))
}

func (h *handler) asset(c *fiber.Ctx) error {
	a, ok := web.Named(c.Params("file"))
	if !ok {
		return c.Next()
	}
	c.Set(fiber.HeaderContentType, a.Type)
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Vary(fiber.HeaderAcceptEncoding)
	if c.AcceptsEncodings("gzip") != "" {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(a.Gzip)
	}
	return c.Send(a.Body)
}

// query is a query parameter of at most 80 bytes, safe to keep.
func query(c *fiber.Ctx, name string) string {
	q := c.Query(name)
	return strings.ToValidUTF8(strings.Clone(q[:min(len(q), 80)]), "")
}

// shown is an item as pages show it. Prices are the listed ones; the beacon brings the current ones.
func shown(it *Item, t *text.Printer) web.ShopItem {
	return web.ShopItem{
		ID: it.ID, Title: it.Title, Brand: it.Brand, Colour: it.colour(t), Text: it.about(t), Category: it.Category, CategoryName: categoryOf(it.Category).name(t),
		URL: it.URL(), Picture: it.Picture(), Price: it.Price, Currency: Currency,
	}
}

// categoryOf finds a category by its id, nil if there is none.
func categoryOf(id string) *Category {
	i := slices.IndexFunc(categories, func(c Category) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &categories[i]
}

// atoi is a number of a query, or otherwise.
func atoi(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

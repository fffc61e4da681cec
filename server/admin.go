package main

import (
	"net/url"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"beckon/server/shop"
)

// adminDesk is what the requests of the dashboard share.
type adminDesk struct {
	signer   adminSigner
	secure   bool   // browsers reach us by https, so cookies are for https only
	origin   string // scheme://host that they reach us by; "": whatever Host says
	requests *limiter
	accounts *waits
	origins  *waits // by address
	failed   *failedLogins
	checking chan struct{} // has an element for each password that is checked or waits for it
	lastSeen lastSeen
	zippers  sync.Pool // of *gzip.Writer, which hold some 800 KB each
}

// passwordsAtOnce wait for their check at most; who comes beyond is told to come again.
const passwordsAtOnce = 64

// adminRate is how many requests a session may make a second, and how many logins an address may try; ten seconds' worth at once.
const adminRate = 50

func newAdminDesk(cfg config, s secret) (*adminDesk, error) {
	key, err := s.key("dashboard")
	if err != nil {
		return nil, err
	}
	d := &adminDesk{
		signer: adminSigner{key}, requests: newLimiter(adminRate),
		accounts: newWaits(accountWaits), origins: newWaits(addressWaits), failed: &failedLogins{},
		checking: make(chan struct{}, passwordsAtOnce),
	}
	if u, err := url.Parse(cfg.publicURL); err == nil && cfg.publicURL != "" {
		d.secure, d.origin = u.Scheme == "https", u.Scheme+"://"+strings.ToLower(u.Host)
	}
	return d, nil
}

// serveAdmin puts the dashboard's routes into app. Everything else under /admin is a page that says so.
func (n *node) serveAdmin(app *fiber.App) {
	for _, r := range n.adminRoutes() {
		app.Add(r.method, r.path, func(c *fiber.Ctx) error {
			a := n.adminRequest(c)
			if err := a.admit(r.role); err != nil {
				return a.fail(err)
			}
			if err := r.handle(a); err != nil {
				return a.fail(err)
			}
			return nil
		})
	}
	lost := func(c *fiber.Ctx) error {
		a := n.adminRequest(c)
		if err := a.admit(shop.Viewer); err != nil { // who is not logged in is told nothing of what there is
			return a.fail(err)
		}
		return a.fail(fail(404, "not_found", "there is no such page"))
	}
	app.All("/admin", lost)
	app.All("/admin/*", lost)
}

// respondAnyError is Fiber's error handler: what the dashboard's people see is a page.
func (n *node) respondAnyError(c *fiber.Ctx, err error) error {
	path := strings.ToLower(c.Path())
	if path != "/admin" && !strings.HasPrefix(path, "/admin/") {
		return respondError(c, err)
	}
	a := n.adminRequest(c)
	a.who()
	return a.fail(err)
}

// adminCSP lets pages run and load only what this server has itself; pictures of the catalog may come from anywhere.
const adminCSP = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; " +
	"img-src 'self' data: https: http:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// protect sets the headers of every answer under /admin.
func protect(c *fiber.Ctx, secure bool) {
	for _, h := range [...][2]string{
		{"Content-Security-Policy", adminCSP},
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "same-origin"},
		{"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", "same-origin"},
		{"X-Frame-Options", "DENY"},
		{"Cache-Control", "no-store"},
	} {
		c.Set(h[0], h[1])
	}
	if secure {
		c.Set("Strict-Transport-Security", "max-age=31536000")
	}
	c.Vary("Cookie", "Accept-Encoding", "Accept-Language")
}

package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/server/shop"
)

// cookie is a cookie's name. Browsers let nobody set one that begins with __Secure- but over https.
func (d *adminDesk) cookie(name string) string {
	if d.secure {
		return "__Secure-" + name
	}
	return name
}

func (d *adminDesk) sessionCookie() string { return d.cookie("beckon_session") }

// giveSession puts the id where scripts cannot read it. Lax lets links from elsewhere find people logged in; changes are posts, which Lax
// keeps from other sites.
func (a *adminRequest) giveSession(id string) {
	a.Cookie(&fiber.Cookie{
		Name: a.n.admin.sessionCookie(), Value: id, Path: "/admin", HTTPOnly: true, Secure: a.n.admin.secure,
		SameSite: fiber.CookieSameSiteLaxMode, MaxAge: int(sessionLife.Seconds()),
	})
}

func (a *adminRequest) dropCookie(name string) {
	a.Cookie(&fiber.Cookie{
		Name: name, Path: "/admin", HTTPOnly: true, Secure: a.n.admin.secure, SameSite: fiber.CookieSameSiteLaxMode, Expires: time.Unix(1, 0),
	})
}

func (a *adminRequest) setRetry(wait time.Duration) {
	a.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(wholeSeconds(wait).Seconds())))
}

// wholeSeconds is wait in seconds, rounded up.
func wholeSeconds(wait time.Duration) time.Duration {
	return max(time.Second, (wait + time.Second - 1).Truncate(time.Second))
}

// checkPassword waits for a slot, but not for ever: a crowd of guessers is told to come again.
func (n *node) checkPassword(a *adminRequest, name, password string) (shop.User, bool, error) {
	busy := overloaded(passwordWait, "many people log in just now")
	select {
	case n.admin.checking <- struct{}{}:
		defer func() { <-n.admin.checking }()
	default:
		return shop.User{}, false, busy
	}
	ctx, cancel := context.WithTimeout(a.ctx, passwordWait)
	defer cancel()
	user, ok, err := n.shop.CheckPassword(ctx, name, password)
	if err != nil {
		return shop.User{}, false, busy
	}
	return user, ok, nil
}

// agentName is a browser as its owner knows it: "Firefox, Windows", "" for what is none of these. What it says of itself is not kept.
func agentName(agent string) string {
	name, system := "", ""
	for _, b := range [...][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}} {
		if name == "" && strings.Contains(agent, b[0]) {
			name = b[1]
		}
	}
	for _, o := range [...][2]string{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}} {
		if system == "" && strings.Contains(agent, o[0]) {
			system = o[1]
		}
	}
	if name == "" || system == "" {
		return name + system
	}
	return name + ", " + system
}

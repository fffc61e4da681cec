package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"beckon/clickstream/eventlog"
	"beckon/dashboards/people"
	"beckon/pricing"
	"beckon/pricing/offers"
	"beckon/server/shop"
)

// fail answers with what went wrong: a page for people, a part of one for a page's script, JSON for what asks for it.
func (a *adminRequest) fail(err error) error {
	var elsewhere *redirected
	if errors.As(err, &elsewhere) {
		return a.Redirect(elsewhere.to, fiber.StatusSeeOther)
	}
	known := a.n.knownError(err)
	if known.status >= 500 && known.status != 503 {
		slog.Error("dashboard", "path", a.Path(), "error", err)
	}
	if known.retry > 0 {
		a.setRetry(known.retry)
	}
	if a.wantsJSON() {
		return respond(a.Ctx, known.status, map[string]any{"error": map[string]string{"code": known.code, "message": known.message}})
	}
	v := a.notice(known)
	if a.fragment() {
		return a.renderStatus(known.status, people.Problem(v))
	}
	return a.renderStatus(known.status, people.Notice(a.page("", v.Title), v))
}

// knownError gives an error of a handler its status.
func (n *node) knownError(err error) *apiError {
	var known *apiError
	var http *fiber.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &http):
		return fail(http.Code, statusCode(http.Code), "%s", http.Message)
	case refusal[*pricing.Refusal](err):
		err = n.pricingError(err)
	case refusal[*offers.Refusal](err):
		err = n.offerError(err)
	case refusal[*shop.Refusal](err):
		err = n.shopError(err)
	case storing(err):
		err = n.cannotStore(err)
	}
	if errors.As(err, &known) {
		return known
	}
	return fail(500, "internal", "the server could not answer")
}

func refusal[R error](err error) bool {
	var r R
	return errors.As(err, &r)
}

// storing says that err is of a log that takes nothing now, or of waiting for it.
func storing(err error) bool {
	return refusal[*eventlog.FullError](err) || refusal[*eventlog.FailedError](err) || refusal[*shop.StoppedError](err) ||
		errors.Is(err, eventlog.ErrClosed) || errors.Is(err, shop.ErrClosed) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// notice is an error in words: what happened, and what to do.
func (a *adminRequest) notice(e *apiError) people.NoticeView {
	t := a.text
	v := people.NoticeView{Action: t.T("login.error.home"), ActionURL: "/admin", Detail: e.message}
	switch e.status {
	case 401:
		v.Title, v.Text, v.Action, v.ActionURL = t.T("login.error.401"), t.T("login.error.401.text"), t.T("login.submit"), "/admin/login"
	case 403:
		v.Title, v.Text = t.T("login.error.403"), t.T("login.error.403.text", "role", t.T("ui.role."+string(a.user.Role)))
		if e.code == "bad_csrf" || e.code == "foreign_page" {
			v.Text = t.T("login.error.csrf.text")
		}
	case 404:
		v.Title, v.Text = t.T("login.error.404"), t.T("login.error.404.text")
		switch e.code {
		case "unknown_site":
			v.Text = t.T("login.error.site.text")
		case "no_site":
			v.Title, v.Text, v.Action, v.ActionURL = t.T("login.error.nosite"), t.T("login.error.nosite.text"), t.T("people.account"), "/admin/account"
		}
	case 400, 405, 409, 413, 415, 422:
		v.Title, v.Text = t.T("login.error.422"), t.T("login.error.422.text")
	case 429:
		v.Title, v.Text = t.T("login.error.429"), t.T("login.error.429.text", "wait", t.Duration(wholeSeconds(e.retry)))
	case 503:
		v.Title, v.Text = t.T("login.error.503"), t.T("login.error.503.text")
	default:
		v.Title, v.Text, v.Detail = t.T("login.error.500"), t.T("login.error.500.text"), ""
	}
	if a.user.Name == "" && e.status != 401 {
		v.Action, v.ActionURL = t.T("login.submit"), "/admin/login"
	}
	return v
}

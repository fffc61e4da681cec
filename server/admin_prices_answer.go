package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/prices"
	"beckon/dashboards/ui"
	"beckon/pricing"
	"beckon/server/shop"
)

// priceRecord has the Book decide a record of the request's site.
func (a *adminRequest) priceRecord(do, id string, body any) (answer any, offset uint64, err error) {
	return a.n.shop.Submit(a.ctx, a.actor(), shop.Command{Do: do, Site: a.site.ID, ID: id, Body: body})
}

// priceRefusal is what the Book says against a record in the reader's language, false for any other error.
func (a *adminRequest) priceRefusal(err error) (why string, ok bool) {
	var refused *pricing.Refusal
	if !errors.As(err, &refused) {
		return "", false
	}
	return prices.Refusal(a.text, refused.Code, refused.Message), true
}

// Answers are bounded, as a page shows them.
const maxAnswers = 200

// answerSuggestions approves or dismisses one suggestion, those that are picked, or all that the page showed.
func (n *node) answerSuggestions(a *adminRequest) error {
	do, ids := pricing.DoApprove, []string{}
	switch {
	case a.form("approve") != "":
		ids = []string{a.form("approve")}
	case a.form("dismiss") != "":
		do, ids = pricing.DoDismiss, []string{a.form("dismiss")}
	case a.form("do") == "approve_shown":
		ids = a.formAll("shown")
	default:
		if a.form("do") == "dismiss" {
			do = pricing.DoDismiss
		}
		for _, id := range a.formAll("shown") {
			if a.form(prices.Pick(id)) == "on" {
				ids = append(ids, id)
			}
		}
	}
	back := "/admin/prices"
	if item := a.form("back"); item != "" {
		back = "/admin/prices/" + item
	}
	if len(ids) == 1 {
		_, offset, err := a.priceRecord(do, "", pricing.OnSuggestion{Suggestion: ids[0]})
		if err == nil {
			return a.changed(offset, back)
		}
		if _, refused := a.priceRefusal(err); !refused {
			return err
		}
		return a.answered(back, do, nil, 1)
	}
	if len(ids) > maxAnswers {
		return fail(422, "too_many", "at most %d suggestions are answered at once", maxAnswers)
	}
	var offsets []uint64
	refused := 0
	for _, id := range ids {
		_, offset, err := a.priceRecord(do, "", pricing.OnSuggestion{Suggestion: id})
		if err == nil {
			offsets = append(offsets, offset)
			continue
		}
		if _, ok := a.priceRefusal(err); !ok {
			return err
		}
		refused++
	}
	return a.answered(back, do, offsets, refused)
}

// answered goes back to the page, which says how many were answered and can take all of it back.
func (a *adminRequest) answered(back, do string, offsets []uint64, refused int) error {
	list := make([]string, len(offsets))
	for i, o := range offsets {
		list[i] = strconv.FormatUint(o, 10)
	}
	p := ui.Page{Site: a.site.ID}
	verb := "approved"
	if do == pricing.DoDismiss {
		verb = "dismissed"
	}
	return a.Redirect(p.URL(back, "did", verb, "offsets", strings.Join(list, "."), "refused", count(refused)), fiber.StatusSeeOther)
}

func count(v int) string {
	if v == 0 {
		return ""
	}
	return strconv.Itoa(v)
}

// answeredFlash is what the address says of answers that were just given; nil for nothing.
func answeredFlash(a *adminRequest, p ui.Page) *ui.Flash {
	verb, list := a.Query("did"), a.Query("offsets")
	if verb == "" {
		return nil
	}
	refused, _ := strconv.Atoi(a.Query("refused"))
	done := len(offsetsIn(list))
	f := &ui.Flash{}
	switch {
	case verb == "undone":
		f.Text = a.text.N("prices.flash.undone", int64(done))
	case done == 0 && refused == 0:
		f.Text, f.Bad = a.text.T("prices.flash.nothing"), true
	case done == 0:
		f.Text, f.Bad = a.text.T("prices.flash.gone"), true
	case verb == "dismissed":
		f.Text = a.text.N("prices.flash.dismissed", int64(done))
	default:
		f.Text = a.text.N("prices.flash.approved", int64(done))
	}
	if refused > 0 && done > 0 {
		f.Text += " " + a.text.N("prices.flash.refused", int64(refused))
	}
	if done > 0 && verb != "undone" && a.user.Role.May(shop.Merchandiser) {
		f.UndoURL = p.URL("/admin/pricing/undo", "offsets", list)
	}
	return f
}

// offsetsIn reads offsets with points between them, at most maxAnswers.
func offsetsIn(list string) (out []uint64) {
	for part := range strings.SplitSeq(list, ".") {
		if v, err := strconv.ParseUint(part, 10, 64); err == nil && len(out) < maxAnswers {
			out = append(out, v)
		}
	}
	return out
}

// undoPrices takes several answers back, the last one first. What something else has changed since stays as it is.
func (n *node) undoPrices(a *adminRequest) error {
	offsets := offsetsIn(a.Query("offsets"))
	var done []uint64
	refused := 0
	for i := range offsets {
		offset, err := n.undo(a.ctx, a.actor(), a.site.ID, offsets[len(offsets)-1-i])
		var own *shop.Refusal
		_, book := a.priceRefusal(err)
		switch {
		case err == nil:
			done = append(done, offset)
		case book || errors.As(err, &own):
			refused++
		default:
			return err
		}
	}
	p := ui.Page{Site: a.site.ID}
	list := make([]string, len(done))
	for i, o := range done {
		list[i] = strconv.FormatUint(o, 10)
	}
	return a.Redirect(p.URL("/admin/prices", "did", "undone", "offsets", strings.Join(list, "."), "refused", count(refused)), fiber.StatusSeeOther)
}

// takeFreeze freezes or thaws the site, a category or an item.
func (n *node) takeFreeze(a *adminRequest) error {
	body := pricing.Freeze{
		Target: pricing.Target{Scope: pricing.Scope(a.form("scope")), Key: a.form("key")},
		On:     a.form("on") == "yes", Restore: a.form("restore") == "on" && a.form("on") == "yes",
	}
	if body.Scope == pricing.ScopeAll {
		return fail(422, "bad_scope", "every site at once is stopped by `beckon prices freeze --all`")
	}
	_, offset, err := a.priceRecord(pricing.DoFreeze, "", body)
	if err != nil {
		return err
	}
	switch body.Scope {
	case pricing.ScopeItem:
		return a.changed(offset, "/admin/prices/"+body.Key)
	case pricing.ScopeCategory:
		return a.changed(offset, ui.Page{Site: a.site.ID}.URL("/admin/pricing/settings", "scope", "category", "key", body.Key))
	}
	return a.changed(offset, "/admin/prices")
}

// takeBreaker says that what the breaker stopped is right.
func (n *node) takeBreaker(a *adminRequest) error {
	_, offset, err := a.priceRecord(pricing.DoBreaker, "", nil)
	if err != nil {
		return err
	}
	return a.changed(offset, "/admin/prices")
}

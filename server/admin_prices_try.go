package main

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/prices"
	"beckon/pricing"
	"beckon/server/shop"
	"beckon/web/text"
)

// tried is what is to be expected of a typed price; nil for nothing typed.
func (n *node) tried(a *adminRequest, it *shop.Item, market, typed string) *prices.Trial {
	if typed == "" {
		return nil
	}
	_, currency := it.In(market)
	amount, ok := text.Minor(typed, currency)
	if !ok {
		return &prices.Trial{Error: a.text.T("prices.try.bad_amount", "example", text.Plain(it.Public, currency))}
	}
	now := a.now.UnixMilli()
	t, err := n.folds.book.Trial(a.site.ID, it.ID, market, *pricingItem(it, now), amount, now)
	if err != nil {
		return &prices.Trial{Error: a.text.T("prices.refused.unknown_market")}
	}
	s := pricing.WhatIf(t)
	return priceTried(&s, &t, market)
}

// priceTrial is the fragment that says what is to be expected of the price in the form.
func (n *node) priceTrial(a *adminRequest) error {
	it, err := n.pricedPageItem(a)
	if err != nil {
		return err
	}
	x := n.tried(a, it, a.Query("market"), a.Query("amount"))
	if x == nil {
		x = &prices.Trial{Error: a.text.T("prices.try.hint")}
	}
	return a.render(prices.TrialFragment(a.page("prices", ""), *x))
}

// maxPriceNote bounds the reason of a price, bytes, as price.set does.
const maxPriceNote = 300

// takePrice sets a price by hand: over soft rules with force, never over hard ones.
func (n *node) takePrice(a *adminRequest) error {
	it, err := n.pricedPageItem(a)
	if err != nil {
		return err
	}
	try := prices.Try{Amount: a.form("amount"), Market: a.form("market"), Note: a.form("note"), Force: a.form("force") == "on"}
	_, currency := it.In(try.Market)
	amount, ok := text.Minor(try.Amount, currency)
	if !ok || amount <= 0 {
		try.AmountError = a.text.T("prices.try.bad_amount", "example", text.Plain(it.Public, currency))
	}
	switch {
	case try.Note == "":
		try.NoteError = a.text.T("prices.try.no_note")
	case len(try.Note) > maxPriceNote:
		try.NoteError = a.text.T("prices.try.long_note", "n", strconv.Itoa(maxPriceNote))
	}
	if try.AmountError == "" && try.NoteError == "" {
		set := pricing.SetPrice{Item: it.ID, Market: try.Market, Amount: amount, Force: try.Force, Note: try.Note}
		_, offset, err := a.priceRecord(pricing.DoSet, "", set)
		if err == nil {
			return a.changed(offset, "/admin/prices/"+it.ID)
		}
		if err := n.refusedPrice(a, &try, err); err != nil {
			return err
		}
	}
	v := n.priceItemView(a, it)
	try.Markets, try.PreviewURL = v.Try.Markets, v.Try.PreviewURL
	for i := range try.Markets {
		try.Markets[i].Selected = try.Markets[i].Value == try.Market
	}
	v.Try = try
	if try.AmountError == "" || amount > 0 {
		v.Trial = n.tried(a, it, try.Market, try.Amount)
	}
	return a.renderStatus(fiber.StatusUnprocessableEntity, n.priceItemFrame(a, it, v))
}

// refusedPrice puts a refusal at the field that it is about; any other error is returned.
func (n *node) refusedPrice(a *adminRequest, try *prices.Try, err error) error {
	why, ok := a.priceRefusal(err)
	if !ok {
		return err
	}
	switch refusalCode(err) {
	case "needs_force":
		try.ForceError = why
	case "bad_note":
		try.NoteError = why
	case "frozen", "markdown_running":
		try.Problem = why
	default:
		try.AmountError = why
	}
	return nil
}

// refusalCode is the code of a refusal, "" for any other error.
func refusalCode(err error) string {
	var refused *pricing.Refusal
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// undoPriceVersion publishes the price before a version again.
func (n *node) undoPriceVersion(a *adminRequest) error {
	it, err := n.pricedPageItem(a)
	if err != nil {
		return err
	}
	version, err := strconv.ParseUint(a.form("version"), 10, 64)
	if err != nil {
		return fail(422, "bad_version", "version: %q is none", a.form("version"))
	}
	_, offset, err := a.priceRecord(pricing.DoUndo, "", pricing.Undo{Item: it.ID, Market: a.form("market"), Version: version})
	if err == nil {
		return a.changed(offset, "/admin/prices/"+it.ID)
	}
	why, ok := a.priceRefusal(err)
	if !ok {
		return err
	}
	v := n.priceItemView(a, it)
	v.Try.Problem = why
	return a.renderStatus(fiber.StatusUnprocessableEntity, n.priceItemFrame(a, it, v))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	v2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"beckon/dashboards/audit"
	"beckon/dashboards/ui"
	"beckon/pricing"
	"beckon/pricing/offers"
	"beckon/server/shop"
	"beckon/web/text"
)

// undo takes back the change at an offset of the control log, by a new record that names it. It is refused, with a *shop.Refusal or that of
// the fold whose record it is, when the change cannot be taken back or something changed the same since.
func (n *node) undo(ctx context.Context, actor, site string, offset uint64) (newOffset uint64, err error) {
	e, ok, err := n.shop.ChangeAt(offset)
	switch {
	case err != nil:
		return 0, err
	case !ok || e.Site != "" && e.Site != site:
		return 0, &shop.Refusal{Code: "unknown_change", Message: fmt.Sprintf("undo: there is no change %d in this shop", offset)}
	}
	switch e.Kind {
	case "site", "key", "user", "item", "stock":
		newOffset, err = n.shop.Undo(ctx, actor, offset)
		if err == nil && e.Kind == "site" {
			err = n.settingsChanged(ctx, e.Site)
		}
		return newOffset, err
	}
	if e.NoUndo != "" {
		return 0, cannotUndo(e.NoUndo)
	}
	command, err := reverse(&e)
	if err != nil {
		return 0, err
	}
	command.Site, command.Undoes = e.Site, offset
	_, newOffset, err = n.shop.Submit(ctx, actor, command)
	return newOffset, err
}

// cannotUndo is the refusal for a reason of shop.NoUndo….
func cannotUndo(why string) error {
	if why == shop.NoUndoSuperseded {
		return &shop.Refusal{Code: "changed_since", Message: "undo: it was changed again since"}
	}
	return &shop.Refusal{Code: "no_undo", Message: "undo: this cannot be taken back (" + why + ")"}
}

// settingsChanged tells the folds how a site's sessions are cut, as its settings say now.
func (n *node) settingsChanged(ctx context.Context, id string) error {
	site, ok := n.shop.Site(id)
	if !ok {
		return nil
	}
	return n.tellSettings(ctx, site)
}

// reverse is the command that brings back what was before e, a change of prices, offers, rules or segments.
func reverse(e *shop.AuditEntry) (shop.Command, error) {
	switch e.Do {
	case pricing.DoSet, pricing.DoUndo, pricing.DoApprove:
		return to(pricing.DoUndo, "", pricing.Undo{Item: e.ID, Market: member(e.After, "market"), Version: e.Offset}), nil
	case pricing.DoDismiss:
		return to(pricing.DoReopen, "", pricing.OnSuggestion{Suggestion: e.ID}), nil
	case pricing.DoReopen:
		return to(pricing.DoDismiss, "", pricing.OnSuggestion{Suggestion: e.ID}), nil
	case pricing.DoSettings:
		put := pricing.PutSettings{Target: target(e.ID)}
		if err := decode(e.Before, &put.Settings); err != nil {
			return shop.Command{}, err
		}
		return to(pricing.DoSettings, "", put), nil
	case pricing.DoFreeze:
		return to(pricing.DoFreeze, "", pricing.Freeze{Target: target(e.ID), On: member(e.Before, "on") == "true"}), nil
	case pricing.DoMarkdown:
		return to(pricing.DoMarkdownEnd, e.ID, pricing.EndMarkdown{}), nil
	case pricing.DoMarkdownEnd:
		return again(pricing.DoMarkdown, e)
	case offers.DoCampaign:
		if e.Before == nil {
			return to(offers.DoState, e.ID, offers.SetState{State: offers.Removed}), nil
		}
		return again(offers.DoCampaign, e)
	case offers.DoState:
		return reverseState(e)
	}
	return reversePut(e)
}

// reverseState is the state of before. A campaign that was removed comes back paused: its budget begins anew, which somebody should have
// seen before it spends.
func reverseState(e *shop.AuditEntry) (shop.Command, error) {
	if e.After == nil {
		var put offers.Put
		if err := decode(e.Before, &put); err != nil {
			return shop.Command{}, err
		}
		put.State = offers.Paused
		return to(offers.DoCampaign, e.ID, put), nil
	}
	was := offers.State(member(e.Before, "state"))
	if was == "" {
		was = offers.Active
	}
	return to(offers.DoState, e.ID, offers.SetState{State: was}), nil
}

// reversePut takes back a record of a fold whose things are put whole, removed, and have a state: rules, segments.
func reversePut(e *shop.AuditEntry) (shop.Command, error) {
	kind, verb, _ := strings.Cut(e.Do, ".")
	switch {
	case verb == "put" && e.Before == nil:
		return shop.Command{Do: kind + ".remove", ID: e.ID}, nil
	case verb == "put", verb == "remove" && e.Before != nil:
		return again(kind+".put", e)
	case verb == "state":
		return to(e.Do, e.ID, map[string]string{"state": firstOf(member(e.Before, "state"), "active")}), nil
	}
	return shop.Command{}, cannotUndo(shop.NoUndoOther)
}

// again puts what was before e.
func again(do string, e *shop.AuditEntry) (shop.Command, error) {
	if e.Before == nil {
		return shop.Command{}, cannotUndo(shop.NoUndoOld)
	}
	return shop.Command{Do: do, ID: e.ID, Body: e.Before}, nil
}

func to(do, id string, body any) shop.Command { return shop.Command{Do: do, ID: id, Body: body} }

// decode reads what was before; nothing at all leaves the zero value.
func decode(before []byte, into any) error {
	if before == nil {
		return nil
	}
	if err := v2.Unmarshal(before, into); err != nil {
		return fmt.Errorf("read what was before: %w", err)
	}
	return nil
}

// member is a member of a JSON object as text, "" if it is not there.
func member(object []byte, name string) string {
	var all map[string]jsontext.Value
	if object == nil || v2.Unmarshal(object, &all) != nil {
		return ""
	}
	var text string
	if v2.Unmarshal(all[name], &text) == nil {
		return text
	}
	return string(all[name])
}

// target is what the id of a change of settings or a freeze names: "site", "category:kitchen".
func target(id string) pricing.Target {
	scope, key, _ := strings.Cut(id, ":")
	return pricing.Target{Scope: pricing.Scope(scope), Key: key}
}

// flash is what a page says after a change was saved, with its undo. nil for an offset that is no change of the site.
func (n *node) flash(site string, offset uint64, p *text.Printer) *ui.Flash {
	e, ok, err := n.shop.ChangeAt(offset)
	if err != nil || !ok || e.Site != "" && e.Site != site {
		return nil
	}
	view := n.auditView(&e)
	if e.Refused != "" {
		return &ui.Flash{Text: p.T("audit.flash.refused", "what", audit.What(p, &view), "why", e.Refused), Bad: true}
	}
	f := &ui.Flash{Text: p.T("audit.flash.saved", "what", audit.What(p, &view))}
	if e.Undoes != 0 {
		f.Text = p.T("audit.flash.undone", "what", audit.What(p, &view))
	}
	if e.Undo {
		f.UndoURL = undoURL(site, offset)
	}
	return f
}

func undoURL(site string, offset uint64) string {
	url := "/admin/audit/" + strconv.FormatUint(offset, 10) + "/undo"
	if site != "" {
		url += "?site=" + site
	}
	return url
}

// undoProblem is why a change could not be taken back, for people. offset is that of the record that was refused, 0 when none was
// written.
func undoProblem(err error, offset uint64, p *text.Printer) (string, bool) {
	var own *shop.Refusal
	switch {
	case errors.As(err, &own) && own.Code == "changed_since":
		return p.T("audit.undo.changed_since"), true
	case own != nil || offset != 0: // refused by a fold in the log's order
		return p.T("audit.undo.refused", "why", err.Error()), true
	}
	return "", false
}

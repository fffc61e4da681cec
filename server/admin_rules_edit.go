package main

import (
	"errors"
	"slices"

	"github.com/a-h/templ"

	"beckon/dashboards/steer"
	"beckon/dashboards/ui"
	"beckon/recommender/rules"
)

// newRulePage is an empty form, one for a product with ?item=, or a copy of a rule with ?from=.
func (n *node) newRulePage(a *adminRequest) error {
	r := rules.Rule{Action: rules.Action(a.Query("action"))}
	if item := a.Query("item"); item != "" {
		r.Where.Items = []string{item}
	}
	if from, ok := n.folds.rules.rule(a.site.ID, a.Query("from")); ok {
		r = from
		r.ID, r.Title = "", a.text.T("rules.copy", "title", from.Title)
	}
	f := n.ruleForm(a, &r)
	f.New = true
	f.Preview = n.previewView(a, &r)
	return a.render(n.ruleEdit(a, a.text.T("rules.new"), f))
}

func (n *node) rulePage(a *adminRequest) error {
	r, ok := n.folds.rules.rule(a.site.ID, a.Params("id"))
	if !ok {
		return fail(404, "unknown_rule", "%s", a.text.T("rules.unknown"))
	}
	f := n.ruleForm(a, &r)
	n.fillAbout(a, &f, &r)
	return a.render(n.ruleEdit(a, r.Title, f))
}

// fillAbout says how a saved rule stands.
func (n *node) fillAbout(a *adminRequest, f *steer.Form, r *rules.Rule) {
	p := ui.Page{Site: a.site.ID}
	f.State = ruleStateNow(r, a.now.UnixMilli())
	f.StateText = a.text.T("rules.state." + f.State)
	f.History = p.URL("/admin/audit", "kind", "rule", "id", r.ID)
	if e := n.ruleEffects.of(a.site.ID, r.ID); e != nil {
		f.Effect = a.text.T("rules.effect_so_far", "shown", a.text.N("rules.shown", e.Shown), "clicks", a.text.N("rules.clicks", e.Clicks))
	}
	found := slices.DeleteFunc(n.ruleConflicts(a.site.ID), func(c rules.Conflict) bool { return !slices.Contains(c.Rules, r.ID) })
	f.Conflicts = n.conflictViews(a, found)
}

func (n *node) ruleEdit(a *adminRequest, title string, f steer.Form) templ.Component {
	return steer.Edit(n.rulePageFrame(a, title), f)
}

func (n *node) rulePageFrame(a *adminRequest, title string) ui.Page {
	p := a.page("rules", title)
	p.Up = &ui.Link{Label: a.text.T("rules.title"), Href: p.URL("/admin/rules")}
	return p
}

// takeNewRule saves a new rule, or shows the form again: with products that a search found, or with what is wrong.
func (n *node) takeNewRule(a *adminRequest) error {
	in := newRuleInput(a)
	r := in.rule("new")
	if a.form("do") == "find" {
		return n.ruleAgain(a, in, r, true, 200)
	}
	if len(in.errors) > 0 {
		return n.ruleAgain(a, in, r, true, 422)
	}
	r.ID = newRuleID(r.Title)
	if a.form("do") == "paused" {
		r.State = rules.Paused
	}
	return n.storeRule(a, in, r, true)
}

func (n *node) takeRule(a *adminRequest) error {
	was, ok := n.folds.rules.rule(a.site.ID, a.Params("id"))
	if !ok {
		return fail(404, "unknown_rule", "%s", a.text.T("rules.unknown"))
	}
	in := newRuleInput(a)
	r := in.rule(was.ID)
	r.State = was.State
	if a.form("do") == "find" {
		return n.ruleAgain(a, in, r, false, 200)
	}
	if len(in.errors) > 0 {
		return n.ruleAgain(a, in, r, false, 422)
	}
	return n.storeRule(a, in, r, false)
}

func (n *node) storeRule(a *adminRequest, in *ruleInput, r *rules.Rule, fresh bool) error {
	offset, err := n.saveRule(a.ctx, a.actor(), a.site.ID, r)
	var refused *apiError
	switch {
	case err == nil:
		return a.changed(offset, "/admin/rules/"+r.ID)
	case !errors.As(err, &refused) || refused.status >= 500:
		return err
	case refused.code == "too_many_rules":
		in.errors["rule"] = a.text.T("rules.full")
	default:
		in.errors["rule"] = refused.message
	}
	return n.ruleAgain(a, in, r, fresh, 422)
}

// ruleAgain shows the form as it was sent.
func (n *node) ruleAgain(a *adminRequest, in *ruleInput, r *rules.Rule, fresh bool, status int) error {
	f := n.ruleForm(a, r)
	f.New = fresh
	if fresh {
		f.ID = ""
	} else if was, ok := n.folds.rules.rule(a.site.ID, r.ID); ok {
		n.fillAbout(a, &f, &was)
	}
	n.find(a, &f, a.form("find"))
	f.Preview = n.previewView(a, r)
	title := a.text.T("rules.new")
	if status == 422 {
		in.show(&f)
		if whole := in.errors["rule"]; whole != "" {
			f.Problem = whole
		}
	}
	if !fresh {
		title = r.Title
	}
	return a.renderStatus(status, n.ruleEdit(a, title, f))
}

// ruleBodyFragment is the form's fields as they are being filled in, with what was searched and what the rule would change.
func (n *node) ruleBodyFragment(a *adminRequest) error {
	in := newRuleInput(a)
	id := a.form("id")
	r := in.rule("new")
	if was, ok := n.folds.rules.rule(a.site.ID, id); ok {
		r.ID, r.Created = id, was.Created
	}
	f := n.ruleForm(a, r)
	f.ID, f.New = id, id == ""
	n.find(a, &f, a.form("find"))
	typed := in.errors
	in.errors = map[string]string{} // what is half typed is not scolded
	for field, problem := range typed {
		if len(in.values(field)) > 0 && in.one(field) != "" {
			in.errors[field] = problem
		}
	}
	in.show(&f)
	f.Preview = n.previewView(a, r)
	return a.render(ui.In(a.text, steer.Body(ui.Page{Site: a.site.ID, Text: a.text}, f)))
}

// rulePreviewFragment is what a saved rule changes.
func (n *node) rulePreviewFragment(a *adminRequest) error {
	r, ok := n.folds.rules.rule(a.site.ID, a.Params("id"))
	if !ok {
		return fail(404, "unknown_rule", "%s", a.text.T("rules.unknown"))
	}
	return a.render(ui.In(a.text, steer.Compare(a.text, *n.previewView(a, &r))))
}

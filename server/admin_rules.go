package main

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"beckon/dashboards/steer"
	"beckon/dashboards/ui"
	"beckon/recommender/rules"
	"beckon/server/shop"
)

func (n *node) ruleRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/rules", shop.Viewer, n.rulesPage},
		{"POST", "/admin/rules/preview", shop.Viewer, n.ruleBodyFragment},
		{"GET", "/admin/rules/new", shop.Merchandiser, n.newRulePage},
		{"POST", "/admin/rules/new", shop.Merchandiser, n.takeNewRule},
		{"GET", "/admin/rules/:id", shop.Viewer, n.rulePage},
		{"POST", "/admin/rules/:id", shop.Merchandiser, n.takeRule},
		{"GET", "/admin/rules/:id/preview", shop.Viewer, n.rulePreviewFragment},
		{"POST", "/admin/rules/:id/state", shop.Merchandiser, n.takeRuleState},
		{"POST", "/admin/rules/:id/remove", shop.Merchandiser, n.takeRuleRemoval},
	}
}

// rulesOnPage is how many rules one page lists.
const rulesOnPage = 100

func (n *node) rulesPage(a *adminRequest) error {
	list := slices.Clone(n.folds.rules.list(a.site.ID))
	slices.SortFunc(list, func(x, y rules.Rule) int { // as they take precedence; ended ones last
		return cmp.Or(cmp.Compare(y.Priority, x.Priority), cmp.Compare(y.Created, x.Created), cmp.Compare(x.ID, y.ID))
	})
	if a.Query("format") == "csv" {
		return a.csv("rules", []string{"id", "title", "action", "state", "products", "where", "when", "items", "shown", "clicks", "priority"}, n.ruleLines(a, list))
	}
	p := a.page("rules", a.text.T("rules.title"))
	p.Lead = a.text.T("rules.lead")
	v := steer.View{Total: len(list), Query: a.Query("q"), May: a.user.Role.May(shop.Merchandiser)}
	if len(list) > 0 {
		p.CSV = p.URL("/admin/rules", "format", "csv")
	}
	conflicts := n.ruleConflicts(a.site.ID)
	v.Conflicts = n.conflictViews(a, conflicts)
	if words := strings.Fields(strings.ToLower(v.Query)); len(words) > 0 {
		list = slices.DeleteFunc(list, func(r rules.Rule) bool {
			found := strings.ToLower(r.ID + " " + r.Title + " " + n.whatWords(a, &r))
			return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(found, w) })
		})
	}
	from, _ := strconv.Atoi(a.Query("from"))
	from = max(0, min(from, len(list)))
	shown := list[from:min(from+rulesOnPage, len(list))]
	if from > 0 {
		v.Pager.Prev = p.URL("/admin/rules", "q", v.Query, "from", strconv.Itoa(max(0, from-rulesOnPage)))
	}
	if from+len(shown) < len(list) {
		v.Pager.Next = p.URL("/admin/rules", "q", v.Query, "from", strconv.Itoa(from+rulesOnPage))
	}
	counts := n.countRuleItems(a.site.ID, shown)
	for i := range shown {
		v.Rows = append(v.Rows, n.ruleRow(a, &shown[i], counts[i], conflicts))
	}
	return a.render(steer.Page(p, v))
}

func (n *node) ruleRow(a *adminRequest, r *rules.Rule, items int, conflicts []rules.Conflict) steer.Row {
	row := steer.Row{
		ID: r.ID, Title: r.Title, Action: string(r.Action), Does: doesWords(a.text, r), What: n.whatWords(a, r), Items: items,
		Where: n.whereWords(a, r), When: whenWords(a.text, r, a.now.UnixMilli()), State: ruleStateNow(r, a.now.UnixMilli()),
	}
	if e := n.ruleEffects.of(a.site.ID, r.ID); e != nil {
		row.Known, row.Shown, row.Clicks = true, e.Shown, e.Clicks
	}
	for _, id := range r.Where.Items[:min(4, len(r.Where.Items))] {
		row.Sample = append(row.Sample, n.uiItem(a.site.ID, id))
	}
	for i := range conflicts {
		if slices.Contains(conflicts[i].Rules, r.ID) && conflicts[i].Kind != rules.NearlyEmpty && len(row.Conflicts) < 3 {
			title, _ := n.conflictWords(a, &conflicts[i])
			row.Conflicts = append(row.Conflicts, title)
		}
	}
	return row
}

// uiItem is an item of the catalog as lists show it.
func (n *node) uiItem(site, id string) ui.Item {
	it := ui.Item{ID: id, Title: id}
	if known, ok := n.shop.Item(site, id); ok {
		it.Image = known.Image
		if known.Title != "" {
			it.Title = known.Title
		}
	}
	return it
}

// ruleLines are the rules as a file.
func (n *node) ruleLines(a *adminRequest, list []rules.Rule) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		counts := n.countRuleItems(a.site.ID, list)
		for i := range list {
			r := &list[i]
			shown, clicks := "", ""
			if e := n.ruleEffects.of(a.site.ID, r.ID); e != nil {
				shown, clicks = strconv.FormatInt(e.Shown, 10), strconv.FormatInt(e.Clicks, 10)
			}
			line := []string{
				r.ID, r.Title, string(r.Action), ruleStateNow(r, a.now.UnixMilli()), n.whatWords(a, r), n.whereWords(a, r),
				whenWords(a.text, r, a.now.UnixMilli()), strconv.Itoa(counts[i]), shown, clicks, strconv.Itoa(r.Priority),
			}
			if !yield(line) {
				return
			}
		}
	}
}

// ruleStateNow is a rule's state with its schedule: active, paused, waiting for its start, resting outside its hours, or ended.
func ruleStateNow(r *rules.Rule, now int64) string {
	s := &r.When.Schedule
	switch {
	case s.Ends != 0 && now >= s.Ends:
		return "ended"
	case r.State == rules.Paused:
		return "paused"
	case now < s.Starts:
		return "waiting"
	case !s.Holds(now):
		return "resting"
	}
	return "active"
}

func (n *node) takeRuleState(a *adminRequest) error {
	id := a.Params("id")
	offset, err := n.setRuleState(a.ctx, a.actor(), a.site.ID, id, rules.State(a.form("state")))
	if err != nil {
		return err
	}
	return a.changed(offset, "/admin/rules/"+id)
}

func (n *node) takeRuleRemoval(a *adminRequest) error {
	offset, err := n.removeRule(a.ctx, a.actor(), a.site.ID, a.Params("id"))
	if err != nil {
		return err
	}
	return a.changed(offset, "/admin/rules")
}

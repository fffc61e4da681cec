package main

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/recommender"
	"beckon/recommender/rules"
)

const (
	previewSample = 100 // recent visitors whose answers are compared
	previewTime   = 100 * time.Millisecond
	previewCases  = 4
	previewItems  = 8 // of a list
)

// rulePreview is what answers would be with a rule.
type rulePreview struct {
	Visitors int           `json:"visitors"` // of whom answers were compared
	Answers  int           `json:"answers"`
	Changed  int           `json:"changed"`          // of them
	Items    int           `json:"items"`            // of the catalog that the rule is about
	Hidden   int           `json:"hidden"`           // items that could be shown and that the rule hides
	Moment   bool          `json:"moment,omitempty"` // its time is not now: it is shown as if it were
	Cases    []previewCase `json:"cases"`
}

// previewCase is one shopper at one place.
type previewCase struct {
	Visitor   string        `json:"visitor,omitempty"` // "": somebody new
	Placement string        `json:"placement"`
	Item      string        `json:"item,omitempty"` // whose page it is
	Category  string        `json:"category,omitempty"`
	Before    []previewItem `json:"before"`
	After     []previewItem `json:"after"`
	Changed   bool          `json:"changed"`
}

// previewItem is an item in one of the lists.
type previewItem struct {
	Item string `json:"item_id"`
	Was  int    `json:"was,omitzero"` // its place in the other list, 0: not among its first
	Kind string `json:"kind"`
	// Moved says that the rule itself moved or placed it, and not others that made room.
	Moved bool `json:"moved,omitempty"`
}

// postRulePreview answers what would change: {"rule":{…},"visitor":"","placement":""}.
func (n *node) postRulePreview(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	var body struct {
		Rule      ruleBody `json:"rule"`
		Visitor   string   `json:"visitor"`
		Placement string   `json:"placement"`
	}
	if err := decodeStrictly(c, &body); err != nil {
		return err
	}
	if body.Rule.ID == "" {
		body.Rule.ID = "preview"
	}
	rule, err := body.Rule.read(body.Rule.ID)
	if err != nil {
		return n.ruleError(err)
	}
	if body.Visitor != "" && !validVisitor(body.Visitor) {
		return fail(400, "bad_visitor", "visitor: 1-64 of A-Z a-z 0-9 _ . : -")
	}
	if body.Placement != "" && !slices.Contains(placements, body.Placement) {
		return fail(400, "bad_placement", "placement: %q is not one that an answer has", body.Placement)
	}
	return respond(c, 200, n.previewRule(key.Site, rule, body.Visitor, body.Placement))
}

// previewRule compares answers without and with a rule, which need not be saved. With visitor or placement only theirs are compared.
// It takes about previewTime at most, however slow answers are.
func (n *node) previewRule(site string, rule *rules.Rule, visitor, placement string) rulePreview {
	deadline := n.now().Add(previewTime)
	p := n.newPreview(site, rule)
	visitors := []string{visitor}
	if visitor == "" {
		visitors = append(n.recentVisitors(site, previewSample), "")
	}
	where := previewPlacements(rule, placement)
	for _, v := range visitors {
		p.out.Visitors++
		for _, at := range where {
			p.compare(v, at)
		}
		if n.now().After(deadline) {
			break
		}
	}
	p.out.Items, p.out.Hidden = p.countItems()
	p.out.Cases = p.choose()
	return p.out
}

// previewPlacements is where a rule is tried: where it holds, of those that pages show.
func previewPlacements(rule *rules.Rule, placement string) []string {
	if placement != "" {
		return []string{placement}
	}
	if where := slices.DeleteFunc(slices.Clone(rule.When.Placements), func(p string) bool { return p == rules.Trending }); len(where) > 0 {
		return where
	}
	return []string{recommender.Home, recommender.ItemPage, recommender.Category, recommender.Cart}
}

// preview is one comparison under way.
type preview struct {
	n      *node
	site   string
	rule   rules.Rule
	before *rules.Set
	after  *rules.Set
	s      *scratch
	all    []previewCase
	out    rulePreview
}

func (n *node) newPreview(site string, rule *rules.Rule) *preview {
	p := &preview{n: n, site: site, rule: *rule, s: new(scratch)}
	p.rule.State = rules.Running
	if now := n.now().UnixMilli(); !p.rule.When.Schedule.Holds(now) {
		p.rule.When.Schedule, p.out.Moment = rules.Schedule{}, true
	}
	others := slices.DeleteFunc(slices.Clone(n.folds.rules.list(site)), func(r rules.Rule) bool { return r.ID == rule.ID })
	if p.rule.Created == 0 {
		p.rule.Created = n.now().UnixMilli()
	}
	p.before, p.after = rules.Compile(others), rules.Compile(append(slices.Clone(others), p.rule))
	return p
}

// compare asks for one shopper's answers at one place.
func (p *preview) compare(visitor, placement string) {
	a := ask{who: shopperID{site: p.site, visitor: visitor, owner: true}, placement: placement, limit: defaultLimit}
	known := p.n.fillShopper(context.Background(), p.s, &a)
	q := &p.s.query
	p.page(q, &a)
	p.n.askRules(p.s, &a, known)
	q.Plain = true
	q.Rules = p.before
	p.n.engine.Recommend(&p.s.answer, q)
	before := slices.Clone(p.s.answer.Items)
	q.Rules = p.after
	p.n.engine.Recommend(&p.s.answer, q)
	c := previewCase{Visitor: visitor, Placement: placement, Item: q.Item, Category: q.Category}
	c.Before, c.After = p.lists(before, p.s.answer.Items)
	c.Changed = !slices.EqualFunc(before, p.s.answer.Items, func(x, y recommender.Scored) bool { return x.Item == y.Item })
	p.out.Answers++
	if c.Changed {
		p.out.Changed++
	}
	p.all = append(p.all, c)
}

// page puts the shopper on a page on which the rule can hold: of the item or category it names, else of what was looked at last.
func (p *preview) page(q *recommender.Query, a *ask) {
	w := &p.rule.When
	last := ""
	if len(q.History) > 0 {
		last = q.History[0]
	}
	switch a.placement {
	case recommender.ItemPage:
		if a.item = last; len(w.Items) > 0 {
			a.item = w.Items[0]
		}
		if a.item == "" {
			a.item = p.popular()
		}
	case recommender.Category:
		if len(w.Categories) > 0 {
			a.category = w.Categories[0]
		} else if it, ok := p.n.shop.Item(p.site, last); ok && len(it.Category) > 0 {
			a.category = it.Category[len(it.Category)-1]
		} else if it, ok := p.n.shop.Item(p.site, p.popular()); ok && len(it.Category) > 0 {
			a.category = it.Category[len(it.Category)-1]
		}
	}
	q.Item, q.Category = a.item, a.category
}

// popular is an item that many look at now.
func (p *preview) popular() string {
	now := p.n.now()
	top := p.n.engine.Trending(p.site, p.n.clock(p.site, now), recommender.MaxTrendingWindow, 1, func(item string) bool { return p.n.shop.Available(p.site, item) })
	if len(top) == 0 {
		return ""
	}
	return top[0].Item
}

// lists is both lists with where each item is in the other one.
func (p *preview) lists(before, after []recommender.Scored) (b, a []previewItem) {
	place := func(list []recommender.Scored, item string) int {
		return slices.IndexFunc(list, func(s recommender.Scored) bool { return s.Item == item }) + 1
	}
	m := rules.NewMatcher(&p.rule)
	facts := p.n.ruleFacts(p.site)
	one := func(s *recommender.Scored, other []recommender.Scored) previewItem {
		it := rules.Unknown(s.Item)
		facts(s.Item, &it)
		return previewItem{Item: s.Item, Was: place(other, s.Item), Kind: s.Kind, Moved: m.Match(&it, p.n.now().UnixMilli())}
	}
	for i := range before[:min(len(before), previewItems)] {
		b = append(b, one(&before[i], after))
	}
	for i := range after[:min(len(after), previewItems)] {
		a = append(a, one(&after[i], before))
	}
	return b, a
}

// countItems is how many items the rule is about, and how many of those that could be shown it hides.
func (p *preview) countItems() (about, hidden int) {
	c, now := p.n.ruleCatalog(p.site), p.n.now().UnixMilli()
	m := rules.NewMatcher(&p.rule)
	for i := range c.items {
		if it := &c.items[i]; m.Match(it, now) {
			about++
			if p.rule.Action == rules.Exclude && it.Published && it.Stock != 0 {
				hidden++
			}
		}
	}
	about, hidden = int(math.Round(float64(about)*c.scale)), int(math.Round(float64(hidden)*c.scale))
	if len(p.rule.Where.Items) > 0 {
		about = p.n.countRuleItems(p.site, []rules.Rule{p.rule})[0]
	}
	return about, hidden
}

// choose is a handful of cases to look at: changed ones first, of different places and shoppers, and somebody new.
func (p *preview) choose() (chosen []previewCase) {
	taken := make([]bool, len(p.all))
	pick := func(fits func(c *previewCase) bool) {
		for i := range p.all {
			if c := &p.all[i]; !taken[i] && len(chosen) < previewCases && fits(c) {
				taken[i] = true
				chosen = append(chosen, *c)
				return
			}
		}
	}
	seen := func(c *previewCase) bool {
		return slices.ContainsFunc(chosen, func(o previewCase) bool { return o.Placement == c.Placement || o.Visitor == c.Visitor })
	}
	for range previewCases - 1 {
		pick(func(c *previewCase) bool { return c.Changed && c.Visitor != "" && !seen(c) })
	}
	pick(func(c *previewCase) bool { return c.Visitor == "" && c.Changed })
	pick(func(c *previewCase) bool { return c.Visitor == "" })
	for range previewCases {
		pick(func(c *previewCase) bool { return c.Changed })
	}
	if len(chosen) == 0 {
		pick(func(*previewCase) bool { return true })
	}
	return chosen
}

// recentVisitors is visitors who were here last, the newest first, machines left out, at most limit.
func (n *node) recentVisitors(site string, limit int) []string {
	var visitors []string
	for _, v := range n.numbers.Visits(site, n.clock(site, n.now()), false, limit) {
		visitors = append(visitors, v.Visitor)
	}
	return visitors
}

package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/prices"
	"beckon/dashboards/ui"
	"beckon/pricing"
	"beckon/server/shop"
)

// ownShown is how many categories and items with settings of their own the page lists.
const ownShown = 100

func (n *node) priceSettingsPage(a *adminRequest) error {
	about := pricing.Target{Scope: pricing.Scope(a.Query("scope", "site")), Key: a.Query("key")}
	v, wrong := n.priceSettingsView(a, about, nil)
	if wrong != "" {
		v.KeyError = wrong
		return a.renderStatus(fiber.StatusUnprocessableEntity, n.priceSettingsFrame(a, v))
	}
	return a.render(n.priceSettingsFrame(a, v))
}

func (n *node) priceSettingsFrame(a *adminRequest, v prices.SettingsView) templ.Component {
	p := a.page("prices", a.text.T("prices.tab.settings"))
	p.Lead, p.Up = a.text.T("prices.settings.lead"), &ui.Link{Label: a.text.T("prices.title"), Href: p.URL("/admin/prices")}
	return prices.SettingsPage(p, v)
}

// scopeOf is what the settings are about: its item's path, title and currency, or what is wrong with the name.
func (n *node) scopeOf(a *adminRequest, about *pricing.Target) (category []string, title, currency, wrong string) {
	currency = a.site.Currency
	switch about.Scope {
	case pricing.ScopeItem:
		if about.Key == "" {
			return nil, "", currency, a.text.T("prices.scope.need_item")
		}
		it, ok := n.shop.Item(a.site.ID, about.Key)
		if !ok {
			return nil, "", currency, a.text.T("prices.scope.no_item")
		}
		return it.Category, it.Title, cmp.Or(it.Currency, currency), ""
	case pricing.ScopeCategory:
		if about.Key == "" {
			return nil, "", currency, a.text.T("prices.scope.need_category")
		}
		return nil, "", currency, ""
	}
	about.Scope, about.Key = pricing.ScopeSite, ""
	return nil, "", currency, ""
}

// priceSettingsView is the form of a scope: what is set, or with typed what was posted. wrong says that there is no such scope.
func (n *node) priceSettingsView(a *adminRequest, about pricing.Target, typed map[string]string) (v prices.SettingsView, wrong string) {
	category, title, currency, wrong := n.scopeOf(a, &about)
	v = prices.SettingsView{CanChange: a.user.Role.May(shop.Merchandiser), Scope: string(about.Scope), Key: about.Key, Title: title}
	n.ownSettings(a, &v)
	if t := n.itemTable(a.ctx, a.site.ID, 0); t != nil {
		v.Categories = t.categories
	}
	if wrong != "" {
		return v, wrong
	}
	scoped := n.folds.book.Scoped(a.site.ID, about, category)
	v.Frozen = scoped.Frozen
	own := scoped.Own
	if own == nil {
		own = &pricing.Settings{}
	}
	w := settingWords{text: a.text, currency: currency}
	for _, g := range settingGroups {
		group := prices.Group{Name: g.name}
		for _, f := range g.fields {
			if !f.belongs(about.Scope) {
				continue
			}
			s := prices.Setting{Name: f.name, Kind: f.kind, Value: f.typed(own, &w), Inherited: f.holds(&scoped.Inherited, &w)}
			if f.grey != nil {
				s.Grey = f.grey(&scoped.Inherited, &w)
			}
			if from := scoped.From[f.name]; from.Scope != "" {
				s.From, s.FromKey = string(from.Scope), from.Key
			}
			s.Unit = f.unit(&w)
			if typed != nil {
				s.Value = typed[f.name]
			}
			group.Settings = append(group.Settings, s)
		}
		if len(group.Settings) > 0 {
			v.Groups = append(v.Groups, group)
		}
	}
	return v, ""
}

// ownSettings lists categories and items with settings or a freeze of their own.
func (n *node) ownSettings(a *adminRequest, v *prices.SettingsView) {
	s := n.folds.book.Site(a.site.ID, a.now.UnixMilli())
	add := func(scope, key, title string, set *pricing.Settings, frozen bool) {
		if len(v.Own) >= ownShown {
			v.OwnMore++
			return
		}
		t := prices.Target{Scope: scope, Key: key, Title: title, Frozen: frozen}
		if set != nil && set.Mode != nil {
			t.Mode = string(*set.Mode)
		}
		v.Own = append(v.Own, t)
	}
	for _, key := range unionKeys(slices.Collect(maps.Keys(s.Categories)), s.FrozenCats) {
		add("category", key, "", s.Categories[key], slices.Contains(s.FrozenCats, key))
	}
	for _, key := range unionKeys(slices.Collect(maps.Keys(s.Items)), s.FrozenItems) {
		title := ""
		if it, ok := n.shop.Item(a.site.ID, key); ok {
			title = it.Title
		}
		_, frozen := slices.BinarySearch(s.FrozenItems, key)
		add("item", key, title, s.Items[key], frozen)
	}
}

// unionKeys is names of two lists, each once, by the alphabet.
func unionKeys(a, b []string) []string {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// takePriceSettings replaces a scope's settings. What cannot be read, or is refused, is said at its field.
func (n *node) takePriceSettings(a *adminRequest) error {
	about := pricing.Target{Scope: pricing.Scope(a.form("scope")), Key: a.form("key")}
	typed := map[string]string{}
	for _, g := range settingGroups {
		for _, f := range g.fields {
			typed[f.name] = a.form(f.name)
		}
	}
	v, wrong := n.priceSettingsView(a, about, typed)
	if wrong != "" {
		v.KeyError = wrong
		return a.renderStatus(fiber.StatusUnprocessableEntity, n.priceSettingsFrame(a, v))
	}
	_, _, currency, _ := n.scopeOf(a, &about)
	w := settingWords{text: a.text, currency: currency}
	put := pricing.PutSettings{Target: about}
	clean := true
	for _, g := range v.Groups {
		for i := range g.Settings {
			s := &g.Settings[i]
			if why := settingNamed(s.Name).read(&put.Settings, s.Value, &w); why != "" {
				s.Error, clean = why, false
			}
		}
	}
	if clean {
		_, offset, err := a.priceRecord(pricing.DoSettings, "", put)
		if err == nil {
			return a.changed(offset, ui.Page{Site: a.site.ID}.URL("/admin/pricing/settings", "scope", string(about.Scope), "key", about.Key))
		}
		why, ok := a.priceRefusal(err)
		if !ok {
			return err
		}
		if !atSetting(&v, why) {
			v.Problem = why
		}
	}
	return a.renderStatus(fiber.StatusUnprocessableEntity, n.priceSettingsFrame(a, v))
}

// atSetting puts a refusal, which begins with a field's name, at that field.
func atSetting(v *prices.SettingsView, why string) bool {
	name, rest, ok := strings.Cut(why, ": ")
	for _, g := range v.Groups {
		for i := range g.Settings {
			if ok && g.Settings[i].Name == name {
				g.Settings[i].Error = rest
				return true
			}
		}
	}
	return false
}

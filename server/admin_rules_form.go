package main

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/dashboards/steer"
	"beckon/dashboards/ui"
	"beckon/recommender/rules"
	"beckon/server/shop"
	"beckon/web/text"
)

const (
	wordsOffered = 150 // of a list of categories, brands or tags; the others can be typed
	itemsFound   = 8
	localTime    = "2006-01-02T15:04" // as browsers write a date and time
)

// ruleStrengths are what the form offers.
var ruleStrengths = []float64{1.5, 2, 5, 20}

// ruleZones are the time zones that the form offers, with the rule's own.
var ruleZones = []string{
	"UTC", "Europe/London", "Europe/Lisbon", "Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/Paris", "Europe/Madrid", "Europe/Rome",
	"Europe/Amsterdam", "Europe/Warsaw", "Europe/Athens", "Europe/Helsinki", "Europe/Istanbul", "America/New_York", "America/Chicago",
	"America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo",
	"Australia/Sydney",
}

// ruleForm is a rule as its form shows it.
func (n *node) ruleForm(a *adminRequest, r *rules.Rule) steer.Form {
	p := a.text
	f := steer.Form{
		ID: r.ID, Title: r.Title, Action: string(r.Action), May: a.user.Role.May(shop.Merchandiser), Paused: r.State == rules.Paused,
		Groups: strings.Join(r.Where.Groups, ", "), Position: "1", Priority: strconv.Itoa(r.Priority),
	}
	if r.Position > 0 {
		f.Position = strconv.Itoa(r.Position)
	}
	f.Strengths = strengthChoices(p, cmp.Or(r.Strength, 2))
	for _, id := range r.Where.Items {
		f.Chosen = append(f.Chosen, n.uiItem(a.site.ID, id))
	}
	f.Lists = n.rulePickers(a, &r.Where)
	f.Numbers = ruleSpans(p, &r.Where, a.site.Currency)
	if r.Where.NewDays > 0 {
		f.NewDays = strconv.Itoa(r.Where.NewDays)
	}
	for _, pl := range rules.Placements {
		f.Placements = append(f.Placements, ui.Choice{Value: pl, Label: placementWords(p, pl), Selected: slices.Contains(r.When.Placements, pl)})
	}
	f.PageLists = []ui.Field{
		{Name: "when.categories", Label: p.T("rules.page_categories"), Help: p.T("rules.page_categories_help"), Value: strings.Join(r.When.Categories, ", ")},
		{Name: "when.items", Label: p.T("rules.page_items"), Help: p.T("rules.page_items_help"), Value: strings.Join(r.When.Items, ", ")},
	}
	f.Segments = n.ruleSegments(a, r.When.Segments)
	n.fillSchedule(a, &f, &r.When.Schedule)
	return f
}

func strengthChoices(p *text.Printer, chosen float64) (out []ui.Choice) {
	all := ruleStrengths
	if !slices.Contains(all, chosen) {
		all = append(slices.Clone(all), chosen)
		slices.Sort(all)
	}
	for _, v := range all {
		value := strconv.FormatFloat(v, 'f', -1, 64)
		label := p.T("rules.strength.other", "factor", p.Number(v, digitsOf(v)))
		switch v {
		case 1.5:
			label = p.T("rules.strength.little", "factor", p.Number(v, 1))
		case 2:
			label = p.T("rules.strength.clear", "factor", p.Number(v, 0))
		case 5:
			label = p.T("rules.strength.strong", "factor", p.Number(v, 0))
		case 20:
			label = p.T("rules.strength.most", "factor", p.Number(v, 0))
		}
		out = append(out, ui.Choice{Value: value, Label: label, Selected: v == chosen})
	}
	return out
}

// rulePickers are the catalog's commonest categories, brands and tags, and all that the rule has.
func (n *node) rulePickers(a *adminRequest, w *rules.Where) []steer.Picker {
	categories, brands, tags := map[string]int{}, map[string]int{}, map[string]int{}
	c := n.ruleCatalog(a.site.ID)
	for i := range c.items {
		it := &c.items[i]
		for k := range it.Category {
			categories[strings.Join(it.Category[:k+1], " > ")]++
		}
		if it.Brand != "" {
			brands[it.Brand]++
		}
		for _, t := range it.Tags {
			tags[t]++
		}
	}
	p := a.text
	return []steer.Picker{
		picker(p, "where.categories", p.T("rules.categories"), categories, w.Categories, c.scale),
		picker(p, "where.brands", p.T("rules.brands"), brands, w.Brands, c.scale),
		picker(p, "where.tags", p.T("rules.tags"), tags, w.Tags, c.scale),
	}
}

func picker(p *text.Printer, name, label string, counts map[string]int, chosen []string, scale float64) steer.Picker {
	out := steer.Picker{Name: name, Label: label, Chosen: len(chosen)}
	words := slices.SortedFunc(maps.Keys(counts), func(x, y string) int { return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y)) })
	more := len(words) > wordsOffered
	words = words[:min(len(words), wordsOffered)]
	for _, w := range chosen {
		if !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	for _, w := range words {
		count := int64(float64(counts[w]) * scale)
		out.Choices = append(out.Choices, ui.Choice{Value: w, Label: p.T("rules.word", "word", w, "count", p.Int(count)), Selected: slices.Contains(chosen, w)})
	}
	if more {
		out.Other = ui.Field{Name: name + ".other", Label: p.T("rules.words_other"), Help: p.T("rules.words_other_help")}
	}
	return out
}

func ruleSpans(p *text.Printer, w *rules.Where, currency string) []steer.Span {
	money := func(v *int64) string {
		if v == nil {
			return ""
		}
		return text.Plain(*v, currency)
	}
	whole := func(v *int64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatInt(*v, 10)
	}
	percent := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(float64(int64(*v*1000+0.5))/10, 'f', -1, 64)
	}
	price, stock, margin := orRange(w.Price), orRange(w.Stock), w.Margin
	if margin == nil {
		margin = &rules.ShareRange{}
	}
	ends := func(name, kind, unit, low, high string) (ui.Field, ui.Field) {
		return ui.Field{Name: name + ".min", Kind: kind, Unit: unit, Label: p.T("rules.at_least"), Value: low},
			ui.Field{Name: name + ".max", Kind: kind, Unit: unit, Label: p.T("rules.at_most"), Value: high}
	}
	spans := []steer.Span{{Legend: p.T("rules.price")}, {Legend: p.T("rules.stock"), Help: p.T("rules.stock_help")}, {Legend: p.T("rules.margin"), Help: p.T("rules.margin_help")}}
	spans[0].Min, spans[0].Max = ends("where.price", "money", currency, money(price.Min), money(price.Max))
	spans[1].Min, spans[1].Max = ends("where.stock", "number", p.T("rules.pieces"), whole(stock.Min), whole(stock.Max))
	spans[2].Min, spans[2].Max = ends("where.margin", "percent", "", percent(margin.Min), percent(margin.Max))
	return spans
}

func orRange(r *rules.Range) *rules.Range {
	if r == nil {
		return &rules.Range{}
	}
	return r
}

// ruleSegments are the site's segments and those that the rule has.
func (n *node) ruleSegments(a *adminRequest, chosen []string) []ui.Choice {
	all := n.segmentChoices(a.site.ID, a.text)
	for _, id := range chosen {
		i := slices.IndexFunc(all, func(c ui.Choice) bool { return c.Value == id })
		if i < 0 {
			all = append(all, ui.Choice{Value: id, Label: a.text.T("rules.segment_gone", "id", id), Selected: true})
			continue
		}
		all[i].Selected = true
	}
	return all
}

// fillSchedule writes times in the schedule's zone: a new rule's is that of the site's newest rule that has one.
func (n *node) fillSchedule(a *adminRequest, f *steer.Form, s *rules.Schedule) {
	p := a.text
	f.Zone = s.Zone
	if f.Zone == "" && f.ID == "" {
		newest := int64(0)
		for _, r := range n.folds.rules.list(a.site.ID) {
			if z := r.When.Schedule.Zone; z != "" && r.Changed > newest {
				f.Zone, newest = z, r.Changed
			}
		}
	}
	f.Zone = cmp.Or(f.Zone, "UTC")
	zones := ruleZones
	if !slices.Contains(zones, f.Zone) {
		zones = append(slices.Clone(zones), f.Zone)
	}
	for _, z := range zones {
		f.Zones = append(f.Zones, ui.Choice{Value: z, Label: strings.ReplaceAll(z, "_", " "), Selected: z == f.Zone})
	}
	at := func(ms int64) string {
		if ms == 0 {
			return ""
		}
		return time.UnixMilli(ms + zoneOffset(f.Zone, ms)).UTC().Format(localTime)
	}
	f.Starts, f.Ends = at(s.Starts), at(s.Ends)
	weekly := s.Weekly
	if len(weekly) < 14 {
		weekly = append(slices.Clone(weekly), rules.Weekly{})
	}
	for i, w := range weekly {
		number := strconv.Itoa(i + 1)
		h := steer.Hours{
			From: ui.Field{Name: "from." + number, Label: p.T("rules.from"), Value: w.From, Placeholder: "09:00"},
			To:   ui.Field{Name: "to." + number, Label: p.T("rules.to"), Value: w.To, Placeholder: "18:00"},
		}
		for _, d := range rules.Days {
			h.Days = append(h.Days, ui.Choice{Value: d, Label: p.T("rules.day." + d), Selected: slices.Contains(w.Days, d)})
		}
		f.Weekly = append(f.Weekly, h)
	}
}

// find fills in the products that a search finds, without those that are chosen.
func (n *node) find(a *adminRequest, f *steer.Form, words string) {
	f.Find = words
	if words == "" {
		return
	}
	f.Searched = true
	chosen := func(id string) bool {
		return slices.ContainsFunc(f.Chosen, func(it ui.Item) bool { return it.ID == id })
	}
	found := n.shop.FindItems(a.site.ID, shop.ItemQuery{Text: words, Limit: itemsFound + len(f.Chosen)})
	if it, ok := n.shop.Item(a.site.ID, words); ok { // an id, typed whole
		found = append([]*shop.Item{it}, found...)
	}
	for i, it := range found {
		if len(f.Found) == itemsFound {
			break
		}
		if !chosen(it.ID) && !slices.ContainsFunc(found[:i], func(o *shop.Item) bool { return o.ID == it.ID }) {
			f.Found = append(f.Found, n.uiItem(a.site.ID, it.ID))
		}
	}
}

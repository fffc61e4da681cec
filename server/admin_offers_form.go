package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/clickstream"
	"beckon/dashboards/offers"
	"beckon/dashboards/ui"
	ledger "beckon/pricing/offers"
	"beckon/web/text"
)

// datetime is how browsers write a day and a time; the form's are UTC.
const datetime = "2006-01-02T15:04"

// Bounds of the form's fields, those of pricing/offers.
const (
	mostHoldout = 90 // percent
	mostMinutes = 7 * 24 * 60
	mostOffers  = 1_000_000_000
)

// offerForm reads a posted campaign, field by field, and says at each what is wrong with it.
type offerForm struct {
	t        *text.Printer
	currency string
	values   map[string]string
	errors   map[string]string
}

func (f *offerForm) wrong(name, message string) {
	if f.errors[name] == "" {
		f.errors[name] = message
	}
}

// number is a whole number from least to most; empty is 0 where the field may be left empty.
func (f *offerForm) number(name string, least, most int64, optional bool) int64 {
	s := f.values[name]
	if s == "" && optional {
		return 0
	}
	v, err := strconv.ParseInt(s, 10, 64)
	switch {
	case s == "":
		f.wrong(name, f.t.T("offers.wrong.missing"))
	case err != nil:
		f.wrong(name, f.t.T("offers.wrong.number"))
	case v < least || v > most:
		f.wrong(name, f.t.T("offers.wrong.range", "low", least, "high", most))
	}
	return v
}

// money is minor units of the campaign's currency.
func (f *offerForm) money(name string, optional bool) int64 {
	s := f.values[name]
	if s == "" && optional {
		return 0
	}
	v, ok := text.Minor(s, f.currency)
	switch {
	case s == "":
		f.wrong(name, f.t.T("offers.wrong.missing"))
	case !ok || v < 0 || v == 0 && !optional || v > 1_000_000_000_000:
		f.wrong(name, f.t.T("offers.wrong.money", "example", f.t.Money(123450, f.currency)))
	}
	return v
}

// percent is a share from 0 to most percent, as a fraction.
func (f *offerForm) percent(name string, most float64) float64 {
	s := strings.TrimSpace(strings.TrimSuffix(strings.Replace(f.values[name], ",", ".", 1), "%"))
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v <= most) {
		f.wrong(name, f.t.T("offers.wrong.percent", "high", f.t.Percent(most/100, 0)))
		return 0
	}
	return v / 100
}

// moment is a day and a time in UTC, Unix ms; 0 for an empty field.
func (f *offerForm) moment(name string) int64 {
	s := f.values[name]
	if s == "" {
		return 0
	}
	at, err := time.Parse(datetime, s)
	if err != nil {
		at, err = time.Parse(datetime+":05", s)
	}
	if err != nil || at.UnixMilli() <= 0 {
		f.wrong(name, f.t.T("offers.wrong.time"))
		return 0
	}
	return at.UnixMilli()
}

// words are the parts between commas, each once.
func (f *offerForm) words(name string) []string {
	var out []string
	for part := range strings.SplitSeq(f.values[name], ",") {
		if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
			out = append(out, part)
		}
	}
	if len(out) > 200 {
		f.wrong(name, f.t.T("offers.wrong.many", "n", 200))
	}
	return out
}

// offerFields are the names of the form's fields but for segments, of which there may be several.
var offerFields = []string{
	"title", "kind", "value", "max", "idle", "views", "search", "visit", "min_cart", "max_cart", "categories", "items", "budget", "holdout",
	"life", "per_shopper", "per_day", "total", "starts", "ends", "disclosure",
}

// readOffer reads what was posted about a campaign whose amounts are in currency.
func (n *node) readOffer(a *adminRequest, currency string) (ledger.Settings, *offerForm) {
	f := &offerForm{t: a.text, currency: currency, values: map[string]string{}, errors: map[string]string{}}
	for _, name := range offerFields {
		f.values[name] = a.form(name)
	}
	if currency == "" {
		currency = f.askedCurrency(strings.ToUpper(a.form("currency")))
	}
	s := ledger.Settings{
		Title: f.values["title"], Disclosure: f.values["disclosure"],
		Trigger: ledger.Trigger{
			Kind: ledger.CartAtRisk, Idle: f.number("idle", 1, 1800, false), MinViews: f.number("views", 1, 1000, false), NeedSearch: f.values["search"] == "on",
		},
		Audience: ledger.Audience{
			MinCart: f.money("min_cart", true), MaxCart: f.money("max_cart", true), Categories: f.words("categories"), Items: f.words("items"),
			Segment: f.values["visit"], Segments: a.formAll("segments"),
		},
		Holdout: f.percent("holdout", mostHoldout),
		Caps:    ledger.Caps{PerShopper: f.number("per_shopper", 1, 1000, false), PerDay: f.number("per_day", 1, mostOffers, true), Total: f.number("total", 1, mostOffers, true)},
		Budget:  ledger.Budget{Amount: f.money("budget", false), Currency: currency},
		TTL:     f.number("life", 1, mostMinutes, false) * 60, Starts: f.moment("starts"), Ends: f.moment("ends"),
	}
	f.discount(&s)
	f.together(&s)
	n.checkNames(a.site.ID, &s, f)
	return s, f
}

// askedCurrency is that of a campaign in a shop that has none of its own.
func (f *offerForm) askedCurrency(code string) string {
	f.values["currency"] = code
	if _, ok := clickstream.MinorDigits(code); !ok {
		f.wrong("currency", f.t.T("offers.wrong.currency"))
		return ""
	}
	f.currency = code
	return code
}

// discount reads what the offer takes off.
func (f *offerForm) discount(s *ledger.Settings) {
	s.Discount.Kind, s.Discount.Max = f.values["kind"], f.money("max", true)
	if s.Discount.Kind == ledger.Amount {
		s.Discount.Value = f.money("value", false)
		return
	}
	s.Discount.Kind = ledger.Percent
	f.values["value"] = strings.TrimSpace(strings.TrimSuffix(f.values["value"], "%"))
	s.Discount.Value = f.number("value", 1, 100, false)
}

// together checks what is about more than one field, and texts.
func (f *offerForm) together(s *ledger.Settings) {
	switch {
	case s.Title == "":
		f.wrong("title", f.t.T("offers.wrong.missing"))
	case len(s.Title) > 200:
		f.wrong("title", f.t.T("offers.wrong.long"))
	}
	if len(s.Disclosure) > 1000 {
		f.wrong("disclosure", f.t.T("offers.wrong.long"))
	}
	if s.Ends > 0 && s.Ends <= s.Starts {
		f.wrong("ends", f.t.T("offers.wrong.order"))
	}
	if s.Audience.MaxCart > 0 && s.Audience.MaxCart < s.Audience.MinCart {
		f.wrong("max_cart", f.t.T("offers.wrong.carts"))
	}
	if !slices.Contains([]string{ledger.SegmentAny, ledger.SegmentNew, ledger.SegmentReturning}, s.Audience.Segment) {
		s.Audience.Segment = ledger.SegmentAny
	}
}

// checkNames finds items and segments that are not there: a campaign for them would never offer anything.
func (n *node) checkNames(site string, s *ledger.Settings, f *offerForm) {
	for _, id := range s.Audience.Items {
		if _, ok := n.shop.Item(site, id); !ok {
			f.wrong("items", f.t.T("offers.wrong.item", "id", id))
		}
	}
	choices := n.segmentChoices(site, f.t)
	for _, id := range s.Audience.Segments {
		if !slices.ContainsFunc(choices, func(c ui.Choice) bool { return c.Value == id }) {
			f.wrong("segments", f.t.T("offers.wrong.segment", "id", id))
		}
	}
}

// offerFieldOf is the form's field for what a refusal of the ledger names.
var offerFieldOf = map[string]string{
	"title": "title", "disclosure": "disclosure", "trigger.idle_s": "idle", "trigger.min_views": "views", "audience.min_cart": "min_cart",
	"audience.max_cart": "max_cart", "audience.items": "items", "audience.categories": "categories", "audience.segments": "segments",
	"discount.value": "value", "discount.max": "max", "caps.per_shopper": "per_shopper", "caps.per_day": "per_day", "caps.total": "total",
	"budget.amount": "budget", "holdout": "holdout", "ttl_s": "life", "starts": "starts", "ends": "ends",
}

// refused puts a refusal of the ledger at its field; false for what is none.
func (f *offerForm) refused(err error, r ledger.Report) bool {
	var no *ledger.Refusal
	if !errors.As(err, &no) {
		return false
	}
	switch no.Code {
	case "budget_below_spent":
		f.wrong("budget", f.t.T("offers.wrong.spent", "money", f.t.Money(r.Totals.Spent+r.Totals.Reserved, f.currency)))
	case "campaign_ended":
		f.wrong("", f.t.T("offers.wrong.ended"))
	case "too_many_campaigns":
		f.wrong("", f.t.T("offers.wrong.full"))
	default:
		name, _, _ := strings.Cut(no.Message, ":")
		f.wrong(offerFieldOf[name], no.Message)
	}
	return true
}

// formView is the form with what is in its fields.
func (n *node) formView(a *adminRequest, id string, f *offerForm, segments []string) offers.Form {
	p := ui.Page{Site: a.site.ID}
	v := offers.Form{ID: id, Action: p.URL("/admin/offers/new"), Values: f.values, Errors: f.errors, Currency: f.currency, Usual: a.text.T("shopper.offer_disclosure")}
	if id != "" {
		v.Action = p.URL("/admin/offers/" + id + "/edit")
	}
	for _, c := range n.segmentChoices(a.site.ID, a.text) {
		c.Selected = slices.Contains(segments, c.Value)
		v.Segments = append(v.Segments, c)
	}
	for _, name := range n.categoriesOf(a.site.ID) {
		v.Known = append(v.Known, ui.Choice{Value: name})
	}
	return v
}

// categoriesOf are the names of categories that the catalog's first thousand items have, at most 100.
func (n *node) categoriesOf(site string) []string {
	var names []string
	for _, it := range n.shop.Items(site, "", 1000) {
		for _, c := range it.Category {
			if len(names) < 100 && !slices.Contains(names, c) {
				names = append(names, c)
			}
		}
	}
	slices.Sort(names)
	return names
}

// newValues are what a new campaign begins with.
func newValues(a *adminRequest) map[string]string {
	return map[string]string{
		"title": a.text.T("offers.form.title.start"), "kind": ledger.Percent, "value": "10", "idle": "90", "views": "2", "visit": ledger.SegmentAny,
		"holdout": "10", "life": "15", "per_shopper": "1",
	}
}

// valuesOf are a campaign's settings as its form has them.
func valuesOf(c *ledger.Campaign, t *text.Printer) map[string]string {
	count := func(v int64) string {
		if v == 0 {
			return ""
		}
		return strconv.FormatInt(v, 10)
	}
	money := func(v int64) string {
		if v == 0 {
			return ""
		}
		return t.Entry(v, c.Budget.Currency)
	}
	moment := func(ms int64) string {
		if ms == 0 {
			return ""
		}
		return time.UnixMilli(ms).UTC().Format(datetime)
	}
	v := map[string]string{
		"title": c.Title, "kind": c.Discount.Kind, "value": count(c.Discount.Value), "max": money(c.Discount.Max),
		"idle": count(c.Trigger.Idle), "views": strconv.FormatInt(c.Trigger.MinViews, 10), "visit": c.Audience.Segment,
		"min_cart": money(c.Audience.MinCart), "max_cart": money(c.Audience.MaxCart),
		"categories": strings.Join(c.Audience.Categories, ", "), "items": strings.Join(c.Audience.Items, ", "),
		"budget": money(c.Budget.Amount), "holdout": t.Number(100*c.Holdout, 0), "life": count((c.TTL + 59) / 60),
		"per_shopper": count(c.Caps.PerShopper), "per_day": count(c.Caps.PerDay), "total": count(c.Caps.Total),
		"starts": moment(c.Starts), "ends": moment(c.Ends), "disclosure": c.Disclosure,
	}
	if c.Discount.Kind == ledger.Amount {
		v["value"] = money(c.Discount.Value)
	}
	if c.Trigger.NeedSearch {
		v["search"] = "on"
	}
	if c.Disclosure == ledger.DefaultDisclosure {
		v["disclosure"] = ""
	}
	if share := 100 * c.Holdout; share != float64(int64(share)) {
		v["holdout"] = strconv.FormatFloat(share, 'f', -1, 64)
	}
	return v
}

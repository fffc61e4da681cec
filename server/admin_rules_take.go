package main

import (
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"time"

	"beckon/dashboards/steer"
	"beckon/dashboards/ui"
	"beckon/recommender/rules"
	"beckon/web/text"
)

// ruleInput reads the form of a rule. What cannot be read stands in errors, by the field's name.
type ruleInput struct {
	text     *text.Printer
	currency string
	values   func(name string) []string
	errors   map[string]string
}

func newRuleInput(a *adminRequest) *ruleInput {
	return &ruleInput{a.text, a.site.Currency, a.formAll, map[string]string{}}
}

func (in *ruleInput) one(name string) string {
	if all := in.values(name); len(all) > 0 {
		return strings.TrimSpace(all[0])
	}
	return ""
}

// list is the boxes that are ticked, and the words of a field beside them.
func (in *ruleInput) list(name string) []string {
	out := append([]string(nil), in.values(name)...)
	return append(out, separated(in.one(name+".other"))...)
}

func separated(s string) (out []string) {
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func (in *ruleInput) wrong(field, key string) {
	if in.errors[field] == "" {
		in.errors[field] = in.text.T(key)
	}
}

func (in *ruleInput) whole(name string) *int64 {
	typed := in.one(name)
	if typed == "" {
		return nil
	}
	v, err := strconv.ParseInt(typed, 10, 64)
	if err != nil {
		in.wrong(name, "rules.error.whole")
		return nil
	}
	return &v
}

func (in *ruleInput) money(name string) *int64 {
	typed := in.one(name)
	if typed == "" {
		return nil
	}
	v, ok := text.Minor(typed, in.currency)
	if !ok {
		in.wrong(name, "rules.error.money")
		return nil
	}
	return &v
}

func (in *ruleInput) percent(name string) *float64 {
	typed := strings.Replace(strings.TrimSpace(strings.TrimSuffix(in.one(name), "%")), ",", ".", 1)
	if typed == "" {
		return nil
	}
	v, err := strconv.ParseFloat(typed, 64)
	if err != nil {
		in.wrong(name, "rules.error.percent")
		return nil
	}
	v /= 100
	return &v
}

// instant reads a date and time in the schedule's zone.
func (in *ruleInput) instant(name, zone string) int64 {
	typed := in.one(name)
	if typed == "" {
		return 0
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC // the zone's own field says so
	}
	at, err := time.ParseInLocation(localTime, typed[:min(len(typed), len(localTime))], loc)
	if err != nil || at.UnixMilli() <= 0 {
		in.wrong(name, "rules.error.instant")
		return 0
	}
	return at.UnixMilli()
}

// rule is what the form says, normalized; in.errors has what is wrong with it.
func (in *ruleInput) rule(id string) *rules.Rule {
	r := &rules.Rule{ID: id, Title: in.one("title"), Action: rules.Action(in.one("action"))}
	number := func(name string) int {
		if v := in.whole(name); v != nil {
			return int(max(-1<<31, min(*v, 1<<31)))
		}
		return 0
	}
	r.Priority = number("priority")
	switch r.Action {
	case rules.Pin:
		r.Position = number("position")
	case rules.Boost, rules.Bury:
		v, err := strconv.ParseFloat(in.one("strength"), 64)
		if err != nil {
			v = 2
		}
		r.Strength = v
	}
	w := &r.Where
	w.Items, w.Categories, w.Brands, w.Tags = in.list("where.items"), in.list("where.categories"), in.list("where.brands"), in.list("where.tags")
	w.Groups = separated(in.one("where.groups"))
	w.Price = &rules.Range{Min: in.money("where.price.min"), Max: in.money("where.price.max")}
	w.Stock = &rules.Range{Min: in.whole("where.stock.min"), Max: in.whole("where.stock.max")}
	w.Margin = &rules.ShareRange{Min: in.percent("where.margin.min"), Max: in.percent("where.margin.max")}
	w.NewDays = number("where.new_days")
	t := &r.When
	t.Placements, t.Segments = in.list("when.placements"), in.list("when.segments")
	t.Categories, t.Items = separated(in.one("when.categories")), separated(in.one("when.items"))
	s := &t.Schedule
	s.Zone = in.one("when.schedule.zone")
	s.Starts, s.Ends = in.instant("when.schedule.starts", s.Zone), in.instant("when.schedule.ends", s.Zone)
	for i := range 14 {
		number := strconv.Itoa(i + 1)
		hours := rules.Weekly{Days: in.values("days." + number), From: in.one("from." + number), To: in.one("to." + number)}
		if hours.From != "" || hours.To != "" || len(hours.Days) > 0 {
			if hours.From == "" && hours.To == "" { // whole days
				hours.From, hours.To = "00:00", "24:00"
			}
			s.Weekly = append(s.Weekly, hours)
		}
	}
	if len(s.Weekly) == 0 && s.Starts == 0 && s.Ends == 0 || s.Zone == "UTC" {
		s.Zone = ""
	}
	r.Normalize()
	in.check(r)
	return r
}

// check says in the reader's words what of r cannot be.
func (in *ruleInput) check(r *rules.Rule) {
	var no *rules.Refusal
	if len(in.errors) > 0 || !errors.As(r.Validate(), &no) {
		return
	}
	if key := "rules.error." + no.Field; in.text.Has(key) {
		in.errors[no.Field] = in.text.T(key)
		return
	}
	field, rest, _ := strings.Cut(no.Field, "when.schedule.weekly.")
	if rest != "" && field == "" {
		number, part, _ := strings.Cut(rest, ".")
		if at, err := strconv.Atoi(number); err == nil {
			in.errors[part+"."+strconv.Itoa(at+1)] = in.text.T("rules.error.hours")
		}
		return
	}
	in.errors[no.Field] = no.Message
}

// show puts what is wrong at the form's fields.
func (in *ruleInput) show(f *steer.Form) {
	f.Errors = in.errors
	for i := range f.Numbers {
		for _, field := range []*ui.Field{&f.Numbers[i].Min, &f.Numbers[i].Max} {
			if field.Error = in.errors[field.Name]; field.Error != "" {
				field.Value = in.one(field.Name)
			}
		}
	}
	for i := range f.Weekly {
		h := &f.Weekly[i]
		h.From.Error, h.To.Error = in.errors[h.From.Name], in.errors[h.To.Name]
		if e := in.errors["days."+strconv.Itoa(i+1)]; e != "" {
			h.From.Error = e
		}
	}
	for i := range f.PageLists {
		f.PageLists[i].Error = in.errors[f.PageLists[i].Name]
	}
	for _, field := range []struct {
		name string
		to   *string
	}{{"position", &f.Position}, {"priority", &f.Priority}, {"where.new_days", &f.NewDays}, {"when.schedule.starts", &f.Starts}, {"when.schedule.ends", &f.Ends}} {
		if in.errors[field.name] != "" {
			*field.to = in.one(field.name)
		}
	}
	if len(in.errors) > 0 {
		f.Problem = in.text.T("rules.look_below")
	}
}

// newRuleID names a rule that somebody made in a form: its title for people who read addresses, and chance so that none is taken.
func newRuleID(title string) string {
	return strings.TrimPrefix(idFrom(title)[:min(len(idFrom(title)), 40)]+"-", "-") + strings.ToLower(rand.Text()[:6])
}

package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
	"beckon/recommender/rules"
	"beckon/server/shop"
)

// What the records of merchandising rules do. Each names the rule as the record's ID.
const (
	doRulePut    = "rule.put"    // the body is the whole rule, which replaces what was there
	doRuleRemove = "rule.remove" // no body
	doRuleState  = "rule.state"  // {"state":"paused"}
)

// ruleFold is the rules of all sites, a fold over the control log. Apply and Load are called by one goroutine, the others by any.
type ruleFold struct {
	own   map[string]map[string]rules.Rule // by site and id; values are replaced, never changed
	shown atomic.Pointer[map[string]*siteRules]
	wake  chan struct{} // has an element when shown changed and nobody looked yet
}

// siteRules is one state of a site's rules.
type siteRules struct {
	list []rules.Rule // in order of id
	once sync.Once
	set  *rules.Set
}

// compiled is made by the first who asks: folding a log again compiles none of the states that nobody saw.
func (s *siteRules) compiled() *rules.Set {
	s.once.Do(func() { s.set = rules.Compile(s.list) })
	return s.set
}

func newRuleFold() *ruleFold {
	f := &ruleFold{own: map[string]map[string]rules.Rule{}, wake: make(chan struct{}, 1)}
	f.shown.Store(&map[string]*siteRules{})
	return f
}

// Name is what the fold's records begin with.
func (f *ruleFold) Name() string { return "rule" }

// set is a site's active rules, nil without any.
func (f *ruleFold) set(site string) *rules.Set {
	if s := (*f.shown.Load())[site]; s != nil {
		return s.compiled()
	}
	return nil
}

// list is a site's rules in the order of their ids. Nobody may change it.
func (f *ruleFold) list(site string) []rules.Rule {
	if s := (*f.shown.Load())[site]; s != nil {
		return s.list
	}
	return nil
}

// rule is one of a site's rules.
func (f *ruleFold) rule(site, id string) (rules.Rule, bool) {
	list := f.list(site)
	i, ok := slices.BinarySearchFunc(list, id, func(r rules.Rule, id string) int { return cmp.Compare(r.ID, id) })
	if !ok {
		return rules.Rule{}, false
	}
	return list[i], true
}

// Apply carries out one record. The answer to doRulePut and doRuleState is the rules.Rule.
func (f *ruleFold) Apply(r *record.Control, shelf *shop.Shelf) (answer any, refused error) {
	if !shelf.Site(r.Site) {
		return nil, &rules.Refusal{Code: "unknown_site", Message: fmt.Sprintf("site: there is no %q", r.Site)}
	}
	was, known := f.own[r.Site][r.ID]
	switch r.Do {
	case doRulePut:
		rule, err := rules.Decode(r.ID, r.Body)
		if err != nil {
			return nil, err
		}
		if !known && len(f.own[r.Site]) >= rules.MaxRules {
			return nil, &rules.Refusal{Code: "too_many_rules", Message: fmt.Sprintf("id: there are %d rules, which is all there can be; remove one", rules.MaxRules)}
		}
		rule.Created, rule.Changed = r.Time, r.Time
		if known {
			rule.Created = was.Created
		}
		f.put(r.Site, *rule)
		return *rule, nil
	case doRuleState, doRuleRemove:
		if !known {
			return nil, unknownRule(r.ID)
		}
	default:
		return nil, &rules.Refusal{Code: "unknown_command", Message: fmt.Sprintf("do: there is no %q", r.Do)}
	}
	if r.Do == doRuleRemove {
		delete(f.own[r.Site], r.ID)
		f.publish(r.Site)
		return nil, nil
	}
	var set struct {
		State rules.State `json:"state"`
	}
	if err := json.Unmarshal(r.Body, &set, json.RejectUnknownMembers(true)); err != nil || set.State != rules.Running && set.State != rules.Paused {
		return nil, &rules.Refusal{Code: rules.BadRule, Field: "state", Message: "state: want active or paused"}
	}
	was.State, was.Changed = set.State, r.Time
	f.put(r.Site, was)
	return was, nil
}

func unknownRule(id string) *rules.Refusal {
	return &rules.Refusal{Code: "unknown_rule", Message: fmt.Sprintf("id: there is no rule %q", id[:min(len(id), 64)])}
}

func (f *ruleFold) put(site string, rule rules.Rule) {
	if f.own[site] == nil {
		f.own[site] = map[string]rules.Rule{}
	}
	f.own[site][rule.ID] = rule
	f.publish(site)
}

// publish shows readers a site's rules.
func (f *ruleFold) publish(site string) {
	shown := maps.Clone(*f.shown.Load())
	shown[site] = &siteRules{list: sortedRules(f.own[site])}
	f.shown.Store(&shown)
	select {
	case f.wake <- struct{}{}:
	default: // who looks will see this change too
	}
}

func sortedRules(own map[string]rules.Rule) []rules.Rule {
	return slices.SortedFunc(maps.Values(own), func(a, b rules.Rule) int { return cmp.Compare(a.ID, b.ID) })
}

// ItemChanged does nothing: rules look at the catalog when they are asked.
func (f *ruleFold) ItemChanged(*record.Control, *shop.Shelf, *shop.Item, *shop.Item) {}

// Due says that nothing expires: schedules are looked at when they are asked.
func (f *ruleFold) Due() int64 { return 0 }

// Expire does nothing.
func (f *ruleFold) Expire(*record.Control, *shop.Shelf) {}

// ruleLine is one rule of an image.
type ruleLine struct {
	Site string     `json:"site"`
	Rule rules.Rule `json:"rule"`
}

// Image is the state as lines, one a rule, by site and id. What it returns may run while Apply goes on.
func (f *ruleFold) Image() func(line func(v any) error) error {
	var lines []ruleLine
	for _, site := range slices.Sorted(maps.Keys(f.own)) {
		for _, r := range sortedRules(f.own[site]) {
			lines = append(lines, ruleLine{site, r})
		}
	}
	return func(line func(v any) error) error {
		for i := range lines {
			if err := line(lines[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// Load takes one line of Image into a new fold.
func (f *ruleFold) Load(line []byte) error {
	var l ruleLine
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("rules: decode image line: %w", err)
	}
	l.Rule.Normalize()
	if err := l.Rule.Validate(); err != nil {
		return fmt.Errorf("rules: image of site %q: %w", l.Site, err)
	}
	f.put(l.Site, l.Rule)
	return nil
}

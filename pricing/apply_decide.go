package pricing

import (
	"strconv"

	json "github.com/go-json-experiment/json"

	"beckon/pricing/guard"
)

// decisionLife is how old a decision may be when it reaches the log, ms.
const decisionLife = 5 * minute

// Outcome answers price.decide.
type Outcome struct {
	Item       string `json:"item"`
	Published  bool   `json:"published"`
	Suggestion string `json:"suggestion,omitempty"` // the open suggestion's id
	Kind       Kind   `json:"kind"`
	Price      int64  `json:"price"`
}

// decide is price.decide, whose body is a Decision. It is accepted only where the state at this place of the log gives the input that it
// was made from. Which decision Decide makes of the input is not asked again here: the guardrails are, and Audit asks the rest, so that
// a later version of the policy folds an old log to the same prices.
func (t *turn) decide() (any, error) {
	var d Decision
	if t.r.Actor != Engine {
		return nil, refuse("engine_only", "by: only the engine decides")
	}
	if len(t.r.Body) == 0 {
		return nil, refuse("bad_body", "body: none is given")
	}
	if err := json.Unmarshal(t.r.Body, &d); err != nil { // a decision of a later version may have more fields
		return nil, refuse("bad_body", "body: %v", err)
	}
	c, err := t.deciding(d.Item)
	if err != nil {
		return nil, err
	}
	in := c.input(t.r.Site, d.Item, d.At)
	if err := t.judge(&d, &in); err != nil {
		return nil, err
	}
	if t.b.cfg.OnDecision != nil {
		t.b.cfg.OnDecision(t.r, in, d)
	}
	return t.accept(&d, c), nil
}

// deciding is the situation of an item that the engine may decide about.
func (t *turn) deciding(id string) (*situation, *Refusal) {
	it, ok := t.shelf.Item(t.r.Site, id)
	if !ok || it.Currency == "" {
		return nil, refuse("unknown_item", "item: the catalog has none with a price of that id")
	}
	c := t.b.situationOf(t.site, id, it)
	if err := c.decidable(); err != nil {
		return nil, err
	}
	return &c, nil
}

// decidable says why the engine may not decide about the item now, nil if it may.
func (c *situation) decidable() *Refusal {
	switch {
	case c.item == nil || c.item.Learned == nil:
		return refuse("not_observed", "item: nothing is known of its demand")
	case c.set.Mode == ModeOff:
		return refuse("mode_off", "item: its mode is off")
	case c.stopped():
		return refuse("frozen", "item: its price is frozen")
	case c.item.running("") != nil:
		return refuse("markdown_running", "item: an announced markdown runs, and its price is fixed")
	case c.it.Hidden:
		return refuse("unpublished", "item: it is not published")
	}
	return nil
}

// judge says why a decision does not fit its input, nil if it does.
func (t *turn) judge(d *Decision, in *Input) *Refusal {
	switch {
	case d.At > t.r.Time || d.At < t.r.Time-decisionLife:
		return refuse("stale", "at: not within 5 minutes before the record")
	case d.Market != "" || d.Version != in.Version || d.Revision != in.Revision || d.Current != in.Current:
		return refuse("stale", "version: the price or what it depends on has changed since")
	case d.Algorithm == Algorithm && d.Input != in.Hash():
		return refuse("stale", "input: the state at this place gives %s, the decision was made from %s", in.Hash(), d.Input)
	case d.Publish != (d.Price != d.Current):
		return refuse("bad_decision", "publish: it says that another price is published, or that none is, against price and current")
	}
	if rule := guard.Violation(in.guard(d.Price), d.Price); rule != "" {
		return refuse("guard", "price: %d breaks the rule %s", d.Price, rule)
	}
	return nil
}

// accept carries out a decision.
func (t *turn) accept(d *Decision, c *situation) Outcome {
	next := t.edit(d.Item, &c.it)
	next.Decision, next.DecidedBy, next.Decided, next.DecidedOn = d, t.r.Offset, d.At, next.Learned.Last
	next.alert(d.Alert, t.r.Time)
	out := Outcome{Item: d.Item, Kind: KindStay, Price: d.Current}
	e := Entry{Kind: KindStay, Before: d.Current, After: d.Current, Was: d.Version, Reason: d.Reason}
	if next.Suggestion != nil && t.r.Time-next.Suggestion.At > suggestionLife {
		next.Suggestion = nil
	}
	switch {
	case !d.Publish:
		t.note(next, e)
	case c.set.Mode == ModeSuggest && d.Reason != ReasonEdge:
		e.Kind, e.After = KindSuggested, d.Price
		if t.r.Time >= next.NotBefore {
			e.Decision = d
			next.Suggestion, next.Dismissed = &Suggestion{t.r.Offset, t.r.Time, *d}, 0
			out.Suggestion = next.Suggestion.ID()
		} else {
			e.Kind = KindStay
		}
		out.Kind = e.Kind
		t.note(next, e)
	case !t.passBreaker(d, c):
		e.Kind, e.After, out.Kind = KindBreaker, d.Price, KindBreaker
		next.alert(string(KindBreaker), t.r.Time)
		t.note(next, e)
	default:
		e.Kind, e.After, e.Decision = KindEngine, d.Price, d
		t.publish(d.Item, next, &c.it, e)
		out = Outcome{Item: d.Item, Published: true, Kind: KindEngine, Price: d.Price}
	}
	t.put(d.Item, next)
	return out
}

// passBreaker asks the catalog's breaker. A price that leaves a hard limit may not wait and is only counted.
func (t *turn) passBreaker(d *Decision, c *situation) (ok bool) {
	if d.Reason == ReasonEdge {
		t.count(d.Item, &c.it, d.Current, d.Price)
		return true
	}
	m := t.movement(d.Item, &c.it, d.Current, d.Price)
	t.setHead(t.site.head.with(func(h *siteHead) { ok, _ = h.Breaker.Try(m, h.breakerLimit()) }))
	return ok
}

type OnSuggestion struct {
	Suggestion string `json:"suggestion"`
}

// suggested finds the open suggestion that the record names.
func (t *turn) suggested() (id string, s *Suggestion, err error) {
	var b OnSuggestion
	if err := t.body(&b); err != nil {
		return "", nil, err
	}
	offset, ok := suggestionOffset(b.Suggestion)
	if id, ok = t.site.open[offset], ok && t.site.open[offset] != ""; !ok {
		return "", nil, refuse("unknown_suggestion", "suggestion: %s is not open", strconv.Quote(b.Suggestion))
	}
	s = t.site.items[id].Suggestion
	if t.r.Time-s.At > suggestionLife {
		return "", nil, refuse("unknown_suggestion", "suggestion: it has expired")
	}
	return id, s, nil
}

// approve is price.approve: a person publishes a suggestion. Its price was found against the price in force, which is still the same;
// the hard limits are asked again.
func (t *turn) approve() (any, error) {
	id, s, err := t.suggested()
	if err != nil {
		return nil, err
	}
	d := &s.Decision
	p, err := t.byPerson(id, "", d.Price)
	if err != nil {
		return nil, err
	}
	t.publishByPerson(id, p, Entry{Kind: KindApproved, Before: p.it.Public, After: d.Price, Was: p.it.Version, Reason: d.Reason, Guard: p.verdict.Trace, Decision: d})
	return t.published(id, "", d.Price), nil
}

// dismiss is price.dismiss: none is made for this item for a week.
func (t *turn) dismiss() (any, error) {
	id, s, err := t.suggested()
	if err != nil {
		return nil, err
	}
	next := *t.site.items[id]
	next.Dismissed = next.Suggestion.Offset
	next.Suggestion, next.NotBefore = nil, t.r.Time+suggestionLife
	d := &s.Decision
	t.note(&next, Entry{Kind: KindDismissed, Before: d.Current, After: d.Price, Was: d.Version, Reason: d.Reason})
	t.put(id, &next)
	return nil, nil
}

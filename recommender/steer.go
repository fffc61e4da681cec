package recommender

import (
	"slices"
	"strings"

	"beckon/recommender/rules"
)

// pinned is an entry that a rule shows at a place.
type pinned struct {
	entry  int
	place  int // 1 is the first
	number int // of the rule in its set
}

// steeredBy finds the rules that hold where q is asked. Sources are asked for no more because of them: scores before rules are then those
// that the shopper would see without, and a hundred candidates and more are left to come forward.
func (b *blender) steeredBy(q *Query) bool {
	if q.Rules == nil {
		return false
	}
	c := rules.Context{Placement: q.Placement, Category: b.pagePath(q), Item: q.Item, Segments: q.Segments, Now: q.Wall}
	if c.Now == 0 {
		c.Now = q.Now
	}
	b.steered = q.Rules.At(&b.active, &c)
	return b.steered
}

// pagePath is the path of the page's category; an item's page without one stands in the item's.
func (b *blender) pagePath(q *Query) []string {
	b.page = b.page[:0]
	if q.Category != "" {
		for part := range strings.SplitSeq(q.Category, ">") {
			b.page = append(b.page, strings.TrimSpace(part))
		}
		return b.page
	}
	if q.Item == "" {
		return nil
	}
	b.look(q, q.Item)
	return b.item.Category
}

// look reads what rules may ask of an item into b.item.
func (b *blender) look(q *Query, item string) {
	if q.Facts == nil || !q.Facts(item, &b.item) {
		b.item = rules.Unknown(item)
	}
}

// pin gives pinned items their places and returns how many there are.
func (b *blender) pin(q *Query, limit int) int {
	if !b.steered {
		return 0
	}
	b.active.Pins(func(number, place int, item string) bool {
		b.pinOne(q, limit, number, place, item)
		return len(b.pinned) < min(rules.MaxPins, limit)
	})
	return len(b.pinned)
}

// pinOne pins an item if it may be shown, at its place or the next free one.
func (b *blender) pinOne(q *Query, limit, number, place int, item string) {
	for _, p := range b.pinned { // in order of places
		if p.place == place {
			place++
		}
	}
	if place > limit || item == q.Item || slices.Contains(q.Cart, item) || slices.Contains(q.Bought, item) || q.Eligible != nil && !q.Eligible(item) {
		return
	}
	b.look(q, item)
	if !b.active.Pinned(number, &b.item) || b.active.Effect(&b.item).Excluded {
		return
	}
	i := b.find(item)
	if i < 0 || b.entries[i].excluded || b.variantShown(q, item) {
		return
	}
	b.entries[i].excluded = true
	at, _ := slices.BinarySearchFunc(b.pinned, place, func(p pinned, place int) int { return p.place - place })
	b.pinned = slices.Insert(b.pinned, at, pinned{i, place, number})
}

// steer lets the rules that hold change the scores of what was not looked at yet, or keep it out. Exploration draws from what it leaves.
func (b *blender) steer(q *Query) {
	if !b.steered || !b.active.Effects() {
		return
	}
	for i := range b.entries {
		e := &b.entries[i]
		if e.excluded || e.score == 0 && !b.only {
			continue
		}
		b.look(q, e.name)
		effect := b.active.Effect(&b.item)
		e.excluded = effect.Excluded
		e.score *= float32(effect.Factor)
	}
}

// appendPins appends the pins whose place is the answer's next.
func (b *blender) appendPins(items []Scored, q *Query, place *placement) []Scored {
	for len(b.pinned) > 0 && b.pinned[0].place <= len(items)+1 {
		items = b.appendPinned(items, q, place)
	}
	return items
}

// appendRest appends the pins that are left: there is not enough else to fill the places before them.
func (b *blender) appendRest(items []Scored, q *Query, place *placement) []Scored {
	for len(b.pinned) > 0 {
		items = b.appendPinned(items, q, place)
	}
	return items
}

func (b *blender) appendPinned(items []Scored, q *Query, place *placement) []Scored {
	p := b.pinned[0]
	b.pinned = slices.Delete(b.pinned, 0, 1)
	items = appendScored(items, b, q, place, &b.entries[p.entry], 1)
	s := &items[len(items)-1]
	s.Kind, s.Because, s.Drawn = Pinned, s.Because[:0], false
	s.Rule, s.Touches = b.active.Rule(p.number), s.Touches[:0]
	return items
}

// sayTouched notes which rules moved an item's score.
func (b *blender) sayTouched(s *Scored, q *Query) {
	if !b.active.Effects() {
		return
	}
	b.look(q, s.Item)
	effect := b.active.Effect(&b.item)
	if effect.Mover >= 0 {
		s.Rule = b.active.Rule(effect.Mover)
	}
	if q.Explain {
		s.Touches = b.active.Touches(s.Touches, &b.item, s.Score/effect.Factor)
	}
}

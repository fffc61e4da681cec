package recommender

import "slices"

// why appends why each of q.Why is not shown, before exploration mixes what is ranked. Items that are still shown get Shown at the end,
// by sayShown. The whole order is ranked for it and then cut to wanted again.
func (b *blender) why(dst []WhyNot, q *Query, wanted int) []WhyNot {
	b.choose(q, maxBlend)
	for _, item := range q.Why {
		dst = append(dst, b.whyOne(q, item))
	}
	b.ranked = b.ranked[:min(wanted, len(b.ranked))]
	return dst
}

func (b *blender) whyOne(q *Query, item string) WhyNot {
	w := WhyNot{Item: item, Reason: NoCandidate}
	i := b.known(item)
	if i >= 0 {
		w.Score = float64(b.entries[i].score)
	}
	switch {
	case item == q.Item:
		w.Reason = OwnItem
		return w
	case slices.Contains(q.Cart, item):
		w.Reason = InCart
		return w
	case slices.Contains(q.Bought, item):
		w.Reason = JustBought
		return w
	case q.Eligible != nil && !q.Eligible(item):
		w.Reason = NotEligible
		return w
	}
	if b.steered {
		b.look(q, item)
		if effect := b.active.Effect(&b.item); effect.Excluded {
			w.Reason, w.Rule = ExcludedByRule, b.active.Rule(effect.By)
			return w
		}
	}
	if i >= 0 {
		if at := slices.Index(b.ranked, uint16(i)); at >= 0 {
			w.Reason, w.Place = BelowCut, len(b.pinned)+at+1
			return w
		}
	}
	if w.Other = b.variantOf(q, item); w.Other != "" {
		w.Reason = SameProduct
	}
	return w
}

// known is the index of an item's entry, -1 if it has none.
func (b *blender) known(name string) int {
	only := b.only
	b.only = true
	i := b.find(name)
	b.only = only
	return i
}

// variantOf is what is shown or ranked of the same product.
func (b *blender) variantOf(q *Query, item string) string {
	if q.Group == nil {
		return ""
	}
	group := q.Group(item)
	if group == "" {
		return ""
	}
	for _, p := range b.pinned {
		if name := b.entries[p.entry].name; name != item && q.Group(name) == group {
			return name
		}
	}
	for _, i := range b.ranked {
		if name := b.entries[i].name; name != item && q.Group(name) == group {
			return name
		}
	}
	return ""
}

// sayShown corrects what why said of items that the answer has.
func sayShown(a *Answer) {
	for i := range a.Why {
		w := &a.Why[i]
		at := slices.IndexFunc(a.Items, func(s Scored) bool { return s.Item == w.Item })
		if at >= 0 {
			*w = WhyNot{Item: w.Item, Reason: Shown, Place: at + 1, Score: a.Items[at].Score, Rule: a.Items[at].Rule}
		}
	}
}

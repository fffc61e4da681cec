package main

import (
	"slices"
	"strconv"
	"strings"

	"beckon/recommender"
	"beckon/recommender/rules"
)

// maxWhy bounds the items that one answer explains the absence of.
const maxWhy = 20

// whyQuery reads ?why=sku-1,sku-2.
func whyQuery(text string) (items []string, err error) {
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.Clone(strings.TrimSpace(item)); item != "" && !slices.Contains(items, item) {
			items = append(items, item)
		}
	}
	if len(items) > maxWhy {
		return nil, fail(400, "bad_why", "why: %d items, at most %d", len(items), maxWhy)
	}
	return items, nil
}

// Reasons that the catalog gives where the recommender only knows that an item is not eligible.
const (
	whyUnlisted    recommender.Reason = "unlisted" // the catalog does not have it
	whyUnpublished recommender.Reason = "unpublished"
	whyOutOfStock  recommender.Reason = "out_of_stock"
)

// whyOf is w with what the catalog knows.
func (n *node) whyOf(site string, w recommender.WhyNot) recommender.WhyNot {
	if w.Reason != recommender.NotEligible {
		return w
	}
	switch it, ok := n.shop.Item(site, w.Item); {
	case !ok:
		w.Reason = whyUnlisted
	case !it.Published:
		w.Reason = whyUnpublished
	default:
		w.Reason = whyOutOfStock
	}
	return w
}

// appendSteered appends what rules did to an item, why it stands where it does, and all of the trace in sentences.
func (n *node) appendSteered(dst []byte, a *ask, s *recommender.Scored) []byte {
	dst = append(dst, `,"position_reason":`...)
	dst = appendText(dst, positionReason(s))
	dst = append(dst, `,"rules":[`...)
	if s.Kind == recommender.Pinned && s.Rule != nil {
		dst = appendRuleName(append(dst, '{'), s.Rule)
		dst = append(dst, `,"position":`...)
		dst = strconv.AppendInt(dst, int64(s.Rule.Position), 10)
		dst = append(dst, '}')
	}
	for i, t := range s.Touches {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendRuleName(append(dst, '{'), t.Rule)
		dst = append(dst, `,"before":`...)
		dst = strconv.AppendFloat(dst, t.Before, 'g', 6, 64)
		dst = append(dst, `,"after":`...)
		dst = strconv.AppendFloat(dst, t.After, 'g', 6, 64)
		dst = append(dst, '}')
	}
	dst = append(dst, `],"explained":[`...)
	for i, sentence := range traceText(a.lang, n.titles(a.who.site), s) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, sentence)
	}
	return append(dst, ']')
}

// positionReason says why an item stands where it does.
func positionReason(s *recommender.Scored) string {
	switch {
	case s.Kind == recommender.Pinned:
		return "pinned"
	case s.Drawn:
		return "explored"
	}
	return "score"
}

func appendRuleName(dst []byte, r *rules.Rule) []byte {
	dst = append(dst, `"id":`...)
	dst = appendText(dst, r.ID)
	dst = append(dst, `,"title":`...)
	dst = appendText(dst, r.Title)
	dst = append(dst, `,"action":`...)
	return appendText(dst, string(r.Action))
}

// appendWhyNot appends why items that were asked about are not shown.
func (n *node) appendWhyNot(dst []byte, a *ask, all []recommender.WhyNot) []byte {
	if len(all) == 0 {
		return dst
	}
	dst = append(dst, `,"why_not":[`...)
	for i := range all {
		w := n.whyOf(a.who.site, all[i])
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"item_id":`...)
		dst = appendText(dst, w.Item)
		dst = append(dst, `,"reason":`...)
		dst = appendText(dst, string(w.Reason))
		if w.Place > 0 {
			dst = append(dst, `,"rank":`...)
			dst = strconv.AppendInt(dst, int64(w.Place), 10)
		}
		if w.Score > 0 {
			dst = append(dst, `,"score":`...)
			dst = strconv.AppendFloat(dst, w.Score, 'g', 6, 64)
		}
		if w.Rule != nil {
			dst = append(dst, `,"rule":{`...)
			dst = append(appendRuleName(dst, w.Rule), '}')
		}
		if w.Other != "" {
			dst = append(dst, `,"other":`...)
			dst = appendText(dst, w.Other)
		}
		dst = append(dst, `,"text":`...)
		dst = append(appendText(dst, whyText(a.lang, n.titles(a.who.site), w)), '}')
	}
	return append(dst, ']')
}

// titles is what a site's items are called; the id of one without a title.
func (n *node) titles(site string) func(item string) string {
	return func(item string) string {
		if it, ok := n.shop.Item(site, item); ok && it.Title != "" {
			return it.Title
		}
		return item
	}
}

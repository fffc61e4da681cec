package main

import (
	"cmp"
	"slices"

	"beckon/recommender"
	"beckon/recommender/rules"
	"beckon/web/text"
)

// traceText says in sentences why an item is shown where it is: where it came from, what rules did, what its place means. title gives an
// item's name. It is a pure function, for the explanation of an answer, the recommendations page and the preview of rules. The answer
// must have been asked with Explain.
func traceText(p *text.Printer, title func(item string) string, s *recommender.Scored) []string {
	var out []string
	if s.Kind == recommender.Pinned {
		if s.Rule != nil {
			out = append(out, p.T("rules.trace.pinned", "rule", s.Rule.Title))
		}
	} else {
		out = append(out, sourceText(p, title, s))
	}
	for _, part := range strongest(s.Trace) {
		out = append(out, p.T("rules.trace.part", "source", p.T("rules.source."+part.Kind), "share", p.Percent(partShare(s.Trace, part), 0)))
	}
	for _, t := range s.Touches {
		key := "rules.trace.boost"
		if t.Rule.Action == rules.Bury {
			key = "rules.trace.bury"
		}
		out = append(out, p.T(key, "rule", t.Rule.Title, "before", p.Number(t.Before, 2), "after", p.Number(t.After, 2)))
	}
	switch {
	case s.Kind == recommender.Pinned:
	case s.Drawn:
		out = append(out, p.T("rules.trace.drawn", "chance", p.Percent(s.Propensity, 1)))
	case s.Propensity < 1:
		out = append(out, p.T("rules.trace.tail", "chance", p.Percent(s.Propensity, 1)))
	}
	return out
}

// sourceText is the sentence of what speaks most for an item.
func sourceText(p *text.Printer, title func(string) string, s *recommender.Scored) string {
	because := ""
	if len(s.Because) > 0 {
		because = title(s.Because[0])
	}
	switch s.Kind {
	case recommender.BoughtTogether:
		if because != "" {
			return p.T("rules.trace.bought_together", "item", because)
		}
		return p.T("rules.trace.bought_together_some")
	case recommender.ViewedTogether:
		if because != "" {
			return p.T("rules.trace.viewed_together", "item", because)
		}
		return p.T("rules.trace.viewed_together_some")
	case recommender.InSession:
		if because != "" {
			return p.T("rules.trace.session", "item", because)
		}
		return p.T("rules.trace.session_some")
	case recommender.SimilarShoppers:
		return p.T("rules.trace.similar_shoppers")
	case recommender.Trending:
		return p.T("rules.trace.trending")
	case recommender.Recent:
		return p.T("rules.trace.recent")
	case recommender.Bestseller:
		return p.T("rules.trace.bestseller")
	}
	return p.T("rules.trace.unknown")
}

// strongest is the parts of a score that gave most, at most three and only where there are several.
func strongest(parts []recommender.Part) []recommender.Part {
	if len(parts) < 2 {
		return nil
	}
	sorted := slices.Clone(parts)
	slices.SortStableFunc(sorted, func(a, b recommender.Part) int { return cmp.Compare(b.Value*b.Weight, a.Value*a.Weight) })
	return sorted[:min(3, len(sorted))]
}

func partShare(parts []recommender.Part, of recommender.Part) float64 {
	sum := 0.0
	for _, p := range parts {
		sum += p.Value * p.Weight
	}
	if sum == 0 {
		return 0
	}
	return of.Value * of.Weight / sum
}

// whyText says in a sentence why an item is not shown, or where it stands. w is as whyOf gives it.
func whyText(p *text.Printer, title func(item string) string, w recommender.WhyNot) string {
	item := title(w.Item)
	switch w.Reason {
	case recommender.Shown:
		if w.Rule != nil && w.Rule.Action == rules.Pin {
			return p.T("rules.why.shown_pinned", "item", item, "place", p.Int(int64(w.Place)), "rule", w.Rule.Title)
		}
		return p.T("rules.why.shown", "item", item, "place", p.Int(int64(w.Place)))
	case recommender.OwnItem:
		return p.T("rules.why.own_item", "item", item)
	case recommender.InCart:
		return p.T("rules.why.in_cart", "item", item)
	case recommender.JustBought:
		return p.T("rules.why.just_bought", "item", item)
	case whyUnlisted, recommender.NotEligible:
		return p.T("rules.why.unlisted", "item", item)
	case whyUnpublished:
		return p.T("rules.why.unpublished", "item", item)
	case whyOutOfStock:
		return p.T("rules.why.out_of_stock", "item", item)
	case recommender.ExcludedByRule:
		return p.T("rules.why.excluded", "item", item, "rule", w.Rule.Title)
	case recommender.SameProduct:
		return p.T("rules.why.same_product", "item", item, "other", title(w.Other))
	case recommender.BelowCut:
		return p.T("rules.why.below_cut", "item", item, "rank", p.Int(int64(w.Place)), "score", p.Number(w.Score, 2))
	}
	return p.T("rules.why.no_candidate", "item", item)
}

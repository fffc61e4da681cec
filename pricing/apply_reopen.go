package pricing

import "strconv"

// reopen is price.reopen, whose body is an OnSuggestion: one that a person dismissed waits again, for what is left of its week. It is
// refused once anything else was suggested or the price changed: the suggestion was made against another state of things then.
func (t *turn) reopen() (any, error) {
	var b OnSuggestion
	if err := t.body(&b); err != nil {
		return nil, err
	}
	offset, ok := suggestionOffset(b.Suggestion)
	id := t.site.dismissed[offset]
	if !ok || id == "" {
		return nil, refuse("unknown_suggestion", "suggestion: %s was not dismissed, or something else was decided since", strconv.Quote(b.Suggestion))
	}
	s := t.site.items[id]
	made := s.suggested(offset)
	switch {
	case made == nil:
		return nil, refuse("unknown_suggestion", "suggestion: %s is not remembered", strconv.Quote(b.Suggestion))
	case t.r.Time-made.At > suggestionLife:
		return nil, refuse("unknown_suggestion", "suggestion: it has expired")
	case s.in("").Version != made.Was:
		return nil, refuse("stale", "suggestion: the price has changed since it was made")
	}
	next := *s
	next.Suggestion, next.Dismissed, next.NotBefore = &Suggestion{made.Offset, made.At, *made.Decision}, 0, 0
	t.note(&next, Entry{Kind: KindReopened, Before: made.Before, After: made.After, Was: made.Was, Reason: made.Reason})
	t.put(id, &next)
	return nil, nil
}

// suggested is the entry that made a suggestion, nil if it is not remembered whole.
func (s *itemState) suggested(offset uint64) *Entry {
	for i := range s.History {
		if e := &s.History[i]; e.Offset == offset && e.Kind == KindSuggested && e.Decision != nil {
			return e
		}
	}
	return nil
}

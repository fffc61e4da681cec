package pricing

import "strconv"

// reopen is price.reopen: a suggestion that a person dismissed waits again, for what is left of its week. It is refused once anything
// else was suggested or the price changed: the suggestion was made against another state of things then.
func (t *turn) reopen() (any, error) {
	var b Reopen
	if err := t.body(&b); err != nil {
		return nil, err
	}
	offset, ok := suggestionOffset(b.Suggestion)
	s := t.site.items[b.Item]
	if !ok || s == nil {
		return nil, refuse("unknown_suggestion", "suggestion: %s was not made for this item", strconv.Quote(b.Suggestion))
	}
	made, dismissed := s.suggested(offset)
	switch {
	case made == nil || made.Decision == nil:
		return nil, refuse("unknown_suggestion", "suggestion: %s is not remembered", strconv.Quote(b.Suggestion))
	case s.Suggestion != nil:
		return nil, refuse("suggestion_open", "suggestion: one waits for this item already")
	case !dismissed:
		return nil, refuse("not_dismissed", "suggestion: it was not dismissed, or something else was decided since")
	case t.r.Time-made.At > suggestionLife:
		return nil, refuse("unknown_suggestion", "suggestion: it has expired")
	case s.in("").Version != made.Was:
		return nil, refuse("stale", "suggestion: the price has changed since it was made")
	}
	next := *s
	next.Suggestion, next.NotBefore = &Suggestion{made.Offset, made.At, *made.Decision}, 0
	t.note(&next, Entry{Kind: KindReopened, Before: made.Before, After: made.After, Was: made.Was, Reason: made.Reason})
	t.put(b.Item, &next)
	return nil, nil
}

// Reopen is the body of price.reopen.
type Reopen struct {
	Item       string `json:"item"`
	Suggestion string `json:"suggestion"`
}

// suggested is the entry that made a suggestion, nil if it is not remembered; dismissed says that nothing but its dismissal, and
// decisions that left the price, came after it.
func (s *itemState) suggested(offset uint64) (made *Entry, dismissed bool) {
	for i := range s.History {
		e := &s.History[i]
		switch {
		case made == nil:
			if e.Offset == offset && e.Kind == KindSuggested {
				made = e
			}
		case e.Market != "" || e.Kind == KindStay:
		case e.Kind == KindDismissed:
			dismissed = true
		default:
			dismissed = false
		}
	}
	return made, dismissed
}

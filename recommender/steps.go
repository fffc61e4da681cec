package recommender

import "beckon/clickstream"

// SessionItems appends the items that the sessions model sees in steps, oldest first. Sessions are learned by the same rule.
func SessionItems(dst []string, steps []clickstream.Step) []string {
	last := ""
	if len(dst) > 0 {
		last = dst[len(dst)-1]
	}
	for i := range steps {
		if counts(&steps[i], last) {
			last = steps[i].Item()
			dst = append(dst, last)
		}
	}
	return dst
}

// counts says whether a step is one of the sequence whose newest item is last. Every page view is; putting the item on show into
// the cart or buying it is not a second look at it. Clicks in lists are followed by the view, and removals are no interest.
func counts(s *clickstream.Step, last string) bool {
	switch s.Kind() {
	case clickstream.ViewItem:
		return true
	case clickstream.AddToCart, clickstream.AddToWishlist, clickstream.Purchase:
		return s.Item() != last
	}
	return false
}

package clickstream

import (
	"slices"
)

// ShopperView is a reader's own copy of what is known of a shopper. Slices are reused from call to call; their strings are safe to keep.
// Without Personalization consent all lists are empty and Session is nil.
type ShopperView struct {
	User        string // proven, "" if none
	Consent     Consent
	Bot         bool
	First, Last int64 // event time of the first and the newest event, Unix ms

	Views, Carts, Purchases, Searches int // events, over the time the shopper is remembered
	LastSearch                        string
	Spent                             int64 // on what was bought and kept, minor units as the events said them; this device's

	Visits int    // that began, up to 65,535
	Away   int    // whole days between the visit before and this one, up to 255
	Device Device // of the newest visit that said one
	Source string // of the newest visit that did not come directly, else Direct

	Recent   []ShopperItem // distinct items, newest first, at most 50; of all devices of a proven user
	Bought   []ShopperItem // newest first, at most 50; of all devices of a proven user
	Cart     []ShopperItem // in the order in which they were put in; this device's
	Wishlist []ShopperItem // newest first; this device's

	SessionStart int64  // Unix ms of the running session's first event, 0 without one
	Session      []Step // the running session's, oldest first; shared: must not be changed
}

// ShopperItem is an item in one of a shopper's lists.
type ShopperItem struct {
	Item     string
	Kind     Kind  // Recent: the most that was done with it: SelectItem, ViewItem, AddToWishlist, AddToCart, Purchase
	Quantity int   // Cart and Bought
	Time     int64 // Unix ms of the last time
}

// View copies what is known of a shopper into dst and says whether it is known. It takes the partition's lock for the copy alone
// and allocates nothing once dst has grown. The history of a proven user's other devices is merged in; carts stay apart.
func (r *Runner) View(site, visitor string, dst *ShopperView) bool {
	if !r.shardOf(site, visitor).view(site, visitor, dst) {
		return false
	}
	if dst.User != "" && dst.Consent&Personalization != 0 {
		r.addDevices(site, visitor, dst)
	}
	return true
}

// addDevices merges Recent and Bought of the other visitors of dst's user.
func (r *Runner) addDevices(site, visitor string, dst *ShopperView) {
	var other ShopperView
	for _, device := range r.identity.Visitors(site, dst.User) {
		if device == visitor || !r.shardOf(site, device).view(site, device, &other) || other.Consent&Personalization == 0 {
			continue
		}
		dst.Recent = mergeItems(dst.Recent, other.Recent, maxRecent)
		dst.Bought = mergeItems(dst.Bought, other.Bought, maxBought)
	}
}

// HistoryOf appends the recent items of the visitor and of all other devices of its proven user, newest first and each once.
func (r *Runner) HistoryOf(dst []ShopperItem, site, visitor string) []ShopperItem {
	var v ShopperView
	if !r.View(site, visitor, &v) {
		return dst
	}
	return append(dst, v.Recent...)
}

// Visitors are the visitors that proved to be user, the oldest link first.
func (r *Runner) Visitors(site, user string) []string { return r.identity.Visitors(site, user) }

// User is the user that a visitor proved to be, "" if none.
func (r *Runner) User(site, visitor string) string { return r.identity.User(site, visitor) }

// Shoppers is the number of shoppers that are remembered, and of those forgotten because there were too many.
func (r *Runner) Shoppers() (remembered, evicted int64) {
	for _, s := range r.shards {
		s.mu.Lock()
		remembered += int64(s.count)
		evicted += s.evicted
		s.mu.Unlock()
	}
	return remembered, evicted
}

func (s *shard) view(site, visitor string, dst *ShopperView) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.viewLocked(site, visitor, dst)
}

func (s *shard) viewLocked(site, visitor string, dst *ShopperView) bool {
	st := s.sites[site]
	if st == nil {
		return false
	}
	v := st.shoppers[visitor]
	if v == nil {
		return false
	}
	*dst = ShopperView{
		Consent: v.consent, Bot: v.bot, First: v.first, Last: v.last,
		Recent: dst.Recent[:0], Bought: dst.Bought[:0], Cart: dst.Cart[:0], Wishlist: dst.Wishlist[:0],
	}
	if v.consent&Personalization == 0 {
		return true
	}
	dst.Visits, dst.Away, dst.Device, dst.Source = int(v.visit.count), int(v.visit.away), v.visit.device, st.sourceOf(&v.visit)
	dst.Views, dst.Carts, dst.Purchases, dst.Searches = int(v.views), int(v.carts), int(v.purchases), int(v.searches)
	for _, m := range slices.Backward(v.recent) {
		dst.Recent = append(dst.Recent, ShopperItem{Item: m.item.Value(), Kind: Kind(m.n()), Time: m.at()})
	}
	if l := v.lists; l != nil {
		dst.User, dst.LastSearch, dst.Spent = l.user, l.lastSearch, l.spent
		for _, m := range l.cart {
			dst.Cart = append(dst.Cart, ShopperItem{Item: m.item.Value(), Quantity: int(m.n()), Time: m.at()})
		}
		for _, m := range slices.Backward(l.wishlist) {
			dst.Wishlist = append(dst.Wishlist, ShopperItem{Item: m.item.Value(), Time: m.at()})
		}
		for _, m := range slices.Backward(l.bought) {
			dst.Bought = append(dst.Bought, ShopperItem{Item: m.item.Value(), Quantity: int(m.n()), Time: m.at()})
		}
	}
	v.viewSession(st, dst)
	return true
}

// viewSession gives the newest session if the clock has not passed its gap: until it is closed it may go on only for late events.
func (v *shopper) viewSession(st *siteShard, dst *ShopperView) {
	if v.live == nil {
		return
	}
	var room [4]group
	groups := st.rule.groups(room[:0], v.live)
	g := &groups[len(groups)-1]
	if st.clock-g.last > st.rule.gap {
		return
	}
	consent, steps := g.first.consent, g.first.steps
	if g.n > 1 {
		s := g.session(v.name, false)
		consent, steps = s.Consent, s.Steps
	}
	if consent&Personalization != 0 {
		dst.SessionStart, dst.Session = g.start, steps[:len(steps):len(steps)]
	}
}

// mergeItems merges b into a, newest first, each item once with the more that was done.
func mergeItems(a, b []ShopperItem, bound int) []ShopperItem {
	for _, x := range b {
		if i := slices.IndexFunc(a, func(y ShopperItem) bool { return y.Item == x.Item }); i >= 0 {
			x = ShopperItem{x.Item, max(x.Kind, a[i].Kind), max(x.Quantity, a[i].Quantity), max(x.Time, a[i].Time)}
			a = slices.Delete(a, i, i+1)
		}
		at := slices.IndexFunc(a, func(y ShopperItem) bool { return y.Time < x.Time })
		if at < 0 {
			at = len(a)
		}
		a = slices.Insert(a, at, x)
	}
	return a[:min(len(a), bound)]
}

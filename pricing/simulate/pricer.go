package simulate

import "beckon/pricing/guard"

// Names of the policies.
const (
	Fixed        = "fixed"
	Greedy       = "greedy"
	GreedyPooled = "greedy_pooled"
	Thompson     = "thompson"
	Beckon       = "beckon"
	Clairvoyant  = "clairvoyant"
)

// DefaultPolicies are the four of every run, in the order they are reported.
func DefaultPolicies() []string { return []string{Fixed, Greedy, Beckon, Clairvoyant} }

// AllPolicies are all that can be run.
func AllPolicies() []string {
	return []string{Fixed, Greedy, GreedyPooled, Thompson, Beckon, Clairvoyant}
}

// pricer prices one world. It is told everything that happens and nothing of what is true, but for clairvoyant.
type pricer interface {
	// price is the price of item i for a day, and how many guardrails that broke.
	price(i, day int, at shelf) (price int64, violations int)
	learn(i int, s sales)
	endDay(day int)
}

// shelf is what a shop knows of an item before a day begins.
type shelf struct {
	stock  int64   // pieces, -1: never out
	season float64 // what the weekday is known to do to conversion, 1: nothing
}

// sales is one closed day of an item as a shop sees it.
type sales struct {
	day          int
	price        int64
	views, units int
	season       float64 // as it was known before the day
	clean        bool    // in stock all day
}

func newPricer(name string, w *world) pricer {
	switch name {
	case Fixed:
		return fixed{w}
	case Clairvoyant:
		return clairvoyant{w}
	case Greedy, GreedyPooled, Thompson:
		return newPlugIn(w, name)
	default:
		return newBeckon(w)
	}
}

// fixed is the shop that never touches its prices.
type fixed struct{ w *world }

func (f fixed) price(i, _ int, _ shelf) (price int64, violations int) { return f.w.items[i].start, 0 }
func (fixed) learn(int, sales)                                        {}
func (fixed) endDay(int)                                              {}

// rail is the guarded price of one item.
type rail struct {
	current, changed int64 // ticks; Unix ms, 0: never
}

// publish puts a proposal through the guardrails, publishes what they allow and counts what that breaks: nothing, unless guard is wrong.
func (r *rail) publish(proposed, now int64, l guard.Limits) (price int64, violations int) {
	in := guard.Input{Current: r.current, Proposed: proposed, Now: now, LastChange: r.changed, Limits: l}
	price = guard.Apply(in).Price
	return price, r.put(in, price)
}

// put makes price the one in force and counts the guardrails it breaks.
func (r *rail) put(in guard.Input, price int64) (violations int) {
	if guard.Violation(in, price) != "" {
		violations = 1
	}
	if price != r.current {
		r.current, r.changed = price, in.Now
	}
	return violations
}

// instant is when a day's prices are decided, Unix ms.
func instant(day int) int64 { return epoch + int64(day)*dayMs }

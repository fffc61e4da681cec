package pricing

import "beckon/pricing/policy"

// Brief is what a table says of one item's price.
type Brief struct {
	Mode       Mode
	Frozen     bool
	Known      bool // of its demand something was learned
	Slots      float64
	Elasticity policy.Interval // at the last decision; zero without one
	Suggested  int64           // the price that waits for a person, 0 for none
	Markdown   *Run            // the announced one that runs in the base market
	Kind       Kind            // of the last change of the base market's price
	By         string          // who made it
	Reason     string
	Alert      string
	Rivals     int   // competitors' prices that are known, fresh or not
	Rival      int64 // the one seen last, 0 for none
}

// Brief is what is known of an item's price in a few words; category is the item's. It is for walks over whole catalogs.
func (b *Book) Brief(site, id string, category []string) Brief {
	s := b.site(site)
	if s == nil {
		return Brief{Mode: ModeOff, Kind: KindList}
	}
	head, item := s.get(id)
	kill, freeze := head.frozen(b.installation(), category, item)
	out := Brief{Mode: head.effective(category, item).Mode, Frozen: kill || freeze, Kind: KindList}
	if item == nil {
		return out
	}
	out.Alert, out.Markdown = item.Alert, item.running("")
	newest := int64(0)
	for _, c := range item.Competitors {
		out.Rivals++
		if c.SeenAt >= newest {
			newest, out.Rival = c.SeenAt, c.Price
		}
	}
	if item.Learned != nil {
		out.Known, out.Slots = true, item.Learned.Slots
	}
	if item.Decision != nil {
		out.Elasticity = item.Decision.Proposal.Elasticity
	}
	if item.Suggestion != nil {
		out.Suggested = item.Suggestion.Decision.Price
	}
	if f := item.in(""); f != nil {
		out.Kind = f.Kind
	}
	for i := len(item.History) - 1; i >= 0; i-- {
		if e := &item.History[i]; e.Market == "" && e.Moved() {
			out.By, out.Reason = e.Actor, e.Reason
			break
		}
	}
	return out
}

package pricing

// Explanation is the price in force in one market at one time, and how it came about.
type Explanation struct {
	Item    string `json:"item_id"`
	Market  string `json:"market,omitempty"`
	At      int64  `json:"at"`      // Unix ms, of the question
	Amount  int64  `json:"amount"`  // minor units
	Version uint64 `json:"version"` // offset of the control record that put it in force
	From    int64  `json:"from"`    // Unix ms; 0: since before what is remembered
	Until   int64  `json:"until"`   // Unix ms at which another price followed, 0: still in force
	Kind    Kind   `json:"kind"`
	Actor   string `json:"by,omitempty"`
	Entry   *Entry `json:"entry,omitempty"` // the line of the history that made it
	// Decision is the engine's whole decision, also of a suggestion that was approved.
	Decision *Decision `json:"decision,omitempty"`
	// Later are decisions after it that left the price as it was, up to At; the newest last.
	Later []Entry  `json:"later,omitempty"`
	Words []string `json:"words"`
	// Complete is false where the answer needs the log: the time is older than what is remembered, or the decision is no longer
	// kept whole.
	Complete bool `json:"complete"`
}

// Explain says which price an item had in a market at a time, and why. it is the item as the catalog has it now. The error is a
// *Refusal for a market without a price.
//
// What is older than Config.History lines is answered as far as it is remembered, with Complete false; the same question to a Book
// folded from the log up to that time has the rest.
func (b *Book) Explain(site, id, market string, it Item, at int64) (*Explanation, error) {
	p := it.in(market)
	if p.Currency == "" {
		return nil, refuse("unknown_market", "market: the item has no price in %q", market)
	}
	x := &Explanation{Item: id, Market: market, At: at, Amount: p.Public, Version: p.Version, From: p.PriceAt, Kind: KindList, Complete: true}
	var item *itemState
	if s := b.site(site); s != nil {
		_, item = s.get(id)
	}
	if item == nil {
		// Nothing was ever decided here: the price is the shop's own, and what it was before its present version stands in the log.
		x.Complete = at >= p.PriceAt
		x.Words = words(x, p.Currency)
		return x, nil
	}
	x.find(item, market, at)
	x.Words = words(x, p.Currency)
	return x, nil
}

// find walks the history to the price that was in force at the time.
func (x *Explanation) find(item *itemState, market string, at int64) {
	made, next := -1, -1
	for i := range item.History {
		e := &item.History[i]
		switch {
		case e.Market != market || !e.Moved():
		case e.At <= at:
			made = i
		case next < 0:
			next = i
		}
	}
	if next >= 0 {
		x.Until = item.History[next].At
	}
	if made < 0 {
		x.beforeHistory(item, market, at, next)
		return
	}
	e := item.History[made]
	x.Entry, x.Amount, x.Version, x.From, x.Kind, x.Actor = &e, e.After, e.Offset, e.At, e.Kind, e.Actor
	x.Decision = e.Decision
	if x.Decision == nil && (e.Kind == KindEngine || e.Kind == KindApproved) {
		x.Complete = false
	}
	for _, l := range item.History[made+1:] {
		if l.Market == market && l.At <= at && !l.Moved() {
			x.Later = append(x.Later, l)
		}
	}
}

// beforeHistory answers for a time before the first change that is remembered.
func (x *Explanation) beforeHistory(item *itemState, market string, at int64, next int) {
	if next >= 0 {
		e := &item.History[next]
		x.Amount, x.Version, x.From, x.Kind = e.Before, e.Was, 0, KindList
		x.Complete = false
		return
	}
	if f := item.in(market); f != nil { // it has not changed since it is known
		x.Amount, x.Version, x.From, x.Kind = f.Amount, f.Version, f.At, f.Kind
		x.Complete = at >= f.At && !item.Cut
	}
	for _, l := range item.History {
		if l.Market == market && l.At <= at {
			x.Later = append(x.Later, l)
		}
	}
}

package pricing

import (
	"slices"
	"strings"
)

const (
	maxSources   = 20            // competitors kept of one item; the price seen longest ago leaves
	maxSource    = 64            // bytes of a source's name
	competitorIn = 30 * day      // how old a competitor's price may be when it is told
	clockSkew    = minute        // by how much the shop's clock may be ahead of the log's
	maxPrice     = 1_000_000_000 // minor units of a competitor's price; what is above is a mistake
)

// Competitor is another shop's price for an item, in the item's currency.
type Competitor struct {
	Source string `json:"source"`
	Price  int64  `json:"price"`   // minor units
	SeenAt int64  `json:"seen_at"` // Unix ms
}

// CompetitorBatch is the body of price.competitor: what one source asks.
type CompetitorBatch struct {
	Source string            `json:"source"`
	Lines  []CompetitorPrice `json:"lines"`
}

// CompetitorPrice is one of its prices.
type CompetitorPrice struct {
	Item     string `json:"item"`
	Price    int64  `json:"price"`
	Currency string `json:"currency"`
	SeenAt   int64  `json:"seen_at,omitzero"` // Unix ms; 0: now
}

// competitor is price.competitor. Competitors' prices are untrusted: they only ever clamp a proposal.
func (t *turn) competitor() (any, error) {
	var b CompetitorBatch
	if err := t.body(&b); err != nil {
		return nil, err
	}
	b.Source = strings.TrimSpace(b.Source)
	switch {
	case b.Source == "" || len(b.Source) > maxSource:
		return nil, refuse("bad_source", "source: a name of 1-%d bytes is wanted", maxSource)
	case len(b.Lines) > maxLines:
		return nil, refuse("too_many_lines", "lines: %d, at most %d are taken", len(b.Lines), maxLines)
	}
	var answer Taken
	for i := range b.Lines {
		if err := t.competitorPrice(b.Source, &b.Lines[i]); err != nil {
			answer.reject(i, b.Lines[i].Item, err)
			continue
		}
		answer.Accepted++
	}
	return answer, nil
}

func (t *turn) competitorPrice(source string, p *CompetitorPrice) *Refusal {
	seen := p.SeenAt
	if seen == 0 {
		seen = t.r.Time
	}
	it, ok := t.shelf.Item(t.r.Site, p.Item)
	switch {
	case !ok:
		return refuse("unknown_item", "item_id: the catalog has no item %q", p.Item)
	case it.Currency == "" || p.Currency != it.Currency:
		return refuse("bad_currency", "currency: %q, and the item's is %q", p.Currency, it.Currency)
	case p.Price <= 0 || p.Price > maxPrice:
		return refuse("bad_price", "price: 1 to %d is wanted", maxPrice)
	case seen > t.r.Time+clockSkew || seen < t.r.Time-competitorIn:
		return refuse("bad_seen_at", "seen_at: neither in the future nor more than 30 days ago is wanted")
	}
	next := t.edit(p.Item, &it)
	at := slices.IndexFunc(next.Competitors, func(c Competitor) bool { return c.Source == source })
	if at >= 0 && next.Competitors[at].SeenAt > seen {
		return refuse("older", "seen_at: a later price of this source is known")
	}
	list := slices.Clone(next.Competitors)
	if at >= 0 {
		list = slices.Delete(list, at, at+1)
	}
	if len(list) >= maxSources {
		oldest := 0
		for i := range list {
			if list[i].SeenAt < list[oldest].SeenAt {
				oldest = i
			}
		}
		list = slices.Delete(list, oldest, oldest+1)
	}
	list = append(list, Competitor{source, p.Price, seen})
	slices.SortFunc(list, func(a, b Competitor) int { return strings.Compare(a.Source, b.Source) })
	next.Competitors = list
	t.put(p.Item, next)
	return nil
}

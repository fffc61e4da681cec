package main

import (
	"beckon/clickstream/record"
	"beckon/clickstream/segment"
	"beckon/pricing"
	"beckon/pricing/offers"
	"beckon/server/shop"
)

// controlFolds are the folds over the control log besides the shop's own. The packages of prices and offers do not know the shop's: here
// its items become theirs.
type controlFolds struct {
	book     *pricing.Book
	offers   *offers.Ledger
	segments *segment.Sites
	rules    *ruleFold
}

// make is what shop.Open calls for empty folds; those it made last are in use.
func (f *controlFolds) make(book pricing.Config) []func() shop.Fold {
	return []func() shop.Fold{
		func() shop.Fold {
			f.offers = offers.New(offers.Config{})
			return offerFold{f.offers}
		},
		func() shop.Fold {
			f.book = pricing.New(book)
			return priceFold{f.book}
		},
		func() shop.Fold {
			f.segments = segment.NewSites()
			return segmentFold{f.segments}
		},
		func() shop.Fold {
			f.rules = newRuleFold()
			return f.rules
		},
	}
}

// priceFold is the Book over the shop's shelf.
type priceFold struct{ *pricing.Book }

func (f priceFold) Apply(r *record.Control, shelf *shop.Shelf) (any, error) {
	return f.Book.Apply(r, priceShelf{shelf, r.Time})
}

func (f priceFold) ItemChanged(r *record.Control, shelf *shop.Shelf, was, now *shop.Item) {
	f.Book.ItemChanged(r, priceShelf{shelf, r.Time}, idOf(was, now), pricingItem(was, r.Time), pricingItem(now, r.Time))
}

func (f priceFold) Expire(r *record.Control, shelf *shop.Shelf) {
	f.Book.Expire(r, priceShelf{shelf, r.Time})
}

func idOf(was, now *shop.Item) string {
	if now != nil {
		return now.ID
	}
	return was.ID
}

type priceShelf struct {
	*shop.Shelf
	at int64
}

func (s priceShelf) Item(site, id string) (pricing.Item, bool) {
	it := s.Shelf.Item(site, id)
	if it == nil {
		return pricing.Item{}, false
	}
	return *pricingItem(it, s.at), true
}

// pricingItem is what prices depend on of an item, at a time in Unix ms; nil for nil.
func pricingItem(it *shop.Item, at int64) *pricing.Item {
	if it == nil {
		return nil
	}
	out := &pricing.Item{
		Category: it.Category, Cost: it.Cost, Floor: it.Floor, Ceiling: it.Ceiling, Stock: it.FreeStock(), Hidden: !it.Published,
		Price: pricingPrice(it.Price, it.Currency, &it.Offered, at),
	}
	for m, o := range it.Elsewhere {
		if out.Markets == nil {
			out.Markets = make(map[string]pricing.Price, len(it.Elsewhere))
		}
		out.Markets[m] = pricingPrice(it.Markets[m].Price, it.Markets[m].Currency, &o, at)
	}
	return out
}

func pricingPrice(list int64, currency string, o *shop.Offered, at int64) pricing.Price {
	return pricing.Price{
		Currency: currency, List: list, Public: o.Public, Version: o.Version, PriceAt: o.PriceAt, Markdown: o.Markdown, Prior: o.LowestUntil(at),
	}
}

// offerFold is the ledger of offers over the shop's shelf.
type offerFold struct{ *offers.Ledger }

func (f offerFold) Apply(r *record.Control, shelf *shop.Shelf) (any, error) {
	return f.Ledger.Apply(r, offerShelf{shelf})
}

// ItemChanged does nothing: a claim looks at the shelf when it is decided.
func (f offerFold) ItemChanged(*record.Control, *shop.Shelf, *shop.Item, *shop.Item) {}

func (f offerFold) Expire(r *record.Control, _ *shop.Shelf) { f.Ledger.Expire(r.Time) }

// segmentFold is the definitions of segments, which depend on no item and no time.
type segmentFold struct{ *segment.Sites }

func (f segmentFold) Apply(r *record.Control, _ *shop.Shelf) (any, error) { return f.Sites.Apply(r) }

func (f segmentFold) ItemChanged(*record.Control, *shop.Shelf, *shop.Item, *shop.Item) {}

func (f segmentFold) Due() int64 { return 0 }

func (f segmentFold) Expire(*record.Control, *shop.Shelf) {}

type offerShelf struct{ shelf *shop.Shelf }

func (s offerShelf) Item(site, id string) (offers.Item, bool) {
	it := s.shelf.Item(site, id)
	if it == nil {
		return offers.Item{}, false
	}
	return offers.Item{Price: it.Public, Currency: it.Currency, Floor: it.Floor, Cost: it.Cost, Category: it.Category}, true
}

// openControlKeys makes what is signed and named by the installation's secret.
func (n *node) openControlKeys(s secret) (err error) {
	if n.whoKey, err = s.key("who"); err != nil {
		return err
	}
	codes, err := s.key("offer codes")
	if err != nil {
		return err
	}
	n.codes, err = offers.NewCodes(codes)
	return err
}

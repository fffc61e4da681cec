package pricing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"beckon/pricing/policy"
)

// maxLines is how many items one record observes, or how many prices of a competitor it tells.
const maxLines = 500

// Rejection is a line of a record that was not taken. The others were.
type Rejection struct {
	Index   int    `json:"index"` // of the line, from 0
	Item    string `json:"item_id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Taken answers a record of lines.
type Taken struct {
	Accepted int         `json:"accepted"`
	Rejected []Rejection `json:"rejected,omitempty"`
}

func (a *Taken) reject(index int, item string, why *Refusal) {
	a.Rejected = append(a.Rejected, Rejection{index, item, why.Code, why.Message})
}

// ObservationBatch is the body of price.observe: what closed slots of one length and start had, item by item.
type ObservationBatch struct {
	Slot  int64         `json:"slot"` // start, Unix ms
	Ms    int64         `json:"ms"`   // length
	Lines []Observation `json:"lines"`
}

// Observation is one item in one closed slot, in the base market. As JSON it is [item, price, views, units, season, clean].
type Observation struct {
	Item   string
	Price  int64   // in force, minor units
	Views  float64 // by people, of the item
	Units  float64 // sold
	Season float64 // expected conversion relative to an average slot
	Clean  bool    // in stock, free of personal offers, one price for the whole slot
}

// MarshalJSONTo writes the line as an array.
func (o *Observation) MarshalJSONTo(enc *jsontext.Encoder) error {
	return json.MarshalEncode(enc, [...]any{o.Item, o.Price, o.Views, o.Units, o.Season, o.Clean})
}

// UnmarshalJSONFrom reads what MarshalJSONTo writes.
func (o *Observation) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '[' {
		return cmp.Or(err, fmt.Errorf("line: want [item, price, views, units, season, clean]"))
	}
	for _, field := range [...]any{&o.Item, &o.Price, &o.Views, &o.Units, &o.Season, &o.Clean} {
		if err := json.UnmarshalDecode(dec, field); err != nil {
			return err
		}
	}
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != ']' {
		return cmp.Or(err, fmt.Errorf("line: more than 6 values"))
	}
	return nil
}

// maxCount bounds the views and units of a slot.
const maxCount = 1e9

func (o *Observation) check() string {
	switch {
	case o.Price <= 0:
		return "price: above 0 is wanted"
	case !(o.Views >= 0 && o.Views <= maxCount):
		return "views: 0 to 1e9 is wanted"
	case !(o.Units >= 0 && o.Units <= maxCount):
		return "units: 0 to 1e9 is wanted"
	case !(o.Season >= 0 && o.Season <= 1000):
		return "season: 0 to 1000 is wanted"
	}
	return ""
}

// observe is price.observe. Once a day of the log's clock a category's prior is estimated anew, before the
// lines that touch it are folded.
func (t *turn) observe() (any, error) {
	var b ObservationBatch
	if err := t.body(&b); err != nil {
		return nil, err
	}
	switch {
	case t.r.Actor != Engine:
		return nil, refuse("engine_only", "by: only the engine observes")
	case len(b.Lines) > maxLines:
		return nil, refuse("too_many_lines", "lines: %d, at most %d are taken", len(b.Lines), maxLines)
	case b.Ms < minute || b.Ms > 7*day:
		return nil, refuse("bad_slot", "ms: %d, want a minute to 7 days", b.Ms)
	case b.Slot <= 0 || b.Slot > t.r.Time-b.Ms:
		return nil, refuse("bad_slot", "slot: it is not closed at the log's time")
	}
	t.pools(b.Lines)
	var answer Taken
	var first []string
	for i := range b.Lines {
		o := &b.Lines[i]
		known := t.site.items[o.Item] != nil
		if err := t.observeItem(&b, o); err != nil {
			answer.reject(i, o.Item, err)
			continue
		}
		if answer.Accepted++; !known {
			first = append(first, o.Item)
		}
	}
	for _, id := range first { // the Book answers for their prices from here on, now that all of them count in the catalog
		if it, ok := t.shelf.Item(t.r.Site, id); ok {
			t.enforce(id, &it)
		}
	}
	return answer, nil
}

func (t *turn) observeItem(b *ObservationBatch, o *Observation) *Refusal {
	it, ok := t.shelf.Item(t.r.Site, o.Item)
	if !ok || it.Currency == "" {
		return refuse("unknown_item", "item: the catalog has none with a price of that id")
	}
	if why := o.check(); why != "" {
		return refuse("bad_line", "%s", why)
	}
	c := t.b.situationOf(t.site, o.Item, it)
	if c.set.Mode == ModeOff {
		return refuse("mode_off", "item: its mode is off")
	}
	next := t.edit(o.Item, &it)
	learned := policy.State{}
	if next.Learned != nil {
		if b.Slot <= next.Learned.Last {
			return refuse("known_slot", "slot: it or a later one is known")
		}
		learned = *next.Learned
		learned.Bins = slices.Clone(learned.Bins)
	}
	clean := o.Clean && next.running("") == nil && b.Slot >= next.MarkedEnd // demand under an announced reduction says nothing of a plain price
	policy.Observe(&learned, policy.Observation{Slot: b.Slot, Price: o.Price, Views: o.Views, Units: o.Units, Season: o.Season, Clean: clean}, c.set.params())
	learned.Last = b.Slot
	next.Learned = &learned
	t.put(o.Item, next)
	return nil
}

// maxMembers is how many items a category's prior is estimated from; more make it no better and the record longer.
const maxMembers = 500

// pools estimates the priors of the lines' categories where the log's clock is in another day than at the last time.
func (t *turn) pools(lines []Observation) {
	today := t.r.Time - t.r.Time%day
	set := t.site.head.effective(nil, nil)
	for i := range lines {
		it, ok := t.shelf.Item(t.r.Site, lines[i].Item)
		category := poolOf(it.Category)
		if !ok || category == "" || t.site.head.Pools[category].Day == today {
			continue
		}
		prior := policy.Estimate(t.members(category), set.params())
		t.setHead(t.site.head.with(func(h *siteHead) {
			h.Pools, h.Revision = withKey(h.Pools, category, Pool{today, prior}), t.r.Offset
		}))
	}
}

// members are items of a category that something is known of, in the order of their ids; of many, some from everywhere in that order.
func (t *turn) members(category string) []policy.Member {
	ids := slices.Sorted(maps.Keys(t.site.fold.pools[category]))
	members := make([]policy.Member, 0, min(len(ids), maxMembers))
	stride := (len(ids) + maxMembers - 1) / maxMembers
	for i := 0; i < len(ids); i += stride {
		s := t.site.items[ids[i]]
		if it, ok := t.shelf.Item(t.r.Site, ids[i]); ok && s.Learned != nil {
			members = append(members, policy.Member{State: s.Learned, Ref: s.Ref, Cost: max(0, it.Cost)})
		}
	}
	return members
}

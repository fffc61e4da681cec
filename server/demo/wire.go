package demo

import (
	"encoding/json"
	"time"
)

// event is an event as POST /v1/events takes it.
type event struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	TS          int64       `json:"ts"`
	Visitor     string      `json:"visitor,omitempty"` // server to server only
	UserAgent   string      `json:"user_agent,omitempty"`
	Page        eventPage   `json:"page"`
	Items       []eventItem `json:"items,omitempty"`
	Currency    string      `json:"currency,omitempty"`
	Value       int64       `json:"value,omitempty"`
	Transaction string      `json:"transaction_id,omitempty"`
	Search      string      `json:"search_term,omitempty"`
	Placement   string      `json:"placement,omitempty"`
	Rec         string      `json:"rec_id,omitempty"`
}

type eventPage struct {
	URL   string `json:"url"`
	Ref   string `json:"ref,omitempty"`
	Title string `json:"title,omitempty"`
}

type eventItem struct {
	ID       string `json:"item_id"`
	Price    int64  `json:"price"`
	Quantity int    `json:"quantity,omitempty"`
	Category string `json:"category,omitempty"`
}

// newEvent is what a browser would send of an act on a page.
func newEvent(id string, ts time.Time, base string, p *page, a *act, prices priceList) event {
	e := event{
		ID: id, Name: a.name, TS: ts.UnixMilli(), Page: eventPage{URL: base + p.path, Title: p.title},
		Transaction: a.transaction, Search: a.search, Placement: a.placement, Rec: a.rec,
	}
	for _, l := range a.items {
		e.Items = append(e.Items, eventItem{ID: l.item.ID, Price: prices.of(l.item), Quantity: l.quantity, Category: l.item.Category})
	}
	switch a.name {
	case "add_to_cart", "remove_from_cart", "view_cart", "begin_checkout", "add_shipping_info", "purchase":
		e.Value = prices.total(a.items) - a.off
	}
	if len(e.Items) > 0 {
		e.Currency = Currency
	}
	return e
}

// batch is the body of POST /v1/events from a browser.
type batch struct {
	SentAt  int64           `json:"sent_at"`
	Visitor string          `json:"visitor"`
	Consent map[string]bool `json:"consent"`
	Events  []event         `json:"events"`
}

// counts is the answer to events and imports.
type counts struct {
	Accepted   int64 `json:"accepted"`
	Duplicates int64 `json:"duplicates"`
	Rejected   []struct {
		ID, Code, Message string
	} `json:"rejected"`
}

// appendLine appends v as a line of NDJSON.
func appendLine(dst []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs of ours always encode
	}
	return append(append(dst, text...), '\n')
}

package main

import (
	"encoding/json"
	"fmt"

	"beckon/clickstream"
	"beckon/clickstream/history"
)

// exportedEvent is an event as it is stored, in the names in which it was sent.
type exportedEvent struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Time       int64           `json:"ts"`
	Received   int64           `json:"received"`
	User       string          `json:"user,omitempty"`
	Linked     bool            `json:"linked,omitempty"`    // the user was proven
	Generated  bool            `json:"generated,omitempty"` // made by the server
	Consent    consentJSON     `json:"consent"`
	Bot        uint8           `json:"bot,omitempty"` // why it was taken for a machine's, bits of clickstream.BotSign
	Page       *exportedPage   `json:"page,omitempty"`
	Items      []exportedItem  `json:"items,omitempty"`
	Currency   string          `json:"currency,omitempty"`
	Value      int64           `json:"value,omitempty"`
	Order      string          `json:"transaction_id,omitempty"`
	SearchTerm string          `json:"search_term,omitempty"`
	Placement  string          `json:"placement,omitempty"`
	RecID      string          `json:"rec_id,omitempty"`
	Props      json.RawMessage `json:"props,omitempty"`
	UserAgent  string          `json:"user_agent,omitempty"`
	IP         string          `json:"ip,omitempty"` // truncated
}

type exportedPage struct {
	URL   string `json:"url"`
	Ref   string `json:"ref"`
	Title string `json:"title"`
}

type exportedItem struct {
	Item       string  `json:"item_id"`
	Price      *int64  `json:"price,omitempty"`
	Quantity   int64   `json:"quantity"`
	Category   string  `json:"category,omitempty"`
	Propensity float32 `json:"propensity,omitempty"`
	Reason     string  `json:"reason,omitempty"`
}

func exportedEventOf(e *clickstream.Event) exportedEvent {
	out := exportedEvent{
		ID: e.ID, Name: e.Name, Time: e.Time, Received: e.Received, User: e.User, Linked: e.Linked, Generated: e.Generated,
		Consent: consentOf(e.Consent), Bot: uint8(e.Bot), Currency: e.Currency, Value: e.Value, Order: e.Transaction,
		SearchTerm: e.SearchTerm, Placement: e.Placement, RecID: e.RecID, UserAgent: e.UserAgent, IP: e.IP,
	}
	if e.URL != "" || e.Ref != "" || e.Title != "" {
		out.Page = &exportedPage{e.URL, e.Ref, e.Title}
	}
	if json.Valid([]byte(e.Props)) {
		out.Props = json.RawMessage(e.Props)
	}
	for i := range e.Items {
		it := &e.Items[i]
		item := exportedItem{Item: it.ID, Quantity: it.Quantity, Category: it.Category, Propensity: it.Propensity, Reason: it.Reason}
		if it.Price != clickstream.NoPrice {
			item.Price = &it.Price
		}
		out.Items = append(out.Items, item)
	}
	return out
}

func consentOf(c clickstream.Consent) consentJSON {
	return consentJSON{c&clickstream.Analytics != 0, c&clickstream.Personalization != 0}
}

// exportedSession is a session with its steps.
type exportedSession struct {
	Start   int64         `json:"start"`
	End     int64         `json:"end"`
	Events  int           `json:"events"`
	Closed  bool          `json:"closed"`
	Bot     bool          `json:"bot,omitempty"`
	Consent consentJSON   `json:"consent"`
	Steps   []profileItem `json:"steps"`
}

func exportedSessionOf(s *history.VisitorSession) exportedSession {
	out := exportedSession{
		Start: s.Start, End: s.End, Events: s.Events, Closed: s.Closed, Bot: s.Bot, Consent: consentOf(s.Consent), Steps: make([]profileItem, 0, len(s.Steps)),
	}
	for _, step := range s.Steps {
		out.Steps = append(out.Steps, profileItem{Item: step.Item(), Kind: step.Kind().String(), Time: step.Time()})
	}
	return out
}

// value appends v as JSON.
func (x *visitorExport) value(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode export: %w", err)
	}
	x.buf = append(x.buf, text...)
	return x.flush(false)
}

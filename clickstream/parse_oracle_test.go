package clickstream

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The oracle reads bodies of our own format with encoding/json, one member after the other, and applies the rules as slowly and
// plainly as it can. It gives up (ok=false) on what it does not model: aliases, Google's signals, text that is not UTF-8.

type member struct {
	key   string
	value json.RawMessage
}

// members are an object's members in order, duplicates included; nil if raw is none.
func members(raw json.RawMessage) []member {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	out := []member{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil
		}
		out = append(out, member{key.(string), v})
	}
	return out
}

type oracleEvent struct {
	Event
	ts      *int64
	code    string
	consent map[string]bool
}

func (o *oracleEvent) note(code string) {
	if o.code == "" {
		o.code = code
	}
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

func (o *oracleEvent) text(raw json.RawMessage, code string) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		o.note(code)
	}
	return s
}

func whole(raw json.RawMessage) (v int64, ok bool) {
	if isNull(raw) || json.Unmarshal(raw, &v) != nil || v > 1<<53 || v < -1<<53 {
		return 0, false
	}
	return v, true
}

func (o *oracleEvent) amount(raw json.RawMessage, absent, most int64) int64 {
	if isNull(raw) {
		return absent
	}
	v, ok := whole(raw)
	if !ok || v < 0 || v > most {
		o.note(BadPrice)
		return absent
	}
	return v
}

func consentOf(raw json.RawMessage) (said map[string]bool, ok bool) {
	said = map[string]bool{}
	if isNull(raw) {
		return said, true
	}
	ms := members(raw)
	for _, m := range ms {
		var v bool
		if (m.key != "analytics" && m.key != "personalization") || isNull(m.value) || json.Unmarshal(m.value, &v) != nil {
			return nil, false
		}
		said[m.key] = v
	}
	return said, ms != nil
}

func (o *oracleEvent) item(raw json.RawMessage) {
	ms := members(raw)
	if ms == nil {
		o.note(BadItem)
		return
	}
	it := Item{Price: NoPrice, Quantity: 1}
	for _, m := range ms {
		switch m.key {
		case "item_id":
			it.ID = o.text(m.value, BadItem)
		case "price":
			it.Price = o.amount(m.value, NoPrice, 1e12)
		case "quantity":
			it.Quantity = 1
			if v, ok := whole(m.value); ok && v >= 1 && v <= 1e6 {
				it.Quantity = v
			} else if !isNull(m.value) {
				o.note(BadItem)
			}
		case "category":
			it.Category = o.text(m.value, BadItem)
		case "propensity":
			it.Propensity = 0
			if v, err := strconv.ParseFloat(string(m.value), 32); err == nil && v <= 1 && m.value[0] != '-' {
				it.Propensity = float32(v)
			} else if !isNull(m.value) {
				o.note(BadItem)
			}
		case "reason":
			it.Reason = ""
			if ms := members(m.value); ms != nil {
				for _, m := range ms {
					if m.key == "kind" {
						it.Reason = o.text(m.value, BadItem)
					}
				}
			} else {
				it.Reason = o.text(m.value, BadItem)
			}
		}
	}
	if len(it.Category) > 256 || len(it.Reason) > 256 || !oracleID(it.ID) {
		o.note(BadItem)
	}
	o.Items = append(o.Items, it)
}

func oracleID(s string) bool {
	const chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-"
	return s != "" && len(s) <= 64 && strings.Trim(s, chars) == ""
}

// event models an element of events.
func (o *oracleEvent) read(raw json.RawMessage) (ok bool) {
	ms := members(raw)
	if ms == nil {
		o.note(BadJSON)
		return true
	}
	for _, m := range ms {
		switch v := m.value; m.key {
		case "id":
			o.ID = o.text(v, BadID)
		case "name":
			o.Name = o.text(v, BadJSON)
		case "ts":
			o.ts = nil
			if ts, ok := whole(v); ok {
				o.ts = &ts
			} else if !isNull(v) {
				o.note(BadTimestamp)
			}
		case "visitor", "user_hash", "user_agent", "ip":
			code := BadJSON
			if m.key == "visitor" {
				code = BadID
			}
			if s := o.text(v, code); m.key == "visitor" {
				o.Visitor = s
			}
		case "user":
			o.User = o.text(v, BadJSON)
		case "page":
			o.URL, o.Ref, o.Title = "", "", ""
			pages := members(v)
			if pages == nil && !isNull(v) {
				o.note(BadJSON)
			}
			for _, m := range pages {
				switch m.key {
				case "url":
					o.URL = o.text(m.value, BadJSON)
				case "ref", "referrer":
					o.Ref = o.text(m.value, BadJSON)
				case "title":
					o.Title = o.text(m.value, BadJSON)
				}
			}
		case "items":
			var items []json.RawMessage
			if json.Unmarshal(v, &items) != nil {
				o.note(BadItem)
			}
			o.Items = nil
			for _, it := range items {
				o.item(it)
			}
		case "currency":
			o.Currency = o.text(v, BadCurrency)
		case "value":
			o.Value = o.amount(v, 0, 1<<53)
		case "transaction_id":
			o.Transaction = o.text(v, BadJSON)
		case "search_term":
			o.SearchTerm = o.text(v, BadJSON)
		case "placement":
			o.Placement = o.text(v, BadJSON)
		case "rec_id":
			o.RecID = o.text(v, BadJSON)
		case "props":
			o.Props = ""
			if props := members(v); props == nil && !isNull(v) {
				o.note(BadJSON)
			} else if len(v) > 2 && !isNull(v) {
				o.Props = string(v)
			}
		case "consent":
			said, ok := consentOf(v)
			if !ok {
				return false
			}
			if o.consent == nil {
				o.consent = map[string]bool{}
			}
			for k, v := range said {
				o.consent[k] = v
			}
		case "event", "params", "ecommerce", "properties", "user_id", "timestamp_micros", "gcs", "type", "sent_at":
			return false
		}
	}
	return len(raw) < MaxEventBytes && len(o.Items) < MaxItems
}

// oracle is what a browser's body must give. err says that the body cannot be read.
func oracle(body string, src *Source) (events []oracleEvent, err, ok bool) {
	if !utf8.ValidString(body) || strings.Count(body, "[")+strings.Count(body, "{") > maxDepth {
		return nil, false, false
	}
	if !json.Valid([]byte(body)) {
		return nil, true, true
	}
	ms := members(json.RawMessage(bytes.TrimSpace([]byte(body))))
	if ms == nil {
		return nil, true, true
	}
	var visitor string
	var sent *int64
	var list []json.RawMessage
	badSent, found := false, false
	consent := map[string]bool{"analytics": src.DefaultConsent&Analytics != 0, "personalization": src.DefaultConsent&Personalization != 0}
	for _, m := range ms {
		switch m.key {
		case "events":
			found = json.Unmarshal(m.value, &list) == nil && !isNull(m.value)
			if !found {
				list = nil
			}
		case "visitor":
			visitor = ""
			if json.Unmarshal(m.value, &visitor) != nil {
				return nil, false, false
			}
		case "sent_at":
			sent, badSent = nil, false
			if v, ok := whole(m.value); ok {
				sent = &v
			} else {
				badSent = !isNull(m.value)
			}
		case "consent":
			said, ok := consentOf(m.value)
			if !ok {
				return nil, false, false
			}
			for k, v := range said {
				consent[k] = v
			}
		case "batch", "gcs", "gpc", "dnt", "client_id", "app_instance_id", "user_id", "timestamp_micros", "sentAt",
			"non_personalized_ads", "context", "type":
			return nil, false, false
		}
	}
	if !found || len(list) > MaxEvents {
		return nil, true, true
	}
	for _, raw := range list {
		o := oracleEvent{}
		if !o.read(raw) {
			return nil, false, false
		}
		o.rules(visitor, sent, badSent, consent, src)
		events = append(events, o)
	}
	return events, false, true
}

func (o *oracleEvent) rules(visitor string, sent *int64, badSent bool, consent map[string]bool, src *Source) {
	defer func() {
		analytics, personalization := consent["analytics"], consent["personalization"]
		if v, ok := o.consent["analytics"]; ok {
			analytics = v
		}
		if v, ok := o.consent["personalization"]; ok {
			personalization = v
		}
		if !analytics {
			o.code = NoConsent
		}
		o.Consent = Analytics
		if personalization && !src.OptOut {
			o.Consent |= Personalization
		}
	}()
	if visitor != "" {
		o.Visitor = visitor
	}
	o.Kind = KindOf(o.Name)
	custom := o.Kind == Custom
	if o.ID == "" {
		o.note(MissingID)
	}
	if !oracleID(o.ID) {
		o.note(BadID)
	}
	if o.Name == "" {
		o.note(MissingName)
	}
	if custom && (len(o.Name) > 64 || strings.ContainsFunc(o.Name, func(r rune) bool { return r < ' ' || r == 0x7f })) {
		o.note(BadJSON)
	}
	at := src.Received
	if sent != nil {
		at = *sent
	}
	switch {
	case badSent, o.ts == nil:
		o.note(BadTimestamp)
	case *o.ts <= 0 || *o.ts > 253402300799999:
		o.note(BadTimestamp)
	case *o.ts > at+60_000:
		o.note(FutureTimestamp)
	case *o.ts < at-30*24*3600*1000:
		o.note(TooOld)
	default:
		o.Time = min(src.Received-(at-*o.ts), src.Received)
	}
	if o.Visitor == "" {
		o.note(MissingID)
	}
	if !oracleID(o.Visitor) {
		o.note(BadID)
	}
	switch o.Name {
	case "purchase", "refund", "Order Completed", "Completed Order", "Order Refunded":
		if o.Transaction == "" {
			o.note(MissingTransaction)
		}
	}
	if len(o.Items) == 0 && o.Kind.needsItem() {
		o.note(MissingItem)
	}
	if max(len(o.User), len(o.Transaction), len(o.Placement), len(o.RecID)) > 256 {
		o.note(BadJSON)
	}
	if _, ok := minorDigits(o.Currency); o.Currency != "" && !ok {
		o.note(BadCurrency)
	}
	if !custom {
		o.Name = o.Kind.String()
	}
}

package main

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"beckon/recommender"
	"beckon/server/shop"
	"beckon/web/text"
)

// ask is one question for recommendations.
type ask struct {
	who       shopperID
	placement string
	item      string
	category  string
	limit     int
	lang      *text.Printer
	explain   bool
	why       []string // items of which it is asked why they are not shown
	now       int64    // Unix ms, set when it is asked: the quotes of its prices count from it
	wait      bool     // for the shopper's own acknowledged events; a push never waits, it follows them
}

// appendAnswer appends the recommendations object of the contract, without frame fields. The encoder appends because this is on
// the path of every answer and push.
func (n *node) appendAnswer(dst []byte, recID string, a *ask, got *recommender.Answer) []byte {
	dst = append(dst, `{"rec_id":`...)
	dst = appendText(dst, recID)
	dst = append(dst, `,"placement":`...)
	dst = appendText(dst, a.placement)
	dst = append(dst, `,"model":`...)
	dst = appendText(dst, got.Model)
	dst = append(dst, `,"items":[`...)
	for i := range got.Items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = n.appendScored(dst, a, &got.Items[i])
	}
	dst = append(dst, ']')
	dst = n.appendWhyNot(dst, a, got.Why)
	return append(dst, '}')
}

func (n *node) appendScored(dst []byte, a *ask, s *recommender.Scored) []byte {
	dst = append(dst, `{"item_id":`...)
	dst = appendText(dst, s.Item)
	dst = append(dst, `,"score":`...)
	dst = strconv.AppendFloat(dst, s.Score, 'g', 6, 64)
	dst = append(dst, `,"propensity":`...)
	dst = strconv.AppendFloat(dst, s.Propensity, 'g', 6, 64)
	dst = n.appendReason(dst, a, s)
	if it, ok := n.shop.Item(a.who.site, s.Item); ok {
		dst = n.appendShown(dst, a, it)
	}
	if a.explain {
		dst = appendTrace(dst, s)
		dst = n.appendSteered(dst, a, s)
	}
	return append(dst, '}')
}

// appendReason appends why an item is shown. An item that was only ranked, and of which nothing is known, has no reason.
func (n *node) appendReason(dst []byte, a *ask, s *recommender.Scored) []byte {
	if s.Kind == "" {
		return dst
	}
	dst = append(dst, `,"reason":{"kind":`...)
	dst = appendText(dst, s.Kind)
	dst = append(dst, `,"because":[`...)
	because := ""
	for i, item := range s.Because {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, item)
		if because == "" {
			if it, ok := n.shop.Item(a.who.site, item); ok {
				because = it.Title
			}
		}
	}
	dst = append(dst, `],"text":`...)
	dst = appendText(dst, reasonText(s.Kind, a.lang, because))
	return append(dst, '}')
}

// appendShown adds what a widget shows of an item: title, address, picture, price and stock.
func (n *node) appendShown(dst []byte, a *ask, it *shop.Item) []byte {
	for _, f := range [...]struct{ name, value string }{{`,"title":`, it.Title}, {`,"url":`, it.URL}, {`,"image":`, it.Image}} {
		if f.value != "" {
			dst = appendText(append(dst, f.name...), f.value)
		}
	}
	if it.Currency != "" {
		dst = append(dst, `,"price":{`...)
		dst = n.appendPrice(dst, it, priceFor{site: a.who.site, now: a.now})
		dst = append(dst, '}')
	}
	dst = append(dst, `,"stock":{`...)
	dst = appendStock(dst, it)
	return append(dst, '}')
}

// appendStock appends the fields of a stock state; left is said only when it is true and few, reserved when the item is out only because
// carts at checkout hold every piece.
func appendStock(dst []byte, it *shop.Item) []byte {
	dst = append(dst, `"level":`...)
	dst = appendText(dst, it.Level)
	if left, ok := it.Left(); ok {
		dst = append(dst, `,"left":`...)
		dst = strconv.AppendInt(dst, left, 10)
	}
	if it.Held() {
		dst = append(dst, `,"reserved":true`...)
	}
	return dst
}

// appendText appends s as a JSON string. Invalid UTF-8, which no validated value holds, becomes replacement characters.
func appendText(dst []byte, s string) []byte {
	if plainText(s) {
		return append(append(append(dst, '"'), s...), '"')
	}
	out, _ := jsontext.AppendQuote(dst, s)
	return out
}

// plainText says that s is printable ASCII without quote and backslash, which JSON takes as it is. Nearly all ids are.
func plainText(s string) bool {
	for i := range len(s) {
		if b := s[i]; b < ' ' || b > '~' || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

// appendTrace appends what each source gave to the score.
func appendTrace(dst []byte, s *recommender.Scored) []byte {
	dst = append(dst, `,"trace":[`...)
	for i, part := range s.Trace {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"kind":`...)
		dst = appendText(dst, part.Kind)
		dst = append(dst, `,"value":`...)
		dst = strconv.AppendFloat(dst, part.Value, 'g', 6, 64)
		dst = append(dst, `,"weight":`...)
		dst = strconv.AppendFloat(dst, part.Weight, 'g', 6, 64)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

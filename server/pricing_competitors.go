package main

import (
	"bytes"
	"errors"
	"io"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"beckon/pricing"
	"beckon/server/shop"
)

// competitorLine is one line of POST /v1/competitor-prices.
type competitorLine struct {
	Item     string `json:"item_id"`
	Price    int64  `json:"price"` // minor units
	Currency string `json:"currency"`
	Source   string `json:"source"`  // who asks it
	SeenAt   int64  `json:"seen_at"` // Unix ms, 0: now
}

// competitorRejection is a line that was not taken.
type competitorRejection struct {
	Index   int    `json:"index"`
	Item    string `json:"item_id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

type competitorAnswer struct {
	Accepted int                   `json:"accepted"`
	Rejected []competitorRejection `json:"rejected"`
}

// Bounds of one body, and of one record of it.
const (
	maxCompetitorLines  = 10_000
	competitorsOfRecord = 500
)

// postCompetitorPrices takes competitors' prices, NDJSON or {"prices":[…]}. Lines that cannot be used are named and the others count.
func (n *node) postCompetitorPrices(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	if err := wantType(c, fiber.MIMEApplicationJSON, "application/x-ndjson", fiber.MIMETextPlain); err != nil {
		return err
	}
	body, err := readBody(c, nil, maxBatchBytes)
	if err != nil {
		return err
	}
	var answer competitorAnswer
	lines, err := readCompetitors(body, &answer)
	if err != nil {
		return err
	}
	if err := n.takeCompetitors(key, lines, &answer); err != nil {
		return err
	}
	if answer.Rejected == nil {
		answer.Rejected = []competitorRejection{}
	}
	return respond(c, fiber.StatusAccepted, answer)
}

// indexedLine is a line with its place in the body.
type indexedLine struct {
	index int
	competitorLine
}

// readCompetitors reads the body's lines. A line that is not the documented object is rejected in answer; what is no JSON at all is an
// error of the whole body.
func readCompetitors(body []byte, answer *competitorAnswer) ([]indexedLine, error) {
	var lines []indexedLine
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	for index := 0; ; {
		value, err := dec.ReadValue()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, fail(400, "bad_json", "body: %v", err)
		}
		var wrapped struct {
			Prices []jsontext.Value `json:"prices"`
		}
		values := []jsontext.Value{value}
		if index == 0 && json.Unmarshal(value, &wrapped) == nil && wrapped.Prices != nil {
			values = wrapped.Prices
		}
		for _, v := range values {
			if index >= maxCompetitorLines {
				return nil, fail(413, "too_large", "body: more than %d prices", maxCompetitorLines)
			}
			line := indexedLine{index: index}
			if err := json.Unmarshal(v, &line.competitorLine); err != nil {
				answer.Rejected = append(answer.Rejected, competitorRejection{index, line.Item, "bad_json", err.Error()})
			} else {
				lines = append(lines, line)
			}
			index++
		}
	}
}

// takeCompetitors submits lines as records of one source each, in the order in which the sources first appear.
func (n *node) takeCompetitors(key shop.Key, lines []indexedLine, answer *competitorAnswer) error {
	var sources []string
	bySource := map[string][]indexedLine{}
	for _, l := range lines {
		if bySource[l.Source] == nil {
			sources = append(sources, l.Source)
		}
		bySource[l.Source] = append(bySource[l.Source], l)
	}
	for _, source := range sources {
		for rest := bySource[source]; len(rest) > 0; {
			part := rest[:min(len(rest), competitorsOfRecord)]
			rest = rest[len(part):]
			if err := n.takeSource(key, source, part, answer); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *node) takeSource(key shop.Key, source string, part []indexedLine, answer *competitorAnswer) error {
	batch := pricing.CompetitorBatch{Source: source}
	for _, l := range part {
		batch.Lines = append(batch.Lines, pricing.CompetitorPrice{Item: l.Item, Price: l.Price, Currency: l.Currency, SeenAt: l.SeenAt})
	}
	got, _, err := n.shop.Submit(n.work, "key "+key.ID, shop.Command{Do: pricing.DoCompetitor, Site: key.Site, Body: batch})
	var refusal *pricing.Refusal
	if errors.As(err, &refusal) { // the whole source, by its name
		for _, l := range part {
			answer.Rejected = append(answer.Rejected, competitorRejection{l.index, l.Item, refusal.Code, refusal.Message})
		}
		return nil
	}
	if err != nil {
		return n.pricingError(err)
	}
	taken, _ := got.(pricing.Taken)
	answer.Accepted += taken.Accepted
	for _, r := range taken.Rejected {
		answer.Rejected = append(answer.Rejected, competitorRejection{part[r.Index].index, r.Item, r.Code, r.Message})
	}
	return nil
}

package main

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/clickstream"
)

// getLedger answers with the counts of the key's site. history_rows, the stored events that ClickHouse holds, is absent when it cannot be
// asked.
func (n *node) getLedger(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	answer := n.ledger(key.Site)
	if rows, ok := n.history.rows(n.work, key.Site); ok {
		answer.HistoryRows = &rows
	}
	return respond(c, 200, answer)
}

type ledgerAnswer struct {
	Received   int64 `json:"received"`
	Stored     int64 `json:"stored"`
	Duplicates int64 `json:"duplicates"`
	Rejected   int64 `json:"rejected"`
	Late       int64 `json:"late"`
	Erased     int64 `json:"erased"`
	Generated  int64 `json:"generated"` // made by the server: what it showed; not among received and stored
	DeadLetter int64 `json:"dead_letters"`

	HistoryRows *int64 `json:"history_rows,omitempty"`
}

func (n *node) ledger(site string) ledgerAnswer {
	l := n.collector.Ledger(site)
	return ledgerAnswer{
		Received: l.Received, Stored: l.Stored, Duplicates: l.Duplicates, Rejected: l.Rejected,
		Late: n.runner.Late(site), Erased: l.Erased, Generated: l.Generated, DeadLetter: l.DeadLetters,
	}
}

func (n *node) getDeadLetters(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	limit, err := queryLimit(c, 100, 1000)
	if err != nil {
		return err
	}
	letters, err := n.collector.DeadLetters(key.Site, limit)
	if err != nil {
		return err
	}
	if letters == nil {
		letters = []clickstream.DeadLetter{}
	}
	return respond(c, 200, map[string]any{"dead_letters": letters})
}

func (n *node) replayDeadLetter(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	src := n.source(c, key, n.now())
	result, err := n.collector.Replay(n.work, &src, strings.Clone(c.Params("id")))
	if errors.Is(err, clickstream.ErrNoDeadLetter) {
		return fail(404, "unknown_dead_letter", "id: no dead letter %q", c.Params("id"))
	}
	if err != nil {
		return n.collectError(err)
	}
	return respondJSON(c, fiber.StatusAccepted, appendResult(nil, &result))
}

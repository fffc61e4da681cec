package main

import (
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/server/shop"
)

// maxReservationBytes bounds the body of POST /v1/reservations: its 100 lines take a tenth of it.
const maxReservationBytes = 64 << 10

// reservationsFullRetry is when a shop whose reservations are all taken may try again: the shortest of them lasts that long.
const reservationsFullRetry = shop.MinReservationTTL * time.Millisecond

// postReservation holds pieces for a cart at checkout, all lines or none.
func (n *node) postReservation(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	if err := wantType(c, fiber.MIMEApplicationJSON, fiber.MIMETextPlain); err != nil {
		return err
	}
	body, err := readBody(c, nil, maxReservationBytes)
	if err != nil {
		return err
	}
	req, err := shop.DecodeReservation(body)
	if err != nil {
		return n.reservationError(c, err)
	}
	held, repeat, err := n.shop.Reserve(n.work, "key "+key.ID, key.Site, req)
	if err != nil {
		return n.reservationError(c, err)
	}
	status := fiber.StatusCreated
	if repeat {
		status = fiber.StatusOK
	}
	return respond(c, status, held)
}

// getReservation tells how a reservation stands, with what its holder can have.
func (n *node) getReservation(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	got, ok := n.shop.Reservation(key.Site, c.Params("id"))
	if !ok {
		return fail(404, "unknown_reservation", "id: there is no reservation %q", c.Params("id"))
	}
	return respond(c, 200, got)
}

// deleteReservation frees a reservation's pieces.
func (n *node) deleteReservation(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	got, err := n.shop.Release(n.work, "key "+key.ID, key.Site, strings.Clone(c.Params("id")))
	if err != nil {
		return n.reservationError(c, err)
	}
	return respond(c, 200, map[string]any{"released": got.ID, "state": got.State, "at": got.At})
}

// commitReservation takes a reservation's pieces off the stock.
func (n *node) commitReservation(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	got, err := n.shop.Commit(n.work, "key "+key.ID, key.Site, strings.Clone(c.Params("id")))
	if err != nil {
		return n.reservationError(c, err)
	}
	return respond(c, 200, got)
}

// reservationError gives a refusal its status: what another state of things would have allowed is 409.
func (n *node) reservationError(c *fiber.Ctx, err error) error {
	var short *shop.SoldOutError
	if errors.As(err, &short) {
		return respond(c, fiber.StatusConflict, map[string]any{"error": map[string]any{
			"code": short.Code, "message": short.Message, "item_id": short.Item, "free": short.Free,
		}})
	}
	var refusal *shop.Refusal
	if !errors.As(err, &refusal) {
		return n.shopError(err)
	}
	switch {
	case refusal.Code == "too_many_reservations":
		full := fail(fiber.StatusServiceUnavailable, refusal.Code, "%s", refusal.Message)
		full.retry = reservationsFullRetry
		return full
	case strings.HasPrefix(refusal.Code, "reservation_"):
		return fail(fiber.StatusConflict, refusal.Code, "%s", refusal.Message)
	}
	return n.shopError(err)
}

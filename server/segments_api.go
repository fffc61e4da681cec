package main

import (
	"context"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/clickstream/segment"
	"beckon/server/shop"
)

// segmentAnswer is a segment with how many shoppers it had when they were last counted.
type segmentAnswer struct {
	segment.Definition
	Own      bool  `json:"own"` // the site's, not the built-in one
	Shoppers int   `json:"shoppers"`
	Here     int   `json:"here"` // in a visit now
	Counted  int64 `json:"counted,omitzero"`
}

func (n *node) segmentAnswer(site string, d segment.Definition) segmentAnswer {
	a := segmentAnswer{Definition: d, Own: n.folds.segments.Own(site, d.ID)}
	if c := n.segments.of(site); c != nil {
		part := c.of(d.ID)
		a.Shoppers, a.Here, a.Counted = part.Shoppers, part.Here, c.At
	}
	return a
}

// listSegments lists a site's segments in the order of their ids.
func (n *node) listSegments(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	all := []segmentAnswer{}
	for _, d := range n.folds.segments.Of(key.Site).Definitions() {
		all = append(all, n.segmentAnswer(key.Site, d))
	}
	return respond(c, 200, map[string]any{"segments": all})
}

// putSegment makes a segment or replaces it, a built-in one too.
func (n *node) putSegment(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	var d segment.Definition
	if err := decodeStrictly(c, &d); err != nil {
		return err
	}
	if d.ID != "" && d.ID != id {
		return fail(400, "bad_id", "id: %q is not the path's %q", d.ID, id)
	}
	d.ID = id
	_, existed := n.folds.segments.Of(key.Site).Definition(id)
	if _, err := n.saveSegment(n.work, "key "+key.ID, key.Site, d); err != nil {
		return err
	}
	status := fiber.StatusOK
	if !existed {
		status = fiber.StatusCreated
	}
	return respond(c, status, n.segmentAnswer(key.Site, d))
}

// deleteSegment removes a site's own segment; a built-in one is as it was.
func (n *node) deleteSegment(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	if _, err := n.removeSegment(n.work, "key "+key.ID, key.Site, id); err != nil {
		return err
	}
	return respond(c, 200, map[string]string{"removed": id})
}

// saveSegment has the fold take a definition; offset is its record's.
func (n *node) saveSegment(ctx context.Context, actor, site string, d segment.Definition) (offset uint64, err error) {
	if err := d.Check(); err != nil {
		return 0, fail(400, "bad_segment", "%s", err)
	}
	_, offset, err = n.shop.Submit(ctx, actor, shop.Command{Do: segment.DoPut, Site: site, ID: d.ID, Body: d})
	n.segments.wishCount(site)
	return offset, n.segmentError(err)
}

func (n *node) removeSegment(ctx context.Context, actor, site, id string) (offset uint64, err error) {
	_, offset, err = n.shop.Submit(ctx, actor, shop.Command{Do: segment.DoRemove, Site: site, ID: id})
	n.segments.wishCount(site)
	return offset, n.segmentError(err)
}

// segmentError gives a refusal of the fold its status.
func (n *node) segmentError(err error) error {
	var refusal *segment.Refusal
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &refusal):
		return n.shopError(err)
	case strings.HasPrefix(refusal.Code, "unknown_"):
		return fail(404, refusal.Code, "%s", refusal.Message)
	case refusal.Code == "too_many_segments":
		return fail(409, refusal.Code, "%s", refusal.Message)
	}
	return fail(400, refusal.Code, "%s", refusal.Message)
}

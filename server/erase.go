package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/clickstream/record"
)

// erasePromise is by when an erasure is promised to be complete. It normally takes a minute, most of which ClickHouse keeps old parts for; it
// takes longer only while ClickHouse is away or a fold has stopped.
const erasePromise = 24 * time.Hour

// deleteVisitor takes the request to erase a visitor of the key's site everywhere. It is answered once the request is durable; the work is the
// eraser's. A visitor nothing is known of is erased all the same: what is not remembered may still be in the log. Copies that the operator
// made with backup are the operator's to erase.
func (n *node) deleteVisitor(c *fiber.Ctx) error {
	key, id, err := n.ownVisitor(c)
	if err != nil {
		return err
	}
	by, err := n.wishErasure(n.work, strings.Clone(key.Site), id, "key "+key.ID)
	if err != nil {
		return err
	}
	return respond(c, fiber.StatusAccepted, map[string]int64{"complete_by": by})
}

// wishErasure takes the wish that a visitor be erased, and says by when it will be, Unix ms.
func (n *node) wishErasure(ctx context.Context, site, visitor, actor string) (completeBy int64, err error) {
	now := n.now()
	by, err := n.eraser.pending.add(erasure{
		Site: site, Visitor: visitor, Requested: now.UnixMilli(), CompleteBy: now.Add(erasePromise).UnixMilli(),
	})
	if errors.Is(err, errErasuresFull) {
		return 0, overloaded(time.Minute, err.Error())
	}
	if err == nil {
		err = n.eraser.note(ctx, "visitor.erase", actor, site, visitor, nil)
	}
	if err != nil {
		return 0, n.cannotStore(err)
	}
	return by, nil
}

// eraseNote is what the control log, which is never trimmed, says of an erasure: the visitor by a hash that only who has the secret can make.
type eraseNote struct {
	Time    int64  `json:"t"` // Unix ms
	Actor   string `json:"by,omitempty"`
	Do      string `json:"do"` // "visitor.erase" when it was asked for, "visitor.erased" when it was done
	Site    string `json:"site"`
	ID      string `json:"id"`                // hex of HMAC-SHA256 of site, 0 and visitor, its first 16 bytes
	Events  *int64 `json:"events,omitempty"`  // that were erased
	Letters *int64 `json:"letters,omitempty"` // dead letters that were erased
}

func (r *eraser) note(ctx context.Context, do, actor, site, visitor string, done *erasure) error {
	mac := hmac.New(sha256.New, r.noteKey)
	fmt.Fprintf(mac, "%s\x00%s", site, visitor)
	line := eraseNote{Time: r.n.now().UnixMilli(), Actor: actor, Do: do, Site: site, ID: hex.EncodeToString(mac.Sum(nil)[:16])}
	if done != nil {
		line.Events, line.Letters = &done.Took.Events, &done.Took.Letters
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	parts := []record.Append{{Records: record.Packed{Data: text, Ends: []uint32{uint32(len(text))}}}}
	if _, err := r.n.control.Append(ctx, parts); err != nil {
		return fmt.Errorf("note the erasure in the control log: %w", err)
	}
	return nil
}

package shop

import (
	"context"
	"fmt"

	json "github.com/go-json-experiment/json"
)

// Command is a record of another fold, to be appended and decided, or item.cover of the shop's own: whether the stock of item ID covers
// less than two days of demand, {"low":true} or {"low":false}.
type Command struct {
	Do, Site, ID string
	Body         any // valid JSON as []byte, or anything that encodes to it; nil for none

	// Undoes is the offset of the change that this one takes back, 0 for none: it is refused when something changed the same thing since.
	Undoes uint64
}

// maxBody bounds a command's body, bytes of JSON.
const maxBody = 256 << 10

// Submit appends a command's record and returns what its fold decided, which is then durable and visible to every read. A refusal of
// the fold is the error, with the offset of the record that carries the attempt.
func (s *Store) Submit(ctx context.Context, actor string, c Command) (answer any, offset uint64, err error) {
	body, ok := c.Body.([]byte)
	if !ok && c.Body != nil {
		if body, err = json.Marshal(c.Body, json.Deterministic(true)); err != nil {
			return nil, 0, fmt.Errorf("encode %s: %w", c.Do, err)
		}
	}
	if len(body) > maxBody {
		return nil, 0, refuse("too_large", "body: %d bytes, at most %d", len(body), maxBody)
	}
	if s.fold.others[prefixOf(c.Do)] == nil && c.Do != doItemCover {
		return nil, 0, refuse("unknown_command", "%s: no fold takes it", c.Do)
	}
	rec := control{Time: s.cfg.Now(), Actor: clipActor(actor), Do: c.Do, Site: c.Site, ID: c.ID, Body: body, Undoes: c.Undoes}
	cmd := s.newCommand()
	write := rec.appendBody
	if rec.Undoes != 0 {
		write = rec.append
	}
	if err := write(&cmd.records); err != nil {
		return nil, 0, err
	}
	out, offset, err := s.await(ctx, cmd)
	if err == nil {
		err = out.denied
	}
	return out.answer, offset, err
}

// Due is the Unix ms at which something expires by itself, 0 if nothing will.
func (s *Store) Due() int64 { return s.expires.Load() }

// Tick appends a clock record if something is due: reads see it expired when Tick returns, and so does every node. Without it things
// expire with the next record, whatever that is.
func (s *Store) Tick(ctx context.Context) error {
	due := s.Due()
	if due == 0 || due > s.cfg.Now() {
		return nil
	}
	_, err := s.do(ctx, "clock", control{Do: doClock})
	return err
}

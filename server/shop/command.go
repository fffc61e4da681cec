package shop

import (
	"context"
	"fmt"
	"strings"

	"beckon/clickstream/record"
)

// command is records that one caller wants appended, and then what the fold decided about each.
type command struct {
	records  record.Packed
	outcomes []outcome
	last     uint64 // offset of its newest applied record
	err      error
	finished chan struct{} // takes one word: it is applied, or err says why not
}

func (c *command) done() bool { return len(c.outcomes) == c.records.Len() }

// submit queues c. When the queue is full it waits for ctx.
func (s *Store) submit(ctx context.Context, c *command) error {
	if c.finished == nil {
		c.finished = make(chan struct{}, 1)
	}
	select {
	case <-s.quit: // else a free place in the queue might be chosen
		return ErrClosed
	default:
	}
	queue := s.queue
	if len(c.records.Data) <= smallCommand {
		queue = s.small
	}
	select {
	case queue <- c:
		return nil
	default:
	}
	select {
	case queue <- c:
		return nil
	case <-s.quit:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("shop: queue is full: %w", ctx.Err())
	}
}

// wait returns when c is applied. If ctx ends first the command may still be carried out.
func (s *Store) wait(ctx context.Context, c *command) error {
	select {
	case <-c.finished:
		return c.err
	case <-ctx.Done():
		return fmt.Errorf("shop: command not confirmed: %w", ctx.Err())
	case <-s.stopped:
	}
	select {
	case <-c.finished:
		return c.err
	default:
		return ErrClosed
	}
}

// do appends one record and returns after it has been applied. A refusal is the error.
func (s *Store) do(ctx context.Context, actor string, rec control) (outcome, error) {
	out, _, err := s.place(ctx, actor, rec)
	return out, err
}

// place is do, with the record's offset.
func (s *Store) place(ctx context.Context, actor string, rec control) (outcome, uint64, error) {
	rec.Time, rec.Actor = s.cfg.Now(), clipActor(actor)
	c := s.newCommand()
	if err := rec.append(&c.records); err != nil {
		return outcome{}, 0, err
	}
	return s.await(ctx, c)
}

// await submits a command of one record, waits for its outcome, and gives c back.
func (s *Store) await(ctx context.Context, c *command) (outcome, uint64, error) {
	if err := s.submit(ctx, c); err != nil {
		return outcome{}, 0, err
	}
	if err := s.wait(ctx, c); err != nil {
		return outcome{}, 0, err // it may still be at work
	}
	out, offset := c.outcomes[0], c.last
	s.free(c)
	if out.refused != nil {
		return out, offset, out.refused
	}
	return out, offset, nil
}

// newCommand is a command that was used before, with its memory: a claim's cost would otherwise be mostly its garbage.
func (s *Store) newCommand() *command {
	if c, ok := s.commands.Get().(*command); ok {
		return c
	}
	return &command{}
}

func (s *Store) free(c *command) {
	if cap(c.records.Data) > smallCommand {
		return
	}
	c.records.Reset()
	clear(c.outcomes)
	c.outcomes, c.last, c.err = c.outcomes[:0], 0, nil
	s.commands.Put(c)
}

const maxActor = 100

// clipActor makes actor fit for a record.
func clipActor(actor string) string { return clipText(actor, maxActor) }

func clipText(text string, most int) string {
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}

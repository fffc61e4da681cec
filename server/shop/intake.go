package shop

import (
	"cmp"
	"context"
	"io"
	"slices"
)

// Commands of one body: each holds at most chunkRecords records and about maxCommandBytes, and chunksAhead of them are under way
// while the next is read. The body waits when the queue is full.
const (
	chunkRecords    = 512
	maxCommandBytes = 256 << 10
	chunksAhead     = 4
)

// PutItems upserts the items of r: format "ndjson" or "" is the contract's, "google" a Google Merchant feed, XML or TSV. An upsert
// replaces the whole item, with one exception: where it says nothing about stock, the stock stays as it is known.
//
// A line stands for itself: those that are wrong are rejected, the others are in the catalog when PutItems returns. With an error
// (a *Refusal, the reader's, ctx's) the Answer tells what was applied before.
func (s *Store) PutItems(ctx context.Context, actor, site string, r io.Reader, format string) (Answer, error) {
	sv, err := s.liveSite(site)
	if err != nil {
		return Answer{}, err
	}
	in := &intake{store: s, ctx: ctx, actor: clipActor(actor), site: site}
	take := func(got *incoming) error {
		if got.rejected != nil {
			in.answer.reject(got.index, got.item.ID, got.rejected.code, got.rejected.message)
			return nil
		}
		rec := control{Do: doItemPut, Item: &got.item, StockMode: got.stockMode, Max: s.cfg.MaxItems}
		return in.add(got.index, got.item.ID, &rec)
	}
	switch format {
	case "", "ndjson":
		err = readItems(r, sv.site.Currency, take)
	case "google":
		err = readGoogle(r, sv.site.Currency, s.cfg.Now(), take)
	default:
		err = refuse("bad_format", "format: %q, want ndjson or google", format)
	}
	return in.finish(err)
}

// PostStock sets or changes stock: lines {"item_id","stock"} or {"item_id","delta"}, each with an optional "id" that makes it count
// once per item for a day at least. Stock null ends tracking. What would fall below 0 is kept at 0 and told in Answer.Notices.
func (s *Store) PostStock(ctx context.Context, actor, site string, r io.Reader) (Answer, error) {
	if _, err := s.liveSite(site); err != nil {
		return Answer{}, err
	}
	in := &intake{store: s, ctx: ctx, actor: clipActor(actor), site: site}
	err := readStock(r, func(index int, rec *control, item string, bad *lineError) error {
		if bad != nil {
			in.answer.reject(index, item, bad.code, bad.message)
			return nil
		}
		return in.add(index, item, rec)
	})
	return in.finish(err)
}

// intake turns the records of one body into commands and their outcomes into an answer. It is of one goroutine.
type intake struct {
	store       *Store
	ctx         context.Context
	actor, site string
	filling     *chunk
	ahead       []*chunk
	answer      Answer
}

type chunk struct {
	command
	lines []lineName // of record i
}

type lineName struct {
	index int
	item  string
}

func (in *intake) add(index int, item string, rec *control) error {
	if in.filling == nil {
		in.filling = &chunk{}
	}
	rec.Time, rec.Actor, rec.Site = in.store.cfg.Now(), in.actor, in.site
	c := in.filling
	if err := rec.append(&c.records); err != nil {
		return err
	}
	c.lines = append(c.lines, lineName{index, item})
	if len(c.lines) < chunkRecords && len(c.records.Data) < maxCommandBytes {
		return nil
	}
	return in.send()
}

func (in *intake) send() error {
	c := in.filling
	in.filling = nil
	if c == nil {
		return nil
	}
	if err := in.store.submit(in.ctx, &c.command); err != nil {
		return err
	}
	in.ahead = append(in.ahead, c)
	if len(in.ahead) < chunksAhead {
		return nil
	}
	return in.settle()
}

// settle waits for the oldest chunk.
func (in *intake) settle() error {
	c := in.ahead[0]
	in.ahead = in.ahead[1:]
	err := in.store.wait(in.ctx, &c.command)
	if err != nil && in.ctx.Err() != nil {
		return err // the command may still be running: its outcomes are not ours to read
	}
	for i, out := range c.outcomes {
		line := c.lines[i]
		switch {
		case out.refused != nil:
			in.answer.reject(line.index, line.item, out.refused.Code, out.refused.Message)
		case out.duplicate:
			in.answer.Duplicates++
		default:
			in.answer.Accepted++
			if out.notice != "" {
				in.answer.note(line.index, line.item, "clamped", out.notice)
			}
			if out.loose != "" {
				in.answer.note(line.index, line.item, "no_reservation", out.loose)
			}
		}
	}
	return err
}

// finish applies what is left, also after an error of the body, and orders the answer by line.
func (in *intake) finish(err error) (Answer, error) {
	if sendErr := in.send(); err == nil {
		err = sendErr
	}
	for len(in.ahead) > 0 {
		if settleErr := in.settle(); err == nil {
			err = settleErr
		}
	}
	if in.answer.Rejected == nil {
		in.answer.Rejected = []Rejection{}
	}
	byIndex := func(a, b Rejection) int { return cmp.Compare(a.Index, b.Index) }
	slices.SortStableFunc(in.answer.Rejected, byIndex)
	slices.SortStableFunc(in.answer.Notices, byIndex)
	return in.answer, err
}

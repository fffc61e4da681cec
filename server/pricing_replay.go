package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream"
	"beckon/clickstream/record"
	"beckon/pricing"
	"beckon/server/shop"
)

// pastShop is the shop and its prices as the control log had them at some time, folded from the log's beginning into memory.
type pastShop struct {
	store *shop.Store
	folds controlFolds
	dir   string
}

// foldUntil folds what log had at a time in Unix ms, 0 for all of it, without changing it.
func foldUntil(ctx context.Context, log clickstream.Log, s secret, at int64, book pricing.Config) (*pastShop, error) {
	sealing, err := s.key("seal")
	if err != nil {
		return nil, err
	}
	end := log.Cut(nil).Ends[0]
	if at > 0 {
		if end, err = offsetAfter(log, at, end); err != nil {
			return nil, err
		}
	}
	p := &pastShop{}
	if p.dir, err = os.MkdirTemp("", "beckon-past-*"); err != nil { // empty: there is no snapshot to begin from
		return nil, err
	}
	p.store, err = shop.Open(ctx, shop.Config{
		Log: pastLog{log, end}, Dir: p.dir, Secret: sealing, Folds: p.folds.make(book), Now: func() int64 { return at },
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.dir))
	}
	return p, nil
}

func (p *pastShop) close() error { return errors.Join(p.store.Close(), os.RemoveAll(p.dir)) }

// errNotThere says that the catalog had no such item.
var errNotThere = errors.New("the catalog has no such item at that time")

func (p *pastShop) explain(site, item, market string, at int64) (*pricing.Explanation, error) {
	it, ok := p.store.Item(site, item)
	if !ok {
		return nil, errNotThere
	}
	return p.folds.book.Explain(site, item, market, *pricingItem(it, at), at)
}

// offsetAfter is the offset after the last record whose time is at or before at. The log's clock is the highest time so far: a record
// whose writer's clock was set back belongs to the time of those before it.
func offsetAfter(log clickstream.Log, at int64, end uint64) (offset uint64, err error) {
	r, err := log.Read(0, log.First(0))
	if err != nil {
		return 0, fmt.Errorf("read control log: %w", err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for offset = log.First(0); ; {
		b, ok, err := r.Next(1 << 20)
		if err != nil {
			return 0, fmt.Errorf("read control log: %w", err)
		}
		if !ok {
			return min(offset, end), nil
		}
		for i := range b.Len() {
			var head struct {
				Time int64 `json:"t"`
			}
			if text := b.At(i); text != "" {
				if err := json.Unmarshal([]byte(text), &head); err != nil {
					return 0, fmt.Errorf("decode control record %d: %w", b.First+uint64(i), err)
				}
			}
			if head.Time > at {
				return min(b.First+uint64(i), end), nil
			}
			offset = b.First + uint64(i) + 1
		}
	}
}

// pastLog is a log as it was when its only partition ended at end. Nothing can be appended to the past.
type pastLog struct {
	clickstream.Log
	end uint64
}

var errPast = errors.New("the past cannot be appended to")

func (l pastLog) Append(context.Context, []record.Append) (uint64, error) { return 0, errPast }

func (l pastLog) Cut(ends []uint64) record.Cut {
	cut := l.Log.Cut(ends)
	cut.Ends[0] = min(cut.Ends[0], l.end)
	return cut
}

// Changed says that nothing changes any more.
func (l pastLog) Changed(uint64) <-chan struct{} { return make(chan struct{}) }

func (l pastLog) Read(partition int, from uint64) (clickstream.Reader, error) {
	r, err := l.Log.Read(partition, from)
	return &pastReader{r, l.end}, err
}

type pastReader struct {
	record.Reader
	end uint64
}

func (r *pastReader) Next(maxBytes int) (record.Batch, bool, error) {
	b, ok, err := r.Reader.Next(maxBytes)
	if !ok || err != nil || b.First >= r.end {
		return record.Batch{}, false, err
	}
	if n := r.end - b.First; n < uint64(b.Len()) {
		b.Ends = b.Ends[:n]
	}
	return b, true, nil
}

package history

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// write sends a batch, however often it takes. It returns false when ctx ended first.
func (w *Writer) write(ctx context.Context, b *batch) bool {
	for wait := w.cfg.RetryMin; ; wait = min(2*wait, w.cfg.RetryMax) {
		select {
		case <-w.turn:
		case <-ctx.Done():
			return false
		}
		var err error
		var again bool
		b, again, err = w.attempt(ctx, b)
		w.turn <- struct{}{}
		switch {
		case err == nil && !again:
			return true
		case ctx.Err() != nil:
			return false
		case again:
			wait = w.cfg.RetryMin
			continue
		}
		w.failed(err)
		if !pause(ctx, shortened(wait)) {
			return false
		}
	}
}

// attempt sends what is left of a batch. The batch that comes back takes its place: made anew because the logs have changed, or, with
// again, because rows of it were set aside.
func (w *Writer) attempt(ctx context.Context, b *batch) (now *batch, again bool, err error) {
	if b.generation != w.generation.Load() {
		fresh, err := w.again(b)
		if err != nil {
			return b, false, err
		}
		b = fresh
	}
	begun := time.Now()
	for b.sent < len(b.tables) {
		t := &b.tables[b.sent]
		if err := w.send(ctx, t); err != nil {
			if !isContent(err) || ctx.Err() != nil {
				return b, false, err
			}
			found, searchErr := w.setAsideRefused(ctx, b, t.table, err)
			if searchErr != nil {
				return b, false, errors.Join(err, searchErr)
			}
			if !found {
				return b, false, err
			}
			fresh, buildErr := w.again(b)
			if buildErr != nil {
				return b, false, errors.Join(err, buildErr)
			}
			return fresh, true, nil
		}
		b.sent++
	}
	w.wrote(b, time.Since(begun))
	return b, false, nil
}

// again makes a batch anew from the logs. Tables that were sent are not sent again.
func (w *Writer) again(b *batch) (*batch, error) {
	maker := newBuilder(w)
	defer maker.close()
	return maker.build(b.job)
}

func (w *Writer) send(ctx context.Context, t *tableRows) error {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.InsertTimeout)
	defer cancel()
	return t.send(ctx, w.cfg.DB)
}

// shortened takes up to half of a pause away, so that writers that failed together do not come back together.
func shortened(d time.Duration) time.Duration { return d - rand.N(d/2+1) }

// Codes of ClickHouse's exceptions (src/Common/ErrorCodes.cpp).
const (
	codeCannotParseText     = 6
	codeNoSuchColumn        = 8
	codeNotInBlock          = 10
	codeNoSuchColumnInTable = 16
	codeCannotParseQuoted   = 26
	codeCannotParseInput    = 27
	codeCannotParseDate     = 38
	codeCannotParseDateTime = 41
	codeUnknownIdentifier   = 47
	codeTypeMismatch        = 53
	codeUnknownTable        = 60
	codeCannotConvert       = 70
	codeCannotParseNumber   = 72
	codeIncorrect           = 117
	codeTooLargeArray       = 128
	codeTooLargeString      = 131
	codeOutOfRange          = 321
	codeCannotInsertNull    = 349
	codeDecimalOverflow     = 407
	codeViolatedConstraint  = 469
	codeThrowIf             = 395
)

// codeOf is ClickHouse's code for an error, 0 if it is not ClickHouse's.
func codeOf(err error) (code int32, name string) {
	var e *clickhouse.Exception
	if errors.As(err, &e) {
		return e.Code, e.Name
	}
	return 0, ""
}

// isContent says whether ClickHouse refused what a row holds.
func isContent(err error) bool {
	switch code, _ := codeOf(err); code {
	case codeCannotParseText, codeCannotParseQuoted, codeCannotParseInput, codeCannotParseDate, codeCannotParseDateTime, codeCannotConvert,
		codeCannotParseNumber, codeIncorrect, codeTooLargeArray, codeTooLargeString, codeOutOfRange, codeCannotInsertNull,
		codeDecimalOverflow, codeViolatedConstraint, codeThrowIf:
		return true
	}
	return false
}

// isSchema says whether ClickHouse's tables are not as they should be.
func isSchema(err error) bool {
	var kind *columnTypeError
	if errors.As(err, &kind) {
		return true
	}
	switch code, _ := codeOf(err); code {
	case codeNoSuchColumn, codeNotInBlock, codeNoSuchColumnInTable, codeUnknownIdentifier, codeTypeMismatch, codeUnknownTable, codeUnknownDatabase:
		return true
	}
	return false
}

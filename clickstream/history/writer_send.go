package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
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
	// What is set aside is known when all others were taken, and the position comes last.
	first := len(b.tables) - 1
	if b.aside > 0 {
		first--
	}
	if failed, err := w.sendAll(ctx, b.tables[:first]); err != nil {
		if failed == nil || ctx.Err() != nil {
			return b, false, err
		}
		found, searchErr := w.setAsideRefused(ctx, b, failed.table, err)
		if searchErr != nil || !found {
			return b, false, errors.Join(err, searchErr)
		}
		fresh, err := w.again(b)
		if err != nil {
			return b, false, err
		}
		return fresh, true, nil
	}
	for i := range b.tables[first:] {
		if err := w.send(ctx, &b.tables[first+i]); err != nil {
			return b, false, err
		}
	}
	w.wrote(b, time.Since(begun))
	return b, false, nil
}

// sendAtOnce is how many tables of a batch are sent at the same time. ClickHouse spends much of an insert waiting for the disk.
const sendAtOnce = 3

// sendAll sends what earlier attempts have not, and waits for all of it. failed is a table that was refused for what its rows hold, if
// one was.
func (w *Writer) sendAll(ctx context.Context, tables []tableRows) (failed *tableRows, err error) {
	errs := make([]error, len(tables))
	free := make(chan struct{}, sendAtOnce)
	var wg sync.WaitGroup
	for i := range tables {
		if tables[i].sent {
			continue
		}
		free <- struct{}{}
		wg.Go(func() {
			errs[i] = w.send(ctx, &tables[i])
			<-free
		})
	}
	wg.Wait()
	for i := range tables {
		if errs[i] == nil {
			tables[i].sent = true
		} else if isContent(errs[i]) {
			failed = &tables[i]
		}
	}
	if failed != nil { // looked into by itself
		return failed, fmt.Errorf("%s: %w", failed.table, errors.Join(errs...))
	}
	return nil, errors.Join(errs...)
}

// again makes a batch anew from the logs. What of it ClickHouse has is dropped there by its token.
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

// contentCodes are ClickHouse's exceptions that say that a row holds something it does not take (src/Common/ErrorCodes.cpp).
var contentCodes = map[int32]string{
	6: "CANNOT_PARSE_TEXT", 26: "CANNOT_PARSE_QUOTED_STRING", 27: "CANNOT_PARSE_INPUT_ASSERTION_FAILED", 38: "CANNOT_PARSE_DATE",
	41: "CANNOT_PARSE_DATETIME", 70: "CANNOT_CONVERT_TYPE", 72: "CANNOT_PARSE_NUMBER", 117: "INCORRECT_DATA", 128: "TOO_LARGE_ARRAY_SIZE",
	131: "TOO_LARGE_STRING_SIZE", 321: "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE", 349: "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
	395: "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO", 407: "DECIMAL_OVERFLOW", codeViolatedConstraint: "VIOLATED_CONSTRAINT",
}

const codeViolatedConstraint = 469

// schemaCodes are those that say that the tables are not as they should be.
var schemaCodes = map[int32]string{
	8: "THERE_IS_NO_COLUMN", 10: "NOT_FOUND_COLUMN_IN_BLOCK", 16: "NO_SUCH_COLUMN_IN_TABLE", 47: "UNKNOWN_IDENTIFIER", 53: "TYPE_MISMATCH",
	60: "UNKNOWN_TABLE", codeUnknownDatabase: "UNKNOWN_DATABASE",
}

// codeOf is ClickHouse's code for an error, 0 if it is not ClickHouse's.
func codeOf(err error) int32 {
	var e *clickhouse.Exception
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// isContent says whether ClickHouse refused what a row holds.
func isContent(err error) bool {
	_, ok := contentCodes[codeOf(err)]
	return ok
}

// isSchema says whether ClickHouse's tables are not as they should be.
func isSchema(err error) bool {
	var kind *columnTypeError
	if errors.As(err, &kind) {
		return true
	}
	_, ok := schemaCodes[codeOf(err)]
	return ok
}

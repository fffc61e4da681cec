package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// AskError says which field of an ask cannot be answered, and why.
type AskError struct{ Question, Field, Reason string }

func (e *AskError) Error() string { return fmt.Sprintf("%s: %s %s", e.Question, e.Field, e.Reason) }

// TooLargeError says that a question would read or hold more than it may.
type TooLargeError struct {
	Question string
	What     string // the bound that it met: rows, bytes or memory
	Err      error  // ClickHouse's words
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%s: more %s than one question may take: choose a shorter range, a device or a source, or ask with Fast: %v", e.Question, e.What, e.Err)
}

func (e *TooLargeError) Unwrap() error { return e.Err }

// TimeoutError says that a question took longer than it may.
type TimeoutError struct {
	Question string
	Timeout  time.Duration
	Err      error
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("%s: no answer within %s: choose a shorter range, a longer timeout, or ask with Fast: %v", e.Question, e.Timeout, e.Err)
}

func (e *TimeoutError) Unwrap() error { return e.Err }

// ClickHouse's codes, from src/Common/ErrorCodes.cpp there.
const (
	codeTooManyRows        = 158
	codeTimeoutExceeded    = 159
	codeTooSlow            = 160
	codeSetSizeLimit       = 191
	codeMemoryLimit        = 241
	codeTooManyBytes       = 307
	codeQueryWasCancelled  = 394
	codeTooManyRowsOrBytes = 396
)

// explain makes an error of the driver one of ours. ctx is the caller's.
func (in *inquiry) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", in.name, ctx.Err())
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &TimeoutError{in.name, in.scope.Timeout, err}
	}
	var refused *clickhouse.Exception
	if !errors.As(err, &refused) {
		return fmt.Errorf("%s: %w", in.name, err)
	}
	switch refused.Code {
	case codeTimeoutExceeded, codeTooSlow, codeQueryWasCancelled:
		return &TimeoutError{in.name, in.scope.Timeout, err}
	case codeTooManyRows, codeSetSizeLimit, codeTooManyRowsOrBytes:
		return &TooLargeError{in.name, "rows", err}
	case codeTooManyBytes:
		return &TooLargeError{in.name, "bytes", err}
	case codeMemoryLimit:
		return &TooLargeError{in.name, "memory", err}
	}
	return fmt.Errorf("%s: %w", in.name, err)
}

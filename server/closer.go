package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// closers is what was opened, in order, so that it can be closed in reverse. Each close has a name and shares one deadline; one
// that is late is named and left behind, and the rest still close.
type closers struct {
	open []closer
}

type closer struct {
	name  string
	close func(context.Context) error
}

func (cs *closers) add(name string, close func(context.Context) error) {
	cs.open = append(cs.open, closer{name, close})
}

// closeAll closes in reverse of opening within timeout.
func (cs *closers) closeAll(timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var all error
	for i := len(cs.open) - 1; i >= 0; i-- {
		c := cs.open[i]
		done := make(chan error, 1)
		go func() { done <- c.close(ctx) }() // owned: waited for below until the deadline, after which the process ends
		var err error
		select {
		case err = <-done:
		case <-ctx.Done():
			select { // one more second for each that is asked after the deadline
			case err = <-done:
			case <-time.After(time.Second):
				err = fmt.Errorf("not done after %v", timeout)
			}
		}
		if err != nil {
			all = errors.Join(all, fmt.Errorf("close %s: %w", c.name, err))
		}
	}
	cs.open = nil
	return all
}

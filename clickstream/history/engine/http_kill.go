package engine

import (
	"context"
	"sync"
	"time"
)

// A killer ends the statements of requests whose client has gone. The library has no call for that: a connection that waits in a
// fetch cannot be called off from beside, but KILL QUERY on another connection can.
type killer struct{ lib *library }

// killAgain is how long a statement may go on before it is told again: it may not have been registered, or be in its next step.
const killAgain = 200 * time.Millisecond

// watch ends the statement of w when ctx ends. Stop must be called before w is used for another request; it waits until the watch
// has ended.
func (k killer) watch(ctx context.Context, w *work) (stop func()) {
	over := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
		tick := time.NewTicker(killAgain)
		defer tick.Stop()
		for {
			k.kill(w.tag)
			select {
			case <-over:
				return
			case <-tick.C:
			}
		}
	})
	return func() {
		close(over)
		watching.Wait()
	}
}

// kill tells the statement with the tag to end. An error means that there is none, or that it ends by itself.
func (k killer) kill(tag string) {
	c, err := k.lib.connect()
	if err != nil {
		return
	}
	defer c.close()
	_ = c.exec("KILL QUERY WHERE Settings['" + tagSetting + "'] = '" + tag + "' ASYNC")
}

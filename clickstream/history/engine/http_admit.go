package engine

import "context"

const (
	// mostParallel is how many statements run at once. More would only share the same cores and memory.
	mostParallel = 16
	// mostWaiting is how many requests wait for that. One more is answered 503 with TOO_MANY_SIMULTANEOUS_QUERIES.
	mostWaiting = 256
)

// A gate bounds the statements that run at once, and those that wait for it. Waiting ones go in the order of Go's channels (first
// come, first served).
type gate struct {
	running chan struct{}
	inside  chan struct{} // running and waiting
}

func newGate(parallel, waiting int) *gate {
	return &gate{running: make(chan struct{}, parallel), inside: make(chan struct{}, parallel+waiting)}
}

// enter waits for a place until ctx ends. A nil error must be followed by leave.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.inside <- struct{}{}:
	default:
		return refuse(codeTooManyQueries, "TOO_MANY_SIMULTANEOUS_QUERIES",
			"Too many simultaneous queries. Maximum: %d, and %d waiting", cap(g.running), cap(g.inside)-cap(g.running))
	}
	select {
	case g.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-g.inside
		return ctx.Err()
	}
}

func (g *gate) leave() {
	<-g.running
	<-g.inside
}

// drain waits until nothing runs, and lets nothing in any more.
func (g *gate) drain() {
	for range cap(g.running) {
		g.running <- struct{}{}
	}
}

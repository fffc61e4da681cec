package main

import (
	"context"
	"encoding/json"
	"io"
	"sync/atomic"
	"time"
)

// longWork is how far a backup or export has come, for whoever waits for it in another process. One of them runs at a time.
type longWork struct{ done, total atomic.Uint64 }

// progress is what an operation named so answers.
type progress struct {
	Done  uint64 `json:"done"`
	Total uint64 `json:"total"`
}

func (w *longWork) set(done, total uint64) {
	w.total.Store(total)
	w.done.Store(done)
}

func (w *longWork) read() progress { return progress{w.done.Load(), w.total.Load()} }

// progress asks a running server; an answer that does not come is no progress.
func (s serverFile) progress() progress {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var raw json.RawMessage
	var p progress
	if s.send(ctx, operation{Name: "progress"}, &raw) != nil || json.Unmarshal(raw, &p) != nil {
		return progress{}
	}
	return p
}

// watchEvery is how often a bar is drawn.
const watchEvery = 250 * time.Millisecond

// watchWork draws how far some work is until stop is called.
func watchWork(ctx context.Context, out io.Writer, name string, ask func() progress) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		bar := stepBar(out, name)
		defer bar.Close()
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if p := ask(); p.Total > 0 {
					steps(bar)(p.Done, p.Total)
				}
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

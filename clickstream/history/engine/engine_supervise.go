package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	firstDelay   = 100 * time.Millisecond
	longestDelay = 30 * time.Second
	steadyAfter  = time.Minute // a child that lived this long makes the next delay short again
	startWithin  = 5 * time.Minute
)

// supervise keeps a child running until Close.
func (e *Engine) supervise(p *process) {
	defer close(e.stopped)
	defer e.removeFolder()
	var tries int
	for {
		started := time.Now()
		if p != nil {
			select {
			case <-p.exited:
				e.died(p.words().Error())
			case <-e.stopping:
				p.end(e.kill)
				e.died("closed")
				return
			}
			if time.Since(started) >= steadyAfter {
				tries = 0
			}
		}
		delay := restartDelay(tries, rand.Float64())
		tries++
		e.retryAt(time.Now().Add(delay))
		timer := time.NewTimer(delay)
		select {
		case <-e.stopping:
			timer.Stop()
			return
		case <-timer.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), startWithin)
		next, err := e.spawn(ctx)
		cancel()
		if err != nil {
			e.died(err.Error())
		}
		p = next
	}
}

// restartDelay doubles from firstDelay to longestDelay, with jitter: a random half of it is left out.
func restartDelay(tries int, random float64) time.Duration {
	d := longestDelay
	if tries < 10 {
		d = min(longestDelay, firstDelay<<tries)
	}
	return d - time.Duration(random*float64(d)/2)
}

// answers notes that a child is there. Its address is kept for those that come after it.
func (e *Engine) answers(pid int, hello greeting) {
	e.mu.Lock()
	if e.state.LastExit != "" {
		e.state.Restarts++
	}
	e.child.Address = hello.Address
	e.state.Running, e.state.PID, e.state.Since, e.state.Retry = true, pid, time.Now(), time.Time{}
	e.state.Network, e.state.Address = hello.Network, hello.Address
	e.state.Version, e.state.BrokenParts = hello.Version, hello.BrokenParts
	e.mu.Unlock()
	e.log(fmt.Sprintf("ClickHouse %s answers at %s %s (process %d)", hello.Version, hello.Network, hello.Address, pid))
	if hello.BrokenParts > 0 {
		e.log(fmt.Sprintf("ClickHouse has set aside %d parts of %s that it cannot read: rows may be missing (system.detached_parts)",
			hello.BrokenParts, e.cfg.Dir))
	}
}

func (e *Engine) died(how string) {
	e.mu.Lock()
	if e.state.Running {
		e.state.Running, e.state.PID, e.state.Since = false, 0, time.Now()
	}
	e.state.LastExit = how
	e.mu.Unlock()
	e.log("the ClickHouse engine: " + how)
}

func (e *Engine) retryAt(when time.Time) {
	e.mu.Lock()
	e.state.Retry = when
	e.mu.Unlock()
}

func (e *Engine) log(line string) {
	if e.cfg.Log != nil {
		e.cfg.Log(line)
	}
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"beckon/clickstream"
)

// erasure is one visitor to erase, and how far that is. Each field below Requested is set once, when its step is durable, and says where
// to go on after a crash. All steps can be repeated.
type erasure struct {
	Site       string `json:"site"`
	Visitor    string `json:"visitor"`
	Requested  int64  `json:"requested"`   // Unix ms
	CompleteBy int64  `json:"complete_by"` // Unix ms

	Begun  *clickstream.Erasing `json:"begun,omitempty"`  // the erase record stands
	Took   *clickstream.Erased  `json:"took,omitempty"`   // counted, before anything is gone
	Intake uint64               `json:"intake,omitempty"` // of Took's record: it stands at this offset of the intake partition or later
	Noted  bool                 `json:"noted,omitempty"`  // the logs have lost it, and the ledger says so
}

func (e *erasure) id() clickstream.VisitorID {
	return clickstream.VisitorID{Site: e.Site, Visitor: e.Visitor}
}

// maxErasures bounds the erasures that wait; more are refused until some are done.
const maxErasures = 10_000

// erasures is the list of those that wait, in the order in which they were asked for. It is a file, so that what was promised is done
// whatever crashes, and the one place that names an erased visitor until it is done.
type erasures struct {
	name string
	wake chan struct{} // has an element when there is something to do

	mu   sync.Mutex
	list []erasure
}

var errErasuresFull = errors.New("too many erasures wait")

func openErasures(name string) (*erasures, error) {
	p := &erasures{name: name, wake: make(chan struct{}, 1)}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"-*"))
	if err != nil {
		return nil, err
	}
	for _, path := range left { // of a write that a crash cut short: it may name visitors
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &p.list); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(p.list) > 0 {
		p.nudge()
	}
	return p, nil
}

// has says whether a visitor is to be erased: from the wish on nothing new is made of who it names.
func (p *erasures) has(site, visitor string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.list, func(e erasure) bool { return e.Visitor == visitor && e.Site == site })
}

func (p *erasures) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// add makes a request durable and returns by when it will be done. A visitor whose erasure has not begun is not entered twice.
func (p *erasures) add(e erasure) (completeBy int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.list {
		if have := &p.list[i]; have.id() == e.id() && have.Begun == nil {
			return have.CompleteBy, nil
		}
	}
	if len(p.list) >= maxErasures {
		return 0, errErasuresFull
	}
	if err := p.saveLocked(append(slices.Clone(p.list), e)); err != nil {
		return 0, err
	}
	p.nudge()
	return e.CompleteBy, nil
}

// saveLocked makes list the one on disk and then that in memory. The lock is held meanwhile: it is what makes requests take turns, and
// nothing on a shopper's path asks for it.
func (p *erasures) saveLocked(list []erasure) error {
	if len(list) == 0 {
		if err := os.Remove(p.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	} else if err := writeJSON(p.name, list); err != nil {
		return err
	}
	p.list = list
	return nil
}

// maxRound bounds the erasures that are worked on together: each pass over the logs costs the same for one and for many.
const maxRound = 1000

// round is a copy of the first that wait, each visitor once: of a visitor that was asked for again since its erasure began, the second
// waits for the next round, so that nothing is counted to both.
func (p *erasures) round() []erasure {
	p.mu.Lock()
	defer p.mu.Unlock()
	var some []erasure
	seen := map[clickstream.VisitorID]bool{}
	for i := range p.list {
		if id := p.list[i].id(); !seen[id] && len(some) < maxRound {
			seen[id] = true
			some = append(some, p.list[i])
		}
	}
	return some
}

// update makes what was done to some of them durable; those that are done go.
func (p *erasures) update(some []erasure, done bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	byID := map[clickstream.VisitorID]*erasure{}
	for i := range some {
		byID[some[i].id()] = &some[i]
	}
	var list []erasure
	for _, e := range p.list {
		changed := byID[e.id()]
		if changed == nil || changed.Requested != e.Requested {
			list = append(list, e)
			continue
		}
		delete(byID, e.id())
		if !done {
			list = append(list, *changed)
		}
	}
	return p.saveLocked(list)
}

// state is how many wait and since when, Unix ms, the first has.
func (p *erasures) state() (waiting int, since int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.list) == 0 {
		return 0, 0
	}
	return len(p.list), p.list[0].Requested
}

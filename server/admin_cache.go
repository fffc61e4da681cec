package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"beckon/clickstream/history"
)

// answerCache keeps answers of history for the dashboard's fragments. One question and scope is asked once at a time however many people
// look, and few questions run at all, since they share the machine with the shop. Errors are not kept. Safe for concurrent use.
type answerCache struct {
	now     func() time.Time
	asking  singleflight.Group
	running chan struct{} // has an element for each question under way

	mu    sync.Mutex
	kept  map[string]keptAnswer
	order []string // keys of kept by age, the oldest first
	bytes int64    // of kept
}

type keptAnswer struct {
	value any
	bytes int64
	until time.Time
}

// Bounds of the cache. What does not fit drops the oldest.
const (
	answersFresh   = time.Minute
	liveFresh      = 2 * time.Second // of what is counted in memory
	answersKept    = 512
	answersBytes   = 32 << 20
	answersAtOnce  = 2
	answersWaiting = 4 * time.Second  // for one of the questions under way to end
	answersTimeout = 15 * time.Second // of one question
)

// Errors of an answer that history is not asked for.
var (
	errHistoryOff  = errors.New("no history is kept")
	errHistoryAway = errors.New("the history is not reached now")
	errHistoryBusy = errors.New("other questions are being answered")
)

func newAnswerCache(now func() time.Time) *answerCache {
	return &answerCache{now: now, running: make(chan struct{}, answersAtOnce), kept: map[string]keptAnswer{}}
}

// cachedAnswer is the answer to a question about a site's history, at most a minute old. scope is what the question is asked with, a
// value that prints all of itself; times in it should be whole minutes or days, or nothing is ever asked twice. ask's ctx ends after
// answersTimeout, whoever waits, and what it returns is shared: nobody may change it. Errors are errHistory… and ask's; see historyProblem.
func cachedAnswer[T any](n *node, site, question string, scope any, ask func(ctx context.Context, q *history.Questions) (T, error)) (T, error) {
	var none T
	h := n.history
	q := h.questions.Load()
	switch {
	case q != nil:
	case h.configured:
		return none, errHistoryAway
	default:
		return none, errHistoryOff
	}
	key := fmt.Sprintf("%q %q %T %#v", site, question, none, scope)
	value, err := h.answers.answer(n.work, key, answersFresh, func(ctx context.Context) (any, error) { return ask(ctx, q) })
	if err != nil {
		return none, err
	}
	return value.(T), nil
}

// cachedLive is the same for what is counted in memory and costs too much to count for everybody: at most two seconds old.
func cachedLive[T any](n *node, site, question string, scope any, count func(ctx context.Context) T) (T, error) {
	var none T
	key := fmt.Sprintf("live %q %q %T %#v", site, question, none, scope)
	value, err := n.history.answers.answer(n.work, key, liveFresh, func(ctx context.Context) (any, error) { return count(ctx), nil })
	if err != nil {
		return none, err
	}
	return value.(T), nil
}

// answer is what is kept of key, else what ask says, which is then kept for as long as fresh says.
func (c *answerCache) answer(ctx context.Context, key string, fresh time.Duration, ask func(context.Context) (any, error)) (any, error) {
	if value, ok := c.fresh(key); ok {
		return value, nil
	}
	value, err, _ := c.asking.Do(key, func() (any, error) {
		if value, ok := c.fresh(key); ok { // kept while this caller was on its way
			return value, nil
		}
		waiting := time.NewTimer(answersWaiting)
		defer waiting.Stop()
		select {
		case c.running <- struct{}{}:
		case <-waiting.C:
			return nil, errHistoryBusy
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		defer func() { <-c.running }()
		bounded, cancel := context.WithTimeout(ctx, answersTimeout)
		defer cancel()
		value, err := ask(bounded)
		if err == nil {
			c.keep(key, value, fresh)
		}
		return value, err
	})
	return value, err
}

func (c *answerCache) fresh(key string) (any, bool) {
	now := c.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.kept[key]
	return k.value, ok && now.Before(k.until)
}

// keep drops what is old or too much, the oldest first. An answer that is larger than the cache is not kept.
func (c *answerCache) keep(key string, value any, fresh time.Duration) {
	now, size := c.now(), int64(len(key))+sizeOf(reflect.ValueOf(value))
	if size > answersBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.kept[key]; ok { // expired, and in its old place of order
		c.bytes -= old.bytes
		delete(c.kept, key)
		for i := range c.order {
			if c.order[i] == key {
				c.order = append(c.order[:i], c.order[i+1:]...)
				break
			}
		}
	}
	for len(c.order) > 0 {
		oldest := c.order[0]
		k := c.kept[oldest]
		if now.Before(k.until) && len(c.order) < answersKept && c.bytes+size <= answersBytes {
			break
		}
		delete(c.kept, oldest)
		c.bytes -= k.bytes
		c.order = c.order[1:]
	}
	c.kept[key] = keptAnswer{value, size, now.Add(fresh)}
	c.order = append(c.order, key)
	c.bytes += size
}

// sizeOf is about how many bytes a value takes with all that it points to, which must not point back.
func sizeOf(v reflect.Value) int64 {
	if !v.IsValid() {
		return 0
	}
	size := int64(v.Type().Size())
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		size += sizeOf(v.Elem())
	case reflect.String:
		size += int64(v.Len())
	case reflect.Slice:
		for i := range v.Len() {
			size += sizeOf(v.Index(i))
		}
	case reflect.Map:
		for each := v.MapRange(); each.Next(); {
			size += sizeOf(each.Key()) + sizeOf(each.Value())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			size += sizeOf(f) - int64(f.Type().Size())
		}
	}
	return size
}

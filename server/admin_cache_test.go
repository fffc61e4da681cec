package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// answering asks a cache for values of its own.
type answering struct {
	*answerCache
	t     *testing.T
	asked atomic.Int64
}

func newAnswering(t *testing.T) *answering {
	return &answering{answerCache: newAnswerCache(time.Now), t: t}
}

// get asks for key; who is asked takes a second and returns value or err.
func (a *answering) get(key string, value any, err error) (any, error) {
	return a.answer(a.t.Context(), key, answersFresh, func(context.Context) (any, error) {
		a.asked.Add(1)
		time.Sleep(time.Second)
		return value, err
	})
}

func TestOneAskPerKeyHoweverManyLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswering(t)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if got, err := a.get("k", "v", nil); got != "v" || err != nil {
					t.Errorf("got %v, %v", got, err)
				}
			})
		}
		wg.Wait()
		if got := a.asked.Load(); got != 1 {
			t.Errorf("asked %d times, want once", got)
		}
	})
}

func TestAnswersAreAtMostAMinuteOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswering(t)
		want := func(value any, asked int64) {
			t.Helper()
			got, err := a.get("k", fmt.Sprint("answer ", a.asked.Load()+1), nil)
			if got != value || err != nil || a.asked.Load() != asked {
				t.Errorf("got %v, %v after %d asks, want %v after %d", got, err, a.asked.Load(), value, asked)
			}
		}
		want("answer 1", 1)
		time.Sleep(answersFresh - time.Millisecond)
		want("answer 1", 1)
		time.Sleep(time.Millisecond)
		want("answer 2", 2)
		if len(a.order) != 1 || len(a.kept) != 1 {
			t.Errorf("kept %d under %d keys, want the newest only", len(a.kept), len(a.order))
		}
	})
}

func TestErrorsAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswering(t)
		broken := errors.New("broken")
		if _, err := a.get("k", nil, broken); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		if got, err := a.get("k", "v", nil); got != "v" || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestFewQuestionsRunAndTheRestIsToldToTryAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswering(t)
		var busy, answered atomic.Int64
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_, err := a.get(fmt.Sprint(i), i, nil)
				switch {
				case err == nil:
					answered.Add(1)
				case errors.Is(err, errHistoryBusy):
					busy.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		begin := time.Now()
		wg.Wait()
		// Two a second for as long as one waits, and those that have begun by then.
		if n := answered.Load(); n < 8 || n > 10 || busy.Load() != 20-n {
			t.Errorf("%d answered, %d told to come again", n, busy.Load())
		}
		if took := time.Since(begin); took > answersWaiting+2*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestAQuestionHasADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswering(t)
		_, err := a.answer(t.Context(), "k", answersFresh, func(ctx context.Context) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnswersAreBoundedInNumberAndBytes(t *testing.T) {
	a := newAnswering(t)
	for i := range 2 * answersKept {
		a.keep(fmt.Sprint(i), i, answersFresh)
	}
	if len(a.kept) != answersKept || len(a.order) != answersKept {
		t.Errorf("kept %d under %d keys, want %d", len(a.kept), len(a.order), answersKept)
	}
	if _, ok := a.fresh(fmt.Sprint(2*answersKept - 1)); !ok {
		t.Error("the newest is gone")
	}
	large := strings.Repeat("x", answersBytes/3)
	for i := range 10 {
		a.keep(fmt.Sprint("large ", i), large, answersFresh)
	}
	if a.bytes > answersBytes || len(a.kept) != 2 {
		t.Errorf("kept %d answers of %d bytes", len(a.kept), a.bytes)
	}
	a.keep("too large", []string{large, large, large}, answersFresh)
	if _, ok := a.fresh("too large"); ok {
		t.Error("an answer larger than the cache is kept")
	}
	sum := int64(0)
	for _, k := range a.kept {
		sum += k.bytes
	}
	if sum != a.bytes {
		t.Errorf("counts %d bytes of %d", a.bytes, sum)
	}
}

func TestSizesCountWhatIsPointedTo(t *testing.T) {
	type inner struct {
		Text string
		List []int64
	}
	for want, value := range map[int64]any{
		8:                 int64(1),
		16 + 5:            "12345",
		24 + 2*(16+3):     []string{"abc", "def"},
		40 + 2 + 16:       inner{"ab", []int64{1, 2}},
		8 + 40 + 1:        &inner{Text: "x"},
		8 + (16 + 1) + 8:  map[string]int64{"k": 1},
		24 + 40 + 1 + 3*8: []inner{{"x", []int64{1, 2, 3}}},
		2 * 16:            struct{ A, B any }{},
	} {
		if got := sizeOf(reflect.ValueOf(value)); got != want {
			t.Errorf("%#v: got %d, want %d", value, got, want)
		}
	}
}

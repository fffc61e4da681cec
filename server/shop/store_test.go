package shop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"beckon/clickstream/record"
)

func TestConcurrentCommandsShareAppends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &slowLog{memLog: newMemLog()}
		s, err := Open(t.Context(), Config{Log: log, Dir: t.TempDir(), Secret: testSecret, Now: (&clock{ms: t0}).now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.CreateSite(t.Context(), "test", "s", Settings{}); err != nil {
			t.Fatal(err)
		}
		log.gate = make(chan struct{})
		var wg sync.WaitGroup
		for i := range smallQueueLength + 1 {
			wg.Go(func() {
				id := fmt.Sprint("i", i)
				a, err := s.PutItems(t.Context(), "test", "s", strings.NewReader(fmt.Sprintf(`{"item_id":%q}`, id)), "")
				if err != nil || a.Accepted != 1 {
					t.Errorf("%s: %+v, %v", id, a, err)
				}
				if _, ok := s.Item("s", id); !ok {
					t.Errorf("%s is not visible after its command returned", id)
				}
			})
		}
		synctest.Wait() // one is in the append, the others wait
		close(log.gate)
		wg.Wait()
		if got := log.appends; got > 3 {
			t.Errorf("%d appends, want at most 3: the site, what came before the writer looked, all others", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// slowLog holds appends until gate is closed; nil holds none.
type slowLog struct {
	*memLog
	gate chan struct{}
}

func (l *slowLog) Append(ctx context.Context, parts []record.Append) (uint64, error) {
	if l.gate != nil {
		<-l.gate
	}
	return l.memLog.Append(ctx, parts)
}

func TestFullQueueWaitsForTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &slowLog{memLog: newMemLog(), gate: make(chan struct{})}
		s, err := Open(t.Context(), Config{Log: log, Dir: t.TempDir(), Secret: testSecret, Now: (&clock{ms: t0}).now})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range smallQueueLength + 1 {
			wg.Go(func() {
				if _, err := s.CreateSite(context.Background(), "test", fmt.Sprint("s", i), Settings{}); err != nil {
					t.Error(err)
				}
			})
			if i == 0 {
				synctest.Wait() // the first is alone in the append, which takes all that is queued when it begins
			}
		}
		synctest.Wait() // the others fill the queue
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.CreateSite(ctx, "test", "late", Settings{}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
		close(log.gate)
		wg.Wait()
		if got := len(s.Sites()); got != smallQueueLength+1 {
			t.Errorf("%d sites, want %d", got, smallQueueLength+1)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := s.CreateSite(t.Context(), "test", "after", Settings{}); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v, want ErrClosed", err)
		}
	}) // and every goroutine has ended
}

func TestCloseFailsCommandsThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &slowLog{memLog: newMemLog(), gate: make(chan struct{})}
		s, err := Open(t.Context(), Config{Log: log, Dir: t.TempDir(), Secret: testSecret, Now: (&clock{ms: t0}).now})
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var errs []error
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				_, err := s.CreateSite(context.Background(), "test", fmt.Sprint("s", i), Settings{})
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			})
			synctest.Wait()
		}
		wg.Go(func() { s.Close() })
		synctest.Wait()
		close(log.gate)
		wg.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if !errors.Is(err, ErrClosed) {
				t.Errorf("error %v, want ErrClosed", err)
			}
		}
		if done < 1 || done != len(s.Sites()) {
			t.Errorf("%d commands done, %d sites", done, len(s.Sites()))
		}
	})
}

func TestReadersDuringABulkUpsertSeeWholeItems(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	const items, rounds = 1000, 3
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(1, 1))
			for {
				select {
				case <-done:
					return
				default:
				}
				id := fmt.Sprint("i", rng.IntN(items))
				if it, ok := r.Item("s", id); ok && (it.Title != fmt.Sprint("T", it.Price) || it.ID != id) {
					t.Errorf("item %s is torn: %+v", id, it)
				}
				r.Available("s", id)
				r.Key("pk_none")
				r.Items("s", "", 10)
				r.NoteSeen("s", fmt.Sprint("u", rng.IntN(100)), "", "", t0)
			}
		})
	}
	for round := range rounds {
		var b strings.Builder
		for i := range items {
			fmt.Fprintf(&b, `{"item_id":"i%d","title":"T%d","price":%d}`+"\n", i, round, round)
		}
		if a := r.put("s", b.String()); a.Accepted != items {
			t.Errorf("%+v", a)
		}
	}
	close(done)
	wg.Wait()
}

// what a site's people and shoppers can see of it.
func visible(r *rig, site string) string {
	s, ok := r.Site(site)
	var b strings.Builder
	text, _ := json.Marshal(s)
	fmt.Fprintln(&b, string(text), ok, r.DefaultConsent(site), r.Keys(site), r.CountItems(site), r.SeenItems(site, 100))
	for _, it := range r.Items(site, "", 1000) {
		fmt.Fprintln(&b, *it)
	}
	for i := range 30 {
		fmt.Fprint(&b, r.Available(site, fmt.Sprint("i", i)))
	}
	return b.String()
}

func TestNothingDoneToOneSiteIsVisibleThroughAnother(t *testing.T) {
	r := newRig(t, newMemLog())
	for _, site := range []string{"s1", "s2", "b"} {
		r.makeSite(site)
	}
	r.put("b", `{"item_id":"i1","title":"Mine","price":5,"stock":3}`, `{"item_id":"i2"}`)
	sk, err := r.CreateKey(t.Context(), "test", "b", KeySpec{Kind: SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	r.NoteSeen("b", "i9", "", "", t0)
	r.took()
	want := visible(r, "b")
	rng := rand.New(rand.NewPCG(3, 3))
	for range 40 {
		act(r, rng, 10)
		r.NoteSeen("s1", fmt.Sprint("i", rng.IntN(30)), "", "", t0)
		if got := visible(r, "b"); got != want {
			t.Fatalf("site b changed:\ngot  %s\nwant %s", got, want)
		}
	}
	for _, c := range r.took() {
		if c.Site == "b" {
			t.Errorf("change %+v of site b", c)
		}
	}
	if k, ok := r.Key(sk.Text); !ok || k.Site != "b" {
		t.Errorf("key of b: %+v, %v", k, ok)
	}
	for _, site := range []string{"s1", "s2"} {
		if _, ok := r.KeyText(site, sk.ID); ok {
			t.Errorf("site %s tells b's key", site)
		}
		refused(t, r.RevokeKey(t.Context(), "test", site, sk.ID), "unknown_key")
		_, err := r.RotateKey(t.Context(), "test", site, sk.ID, 0)
		refused(t, err, "unknown_key")
	}
	if a := r.stock("s1", `{"item_id":"i1","stock":1,"id":"x"}`); a.Duplicates > 0 {
		t.Error("stock ids are shared")
	}
	if a := r.stock("b", `{"item_id":"i1","stock":1,"id":"x"}`); a.Accepted != 1 {
		t.Errorf("stock ids are shared between sites: %+v", a)
	}
}

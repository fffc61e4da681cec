package shop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"beckon/clickstream"
	"beckon/pricing/offers"
)

const (
	claimers      = 1000
	claimerActs   = 8 // of each
	claimShoppers = 400
	claimCampaign = 5
)

// claimWorld is a store that claimers use while it is closed and opened again under them.
type claimWorld struct {
	t     *testing.T
	dir   string
	log   clickstream.Log
	close func() error
	open  func(t *testing.T, dir string) (clickstream.Log, func() error)
	now   atomic.Int64

	store atomic.Pointer[claimStore]
	acts  atomic.Int64

	mu      sync.Mutex
	answers map[uint64]string // what callers were told, by offset
	live    []*offers.Decision
}

// claimStore is one life of the store.
type claimStore struct {
	*Store
	fold  *watched
	after chan struct{} // closed when the next one is there
}

// start opens the log and a store on it. Nobody claims there before it is put into w.store.
func (w *claimWorld) start() *claimStore {
	w.t.Helper()
	w.log, w.close = w.open(w.t, w.dir)
	return w.openOn(filepath.Join(w.dir, "shop"), nil)
}

// openOn opens a store on the log, with snapshots in dir.
func (w *claimWorld) openOn(dir string, told func(uint64, string)) *claimStore {
	w.t.Helper()
	s := &claimStore{after: make(chan struct{})}
	var err error
	s.Store, err = Open(context.Background(), Config{
		Log: w.log, Dir: dir, Secret: testSecret, Now: w.now.Load, snapshotBytes: 64 << 10,
		Folds: []func() Fold{func() Fold { s.fold = newWatched(told); return s.fold }},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// submit has a command decided, by the next store if this one is closed before it answers. What was decided then is a repeat.
func (w *claimWorld) submit(do, id string, body any) (any, error) {
	for {
		s := w.store.Load()
		answer, offset, err := s.Submit(context.Background(), "test", Command{Do: do, Site: "demo", ID: id, Body: body})
		if errors.Is(err, ErrClosed) {
			<-s.after
			continue
		}
		var refusal *offers.Refusal
		if err != nil && !errors.As(err, &refusal) {
			w.t.Errorf("%s: %v", do, err)
			return nil, err
		}
		w.acts.Add(1)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.answers[offset] = answerText(answer, err)
		return answer, err
	}
}

// restart ends the store in the middle of what it does and opens it again, as after a crash, with some of its snapshots lost.
func (w *claimWorld) restart(lose int) {
	w.t.Helper()
	was := w.store.Load()
	if err := errors.Join(was.Close(), w.close()); err != nil {
		w.t.Fatal(err)
	}
	was.fold.sure(w.t)
	names, err := was.shots.names()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, name := range names[:min(lose, len(names))] {
		if err := os.Remove(filepath.Join(w.dir, "shop", name)); err != nil {
			w.t.Fatal(err)
		}
	}
	now := w.start()
	if got, want := now.fold.bytes(w.t), was.fold.bytes(w.t); !bytes.Equal(got, want) {
		w.t.Fatalf("after a restart: %s", firstDifference(got, want))
	}
	w.store.Store(now)
	close(was.after)
}

func randomPut(rng *rand.Rand) offers.Put {
	p := offers.Put{Settings: offers.Settings{
		Title: "Rescue", Budget: offers.Budget{Amount: 1000 + rng.Int64N(60_000), Currency: "EUR"}, TTL: 60 + rng.Int64N(1200),
		Caps: offers.Caps{PerShopper: rng.Int64N(4), PerDay: rng.Int64N(3) * 40, Total: rng.Int64N(3) * 60},
	}}
	p.Holdout = []float64{0, 0, 0.2}[rng.IntN(3)]
	p.Discount = offers.Discount{Kind: offers.Percent, Value: 1 + rng.Int64N(40), Max: rng.Int64N(900)}
	if rng.IntN(2) == 0 {
		p.Discount = offers.Discount{Kind: offers.Amount, Value: 1 + rng.Int64N(900)}
	}
	return p
}

func randomCart(rng *rand.Rand) (lines []offers.Line) {
	for range 1 + rng.IntN(3) {
		lines = append(lines, offers.Line{Item: fmt.Sprint("i", rng.IntN(12)), Quantity: 1 + rng.Int64N(3)})
	}
	return lines
}

func whoOf(n int) string { return fmt.Sprintf("%032x", n+1) }

// claimer does what the servers of a busy shop do at once: claims, some of them again, codes used once and twice, offers taken back.
func (w *claimWorld) claimer(rng *rand.Rand) {
	for range claimerActs {
		w.now.Add(rng.Int64N(700))
		switch n := rng.IntN(10); {
		case n < 6:
			campaign, who := fmt.Sprint("c", rng.IntN(claimCampaign)), rng.IntN(claimShoppers)
			claim := offers.Claim{Campaign: campaign, Who: whoOf(who), Lines: randomCart(rng)}
			id := offers.OfferID("demo", campaign, fmt.Sprint(who, " ", rng.IntN(8)))
			answer, err := w.submit(offers.DoClaim, id, offers.AppendClaim(nil, &claim))
			if err != nil {
				w.t.Errorf("claim: %v", err)
				continue
			}
			if d := answer.(*offers.Decision); d.Outcome == offers.Granted {
				w.mu.Lock()
				w.live = append(w.live, d)
				w.mu.Unlock()
			}
		case n < 9:
			if d := w.pick(rng); d != nil {
				cart := &offers.Cart{Lines: randomCart(rng)}
				body := offers.Redeem{Number: d.Offer.Number, Transaction: fmt.Sprint("T", d.Offer.Number, rng.IntN(4)/3), Cart: cart}
				answer, err := w.submit(offers.DoRedeem, "", body)
				if err == nil && answer.(*offers.Redemption).Discount > d.Offer.Amount {
					w.t.Errorf("%+v redeemed as %+v", d.Offer, answer)
				}
			}
		default:
			if d := w.pick(rng); d != nil {
				w.submit(offers.DoCancel, d.Offer.ID, offers.Cancel{})
			}
		}
	}
}

// pick is one of the newest offers.
func (w *claimWorld) pick(rng *rand.Rand) *offers.Decision {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.live) == 0 {
		return nil
	}
	return w.live[max(0, len(w.live)-1-rng.IntN(50))]
}

// TestAThousandClaimersOverspendNothing is what claims promise, on every log engine there is: at every offset spent + reserved is within
// the budget, no cap is exceeded and each offer is redeemed at most once; whoever asked was told what the log, folded again from its
// beginning, decides at that offset; and a snapshot with the log's tail gives the same bytes as the whole log.
func TestAThousandClaimersOverspendNothing(t *testing.T) {
	for _, e := range engines() {
		for seed := range uint64(2) {
			t.Run(fmt.Sprint(e.name, " ", seed), func(t *testing.T) { claimAll(t, e, seed) })
		}
	}
}

func claimAll(t *testing.T, e engine, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 11))
	w := &claimWorld{t: t, dir: t.TempDir(), open: e.open, answers: map[uint64]string{}}
	w.now.Store(t0)
	w.store.Store(w.start())
	s := w.store.Load()
	if _, err := s.CreateSite(t.Context(), "test", "demo", Settings{Currency: "EUR"}); err != nil {
		t.Fatal(err)
	}
	var items strings.Builder
	for i := range 10 { // of the twelve in carts two are not in the catalog
		fmt.Fprintf(&items, `{"item_id":"i%d","price":%d,"cost":%d}`+"\n", i, 500+rng.IntN(4000), 300+rng.IntN(600))
	}
	if _, err := s.PutItems(t.Context(), "test", "demo", strings.NewReader(items.String()), ""); err != nil {
		t.Fatal(err)
	}
	for i := range claimCampaign {
		if _, err := w.submit(offers.DoCampaign, fmt.Sprint("c", i), randomPut(rng)); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range claimers {
		wg.Go(func() { w.claimer(rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	for lose, at := range []int64{1500, 3000, 4500} { // with every snapshot there, without the newest, without any
		for w.acts.Load() < at {
			<-w.log.Changed(w.log.Cut(nil).Seq)
		}
		w.restart(lose)
	}
	wg.Wait()
	w.now.Add(7200_000) // the rest expires
	if err := w.store.Load().Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.finish()
}

// finish compares what happened with the log, folded from its beginning.
func (w *claimWorld) finish() {
	w.t.Helper()
	last := w.store.Load()
	last.fold.sure(w.t)
	again := map[uint64]string{}
	whole := w.openOn(w.t.TempDir(), func(offset uint64, answer string) { again[offset] = answer })
	whole.fold.sure(w.t)
	if got, want := last.fold.bytes(w.t), whole.fold.bytes(w.t); !bytes.Equal(got, want) {
		w.t.Fatalf("snapshot and tail against the whole log: %s", firstDifference(got, want))
	}
	for offset, told := range w.answers {
		if again[offset] != told {
			w.t.Fatalf("offset %d:\ntold    %s\ndecided %s", offset, told, again[offset])
		}
	}
	var sum offers.Totals
	for _, r := range whole.fold.Campaigns("demo") {
		t := r.Totals
		if t.Live != 0 || t.Reserved != 0 {
			w.t.Errorf("%s: %d live and %d reserved after all expired", r.Campaign.ID, t.Live, t.Reserved)
		}
		sum.Granted, sum.Redeemed, sum.Expired, sum.Cancelled = sum.Granted+t.Granted, sum.Redeemed+t.Redeemed, sum.Expired+t.Expired, sum.Cancelled+t.Cancelled
		sum.Held, sum.Spent, sum.Free = sum.Held+t.Held, sum.Spent+t.Spent, sum.Free+t.Free
	}
	if sum.Granted < 20 || sum.Redeemed < 10 || sum.Cancelled < 1 || sum.Expired < 1 {
		w.t.Errorf("too little happened: %+v", sum)
	}
	w.t.Logf("%d answers, %+v", len(w.answers), sum)
	if err := errors.Join(whole.Close(), last.Close(), w.close()); err != nil {
		w.t.Fatal(err)
	}
}

package pricing

import (
	"errors"
	"iter"
	"slices"
	"testing"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

const (
	site = "shop"
	t0   = int64(1_790_000_000_000) / day * day
)

// shelf is a catalog built by item.put records, with the price history that Prior asks for.
type shelf struct {
	items map[string]*shelved
	now   int64
	at    uint64
}

type shelved struct {
	Item
	past map[string][]span // by market
}

type span struct{ price, from, until int64 }

func newShelf() *shelf { return &shelf{items: map[string]*shelved{}} }

func (s *shelf) Item(of, id string) (Item, bool) {
	it := s.items[of+"/"+id]
	if it == nil {
		return Item{}, false
	}
	out := it.Item
	out.Prior = it.prior("", out.Public, s.now)
	if it.Markets != nil {
		out.Markets = map[string]Price{}
		for m, p := range it.Markets {
			p.Prior = it.prior(m, p.Public, s.now)
			out.Markets[m] = p
		}
	}
	return out, true
}

func (it *shelved) prior(market string, public, now int64) int64 {
	lowest := public
	for _, p := range it.past[market] {
		if p.until > now-30*day && p.until > p.from {
			lowest = min(lowest, p.price)
		}
	}
	return lowest
}

func (s *shelf) SetPrice(of, id, market string, amount, markdown int64) bool {
	it := s.items[of+"/"+id]
	if it == nil || it.in(market).Currency == "" {
		return false
	}
	p := *it.in(market)
	if p.Public != amount {
		it.past[market] = append(it.past[market], span{p.Public, p.PriceAt, s.now})
		p.Public, p.Version, p.PriceAt = amount, s.at, s.now
	}
	p.Markdown = markdown
	if market == "" {
		it.Price = p
	} else {
		it.Markets[market] = p
	}
	return true
}

// putBody is item.put: an Item, whose Public, Version and PriceAt the shelf fills.
type putBody struct {
	Item
	Gone bool
}

func (s *shelf) Turn(r *record.Control) { s.now, s.at = r.Time, r.Offset }

// Follow carries out item.put as the shop does: a list price that changed is the price in force.
func (s *shelf) Follow(r *record.Control, b *Book) {
	if r.Do != "item.put" {
		return
	}
	var body putBody
	if err := json.Unmarshal(r.Body, &body); err != nil {
		panic(err)
	}
	key := r.Site + "/" + r.ID
	var was *Item
	if old, ok := s.Item(r.Site, r.ID); ok {
		was = &old
	}
	if body.Gone {
		delete(s.items, key)
		b.ItemChanged(r, s, r.ID, was, nil)
		return
	}
	next := &shelved{Item: body.Item, past: map[string][]span{}}
	next.Price = s.listed(key, was, "", body.Price)
	for m, p := range body.Markets {
		next.Markets[m] = s.listed(key, was, m, p)
	}
	if old := s.items[key]; old != nil {
		next.past = old.past
	}
	s.items[key] = next
	now, _ := s.Item(r.Site, r.ID)
	b.ItemChanged(r, s, r.ID, was, &now)
}

func (s *shelf) listed(key string, was *Item, market string, p Price) Price {
	if was != nil && was.in(market).List == p.List && was.in(market).Currency == p.Currency {
		return *was.in(market)
	}
	if old := s.items[key]; was != nil && was.in(market).Currency == p.Currency {
		old.past[market] = append(old.past[market], span{was.in(market).Public, was.in(market).PriceAt, s.now})
	}
	return Price{Currency: p.Currency, List: p.List, Public: p.List, Version: s.at, PriceAt: s.now}
}

// world is a Book over a log that the test writes.
type world struct {
	t     testing.TB
	book  *Book
	shelf *shelf
	now   int64
	log   []record.Control
}

func newWorld(t testing.TB) *world {
	return &world{t: t, book: New(Config{}), shelf: newShelf(), now: t0}
}

// do appends a record and returns what the Book said.
func (w *world) do(actor, do, id string, body any) (any, error) {
	w.t.Helper()
	return w.on(site, actor, do, id, body)
}

func (w *world) on(where, actor, do, id string, body any) (any, error) {
	w.t.Helper()
	r := record.Control{Offset: uint64(len(w.log)) + 1, Time: w.now, Actor: actor, Do: do, Site: where, ID: id}
	switch body := body.(type) {
	case nil:
	case string:
		r.Body = []byte(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		r.Body = text
	}
	w.log = append(w.log, r)
	return w.apply(&r)
}

func (w *world) apply(r *record.Control) (any, error) {
	w.shelf.Turn(r)
	if due := w.book.Due(); due != 0 && due <= r.Time {
		w.book.Expire(r, w.shelf)
	}
	if r.Do == "item.put" || r.Do == "clock" {
		w.shelf.Follow(r, w.book)
		return nil, nil
	}
	return w.book.Apply(r, w.shelf)
}

// must is do by a person, which may not be refused.
func (w *world) must(do, id string, body any) any {
	w.t.Helper()
	answer, err := w.do("user anna", do, id, body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", do, id, err)
	}
	return answer
}

// refused is do by a person, which must be refused with the code.
func (w *world) refused(code, do, id string, body any) {
	w.t.Helper()
	before := image(w.t, w.book)
	_, err := w.do("user anna", do, id, body)
	wantCode(w.t, err, code)
	if after := image(w.t, w.book); after != before {
		w.t.Fatalf("%s was refused (%s) and changed the state\n%s\n%s", do, code, before, after)
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	var r *Refusal
	if !errors.As(err, &r) || r.RefusalCode() != code {
		t.Fatalf("got %v, want a refusal %s", err, code)
	}
}

// item puts an item that costs the shop 600, is listed at 1000 and may be sold from 700 to 2000, as changed by change.
func (w *world) item(id string, change func(*Item)) {
	it := Item{
		Category: []string{"kitchen", "kettles"}, Cost: 600, Floor: 700, Ceiling: 2000, Stock: Unset,
		Price: Price{Currency: "EUR", List: 1000},
	}
	if change != nil {
		change(&it)
	}
	w.do("key k", "item.put", id, putBody{Item: it})
}

func (w *world) public(id string) int64 {
	it, _ := w.shelf.Item(site, id)
	return it.Public
}

func (w *world) wantPublic(id string, want int64) {
	w.t.Helper()
	if got := w.public(id); got != want {
		w.t.Fatalf("%s costs %d, want %d", id, got, want)
	}
}

// auto gives the site the mode and whatever more says.
func (w *world) mode(mode Mode, more func(*Settings)) {
	s := Settings{Mode: &mode}
	if more != nil {
		more(&s)
	}
	w.must(DoSettings, "", PutSettings{Target{Scope: ScopeSite}, s})
}

// slot lets a day pass and observes it for each item.
func (w *world) slot(observe func(id string, price int64) (views, units float64), ids ...string) {
	w.t.Helper()
	b := ObservationBatch{Slot: w.now, Ms: day}
	for _, id := range ids {
		views, units := observe(id, w.public(id))
		b.Lines = append(b.Lines, Observation{id, w.public(id), views, units, 1, true})
	}
	w.now += day
	if _, err := w.do(Engine, DoObserve, "", b); err != nil {
		w.t.Fatal(err)
	}
}

// decide has the engine decide about the item now.
func (w *world) decide(id string) (Outcome, error) {
	w.t.Helper()
	d, err := w.decision(id)
	if err != nil {
		return Outcome{}, err
	}
	answer, err := w.do(Engine, DoDecide, "", d)
	out, _ := answer.(Outcome)
	return out, err
}

func (w *world) decision(id string) (Decision, error) {
	it, _ := w.shelf.Item(site, id)
	in, err := w.book.Input(site, id, it, w.now)
	if err != nil {
		return Decision{}, err
	}
	return Decide(in), nil
}

// moved is a decision that asks for another price, as policy would make it of this input, through the guardrails.
func (w *world) moved(id string, proposed int64) Decision {
	w.t.Helper()
	d, err := w.decision(id)
	if err != nil {
		w.t.Fatal(err)
	}
	d.Price, d.Publish, d.Reason = proposed, proposed != d.Current, "better"
	return d
}

// image is the Book's whole state as text.
func image(t testing.TB, b *Book) string {
	t.Helper()
	var out []byte
	err := b.Image()(func(v any) error {
		line, err := json.Marshal(v, json.Deterministic(true))
		out = append(append(out, line...), '\n')
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// loaded is a new Book with the same image.
func loaded(t testing.TB, b *Book) *Book {
	t.Helper()
	next := New(Config{})
	err := b.Image()(func(v any) error {
		line, err := json.Marshal(v, json.Deterministic(true))
		if err != nil {
			return err
		}
		return next.Load(line)
	})
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func each(log []record.Control) iter.Seq2[*record.Control, error] {
	return func(yield func(*record.Control, error) bool) {
		for i := range log {
			r := log[i]
			r.Body = slices.Clone(r.Body)
			if !yield(&r, nil) {
				return
			}
		}
	}
}

func ptr[V any](v V) *V { return &v }

package pricing

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// walk takes random steps in the world and in the model and compares them after each.
type walk struct {
	*world
	m   *model
	rng *rand.Rand
	ids []string
}

func (w *walk) item(id string, change func(i *modelItem)) {
	i := w.m.items[id]
	list := i.list
	change(i)
	version := uint64(len(w.log)) + 1
	w.world.item(id, func(it *Item) {
		it.List, it.Cost, it.Floor, it.Ceiling = i.list, i.cost, i.floor, i.ceiling
	})
	if i.list != list {
		i.put(i.list, w.now, version)
		i.sale = nil
	}
	w.m.enforce(i, w.now, version)
}

func (w *walk) step() {
	w.now += []int64{minute, day / 2, day, 2 * day}[w.rng.IntN(4)]
	id := w.ids[w.rng.IntN(len(w.ids))]
	i := w.m.items[id]
	version := uint64(len(w.log)) + 1
	w.m.clock(w.ids, w.now, version)
	if due := w.book.Due(); due != 0 && due <= w.now { // as any record would
		w.world.do("", "clock", "", nil)
		version++
	}
	w.m.turn(w.now)
	switch w.rng.IntN(12) {
	case 0:
		w.item(id, func(i *modelItem) { i.list = 700 + w.rng.Int64N(900) })
	case 1:
		w.item(id, func(i *modelItem) { i.cost = 300 + w.rng.Int64N(600) })
	case 2:
		w.item(id, func(i *modelItem) { i.floor, i.ceiling = 400+w.rng.Int64N(700), 900+w.rng.Int64N(1500) })
	case 3:
		w.stepSettings(id, i, version)
	case 4:
		w.stepFreeze(id, i, version)
	case 5, 6:
		w.stepSet(id, i, version)
	case 7:
		w.stepUndo(id, i, version)
	case 8:
		w.stepMarkdown(id, i, version)
	default:
		w.stepDecide(id, i, version)
	}
	w.compare()
}

func (w *walk) stepSettings(id string, i *modelItem, version uint64) {
	if w.rng.IntN(2) == 0 {
		i.mapped = []int64{0, 500, 1100}[w.rng.IntN(3)]
		i.known = true
		w.must(DoSettings, "", PutSettings{Target{ScopeItem, id}, Settings{MAP: &i.mapped}})
		w.m.enforce(i, w.now, version)
		return
	}
	w.m.mode = []Mode{ModeOff, ModeSuggest, ModeAuto, ModeAuto}[w.rng.IntN(4)]
	w.m.margin = []float64{0, 0.05, 0.3}[w.rng.IntN(3)]
	w.must(DoSettings, "", PutSettings{Target{Scope: ScopeSite}, Settings{Mode: &w.m.mode, Margin: &w.m.margin, Breaker: &w.m.limit}})
	for _, id := range w.ids {
		if w.m.items[id].known {
			w.m.enforce(w.m.items[id], w.now, version)
		}
	}
}

func (w *walk) stepFreeze(id string, i *modelItem, version uint64) {
	on := w.rng.IntN(2) == 0
	f := Freeze{On: on, Restore: on && w.rng.IntN(3) == 0}
	var about []string
	switch w.rng.IntN(4) {
	case 0:
		f.Target, about = Target{ScopeItem, id}, []string{id}
	case 1:
		f.Target, f.Restore, about = Target{ScopeCategory, "kettles"}, false, w.ids
	case 2:
		f.Target, about = Target{Scope: ScopeSite}, w.ids
	default:
		f.Target, about = Target{Scope: ScopeAll}, w.ids
	}
	w.must(DoFreeze, "", f)
	if f.Restore {
		for _, id := range about {
			i := w.m.items[id]
			lo, hi := w.m.bounds(i)
			if !i.known || lo > hi {
				continue
			}
			to := w.m.clamp(i, i.list)
			i.put(to, w.now, version)
			i.sale = nil
		}
	}
	switch f.Scope {
	case ScopeItem:
		i.frozen, i.known = on, true
	case ScopeCategory:
		w.m.catFrozen = on
	case ScopeSite:
		w.m.siteFrozen = on
	default:
		w.m.all = on
	}
	if on {
		return
	}
	w.m.clock(w.ids, w.now, version)
	for _, id := range about {
		if w.m.items[id].known {
			w.m.enforce(w.m.items[id], w.now, version)
		}
	}
}

func (w *walk) stepSet(id string, i *modelItem, version uint64) {
	b := SetPrice{Item: id, Amount: i.now().amount + w.rng.Int64N(400) - 200, Force: w.rng.IntN(2) == 0}
	can := b.Amount != i.now().amount && !w.m.frozen(i) && i.sale == nil && w.m.within(i, b.Amount) && (b.Force || w.m.soft(i, b.Amount, w.now))
	w.person(can, i, b.Amount, version, DoSet, "", b)
}

// person is a person's price, of which the model knows whether it is taken.
func (w *walk) person(can bool, i *modelItem, amount int64, version uint64, do, name string, body any) {
	w.t.Helper()
	before := ""
	if !can {
		before = image(w.t, w.book)
	}
	_, err := w.do("user anna", do, name, body)
	if (err == nil) != can {
		w.t.Fatalf("%s %+v at offset %d: %v; the model says %t", do, body, version, err, can)
	}
	if !can {
		if image(w.t, w.book) != before {
			w.t.Fatalf("%s was refused (%v) and changed the state", do, err)
		}
		return
	}
	i.put(amount, w.now, version)
	i.known = true
}

func (w *walk) stepUndo(id string, i *modelItem, version uint64) {
	if len(i.line) < 2 || !i.known {
		return
	}
	n := 1 + w.rng.IntN(len(i.line)-1)
	for n > 1 && i.line[n-1].version == i.line[n].version { // the shop's change and a limit's share a record: it is undone as one
		n--
	}
	to, undone := i.line[n-1].amount, i.line[n].version
	for _, e := range w.book.sites[site].items[id].History { // the model forgets nothing; the Book may, or not have seen it
		if e.Offset == undone && e.Moved() && e.Before == to {
			can := to != i.now().amount && !w.m.frozen(i) && i.sale == nil && w.m.within(i, to)
			w.person(can, i, to, version, DoUndo, "", Undo{Item: id, Version: undone})
			return
		}
	}
}

func (w *walk) stepMarkdown(id string, i *modelItem, version uint64) {
	if i.sale != nil && w.rng.IntN(2) == 0 {
		if w.m.frozen(i) {
			return
		}
		w.must(DoMarkdownEnd, i.sale.id, nil)
		w.m.end(i, w.now, version)
		return
	}
	percent := int64(5 + w.rng.IntN(40))
	sale := &modelSale{fmt.Sprint("m", version), i.lowest(w.now), i.now().amount, w.now + day + w.rng.Int64N(20*day)}
	if i.sale != nil {
		sale.reference, sale.before = i.sale.reference, i.sale.before
	}
	amount := sale.reference * (100 - percent) / 100
	can := amount < min(sale.reference, i.now().amount) && !w.m.frozen(i) && w.m.within(i, amount)
	w.person(can, i, amount, version, DoMarkdown, sale.id, Announce{Items: []string{id}, Percent: float64(percent), Until: sale.until})
	if can {
		i.sale = sale
	}
}

// stepDecide has the engine observe and then publish any price at all.
func (w *walk) stepDecide(id string, i *modelItem, version uint64) {
	observation := ObservationBatch{Slot: w.now - day, Ms: day, Lines: []Observation{{id, i.now().amount, 100, 10, 1, true}}}
	if answer, err := w.do(Engine, DoObserve, "", observation); err != nil {
		w.t.Fatal(err)
	} else if answer.(Taken).Accepted == 1 {
		if !i.known {
			i.known = true
			w.m.enforce(i, w.now, version)
		}
		i.observed = true
	}
	version++
	d, err := w.decision(id)
	can := i.observed && w.m.mode != ModeOff && !w.m.frozen(i) && i.sale == nil
	if (err == nil) != can {
		w.t.Fatalf("decide about %s at offset %d: %v; the model says %t", id, version, err, can)
	}
	if !can {
		return
	}
	price := i.now().amount + w.rng.Int64N(i.now().amount/3) - i.now().amount/6
	d.Price, d.Publish, d.Reason = price, price != d.Current, "better"
	_, err = w.do(Engine, DoDecide, "", d)
	legal := price == d.Current || w.m.within(i, price) && w.m.soft(i, price, w.now)
	if (err == nil) != legal {
		w.t.Fatalf("decision %d from %d at offset %d: %v; the model says %t", price, d.Current, version, err, legal)
	}
	if !legal || price == d.Current || w.m.mode != ModeAuto {
		return
	}
	if w.m.open || w.m.moved+w.m.share(i, price) > w.m.limit+1e-9 {
		w.m.open = true
		return
	}
	w.m.moved += w.m.share(i, price)
	i.put(price, w.now, version)
}

// compare holds every price, version and reference against the model, and against the hard limits.
func (w *walk) compare() {
	w.t.Helper()
	for _, id := range w.ids {
		i := w.m.items[id]
		it, _ := w.shelf.Item(site, id)
		if it.Public != i.now().amount || it.Version != i.now().version {
			w.t.Fatalf("after %s: %s costs %d since version %d, the model says %d since %d", w.log[len(w.log)-1].Do, id, it.Public, it.Version, i.now().amount, i.now().version)
		}
		reference := int64(0)
		if i.sale != nil {
			reference = i.sale.reference
		}
		if s := w.book.Shown(site, id, "", it.Public, it.List); s.Reference != reference || it.Markdown != reference {
			w.t.Fatalf("after %s: %s is shown with %d and %d, the model says %d", w.log[len(w.log)-1].Do, id, s.Reference, it.Markdown, reference)
		}
		lo, hi := w.m.bounds(i)
		if i.known && w.m.managed(i) && !w.m.frozen(i) && lo <= hi && !w.m.within(i, it.Public) {
			w.t.Fatalf("after %s: %s costs %d, outside %d to %d", w.log[len(w.log)-1].Do, id, it.Public, lo, hi)
		}
	}
	if got := w.book.Site(site, w.now).Breaker.Open; got != w.m.open {
		w.t.Fatalf("after %s: breaker open %t, the model says %t (%g of %g)", w.log[len(w.log)-1].Do, got, w.m.open, w.m.moved, w.m.limit)
	}
}

func TestARandomWalkAgreesWithASlowModel(t *testing.T) {
	steps, walks := 400, 40
	if testing.Short() {
		walks = 5
	}
	for seed := range walks {
		w := &walk{world: newWorld(t), rng: rand.New(rand.NewPCG(uint64(seed), 1)), ids: []string{"a", "b", "c", "d"}}
		w.m = &model{mode: ModeOff, limit: []float64{0.03, 0.1, 0.5}[seed%3], margin: 0.05, items: map[string]*modelItem{}, today: w.now / day}
		for _, id := range w.ids {
			i := &modelItem{list: 1000, cost: 600, floor: 700, ceiling: 2000}
			i.line = []modelPrice{{1000, w.now, uint64(len(w.log)) + 1}}
			w.m.items[id] = i
			w.world.item(id, nil)
		}
		w.must(DoSettings, "", PutSettings{Target{Scope: ScopeSite}, Settings{Mode: &w.m.mode, Margin: &w.m.margin, Breaker: &w.m.limit}})
		for range steps {
			w.step()
		}
		if got := image(t, loaded(t, w.book)); got != image(t, w.book) {
			t.Fatalf("seed %d: the image loads as another state", seed)
		}
		book, _, err := ReplayLog(each(w.log), newShelf(), Config{})
		if err != nil || image(t, book) != image(t, w.book) {
			t.Fatalf("seed %d: the log gives another state the second time: %v", seed, err)
		}
	}
}

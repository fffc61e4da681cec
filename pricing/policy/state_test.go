package policy

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

func TestStateSurvivesJSONBitForBit(t *testing.T) {
	st, in := learned(t)
	data, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 1700 {
		t.Errorf("a full state is %d bytes", len(data))
	}
	var back State
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*st, back) {
		t.Fatalf("%+v\nread back as\n%+v", *st, back)
	}
	want := Propose(in)
	in.State = &back
	if got := Propose(in); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestUselessObservationsLeaveTheStateAlone(t *testing.T) {
	st, _ := learned(t)
	clone := func() State {
		c := *st
		c.Bins = append([]Bin(nil), st.Bins...)
		return c
	}
	next := st.Last + testDay
	for name, o := range map[string]Observation{
		"no views":     {Slot: next, Price: 5000, Clean: true},
		"out of stock": {Slot: next, Price: 5000, Views: 30, Units: 1},
		"no price":     {Slot: next, Views: 30, Units: 1, Clean: true},
		"negative":     {Slot: next, Price: 5000, Views: 30, Units: -1, Clean: true},
		"no number":    {Slot: next, Price: 5000, Views: math.NaN(), Units: 1, Clean: true},
		"endless":      {Slot: next, Price: 5000, Views: math.Inf(1), Units: 1, Clean: true},
		"season":       {Slot: next, Price: 5000, Views: 10, Season: -1, Clean: true},
		"seen before":  {Slot: st.Last, Price: 5000, Views: 30, Units: 1, Clean: true},
	} {
		got, want := clone(), clone()
		Observe(&got, o, Params{})
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestSeasonCountsAsExposure(t *testing.T) {
	var calm, feast State
	for d := range int64(30) {
		o := Observation{Slot: d * testDay, Price: 1000, Views: 100, Units: 4, Clean: true}
		Observe(&calm, o, Params{})
		o.Season, o.Units = 2, 8
		Observe(&feast, o, Params{})
	}
	in := Input{State: &calm, Ref: 1000, Current: 1000, Cost: 600, Stock: -1}
	a := Propose(in).Rate.Mean
	in.State = &feast
	if b := Propose(in).Rate.Mean; math.Abs(a/b-1) > 1e-3 {
		t.Errorf("%g a day, and %g when the season is taken out", a, b)
	}
}

// golden is the hash of a world's decisions, the same on every architecture.
const golden = 0xa43bb1cd138d14ce

func TestDecisionsRepeatBitForBit(t *testing.T) {
	play := func() uint64 {
		h := fnv.New64a()
		out := json.NewEncoder(h)
		r := rand.New(rand.NewPCG(11, 12))
		var states [6]State
		var members []Member
		for i := range states {
			members = append(members, Member{State: &states[i], Ref: 2000, Cost: int64(900 + 100*i)})
		}
		prices := [6]int64{2000, 2000, 2000, 2000, 2000, 2000}
		for d := range int64(120) {
			pool := Estimate(members, Params{})
			for i := range states {
				o := Propose(Input{
					State: &states[i], Pool: pool, Ref: 2000, Current: prices[i], Cost: members[i].Cost, Stock: -1, Now: d * testDay, Explore: true,
				})
				prices[i] = o.Price
				if err := out.Encode(o); err != nil {
					t.Fatal(err)
				}
				units := float64(r.IntN(12)) // whole numbers: no rounding of the test's own
				if d > 60 {
					units *= 2
				}
				Observe(&states[i], Observation{Slot: d * testDay, Price: prices[i], Views: 200, Units: units, Clean: true}, Params{})
			}
		}
		if err := out.Encode(states); err != nil {
			t.Fatal(err)
		}
		return h.Sum64()
	}
	got := play()
	if again := play(); again != got {
		t.Fatalf("%x and %x", got, again)
	}
	if got != golden {
		t.Errorf("decisions hash to %#x, not %#x: if that is meant, pricing.Algorithm is to be raised with it", got, uint64(golden))
	}
}

func FuzzProposeFromAnyState(f *testing.F) {
	st, in := learned(f)
	for _, v := range []any{st, State{}, State{Bins: []Bin{{1, 1e15, 1e15, true}}}, State{Slots: 1e15, Bins: []Bin{{1e15, 1e-300, 0, false}}}} {
		data, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, int64(5000), int64(4000), int64(3000), int64(10), int64(5), uint8(255))
	}
	f.Fuzz(func(t *testing.T, data []byte, ref, current, cost, stock, sellBy int64, flags uint8) {
		var s State
		if json.Unmarshal(data, &s) != nil {
			return
		}
		with := in
		with.State, with.Ref, with.Current, with.Cost, with.Stock, with.SellBy = &s, ref, current, cost, stock, sellBy
		with.Explore = flags&1 != 0
		with.Floor, with.Ceiling = int64(flags&2)*100, int64(flags&4)*10_000
		with.Now = int64(flags&8) * 1000
		o := Propose(with)
		if _, err := json.Marshal(o); err != nil {
			t.Fatalf("%+v: %v", o, err)
		}
		if o.Move && (o.Price < 1 || o.Price < with.Floor || with.Ceiling > 0 && o.Price > with.Ceiling) {
			t.Fatalf("%+v from %+v", o, with)
		}
		if _, err := json.Marshal(Curve(with, 1, 1<<40, 3)); err != nil {
			t.Fatal(err)
		}
		Observe(&s, Observation{Slot: s.Last + 1, Price: max(current, 1), Views: 5, Units: 1, Clean: true}, Params{})
		if after, err := json.Marshal(s); err == nil {
			var back State
			if err := json.Unmarshal(after, &back); err != nil {
				t.Fatal(err)
			}
			if len(s.Bins) > 0 && !reflect.DeepEqual(s, back) {
				t.Fatalf("%+v read back as %+v", s, back)
			}
		} else if s.sound() {
			t.Fatalf("%+v: %v", s, err)
		}
	})
}

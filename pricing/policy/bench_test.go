package policy

import (
	"syscall"
	"testing"
	"time"
)

// processor reports the processor time of an operation, which other processes on the machine do not lengthen.
func processor(b *testing.B) func() {
	b.Helper()
	used := func() int64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Nanoseconds()
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N), "cpu-ns/op") }
}

// learned is an item with as many prices as a State keeps, and a shift behind it.
func learned(tb testing.TB) (*State, Input) {
	tb.Helper()
	st := &State{}
	price := int64(5000)
	for d := range int64(200) {
		price = 5000 + 37*((d*7)%41)
		units := float64((d*5)%11) + 5
		if d > 100 {
			units += 15
		}
		Observe(st, Observation{Slot: d * 86_400_000, Price: price, Views: 400, Units: units, Clean: true}, Params{})
	}
	if st.Changes == 0 || len(st.Bins) != mostBins+mostBefore {
		tb.Fatalf("%d bins, %d shifts: not a full state", len(st.Bins), st.Changes)
	}
	return st, Input{
		State: st, Pool: Pool{Mean: 2.4, SD: 0.4, Right: 0.1, Items: 40}, Ref: 5400, Current: price, Cost: 3000, Floor: 3100,
		Ceiling: 9000, Stock: -1, Now: 200 * 86_400_000, Explore: true,
	}
}

func BenchmarkPropose(b *testing.B) {
	_, in := learned(b)
	report := processor(b)
	for b.Loop() {
		Propose(in)
	}
	report()
}

func BenchmarkObserve(b *testing.B) {
	st, _ := learned(b)
	o := Observation{Price: 5400, Views: 400, Units: 22, Clean: true}
	bins := make([]Bin, 0, 64)
	report := processor(b)
	for b.Loop() {
		with := *st
		with.Bins = append(bins, st.Bins...)
		o.Slot = st.Last + 86_400_000
		Observe(&with, o, Params{})
	}
	report()
}

func BenchmarkEstimate40(b *testing.B) {
	st, in := learned(b)
	members := make([]Member, 40)
	for i := range members {
		members[i] = Member{State: st, Ref: in.Ref, Cost: in.Cost}
	}
	report := processor(b)
	for b.Loop() {
		Estimate(members, Params{})
	}
	report()
}

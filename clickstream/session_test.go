package clickstream

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sort"
	"testing"
)

// sessionHarness feeds one shard and keeps what its changes amount to, checking each against the promises of SessionChange.
type sessionHarness struct {
	t        *testing.T
	shard    *shard
	sessions map[SessionKey]*Session
	given    []givenSteps
	late     int
}

// givenSteps is a version that was given out, and what it was then.
type givenSteps struct{ s, was Session }

func newSessionHarness(t *testing.T, r sessionRule) *sessionHarness {
	h := &sessionHarness{t: t, shard: newShard(0, 1<<20), sessions: make(map[SessionKey]*Session)}
	h.shard.setRule(h.shard.site("s"), r)
	return h
}

func (h *sessionHarness) event(e Event) *Fact {
	e.Site = "s"
	if e.Consent == 0 {
		e.Consent = Analytics | Personalization
	}
	return h.record(string(AppendEvent(nil, &e)))
}

func (h *sessionHarness) tick(clock int64) *Fact {
	return h.record(string(AppendTick(nil, &Tick{Site: "s", Clock: clock})))
}

func (h *sessionHarness) record(data string) *Fact {
	h.t.Helper()
	var e Event
	f := &Fact{}
	if _, err := h.shard.apply(data, &e, f); err != nil {
		h.t.Fatal(err)
	}
	if f.Late {
		h.late++
	}
	for _, c := range f.Changes {
		for _, k := range c.Retracted {
			if s := h.sessions[k]; s == nil || s.Closed {
				h.t.Fatalf("retracted %v, which is %v", k, s)
			}
			delete(h.sessions, k)
		}
		s := c.Session
		if s == nil {
			continue
		}
		old := h.sessions[s.Key]
		if old != nil && old.Closed {
			h.t.Fatalf("version after the close of %v", s.Key)
		}
		var before []Step
		if old != nil {
			before = old.Steps
		}
		want := newest(append(slices.Clone(before), s.Steps[len(s.Steps)-c.Added:]...))
		if !slices.Equal(s.Steps, want) {
			h.t.Fatalf("session %v: Added %d does not lead from %v to %v", s.Key, c.Added, before, s.Steps)
		}
		h.sessions[s.Key] = s
		was := *s
		was.Steps = slices.Clone(s.Steps)
		h.given = append(h.given, givenSteps{*s, was})
	}
	return f
}

// finish closes everything and returns the sessions in order.
func (h *sessionHarness) finish() []Session {
	h.t.Helper()
	h.tick(1 << 50)
	var all []Session
	for _, s := range h.sessions {
		if !s.Closed {
			h.t.Errorf("session %v was never closed", s.Key)
		}
		all = append(all, *s)
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i].Key, all[j].Key
		return a.Visitor < b.Visitor || a.Visitor == b.Visitor && a.Start < b.Start
	})
	for _, g := range h.given {
		if !reflect.DeepEqual(g.s, g.was) {
			h.t.Fatalf("a version that was given out changed:\n got %v\nwant %v", g.s, g.was)
		}
	}
	if st := h.shard.sites["s"]; len(st.due) > 0 {
		h.t.Errorf("%d deadlines left without sessions", len(st.due))
	}
	return all
}

// bruteSessions sorts all events and cuts chains greedily.
func bruteSessions(r sessionRule, events []Event) []Session {
	events = slices.Clone(events)
	sort.SliceStable(events, func(i, j int) bool {
		a, b := &events[i], &events[j]
		return a.Visitor < b.Visitor || a.Visitor == b.Visitor && a.Time < b.Time
	})
	var out []Session
	for i := range events {
		e := &events[i]
		if n := len(out) - 1; n < 0 || out[n].Key.Visitor != e.Visitor || e.Time-out[n].End > r.gap || e.Time-out[n].Key.Start >= r.longest {
			out = append(out, Session{Key: SessionKey{e.Visitor, e.Time}, Consent: ^Consent(0), Closed: true})
		}
		s := &out[len(out)-1]
		s.End = e.Time
		s.Events++
		s.Consent &= e.Consent
		if e.Kind == ViewItem {
			s.Steps = append(s.Steps, NewStep(e.Items[0].ID, e.Kind, e.Time))
		}
	}
	for i := range out {
		slices.SortFunc(out[i].Steps, compareSteps)
		out[i].Steps = newest(out[i].Steps)
	}
	return out
}

// randomHistory makes events of a few visitors in bursts, with pauses around the gap and chains beyond longest.
func randomHistory(rng *rand.Rand, r sessionRule) []Event {
	var events []Event
	for v := range 1 + rng.IntN(3) {
		t := rng.Int64N(50)
		for range rng.IntN(40) {
			switch rng.IntN(6) {
			case 0: // a tie
			case 1:
				t += r.gap + rng.Int64N(3) - 1 // about the gap
			case 2:
				t += r.gap + rng.Int64N(2*r.lateness+2)
			default:
				t += rng.Int64N(r.gap + 1)
			}
			e := Event{Visitor: fmt.Sprint("v", v), Kind: PageView, Time: t, Consent: Analytics | Personalization}
			if rng.IntN(3) > 0 {
				e.Kind, e.Items = ViewItem, []Item{{ID: fmt.Sprint("i", rng.IntN(4)), Price: NoPrice, Quantity: 1}}
			}
			if rng.IntN(20) == 0 {
				e.Consent = Analytics
			}
			e.Name = e.Kind.String()
			events = append(events, e)
		}
	}
	return events
}

type arrival struct {
	e  *Event // nil for a tick
	at int64
}

// shuffled lets each event arrive at most lateness after its time, with ticks in between.
func shuffled(rng *rand.Rand, r sessionRule, events []Event) []arrival {
	var in []arrival
	last := int64(0)
	for i := range events {
		in = append(in, arrival{&events[i], events[i].Time + rng.Int64N(r.lateness+1)})
		last = max(last, events[i].Time)
	}
	for range rng.IntN(5) {
		in = append(in, arrival{nil, rng.Int64N(last + 1)})
	}
	rng.Shuffle(len(in), func(i, j int) { in[i], in[j] = in[j], in[i] })
	sort.SliceStable(in, func(i, j int) bool { return in[i].at < in[j].at })
	return in
}

func TestSessionsDoNotDependOnTheOrderOfArrival(t *testing.T) {
	cases := 5_000
	if testing.Short() {
		cases = 1_000
	}
	for seed := range cases {
		rng := rand.New(rand.NewPCG(1, uint64(seed)))
		r := sessionRule{gap: 1 + rng.Int64N(20), lateness: rng.Int64N(15)}
		r.longest = r.gap + r.lateness + 1 + rng.Int64N(60)
		events := randomHistory(rng, r)
		h := newSessionHarness(t, r)
		for _, a := range shuffled(rng, r, events) {
			if a.e == nil {
				h.tick(a.at)
			} else if f := h.event(*a.e); f.Late {
				t.Fatalf("seed %d: event at %d is late, watermark %d, %+v", seed, a.e.Time, f.Clock, r)
			}
		}
		if got, want := h.finish(), bruteSessions(r, events); !sameSessions(got, want) {
			t.Fatalf("seed %d %+v\n got %v\nwant %v", seed, r, got, want)
		}
	}
}

func sameSessions(a, b []Session) bool {
	return slices.EqualFunc(a, b, func(x, y Session) bool {
		return x.Key == y.Key && x.End == y.End && x.Events == y.Events && x.Consent == y.Consent && x.Closed == y.Closed &&
			x.Bot == y.Bot && slices.Equal(x.Steps, y.Steps)
	})
}

// flinkWindow is a window of the plain operator: merging windows, lateness on the merged one, no longest,
// and what is closed stays closed.
type flinkWindow struct {
	visitor     string
	start, last int64
	events      int
}

func TestLatenessIsTestedOnTheMergedWindowAsFlinkDoes(t *testing.T) {
	for seed := range 5_000 {
		rng := rand.New(rand.NewPCG(2, uint64(seed)))
		r := sessionRule{gap: 1 + rng.Int64N(20), lateness: rng.Int64N(15), longest: 1 << 40}
		events := randomHistory(rng, r)
		for i := range events { // any displacement at all
			if j := i + rng.IntN(min(8, len(events)-i)); rng.IntN(3) == 0 {
				events[i], events[j] = events[j], events[i]
			}
		}
		h := newSessionHarness(t, r)
		var live, final []flinkWindow
		watermark, late := int64(0), 0
		closed := make(map[string]int64)
		for _, e := range events {
			h.event(e)
			watermark = max(watermark, e.Time)
			var rest []flinkWindow
			for _, w := range live {
				if watermark > w.last+r.gap+r.lateness {
					final = append(final, w)
					closed[w.visitor] = max(closed[w.visitor], w.last+1)
				} else {
					rest = append(rest, w)
				}
			}
			if e.Time < closed[e.Visitor] {
				live = rest
				late++
				continue
			}
			merged := flinkWindow{e.Visitor, e.Time, e.Time, 1}
			live = nil
			for again := true; again; {
				again = false
				for i, w := range rest {
					if w.visitor == e.Visitor && w.start <= merged.last+r.gap && merged.start <= w.last+r.gap {
						merged = flinkWindow{e.Visitor, min(w.start, merged.start), max(w.last, merged.last), w.events + merged.events}
						rest = slices.Delete(slices.Clone(rest), i, i+1)
						again = true
						break
					}
				}
			}
			live = rest
			if watermark > merged.last+r.gap+r.lateness {
				late++ // it merged with nothing: what is live is not passed
				continue
			}
			live = append(live, merged)
		}
		final = append(final, live...)
		sort.Slice(final, func(i, j int) bool {
			return final[i].visitor < final[j].visitor || final[i].visitor == final[j].visitor && final[i].start < final[j].start
		})
		var got []flinkWindow
		for _, s := range h.finish() {
			got = append(got, flinkWindow{s.Key.Visitor, s.Key.Start, s.End, s.Events})
		}
		if !slices.Equal(got, final) || h.late != late {
			t.Fatalf("seed %d %+v: %d late, want %d\n got %v\nwant %v", seed, r, h.late, late, got, final)
		}
	}
}

func viewOf(visitor string, at int64, item string) Event {
	return Event{Visitor: visitor, Kind: ViewItem, Name: "view_item", Time: at, Items: []Item{{ID: item, Price: NoPrice, Quantity: 1}}}
}

func TestBridgeRetractsTheLaterSessionAndExtendsTheEarlier(t *testing.T) {
	h := newSessionHarness(t, defaultRule)
	base := int64(1_790_000_000_000)
	h.event(viewOf("v", base, "a"))
	h.event(viewOf("v", base+35*minuteMs, "c"))
	f := h.event(viewOf("v", base+25*minuteMs+1, "b"))
	if f.Late || len(f.Changes) != 1 {
		t.Fatalf("changes %+v, late %v", f.Changes, f.Late)
	}
	c := f.Changes[0]
	want := []SessionKey{{"v", base}, {"v", base + 35*minuteMs}}
	if !slices.Equal(c.Retracted, want) || c.Session.Key != want[0] || c.Session.Events != 3 || c.Added != 3 {
		t.Errorf("retracted %v, session %+v, added %d", c.Retracted, c.Session, c.Added)
	}
}

func TestSessionsCrossMidnightAndTheLastOfTheDayClosesByTick(t *testing.T) {
	h := newSessionHarness(t, defaultRule)
	midnight := 20_000 * dayMs
	h.event(viewOf("v", midnight-5*minuteMs, "a"))
	h.event(viewOf("v", midnight+5*minuteMs, "b"))
	if f := h.tick(midnight + 45*minuteMs); len(f.Changes) != 0 {
		t.Errorf("closed exactly at gap and lateness: %+v", f.Changes)
	}
	f := h.tick(midnight + 45*minuteMs + 1)
	if len(f.Changes) != 1 || !f.Changes[0].Session.Closed || f.Changes[0].Session.Events != 2 {
		t.Fatalf("changes %+v", f.Changes)
	}
	if f.Event != nil || f.Clock != midnight+45*minuteMs+1 || f.Site != "s" {
		t.Errorf("tick's fact %+v", f)
	}
	if f := h.event(viewOf("v", midnight+5*minuteMs, "c")); !f.Late || len(f.Changes) != 0 || h.shard.sites["s"].late != 1 {
		t.Errorf("event of a closed session: %+v", f)
	}
}

func TestOneVisitorsClockClosesOthersSessionsInOrder(t *testing.T) {
	h := newSessionHarness(t, sessionRule{gap: 10, lateness: 5, longest: 100})
	for i, v := range []string{"d", "b", "c", "a"} {
		h.event(viewOf(v, int64(1+i/2), "x"))
	}
	f := h.event(viewOf("z", 1000, "x"))
	var order []string
	for _, c := range f.Changes {
		order = append(order, fmt.Sprintf("%s %v", c.Session.Key.Visitor, c.Session.Closed))
	}
	if want := []string{"b true", "d true", "a true", "c true", "z false"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
}

func TestStepsAreBoundedAndTheNewestStay(t *testing.T) {
	h := newSessionHarness(t, defaultRule)
	for i := range 3 * MaxSteps {
		h.event(viewOf("v", int64(i)*1000, fmt.Sprint("i", i)))
	}
	h.event(viewOf("v", 1, "old")) // older than what is kept
	s := h.sessions[SessionKey{"v", 0}]
	if len(s.Steps) != MaxSteps || s.Steps[0].Item() != fmt.Sprint("i", 2*MaxSteps) || s.Events != 3*MaxSteps+1 {
		t.Errorf("%d steps from %v, %d events", len(s.Steps), s.Steps[0], s.Events)
	}
}

func TestWhatTheServerShowedIsNoVisit(t *testing.T) {
	h := newSessionHarness(t, defaultRule)
	e := viewOf("v", 1<<45, "a")
	e.Kind, e.Name, e.Generated = Impression, "impression", true
	if f := h.event(e); len(f.Changes) != 0 || f.Clock != 0 || f.Late || h.shard.count != 0 {
		t.Errorf("fact %+v", f)
	}
}

func TestSettingsChangeTheRuleFromTheirRecordOn(t *testing.T) {
	h := newSessionHarness(t, defaultRule)
	h.event(viewOf("v", 1000, "a"))
	h.record(string(AppendSettings(nil, &Settings{Site: "s", Gap: 1000, Lateness: 0, Longest: 10_000})))
	h.event(viewOf("v", 3000, "b"))
	if got := h.finish(); len(got) != 2 {
		t.Errorf("sessions %+v", got)
	}
}

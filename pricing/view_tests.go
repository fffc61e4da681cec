package pricing

import (
	"cmp"
	"slices"

	"beckon/pricing/policy"
)

// PriceTest is a price that was asked for what it teaches: of everybody, for a while. There are no arms that are asked different prices at
// the same time; what is compared is the same item at other times, season and views taken into account.
type PriceTest struct {
	Item     string
	Currency string
	Since    int64        // Unix ms at which the test price came into force; of one that waits, at which it was proposed
	Until    int64        // Unix ms at which another price followed; 0: it is in force, or waits
	Before   int64        // minor units: the price before the test
	Price    int64        // minor units: the test price
	Own      int64        // minor units: the shop's own price when learning began
	Waits    string       // id of the suggestion that waits for a person, "" if it came into force
	Now      int64        // minor units: the price in force
	Slots    float64      // observed so far, in slots of Settings.Slot
	Asked    []AskedPrice // what was seen at each price since demand last shifted, the lowest first
	Decision *Decision    // the last one, with what is believed; nil if none is remembered
	Shift    int64        // Unix ms of the last shift of demand, 0 if none: what was learned before counts for little
}

// AskedPrice is what was seen at one price. Old observations have faded: they count less than one each.
type AskedPrice struct{ Price, Views, Units float64 }

// PriceTests is a site's: those that run, those that wait for a person, and those that ended, the newest first.
type PriceTests struct {
	Running, Waiting, Ended []PriceTest
	Learning                int // items of which something was observed
}

// PriceTests lists at most limit of each. It looks at every item of the site of which something is known.
func (b *Book) PriceTests(site string, limit int) PriceTests {
	var out PriceTests
	s := b.site(site)
	if s == nil {
		return out
	}
	s.mu.RLock()
	ids := make([]string, 0, len(s.items))
	states := make([]*itemState, 0, len(s.items))
	for id, it := range s.items {
		if it.Learned != nil {
			ids, states = append(ids, id), append(states, it)
		}
	}
	s.mu.RUnlock()
	out.Learning = len(ids)
	for i, it := range states {
		if g := it.Suggestion; g != nil && g.Decision.Proposal.Explored {
			t := it.test(ids[i], &Entry{At: g.At, Before: g.Decision.Current, After: g.Decision.Price})
			t.Waits = g.ID()
			out.Waiting = append(out.Waiting, t)
		}
		t, ok := it.lastTest(ids[i])
		switch {
		case ok && t.Until == 0:
			out.Running = append(out.Running, t)
		case ok:
			out.Ended = append(out.Ended, t)
		}
	}
	for _, list := range []*[]PriceTest{&out.Running, &out.Waiting, &out.Ended} {
		slices.SortFunc(*list, func(a, b PriceTest) int {
			return cmp.Or(cmp.Compare(b.Since, a.Since), cmp.Compare(a.Item, b.Item))
		})
		*list = (*list)[:min(len(*list), limit)]
	}
	return out
}

// lastTest is the newest test that the item's history remembers. Prices asked one after the other for what they teach are one test.
func (s *itemState) lastTest(id string) (t PriceTest, ok bool) {
	for i := range s.History {
		e := &s.History[i]
		if e.Market != "" || !e.Moved() {
			continue
		}
		tested := e.Reason == string(policy.Explore) && (e.Kind == KindEngine || e.Kind == KindApproved)
		switch {
		case tested && (!ok || t.Until != 0):
			t, ok = s.test(id, e), true
		case tested:
			t.Price = e.After
		case ok && t.Until == 0:
			t.Until = e.At
		}
	}
	return t, ok
}

// test is what is known of a test that e began.
func (s *itemState) test(id string, e *Entry) PriceTest {
	t := PriceTest{
		Item: id, Currency: s.Currency, Since: e.At, Before: e.Before, Price: e.After, Own: s.Ref,
		Slots: s.Learned.Slots, Decision: s.Decision, Shift: s.Learned.Changed,
	}
	if f := s.in(""); f != nil {
		t.Now = f.Amount
	}
	for _, bin := range s.Learned.Bins {
		if !bin.Before && bin.Exposure > 0 {
			t.Asked = append(t.Asked, AskedPrice{bin.Price, bin.Exposure, bin.Units})
		}
	}
	slices.SortFunc(t.Asked, func(a, b AskedPrice) int { return cmp.Compare(a.Price, b.Price) })
	return t
}

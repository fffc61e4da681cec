package shop

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
	"beckon/pricing/offers"
)

// watched is a ledger of offers that is asked after every record whether what it promises still holds. It knows nothing but records and
// answers: what was granted, to whom and on which day, and what was redeemed.
type watched struct {
	*offers.Ledger
	told     func(offset uint64, answer string) // of every record that was applied; nil: nobody listens
	broken   error                              // the first promise that did not hold
	records  int
	campaign map[string]*offers.Campaign
	granted  map[string]int64 // by campaign; campaign and shopper; campaign and day
	redeemed map[uint64]string
}

func newWatched(told func(uint64, string)) *watched {
	return &watched{
		Ledger: offers.New(offers.Config{}), told: told, campaign: map[string]*offers.Campaign{}, granted: map[string]int64{},
		redeemed: map[uint64]string{},
	}
}

type offerShelf struct{ *Shelf }

func (s offerShelf) Item(site, id string) (offers.Item, bool) {
	it := s.Shelf.Item(site, id)
	if it == nil {
		return offers.Item{}, false
	}
	return offers.Item{Price: it.Public, Currency: it.Currency, Floor: it.Floor, Cost: it.Cost, Category: it.Category}, true
}

func (w *watched) ItemChanged(*record.Control, *Shelf, *Item, *Item) {}

func (w *watched) Expire(r *record.Control, _ *Shelf) {
	w.Ledger.Expire(r.Time)
	w.hold(r)
}

func (w *watched) Apply(r *record.Control, shelf *Shelf) (any, error) {
	answer, err := w.Ledger.Apply(r, offerShelf{shelf})
	w.note(r, answer)
	w.hold(r)
	if w.told != nil {
		w.told(r.Offset, answerText(answer, err))
	}
	return answer, err
}

// answerText is what a caller is told, as text that can be compared.
func answerText(answer any, err error) string {
	if err != nil {
		return "refused: " + err.Error()
	}
	text, err := json.Marshal(answer, json.Deterministic(true))
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%T %s", answer, text)
}

func (w *watched) breaks(r *record.Control, format string, args ...any) {
	if w.broken == nil {
		w.broken = fmt.Errorf("offset %d, %s %s: %s", r.Offset, r.Do, r.ID, fmt.Sprintf(format, args...))
	}
}

// note keeps count of what answers say.
func (w *watched) note(r *record.Control, answer any) {
	switch got := answer.(type) {
	case *offers.Campaign:
		w.campaign[got.ID] = got
	case *offers.Decision:
		if got.Outcome != offers.Granted || got.Duplicate {
			return
		}
		var claim offers.Claim
		if err := offers.DecodeClaim(r.Body, &claim); err != nil {
			w.breaks(r, "%v", err)
		}
		c := w.campaign[claim.Campaign]
		if c == nil {
			return // its record was before the snapshot that this fold began with
		}
		day := r.Time / (24 * 3600_000)
		for _, cap := range []struct {
			key  string
			most int64
		}{{c.ID, c.Caps.Total}, {c.ID + " by " + claim.Who, c.Caps.PerShopper}, {fmt.Sprint(c.ID, " on ", day), c.Caps.PerDay}} {
			if w.granted[cap.key]++; cap.most > 0 && w.granted[cap.key] > cap.most {
				w.breaks(r, "%s: %d offers, cap %d", cap.key, w.granted[cap.key], cap.most)
			}
		}
	case *offers.Redemption:
		var body offers.Redeem
		if err := json.Unmarshal(r.Body, &body); err != nil {
			w.breaks(r, "%v", err)
		}
		if was, ok := w.redeemed[body.Number]; ok && was != body.Transaction {
			w.breaks(r, "redeemed by %s and by %s", was, body.Transaction)
		}
		w.redeemed[body.Number] = body.Transaction
	}
}

// hold asks every account after every record, and all that is remembered now and then.
func (w *watched) hold(r *record.Control) {
	for _, report := range w.Campaigns("demo") {
		t, budget := report.Totals, report.Campaign.Budget.Amount
		if t.Spent < 0 || t.Reserved < 0 || t.Free < 0 || t.Spent+t.Reserved+t.Free != budget {
			w.breaks(r, "%s: spent %d, reserved %d, free %d of %d", report.Campaign.ID, t.Spent, t.Reserved, t.Free, budget)
		}
		if t.Granted != t.Live+t.Redeemed+t.Expired+t.Cancelled {
			w.breaks(r, "%s: %+v does not balance", report.Campaign.ID, t)
		}
	}
	if w.records++; w.records%500 == 0 {
		if err := w.Check(); err != nil {
			w.breaks(r, "%v", err)
		}
	}
}

// sure fails unless every promise held at every record since the fold was made.
func (w *watched) sure(t *testing.T) {
	t.Helper()
	if err := errors.Join(w.broken, w.Check()); err != nil {
		t.Fatal(err)
	}
}

// bytes is the fold's state.
func (w *watched) bytes(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	err := w.Image()(func(v any) error {
		text, err := json.Marshal(v, json.Deterministic(true))
		out.Write(append(text, '\n'))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

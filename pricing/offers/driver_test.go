package offers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

const t0 = 1_790_000_000_000 // Unix ms

// shelf is a catalog of one site.
type shelf map[string]Item

func (s shelf) Item(_, id string) (Item, bool) {
	it, ok := s[id]
	return it, ok
}

// driver is a log in memory with a ledger that follows it, as the owner of a control log drives one.
type driver struct {
	t testing.TB
	*Ledger
	cfg   Config
	shelf shelf
	now   int64
	log   []record.Control
}

func newDriver(t testing.TB, cfg Config) *driver {
	return &driver{t: t, Ledger: New(cfg), cfg: cfg, now: t0, shelf: shelf{
		"kettle": {Price: 5000, Currency: "EUR", Floor: Unset, Cost: Unset, Category: []string{"kitchen"}},
		"mug":    {Price: 1000, Currency: "EUR", Floor: 900, Cost: 500, Category: []string{"kitchen", "cups"}},
		"lamp":   {Price: 3000, Currency: "EUR", Floor: Unset, Cost: 2500},
		"tea":    {Price: 700, Currency: "GBP", Floor: Unset, Cost: Unset},
	}}
}

// apply carries out one record as the owner of the log does.
func apply(l *Ledger, r *record.Control, s Shelf) (any, error) {
	if due := l.Due(); due != 0 && due <= r.Time {
		l.Expire(r.Time)
	}
	return l.Apply(r, s)
}

func (d *driver) do(do, site, id string, body any) (any, error) {
	text, ok := body.([]byte)
	if !ok {
		var err error
		if text, err = json.Marshal(body); err != nil {
			d.t.Fatal(err)
		}
	}
	r := record.Control{Offset: uint64(len(d.log)), Time: d.now, Actor: "test", Do: do, Site: site, ID: id, Body: text}
	d.log = append(d.log, r)
	lent := r
	lent.Body = bytes.Clone(text)
	answer, err := apply(d.Ledger, &lent, d.shelf)
	for i := range lent.Body { // what the fold was lent is gone after it returned
		lent.Body[i] = 'x'
	}
	return answer, err
}

// must is do for what is not refused.
func must[T any](d *driver, do, id string, body any) *T {
	d.t.Helper()
	answer, err := d.do(do, "demo", id, body)
	if err != nil {
		d.t.Fatalf("%s %s: %v", do, id, err)
	}
	return answer.(*T)
}

func (d *driver) refused(code, do, id string, body any) {
	d.t.Helper()
	before := d.image()
	answer, err := d.do(do, "demo", id, body)
	if got := codeOfError(err); got != code || answer != nil {
		d.t.Fatalf("%s %s: answer %v, refused %q (%v), want %q", do, id, answer, got, err, code)
	}
	if err.Error() == "" {
		d.t.Errorf("%s: refused without a message", code)
	}
	if !bytes.Equal(d.image(), before) {
		d.t.Errorf("%s %s: refused, and the state changed", do, id)
	}
}

func codeOfError(err error) string {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.RefusalCode()
	}
	return ""
}

func (d *driver) image() []byte { return imageOf(d.t, d.Ledger) }

func imageOf(t testing.TB, l *Ledger) []byte {
	t.Helper()
	return textOf(t, l.Image())
}

func textOf(t testing.TB, image func(func(any) error) error) []byte {
	t.Helper()
	var out bytes.Buffer
	err := image(func(v any) error {
		text, err := json.Marshal(v, json.Deterministic(true))
		if err == nil && len(text) > 256<<10 {
			err = fmt.Errorf("a line of %d bytes", len(text))
		}
		out.Write(append(text, '\n'))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// loaded is a ledger made from an image.
func loaded(t testing.TB, cfg Config, image []byte) *Ledger {
	t.Helper()
	l := New(cfg)
	for line := range bytes.Lines(image) {
		if err := l.Load(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// replayed is a ledger that follows the log from its beginning, without what was learned on the way.
func (d *driver) replayed() *Ledger {
	l := New(d.cfg)
	for _, r := range d.log {
		apply(l, &r, d.shelf)
	}
	if due := l.Due(); due != 0 && due <= d.now {
		l.Expire(d.now)
	}
	return l
}

// tick lets the log's clock pass.
func (d *driver) tick(ms int64) {
	d.now += ms
	d.do("clock", "", "", []byte(nil))
}

// same fails unless every way to the state gives the same bytes and every balance holds.
func (d *driver) same() {
	d.t.Helper()
	if err := d.Check(); err != nil {
		d.t.Fatal(err)
	}
	want := d.image()
	for name, l := range map[string]*Ledger{"replayed": d.replayed(), "restored": loaded(d.t, d.cfg, want)} {
		if got := imageOf(d.t, l); !bytes.Equal(got, want) {
			d.t.Fatalf("%s: %s", name, firstDifference(got, want))
		}
		if err := l.Check(); err != nil {
			d.t.Fatalf("%s: %v", name, err)
		}
		if l.Due() != d.Due() {
			d.t.Fatalf("%s: due %d, want %d", name, l.Due(), d.Due())
		}
	}
}

func firstDifference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(g), len(w)) {
		if !bytes.Equal(g[i], w[i]) {
			return fmt.Sprintf("line %d:\ngot  %.600s\nwant %.600s", i, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

func whoOf(n int) string { return fmt.Sprintf("%032x", n+1) }

// spring is a campaign of 10% off, without a bound that tests do not name.
func spring(change ...func(*Put)) Put {
	p := Put{Settings: Settings{
		Title: "Spring", Discount: Discount{Kind: Percent, Value: 10}, Budget: Budget{10_000, "EUR"}, TTL: 600,
	}}
	for _, f := range change {
		f(&p)
	}
	return p
}

func (d *driver) put(id string, change ...func(*Put)) *Campaign {
	d.t.Helper()
	return must[Campaign](d, DoCampaign, id, spring(change...))
}

// claim asks for campaign's offer for shopper who, because of trigger.
func (d *driver) claim(campaign string, who int, trigger string, lines ...Line) *Decision {
	d.t.Helper()
	if lines == nil {
		lines = []Line{{"kettle", 1, 0}}
	}
	c := Claim{Campaign: campaign, Who: whoOf(who), Item: lines[0].Item, Lines: lines}
	return must[Decision](d, DoClaim, OfferID("demo", campaign, trigger), AppendClaim(nil, &c))
}

func (d *driver) granted(campaign string, who int, trigger string, lines ...Line) Offer {
	d.t.Helper()
	got := d.claim(campaign, who, trigger, lines...)
	if got.Outcome != Granted || got.Duplicate {
		d.t.Fatalf("claim %s: %+v, want granted", trigger, got)
	}
	return got.Offer
}

func (d *driver) wantRefused(code, campaign string, who int, trigger string, lines ...Line) {
	d.t.Helper()
	if got := d.claim(campaign, who, trigger, lines...); got.Outcome != Refused || got.Code != code {
		d.t.Fatalf("claim %s: %s %q, want refused %q", trigger, got.Outcome, got.Code, code)
	}
}

func (d *driver) totals(campaign string) Totals {
	d.t.Helper()
	r, ok := d.Campaign("demo", campaign)
	if !ok {
		d.t.Fatalf("no campaign %s", campaign)
	}
	return r.Totals
}

func (d *driver) redeem(o Offer, transaction string, cart *Cart) *Redemption {
	d.t.Helper()
	return must[Redemption](d, DoRedeem, "", Redeem{Number: o.Number, Transaction: transaction, Cart: cart})
}

func codesOf(m map[string]int64) (codes []string) {
	for code := range m {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

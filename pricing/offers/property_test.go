package offers

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"beckon/clickstream/record"
)

// oracle keeps by hand what campaigns may do, from the answers alone.
type oracle struct {
	t        *testing.T
	first    map[string]firstAnswer // by claim
	redeemed map[uint64]Redemption  // by number
	spent    map[string]int64
	shopper  map[string]int64 // by campaign and shopper
	day      map[string]int64 // by campaign and day
	total    map[string]int64
}

// firstAnswer is what a claim was told, and until when it must be told again.
type firstAnswer struct {
	Decision
	who   int
	until int64
}

func newOracle(t *testing.T) *oracle {
	return &oracle{t, map[string]firstAnswer{}, map[uint64]Redemption{}, map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}}
}

func (o *oracle) claimed(c *Campaign, id string, who int, now int64, got *Decision) {
	o.t.Helper()
	if was, ok := o.first[id]; ok && (now < was.until || got.Duplicate) {
		if !got.Duplicate || got.Outcome != was.Outcome || got.Code != was.Code || got.Offer.ID != was.Offer.ID ||
			got.Offer.Amount != was.Offer.Amount || got.Offer.Expires != was.Offer.Expires {
			o.t.Fatalf("claim %s again:\ngot  %+v\nwant %+v", id, got, was)
		}
		return
	}
	if got.Duplicate {
		o.t.Fatalf("claim %s: %+v is no duplicate", id, got)
	}
	o.first[id] = firstAnswer{*got, who, max(got.Until, now) + dayMs}
	if got.Outcome != Granted {
		return
	}
	o.count(o.shopper, fmt.Sprint(c.ID, " ", c.Created, " ", who), c.Caps.PerShopper)
	o.count(o.day, fmt.Sprint(c.ID, " ", c.Created, " ", dayOf(now)), c.Caps.PerDay)
	o.count(o.total, fmt.Sprint(c.ID, " ", c.Created), c.Caps.Total)
}

func (o *oracle) count(counts map[string]int64, key string, most int64) {
	o.t.Helper()
	counts[key]++
	if most > 0 && counts[key] > most {
		o.t.Fatalf("%s: %d offers, cap %d", key, counts[key], most)
	}
}

func (o *oracle) redeemedFor(offer Offer, got *Redemption) {
	o.t.Helper()
	was, ok := o.redeemed[offer.Number]
	if ok != got.Duplicate || ok && was.Discount != got.Discount {
		o.t.Fatalf("offer %d redeemed again: got %+v, was %+v", offer.Number, got, was)
	}
	if got.Discount < 1 || got.Discount > offer.Amount {
		o.t.Fatalf("offer %+v redeemed for %d", offer, got.Discount)
	}
	if !ok {
		o.redeemed[offer.Number] = *got
		o.spent[got.Campaign] += got.Discount
	}
}

func randomCampaign(rng *rand.Rand) Put {
	return spring(func(p *Put) {
		p.Budget.Amount = rng.Int64N(20_000)
		p.Holdout = []float64{0, 0, 0.1, 0.5}[rng.IntN(4)]
		p.Caps = Caps{PerShopper: rng.Int64N(4), PerDay: rng.Int64N(20), Total: rng.Int64N(60)}
		p.TTL = 60 + rng.Int64N(7200)
		if rng.IntN(2) == 0 {
			p.Discount = Discount{Kind: Amount, Value: 1 + rng.Int64N(900)}
		} else {
			p.Discount = Discount{Kind: Percent, Value: 1 + rng.Int64N(60), Max: rng.Int64N(800)}
		}
		if rng.IntN(4) == 0 {
			p.Audience.MinCart = rng.Int64N(6000)
		}
	})
}

func randomLines(rng *rand.Rand) (lines []Line) {
	for range 1 + rng.IntN(3) {
		lines = append(lines, Line{[]string{"kettle", "mug", "lamp", "ghost"}[rng.IntN(4)], 1 + rng.Int64N(3), rng.Int64N(2) * rng.Int64N(6000)})
	}
	return lines
}

// TestAnyHistoryKeepsEveryBalance lets random campaigns, claims, redemptions, cancellations and erasures meet, and asks at every record.
func TestAnyHistoryKeepsEveryBalance(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 5))
		d := newDriver(t, Config{})
		o := newOracle(t)
		var offers []Offer
		for step := range 1500 {
			d.now += rng.Int64N(200_000) * rng.Int64N(2)
			campaign := fmt.Sprint("c", rng.IntN(4))
			switch n := rng.IntN(100); {
			case n < 3:
				d.do(DoCampaign, "demo", campaign, randomCampaign(rng))
				if r, ok := d.Campaign("demo", campaign); ok && r.Campaign.Created != d.now {
					for _, counts := range []map[string]int64{o.shopper, o.day, o.total} { // caps may have fallen below what was granted
						clear(counts)
					}
					must[Campaign](d, DoState, campaign, SetState{Removed})
				}
			case n < 4:
				d.do(DoState, "demo", campaign, SetState{[]State{Active, Paused, Ended, Removed}[rng.IntN(4)]})
			case n < 70:
				r, ok := d.Campaign("demo", campaign)
				if !ok {
					continue
				}
				who := rng.IntN(30)
				id := OfferID("demo", campaign, fmt.Sprint(who, " ", rng.IntN(40)))
				c := Claim{Campaign: campaign, Who: whoOf(who), Lines: randomLines(rng), Value: rng.Int64N(2) * rng.Int64N(9000)}
				answer, err := d.do(DoClaim, "demo", id, AppendClaim(nil, &c))
				if was, ok := o.first[id]; ok && was.who < 0 && codeOfError(err) == "bad_id" {
					continue // it was an erased shopper's
				}
				if err != nil {
					t.Fatal(err)
				}
				got := answer.(*Decision)
				o.claimed(r.Campaign, id, who, d.now, got)
				if got.Outcome == Granted && !got.Duplicate {
					offers = append(offers, got.Offer)
				}
			case n < 88 && len(offers) > 0:
				offer := offers[max(0, len(offers)-1-rng.IntN(8))]
				body := Redeem{Number: offer.Number, Transaction: fmt.Sprint("T", offer.Number, " ", rng.IntN(3)/2)}
				if rng.IntN(3) > 0 {
					body.Cart = &Cart{Value: rng.Int64N(9000) + 1, Lines: randomLines(rng)[rng.IntN(2):]}
				}
				if answer, err := d.do(DoRedeem, "demo", "", body); err == nil {
					o.redeemedFor(offer, answer.(*Redemption))
				}
			case n < 94 && len(offers) > 0:
				d.do(DoCancel, "demo", offers[max(0, len(offers)-1-rng.IntN(4))].ID, Cancel{})
			case n < 95:
				who := rng.IntN(30)
				must[Forgotten](d, DoForget, "", Forget{whoOf(who)})
				for id, was := range o.first {
					if was.who == who {
						was.who = -1
						o.first[id] = was
					}
				}
				clear(o.shopper)
			default:
				d.tick(rng.Int64N(4000_000))
			}
			if err := d.Check(); err != nil {
				t.Fatalf("seed %d, record %d: %v", seed, step, err)
			}
			if step%300 == 299 {
				d.same()
			}
		}
		if len(offers) < 20 || len(o.redeemed) < 5 {
			t.Errorf("seed %d: %d offers, %d redeemed: nothing happens", seed, len(offers), len(o.redeemed))
		}
	}
}

// TestAnImageIsOfItsPlace writes an image after the fold has gone on.
func TestAnImageIsOfItsPlace(t *testing.T) {
	d := newDriver(t, Config{MaxOutcomes: 300})
	d.put("spring", func(p *Put) { p.Budget.Amount = 500 * 500; p.Caps.PerShopper = 3 })
	for round := range 6 {
		for i := range 400 {
			d.claim("spring", round*100+i, fmt.Sprint(round, " ", i))
		}
		want, image := d.image(), d.Image()
		for i := range 300 {
			got := d.claim("spring", i, fmt.Sprint("later ", round, " ", i))
			if got.Outcome == Granted && i%2 == 0 {
				d.redeem(got.Offer, "T", nil)
			}
		}
		d.tick(700_000)
		must[Forgotten](d, DoForget, "", Forget{whoOf(round)})
		if got := textOf(t, image); !bytes.Equal(got, want) {
			t.Fatalf("round %d: %s", round, firstDifference(got, want))
		}
		d.same()
	}
}

// FuzzApply gives the ledger any body: it may refuse, and then nothing has changed.
func FuzzApply(f *testing.F) {
	c := Claim{Campaign: "spring", Who: whoOf(1), Lines: []Line{{"kettle", 1, 0}}}
	id := OfferID("demo", "spring", "a")
	for i, body := range []string{
		`{"title":"S","discount":{"kind":"percent","value":10},"budget":{"amount":9,"currency":"EUR"},"ttl_s":60}`,
		`{"state":"removed"}`, string(AppendClaim(nil, &c)), `{"number":1,"transaction":"T","cart":{"value":5,"lines":[{"item_id":"mug","quantity":1}]}}`,
		`{"who":"` + whoOf(1) + `"}`, `{"who":"` + whoOf(1) + `"}`, `{`, ``,
	} {
		for _, id := range []string{id, "spring", ""} {
			f.Add(byte(i), id, []byte(body), int64(i))
		}
	}
	dos := []string{DoCampaign, DoState, DoClaim, DoRedeem, DoCancel, DoForget, "offer.other"}
	f.Fuzz(func(t *testing.T, do byte, id string, body []byte, later int64) {
		d := newDriver(t, Config{})
		d.put("spring")
		d.put("holdout", func(p *Put) { p.Holdout = 0.9 })
		d.granted("spring", 1, "a")
		d.redeem(d.granted("spring", 2, "b"), "T", nil)
		d.claim("holdout", 3, "c")
		r := record.Control{Offset: 9, Time: d.now + max(0, later%(3*dayMs)), Do: dos[int(do)%len(dos)], Site: "demo", ID: id, Body: body}
		if due := d.Due(); due != 0 && due <= r.Time {
			d.Expire(r.Time)
		}
		before := d.image()
		answer, err := d.Apply(&r, d.shelf)
		if err != nil && (answer != nil || codeOfError(err) == "") {
			t.Fatalf("answer %v with %v", answer, err)
		}
		after := d.image()
		if err != nil && !bytes.Equal(before, after) {
			t.Fatalf("refused (%v), and the state changed: %s", err, firstDifference(after, before))
		}
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		if got := imageOf(t, loaded(t, Config{}, after)); !bytes.Equal(got, after) {
			t.Fatal(firstDifference(got, after))
		}
	})
}

// FuzzLoad gives the ledger any line of an image: it may refuse it, and never panics.
func FuzzLoad(f *testing.F) {
	d := newDriver(f, Config{})
	d.put("spring", func(p *Put) { p.Holdout, p.Audience.MinCart = 0.5, 1 })
	d.put("sure")
	for i := range 5 {
		d.claim("spring", i, fmt.Sprint(i))
	}
	d.wantRefused("audience", "spring", 7, "refused", Line{"ghost", 1, 0})
	d.redeem(d.granted("sure", 8, "sure"), "T", nil)
	image := d.image()
	d.tick(3600_000)
	image = append(image, d.image()...)
	for line := range bytes.Lines(image) {
		f.Add(bytes.TrimSuffix(line, []byte("\n")))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		l := New(Config{})
		l.Load([]byte(`{"seq":9,"number":9,"serial":2}`))
		l.Load([]byte(`{"campaign":{"id":"spring","budget":{"amount":5,"currency":"EUR"},"state":"active"},"site":"demo","serial":1,"states":[0,0,0,0,0,0]}`))
		if l.Load(line) == nil {
			imageOf(t, l)
			l.Check()
			l.Expire(1 << 52)
		}
	})
}

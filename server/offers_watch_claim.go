package main

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"beckon/clickstream"
	"beckon/pricing/offers"
	"beckon/pricing/offers/watch"
	"beckon/server/shop"
	"beckon/web/text"
)

// answer makes what is to be made of one trigger. It runs on a goroutine of its own.
func (w *offerWatch) answer(t *watch.Trigger) {
	n := w.n
	now := n.now()
	var view clickstream.ShopperView
	known := n.runner.ViewDevice(t.Site, t.Visitor, &view)
	const both = clickstream.Analytics | clickstream.Personalization
	switch {
	case now.UnixMilli()-t.Due > staleAfter.Milliseconds():
		w.count("stale")
	case t.Abuser:
		w.count("abuser")
	case !known || view.Consent&both != both:
		w.count("no_consent")
	case view.Bot:
		w.count("bot")
	case n.eraser.pending.has(t.Site, t.Visitor):
		w.count("erased")
	default:
		w.claimFirst(t, &view, now)
	}
}

// claimFirst claims of the campaigns that the trigger fits, in the order of their ids, until one grants or holds out. A shopper with an
// offer gets no second one.
func (w *offerWatch) claimFirst(t *watch.Trigger, view *clickstream.ShopperView, now time.Time) {
	n := w.n
	who := n.who(t.Site, t.Visitor)
	has, taken := n.folds.offers.Live(t.Site, who)
	taken = taken && has.Expires > now.UnixMilli()
	cart := n.weigh(t)
	belongs := n.belongs(t.Site, view, now.UnixMilli())
	asked := false
	for _, c := range n.folds.offers.Running(t.Site, offers.CartAtRisk) {
		if !c.Open(now.UnixMilli()) || c.Trigger.Idle*1000 != t.Idle || !t.Fits(c.Trigger.MinViews, c.Trigger.NeedSearch) || !cart.fits(&c.Audience, view) || !belongs(c.Audience.Segments) {
			continue
		}
		asked = true
		// The shopper's keyed hash is part of it: an offer's id must not let anybody try visitors.
		id := offers.OfferID(t.Site, c.ID, who+"."+strconv.FormatInt(t.Start, 10))
		if taken && has.ID != id {
			w.count("has_offer")
			continue
		}
		if w.wasAsked(id) {
			continue
		}
		done, err := w.claim(t, c, id, who)
		if err != nil {
			w.count("failed")
			if !w.failed.Swap(true) {
				n.out.Warn("offer not made, tried again later", "site", t.Site, "campaign", c.ID, "error", err)
			}
			return
		}
		if done {
			return
		}
	}
	if !asked {
		w.count("no_campaign")
	}
}

// claim has the ledger decide, logs what the shopper is exposed to, and shows what was granted. done says that no other campaign is to be
// asked.
func (w *offerWatch) claim(t *watch.Trigger, c *offers.Campaign, id, who string) (done bool, err error) {
	n := w.n
	body := offers.AppendClaim(nil, &offers.Claim{Campaign: c.ID, Who: who, Currency: t.Currency, Lines: claimLines(t.Lines)})
	answer, _, err := n.shop.Submit(n.work, "engine", shop.Command{Do: offers.DoClaim, Site: t.Site, ID: id, Body: body})
	var refusal *offers.Refusal
	if errors.As(err, &refusal) {
		w.decided(id, refusal.Code)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	d := answer.(*offers.Decision)
	if d.Outcome == offers.Refused {
		w.decided(id, d.Code)
		return false, nil
	}
	x := watch.Exposure{Campaign: c.ID, Offer: id, Until: d.Until, Currency: c.Budget.Currency}
	if d.Outcome == offers.Held {
		x.Arm = watch.HoldoutArm
	}
	if err := w.log(t.Site, t.Visitor, id, watch.ExposureName, x.Props()); err != nil {
		return false, err
	}
	w.decided(id, string(d.Outcome))
	if d.Live {
		w.show(awayOffer{t.Site, t.Visitor, id, d.Until})
	}
	return true, nil
}

// log stores an event that the server made of a shopper, once for its id.
func (w *offerWatch) log(site, visitor, id, name, props string) error {
	now := w.n.now().UnixMilli()
	return w.n.collector.Generate(w.n.work, []clickstream.Event{{
		Site: site, Visitor: visitor, ID: id, Kind: clickstream.Custom, Name: name, Time: now, Received: now,
		Consent: clickstream.Analytics | clickstream.Personalization, Props: props, Generated: true,
	}})
}

func (w *offerWatch) wasAsked(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[id]
}

func (w *offerWatch) decided(id, outcome string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[outcome]++
	if len(w.asked) >= maxDecided {
		clear(w.asked)
	}
	w.asked[id] = true
}

// show pushes an offer, now or when its shopper is connected.
func (w *offerWatch) show(o awayOffer) {
	if w.n.hub.Connected(o.site, o.visitor) {
		w.push(o)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.away) >= maxAway {
		w.away = slices.Delete(w.away, 0, len(w.away)-maxAway+1)
		w.counts["dropped_away"]++
	}
	w.away = append(w.away, o)
}

// push sends an offer that still lives.
func (w *offerWatch) push(o awayOffer) {
	n := w.n
	live, ok := n.folds.offers.Live(o.site, n.who(o.site, o.visitor))
	if !ok || live.ID != o.id || live.Expires <= n.now().UnixMilli() {
		return
	}
	shown := n.shownOffer(o.site, &live, text.MatchShopper("", n.hub.Languages(o.site, o.visitor)))
	body, err := json.Marshal(shown)
	if err != nil {
		n.out.Error("encode an offer", "offer", o.id, "error", err) // strings and numbers: a bug of ours
		return
	}
	n.hub.PublishOffer(o.site, o.visitor, o.id, body, n.position())
}

// reachAway pushes the offers of shoppers who have connected, and drops those that have ended.
func (w *offerWatch) reachAway() {
	now := w.n.now().UnixMilli()
	w.mu.Lock()
	some := w.away
	w.away = nil
	w.mu.Unlock()
	kept := some[:0]
	for _, o := range some {
		switch {
		case o.until <= now || w.n.eraser.pending.has(o.site, o.visitor):
		case w.n.hub.Connected(o.site, o.visitor):
			w.push(o)
		default:
			kept = append(kept, o)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = append(kept, w.away...)
}

// findUnseen remembers the live offers that an earlier run logged and that no page said it has shown.
func (w *offerWatch) findUnseen() {
	now := w.n.now().UnixMilli()
	for _, site := range w.n.shop.Sites() {
		if site.Clock != shop.WallClock {
			continue
		}
		for _, o := range w.n.carts.Unseen(site.ID, now) {
			w.show(awayOffer{site.ID, o.Visitor, o.Offer, o.Until})
		}
	}
}

func claimLines(lines []watch.Line) []offers.Line {
	out := make([]offers.Line, len(lines))
	for i, l := range lines {
		out[i] = offers.Line{Item: l.Item, Quantity: l.Quantity, Price: max(l.Price, 0)}
	}
	return out
}

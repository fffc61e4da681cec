package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"beckon/pricing"
)

// control folds the control log from its beginning, as if there were no snapshot. It recomputes every price decision that was accepted, and
// checks that every campaign's account balances: what was granted is live, redeemed, expired or cancelled, and what is spent and
// reserved is within the budget.
func (v *verifier) control(ctx context.Context, e env, dir dataDir) (err error) {
	s, err := dir.openSecret(e.getenv("BECKON_SECRET"))
	if err != nil {
		return err
	}
	control, err := openControl(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, control.Close()) }()
	empty, err := os.MkdirTemp("", "beckon-verify-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(empty)) }()
	var folds controlFolds
	var audit pricing.Audit
	store, err := openShop(ctx, control, dataDir(empty), s, folds.make(pricing.Config{OnDecision: audit.Decision}), nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(v.out, "prices       %d decisions, %d equal when recomputed, %d different, %d by an older algorithm\n", audit.Accepted, audit.Equal, audit.Different, audit.Older)
	if audit.First != nil {
		v.bad = append(v.bad, audit.First)
	}
	for _, site := range store.Sites() {
		for _, r := range folds.offers.Campaigns(site.ID) {
			t := r.Totals
			fmt.Fprintf(v.out, "campaign     %s of site %s: granted %d = live %d + redeemed %d + expired %d + cancelled %d; spent %d + reserved %d of %d %s\n",
				r.Campaign.ID, site.ID, t.Granted, t.Live, t.Redeemed, t.Expired, t.Cancelled, t.Spent, t.Reserved, r.Campaign.Budget.Amount, r.Campaign.Budget.Currency)
		}
	}
	if err := folds.offers.Check(); err != nil {
		v.bad = append(v.bad, err)
	}
	return store.Close()
}

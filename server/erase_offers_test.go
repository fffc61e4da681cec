package main

import (
	"strings"
	"testing"
	"time"
)

// TestAnErasureTakesOffersBack: a shopper with a live offer is told of it, and after the erasure nothing of it is theirs.
func TestAnErasureTakesOffersBack(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.sells("")
	const visitor = "v_who-leaves"
	in.fills(visitor, 20*time.Second)
	in.passes()
	in.until("an offer", func() bool { return in.totals().Live == 1 })
	var mine struct{ Offers []offerAnswer }
	in.want(200, "GET", "/v1/offers?visitor="+visitor, in.secret, "", &mine)
	if len(mine.Offers) != 1 {
		t.Fatalf("offers %+v, want one", mine.Offers)
	}
	if text := in.want(200, "GET", "/v1/visitors/"+visitor+"/export", in.secret, "", nil); !strings.Contains(text, mine.Offers[0].Code) {
		t.Error("the export does not have the shopper's offer")
	}
	code := mine.Offers[0].Code
	in.eraseVisitor(visitor)
	in.waitErased()
	in.want(200, "GET", "/v1/offers?visitor="+visitor, in.secret, "", &mine)
	if got := in.totals(); len(mine.Offers) != 0 || got.Live != 0 || got.Cancelled != 1 || got.Reserved != 0 || got.Free != 1_000_000 {
		t.Errorf("%d offers and %+v after the erasure, want none and the budget free", len(mine.Offers), got)
	}
	in.want(409, "POST", "/v1/offers/redeem", in.secret, `{"code":"`+code+`","transaction_id":"t1"}`, nil)
}

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"beckon/pricing/offers"
	"beckon/server/shop"
)

// offerDesk is an opened node with its routes, of which a test can also claim offers.
type offerDesk struct {
	t              *testing.T
	n              *node
	app            *fiber.App
	public, secret string
}

func newOfferDesk(t *testing.T) *offerDesk {
	t.Helper()
	n := openHere(t, 3) // sku-0 to sku-2 at 1,999 EUR
	d := &offerDesk{t: t, n: n, app: n.newApp()}
	for spec, to := range map[*shop.KeySpec]*string{
		{Kind: shop.PublicKey, Origins: []string{"https://shop.example"}}: &d.public,
		{Kind: shop.SecretKey}: &d.secret,
	} {
		key, err := n.shop.CreateKey(t.Context(), "test", "test", *spec)
		if err != nil {
			t.Fatal(err)
		}
		*to = key.Text
	}
	return d
}

// want sends a request that must be answered with status, and decodes the body into out, if given.
func (d *offerDesk) want(status int, method, path, key, body string, out any, header ...string) string {
	d.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(key, "sk_") {
		req.Header.Set("Authorization", "Bearer "+key)
	} else {
		req.Header.Set("X-Beckon-Key", key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := d.app.Test(req, -1)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		d.t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, resp.StatusCode, text, status)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			d.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return string(text)
}

// wantCode is want for an error in the documented form.
func (d *offerDesk) wantCode(status int, code, method, path, body string) {
	d.t.Helper()
	var e struct {
		Error struct{ Code, Message string }
	}
	if d.want(status, method, path, d.secret, body, &e); e.Error.Code != code || e.Error.Message == "" {
		d.t.Errorf("%s %s %s: %+v, want %s", method, path, body, e, code)
	}
}

func (d *offerDesk) claim(campaign, visitor, trigger string) *offers.Decision {
	d.t.Helper()
	body := offers.AppendClaim(nil, &offers.Claim{
		Campaign: campaign, Who: d.n.who("test", visitor), Item: "sku-1", Lines: []offers.Line{{Item: "sku-1", Quantity: 2}},
	})
	answer, _, err := d.n.shop.Submit(d.t.Context(), "test", shop.Command{Do: offers.DoClaim, Site: "test", ID: offers.OfferID("test", campaign, trigger), Body: body})
	if err != nil {
		d.t.Fatal(err)
	}
	return answer.(*offers.Decision)
}

const rescueBody = `{"title":"Rescue","discount":{"kind":"percent","value":10,"max":500},"budget":{"amount":1000,"currency":"EUR"},"ttl_s":600}`

// shownCampaign is what GET answers of a campaign.
type shownCampaign struct {
	ID         string
	Title      string
	State      string
	Disclosure string
	Salt       string
	Created    int64
	Budget     struct {
		Amount   int64
		Currency string
	}
	Trigger struct {
		Kind string
		Idle int64 `json:"idle_s"`
	}
	Totals struct {
		Granted, Held, Live, Redeemed, Expired, Cancelled, Reserved, Spent, Free int64
		Refusals                                                                 map[string]int64
	}
}

func TestCampaignThroughItsLife(t *testing.T) {
	d := newOfferDesk(t)
	var c, again shownCampaign
	d.want(201, "PUT", "/v1/campaigns/rescue", d.secret, rescueBody, &c)
	if c.ID != "rescue" || c.State != "active" || c.Disclosure == "" || c.Salt == "" || c.Created == 0 || c.Trigger.Kind != "cart_at_risk" || c.Trigger.Idle != 90 || c.Totals.Free != 1000 {
		t.Fatalf("made %+v", c)
	}
	text := d.want(200, "GET", "/v1/campaigns/rescue", d.secret, "", &again)
	if !reflect.DeepEqual(c, again) {
		t.Errorf("got  %+v\nwant %+v", again, c)
	}
	d.want(200, "PUT", "/v1/campaigns/rescue", d.secret, text, nil) // its own answer can be put back
	d.want(201, "PUT", "/v1/campaigns/b", d.secret, `{"title":"B","discount":{"kind":"amount","value":100},"budget":{"amount":5,"currency":"EUR"},"state":"paused","disclosure":"For you"}`, nil)
	var list struct{ Campaigns []shownCampaign }
	d.want(200, "GET", "/v1/campaigns", d.secret, "", &list)
	if len(list.Campaigns) != 2 || list.Campaigns[0].ID != "b" || list.Campaigns[0].State != "paused" || list.Campaigns[0].Disclosure != "For you" {
		t.Errorf("list %+v", list)
	}
	for i := range 4 {
		d.claim("rescue", fmt.Sprint("v", i), "e1-"+fmt.Sprint(i))
	}
	d.want(200, "GET", "/v1/campaigns/rescue", d.secret, "", &c)
	if got := c.Totals; got.Granted != 2 || got.Live != 2 || got.Reserved != 798 || got.Free != 202 || got.Refusals["no_budget"] != 2 {
		t.Errorf("totals %+v", got)
	}
	d.wantCode(409, "budget_below_spent", "PUT", "/v1/campaigns/rescue", strings.Replace(rescueBody, "1000", "797", 1))
	d.wantCode(409, "currency_fixed", "PUT", "/v1/campaigns/rescue", strings.Replace(rescueBody, "EUR", "GBP", 1))
	d.want(200, "POST", "/v1/campaigns/rescue/state", d.secret, `{"state":"paused"}`, &c)
	if got := d.claim("rescue", "v9", "e2"); c.State != "paused" || got.Code != "not_running" {
		t.Errorf("paused: %+v, %+v", c, got)
	}
	d.want(200, "POST", "/v1/campaigns/rescue/state", d.secret, `{"state":"ended"}`, nil)
	d.wantCode(409, "campaign_ended", "POST", "/v1/campaigns/rescue/state", `{"state":"active"}`)
	d.want(200, "DELETE", "/v1/campaigns/rescue", d.secret, "", nil)
	d.wantCode(404, "unknown_campaign", "GET", "/v1/campaigns/rescue", "")
	d.wantCode(404, "unknown_campaign", "DELETE", "/v1/campaigns/rescue", "")
	d.wantCode(404, "unknown_campaign", "POST", "/v1/campaigns/rescue/state", `{"state":"paused"}`)
	if got := d.want(200, "GET", "/v1/offers?visitor=v0", d.secret, "", nil); got != `{"offers":[]}` {
		t.Errorf("offers of a removed campaign: %s", got)
	}
}

func TestCampaignsThatCannotBeAreNamed(t *testing.T) {
	d := newOfferDesk(t)
	for _, c := range []struct{ old, new, code, field string }{
		{`"title":"Rescue"`, `"title":""`, "bad_campaign", "title"},
		{`"value":10`, `"value":0`, "bad_campaign", "discount.value"},
		{`"value":10`, `"value":"ten"`, "bad_field", "discount.value"},
		{`"ttl_s":600`, `"ttl_s":6`, "bad_campaign", "ttl_s"},
		{`"ttl_s":600`, `"holdout":1`, "bad_campaign", "holdout"},
		{`"ttl_s":600`, `"caps":{"per_visitor":1}`, "bad_field", "caps.per_visitor"},
		{`"EUR"`, `"XXQ"`, "bad_campaign", "budget.currency"},
		{`"ttl_s":600`, `"state":"ended"`, "bad_state", "state"},
		{`"ttl_s":600`, `"id":"other"`, "bad_id", "id"},
		{rescueBody, `[]`, "bad_json", "body"},
		{rescueBody, `{`, "bad_json", "body"},
	} {
		body := strings.Replace(rescueBody, c.old, c.new, 1)
		d.wantCode(400, c.code, "PUT", "/v1/campaigns/rescue", body)
		if text := d.want(400, "PUT", "/v1/campaigns/rescue", d.secret, body, nil); !strings.Contains(text, `"message":"`+c.field) {
			t.Errorf("%s: %s does not name %s", c.new, text, c.field)
		}
	}
	d.wantCode(400, "bad_id", "PUT", "/v1/campaigns/no%20spaces", rescueBody)
	d.want(401, "PUT", "/v1/campaigns/rescue", d.public, rescueBody, nil)
	d.want(401, "GET", "/v1/campaigns", d.public, "", nil)
}

func TestOfferIsShownToItsShopperAndRedeemedOnce(t *testing.T) {
	d := newOfferDesk(t)
	d.want(201, "PUT", "/v1/campaigns/rescue", d.secret, rescueBody, nil)
	var session struct{ Visitor, Token string }
	d.want(200, "POST", "/v1/session", d.public, "", &session)
	if got := d.claim("rescue", session.Visitor, "e1"); got.Outcome != offers.Granted {
		t.Fatalf("claim %+v", got)
	}
	var mine struct{ Offers []offerAnswer }
	d.want(200, "GET", "/v1/offers", d.public, "", &mine, "X-Beckon-Token", session.Token)
	if len(mine.Offers) != 1 {
		t.Fatalf("offers %+v", mine)
	}
	o := mine.Offers[0]
	if o.Title != "Rescue" || o.Item != "sku-1" || o.Campaign != "rescue" || o.Disclosure == "" || o.Discount != (offerDiscount{"percent", 10, 399, "EUR"}) ||
		len(o.Code) != 19 || o.Expires < d.n.now().UnixMilli()+590_000 || !strings.HasPrefix(o.ID, "o_") {
		t.Errorf("offer %+v", o)
	}
	var bySecret struct{ Offers []offerAnswer }
	d.want(200, "GET", "/v1/offers?visitor="+session.Visitor, d.secret, "", &bySecret)
	if !reflect.DeepEqual(mine, bySecret) {
		t.Errorf("the shop sees %+v, the shopper %+v", bySecret, mine)
	}
	if got := d.want(200, "GET", "/v1/offers?visitor=another", d.secret, "", nil); got != `{"offers":[]}` {
		t.Errorf("another's offers: %s", got)
	}
	d.want(401, "GET", "/v1/offers", d.public, "", nil)
	d.wantCode(400, "missing_visitor", "GET", "/v1/offers", "")

	redeem := func(code, transaction, more string) string {
		return fmt.Sprintf(`{"code":%q,"transaction_id":%q%s}`, code, transaction, more)
	}
	end := d.n.shop.Offset()
	d.wantCode(400, "missing_code", "POST", "/v1/offers/redeem", redeem("", "T1", ""))
	d.wantCode(404, "unknown_code", "POST", "/v1/offers/redeem", redeem("0000-0000-0000-0000", "T1", ""))
	d.wantCode(404, "unknown_code", "POST", "/v1/offers/redeem", redeem(d.n.codes.Code("other", 1), "T1", ""))
	d.wantCode(400, "bad_transaction", "POST", "/v1/offers/redeem", redeem(o.Code, "", ""))
	d.wantCode(400, "bad_cart", "POST", "/v1/offers/redeem", redeem(o.Code, "T1", `,"cart":{"value":-5}`))
	d.wantCode(400, "bad_visitor", "POST", "/v1/offers/redeem", redeem(o.Code, "T1", `,"visitor":"no spaces"`))
	d.wantCode(404, "unknown_offer", "DELETE", "/v1/offers/o_1", "")
	if got := d.n.shop.Offset(); got != end {
		t.Errorf("guesses left %d records", got-end)
	}
	d.wantCode(404, "unknown_offer", "POST", "/v1/offers/redeem", redeem(d.n.codes.Code("test", 99), "T1", ""))
	d.wantCode(409, "other_shopper", "POST", "/v1/offers/redeem", redeem(o.Code, "T1", `,"visitor":"another"`))
	d.wantCode(409, "currency", "POST", "/v1/offers/redeem", redeem(o.Code, "T1", `,"cart":{"value":1000,"currency":"GBP"}`))
	var got redeemAnswer
	cart := `,"visitor":"` + session.Visitor + `","cart":{"value":1999,"currency":"EUR","lines":[{"item_id":"sku-1","quantity":1,"price":1999}]}`
	for range 2 {
		d.want(200, "POST", "/v1/offers/redeem", d.secret, redeem(strings.ToLower(o.Code), "T1", cart), &got)
		if got != (redeemAnswer{true, o.ID, "rescue", 199, "EUR"}) {
			t.Errorf("redeemed %+v", got)
		}
	}
	d.wantCode(409, "used", "POST", "/v1/offers/redeem", redeem(o.Code, "T2", ""))
	d.wantCode(409, "used", "DELETE", "/v1/offers/"+o.ID, "")
	d.want(401, "POST", "/v1/offers/redeem", d.public, redeem(o.Code, "T1", ""), nil)

	other := d.claim("rescue", "v2", "e2").Offer
	d.want(200, "DELETE", "/v1/offers/"+other.ID, d.secret, "", nil)
	d.wantCode(409, "cancelled", "POST", "/v1/offers/redeem", redeem(d.n.codes.Code("test", other.Number), "T3", ""))
	if got := d.want(200, "GET", "/v1/offers?visitor=v2", d.secret, "", nil); got != `{"offers":[]}` {
		t.Errorf("a cancelled offer is shown: %s", got)
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// shelf puts one item into the catalog.
func (in *installation) shelf(item string, stock int) {
	in.t.Helper()
	in.want(202, "PUT", "/v1/items", in.secret, fmt.Sprintf(`{"item_id":%q,"title":"One","price":1000,"currency":"EUR","stock":%d}`, item, stock), nil)
}

func reservation(id, item string, quantity int) string {
	return fmt.Sprintf(`{"id":%q,"lines":[{"item_id":%q,"quantity":%d}],"ttl_s":600}`, id, item, quantity)
}

func TestReservationThroughItsLife(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.shelf("sku-1", 5)
	f := func(status int, method, path, body, want string) {
		t.Helper()
		if text := in.want(status, method, path, in.secret, body, nil); !strings.Contains(text, want) {
			t.Errorf("%s %s: %s, want %s", method, path, text, want)
		}
	}
	var held struct {
		ID      string
		Expires int64
		Lines   []struct {
			ItemID   string `json:"item_id"`
			Quantity int
		}
	}
	before := time.Now().UnixMilli()
	in.want(201, "POST", "/v1/reservations", in.secret, reservation("cart-1", "sku-1", 3), &held)
	if held.ID != "cart-1" || held.Expires < before+600_000 || len(held.Lines) != 1 || held.Lines[0].ItemID != "sku-1" || held.Lines[0].Quantity != 3 {
		t.Errorf("%+v", held)
	}
	f(200, "POST", "/v1/reservations", reservation("cart-1", "sku-1", 3), `"id":"cart-1"`)
	f(409, "POST", "/v1/reservations", reservation("cart-1", "sku-1", 2), `"reservation_differs"`)
	f(409, "POST", "/v1/reservations", reservation("cart-2", "sku-1", 3), `"item_id":"sku-1"`)
	var full struct {
		Error struct {
			Code, Message string
			ItemID        string `json:"item_id"`
			Free          *int
		}
	}
	in.want(409, "POST", "/v1/reservations", in.secret, reservation("cart-2", "sku-1", 3), &full)
	if e := full.Error; e.Code != "sold_out" || e.Message == "" || e.ItemID != "sku-1" || e.Free == nil || *e.Free != 2 {
		t.Errorf("%+v", full)
	}
	f(404, "POST", "/v1/reservations", reservation("cart-2", "none", 3), `"unknown_item"`)
	f(400, "POST", "/v1/reservations", `{"lines":[]}`, `"missing_lines"`)
	f(400, "POST", "/v1/reservations", `{"lines":[{"item_id":"sku-1","quantity":0}]}`, `"bad_quantity"`)
	f(400, "POST", "/v1/reservations", `{"lines":[{"item_id":"sku-1","quantity":1}],"ttl_s":29}`, `"bad_ttl"`)
	f(400, "POST", "/v1/reservations", `[`, `"bad_json"`)
	f(200, "GET", "/v1/reservations/cart-1", "", `"lines":[{"item_id":"sku-1","quantity":3,"available":5}]`) // its own are not others'
	f(200, "GET", "/v1/items/sku-1", "", `"reserved":3`)
	f(404, "GET", "/v1/reservations/none", "", `"unknown_reservation"`)
	f(200, "DELETE", "/v1/reservations/cart-1", "", `"released":"cart-1"`)
	f(200, "DELETE", "/v1/reservations/cart-1", "", `"released":"cart-1"`)
	f(404, "DELETE", "/v1/reservations/none", "", `"unknown_reservation"`)
	f(409, "POST", "/v1/reservations/cart-1/commit", "", `"reservation_released"`)
	f(201, "POST", "/v1/reservations", reservation("cart-1", "sku-1", 5), `"cart-1"`)
	f(202, "POST", "/v1/stock", `{"item_id":"sku-1","delta":-2,"reservation":"cart-1","id":"o-1"}`, `"accepted":1`)
	f(200, "POST", "/v1/reservations/cart-1/commit", "", `"state":"committed"`)
	f(200, "POST", "/v1/reservations/cart-1/commit", "", `"state":"committed"`)
	f(200, "GET", "/v1/reservations/cart-1", "", `"state":"committed"`)
	f(409, "DELETE", "/v1/reservations/cart-1", "", `"reservation_committed"`)
	f(200, "GET", "/v1/items/sku-1", "", `"stock":0`)
	in.want(401, "POST", "/v1/reservations", in.public, reservation("cart-3", "sku-1", 1), nil)
}

func TestAThousandClaimsOverHTTPGrantWhatIsThere(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.shelf("sku-1", 100)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, MaxConnsPerHost: 100}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	count := map[int]int{}
	var wg sync.WaitGroup
	begin := time.Now()
	for i := range 1000 {
		wg.Go(func() {
			req, err := http.NewRequest("POST", in.url+"/v1/reservations", strings.NewReader(reservation(fmt.Sprint("cart-", i), "sku-1", 1)))
			if err != nil {
				t.Error(err)
				return
			}
			req.Header.Set("Authorization", "Bearer "+in.secret)
			resp, err := client.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			var answer struct {
				ID    string
				Error struct{ Code string }
			}
			if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode == 409 && answer.Error.Code != "sold_out" {
				t.Errorf("%d %+v %v", resp.StatusCode, answer, err)
			}
			mu.Lock()
			count[resp.StatusCode]++
			mu.Unlock()
		})
	}
	wg.Wait()
	t.Logf("1000 claims in %v", time.Since(begin))
	if count[201] != 100 || count[409] != 900 {
		t.Errorf("%v, want 100 granted and 900 refused", count)
	}
}

// TestStockNewsReachesThoseWhomItConcerns follows one last piece through reservation, release, sale and return, in the eyes of a
// shopper with it on the page, one with it in the cart and one with it on the wishlist.
func TestStockNewsReachesThoseWhomItConcerns(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.shelf("sku-1", 50)
	cart, page, wish := in.shopper(), in.shopper(), in.shopper()
	cart.did("add_to_cart", "sku-1", "")
	page.did("view_item", "sku-1", "")
	wish.did("add_to_wishlist", "sku-1", "")
	in.settle()
	all := []*shopperSocket{cart, page, wish}
	f := func(what, level string, left int, reserved, sold bool) {
		t.Helper()
		for _, s := range all {
			got := s.await("stock", func(f pushed) bool { return f.ItemID == "sku-1" && f.Level == level })
			if got.Reserved != reserved || got.Sold != sold || (got.Left != nil) != (left > 0) || left > 0 && *got.Left != left {
				t.Errorf("%s: %+v", what, got)
			}
		}
	}
	for _, s := range all { // until each hub worker has read the interests, a change would pass them by
		s.send(`{"type":"subscribe","placements":["home"]}`)
		s.await("recommendations", nil)
		s.did("view_item", "other", "")
		s.await("recommendations", nil)
	}
	page.did("view_item", "sku-1", "")
	page.await("recommendations", nil)

	in.want(202, "POST", "/v1/stock", in.secret, `{"item_id":"sku-1","stock":1}`, nil)
	f("few", "low", 1, false, false)
	in.want(201, "POST", "/v1/reservations", in.secret, reservation("c1", "sku-1", 1), nil)
	f("reserved", "out", 0, true, false)
	in.want(200, "DELETE", "/v1/reservations/c1", in.secret, "", nil)
	f("released", "low", 1, false, false)
	in.want(201, "POST", "/v1/reservations", in.secret, reservation("c2", "sku-1", 1), nil)
	f("reserved again", "out", 0, true, false)
	in.want(200, "POST", "/v1/reservations/c2/commit", in.secret, "", nil)
	f("sold", "out", 0, false, true)
	late := in.shopper()
	late.send(`{"type":"subscribe","items":["sku-1"]}`)
	if got := late.await("stock", nil); got.Level != "out" || got.Sold || got.Reserved {
		t.Errorf("who comes later is told that it is out, and no news: %+v", got)
	}
	in.want(202, "POST", "/v1/stock", in.secret, `{"item_id":"sku-1","stock":2}`, nil)
	f("back", "back", 0, false, false)
	in.want(202, "POST", "/v1/stock", in.secret, `{"item_id":"sku-1","stock":0}`, nil)
	f("the shop's word", "out", 0, false, false)
	for _, s := range append(all, late) {
		s.ws.Close(websocket.StatusNormalClosure, "")
	}
}

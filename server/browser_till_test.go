package main

import (
	"fmt"
	"testing"
)

// TestTheLastPieceIsHeldForOneOfTwo has two shoppers with the same last piece in their carts: the first at the till holds it, the second
// is told so, and both see when it is sold.
func TestTheLastPieceIsHeldForOneOfTwo(t *testing.T) {
	in := startDemo(t)
	item := in.trending()[0]
	in.setStock(item, 1)
	first, second := openWindow(t, startBrowser(t)), openWindow(t, startBrowser(t)) // two people: carts live in the browser
	page := in.url + "/shop/p/" + item
	stock := `document.querySelector('.product [data-beckon="stock"]').textContent`
	for _, w := range []*window{first, second} {
		w.open(page)
		w.until("one is left", stock+`.includes("1")`)
		w.click("[data-add]")
		w.until("the cart has it", `document.querySelector("[data-cart-count]").textContent.trim() === "1"`)
	}
	first.open(in.url + "/shop/checkout")
	first.until("it is held", `/^Held for you until \d\d:\d\d/.test(document.querySelector("[data-held]").textContent.trim()) && /^9:/.test(document.querySelector("[data-countdown]").textContent)`)
	second.until("the other is told without a reload", stock+`=== "In a cart for now" && document.querySelector("[data-add]").disabled`)

	second.open(in.url + "/shop/checkout")
	second.until("someone else was faster", `/^Someone else was faster/.test(document.querySelector(".problem").textContent)`)
	second.click("[data-fixes] button")
	second.until("an empty cart is no checkout", `location.pathname === "/shop/cart"`)
	second.open(page)
	second.until("still in a cart", stock+`=== "In a cart for now"`)
	second.text(`(window.notReloaded = true, "")`)

	first.click("[data-checkout] [type=submit]")
	first.until("thanks", `!!document.querySelector("[data-thanks]")`)
	second.until("sold", stock+`=== "The last one was just sold"`)
	in.setStock(item, 3)
	second.until("back", stock+`=== "Back in stock" && !document.querySelector("[data-add]").disabled && window.notReloaded`)
}

// TestAPriceThatRoseIsPaidOnlyWithConsent raises a price while it stands in a cart without a promise.
func TestAPriceThatRoseIsPaidOnlyWithConsent(t *testing.T) {
	in := startDemo(t)
	item := in.trending()[0]
	in.setStock(item, 9)
	w := openWindow(t, startBrowser(t))
	w.open(in.url + "/shop/p/" + item)
	w.until("a price with its quote is shown", `document.querySelector(".offer .price").dataset.quote`)
	w.click("[data-add]")
	w.open(in.url + "/shop/checkout")
	w.until("it is held", `!document.querySelector("[data-held]").hidden`)
	var listed struct{ Price int }
	in.want(200, "GET", "/v1/items/"+item, in.secret, "", &listed)
	higher := listed.Price * 11 / 10 // within the item's limits
	price := fmt.Sprintf("%d.%02d", higher/100, higher%100)
	in.want(202, "PUT", "/v1/items", in.secret, repriced(in, item, higher), nil)
	w.until("the promise is kept", `!document.querySelector("[data-total]").textContent.includes("`+price+`")`)

	// As if the promise had run out on a page that has not heard of the new price.
	w.text(`(localStorage.setItem("shop.cart", JSON.stringify(JSON.parse(localStorage.getItem("shop.cart")).map((l) => ({...l, price: 100, quote: "", until: 0})))),
		dispatchEvent(new StorageEvent("storage", {key: "shop.cart"})), "")`)
	w.click("[data-checkout] [type=submit]")
	w.until("consent is asked for", `!document.querySelector(".agree").hidden && document.querySelector("[data-agree]").textContent.includes("`+price+`")`)
	w.click(".agree input")
	w.click("[data-checkout] [type=submit]")
	w.until("thanks", `!!document.querySelector("[data-thanks]") && document.querySelector("[data-total]").textContent.includes("`+price+`")`)
}

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestAPriceThatWasShownIsKept looks at an item while its price rises and falls: the page shows what the shopper was promised, on
// the next page as well, and its quote is worth exactly that.
func TestAPriceThatWasShownIsKept(t *testing.T) {
	in := newInstallation(t)
	var key struct{ Key string }
	page := ""
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page)
	}))
	t.Cleanup(site.Close)
	if err := json.Unmarshal([]byte(in.command("keys", "create", "--site", in.site, "--kind", "public", "--json", "--data", in.dir, "--origin", site.URL)), &key); err != nil {
		t.Fatal(err)
	}
	in.start()
	in.kettleAt(1999)
	page = fmt.Sprintf(`<!DOCTYPE html><html lang="en"><body><b data-beckon="price" data-item="sku-1"></b><script async src="%s/b.js" data-key="%s"></script></body></html>`, in.url, key.Key)

	w := openWindow(t, startBrowser(t))
	price := `document.querySelector("b")`
	held := `"beckonHeld" in ` + price + `.dataset`
	shows := func(what, amount string) {
		t.Helper()
		w.until(what, fmt.Sprintf(`%s.dataset.amount === %q`, price, amount))
	}
	worth := func() string {
		t.Helper()
		terms := in.verify(w.text(price+`.dataset.quote`), "")
		if !terms.Valid {
			t.Fatalf("the page's quote: %+v", terms)
		}
		return fmt.Sprint(*terms.Amount, " of ", *terms.Current)
	}

	w.open(site.URL + "/p")
	shows("the price", "1999")
	in.kettleAt(2499)
	w.until("the promise, held", held)
	shows("the promised price", "1999")
	if got := worth(); got != "1999 of 2499" {
		t.Errorf("after a rise the quote is worth %s", got)
	}
	w.open(site.URL + "/q")
	w.until("the promise, held on the next page", held)
	shows("the promised price", "1999")
	in.kettleAt(1499)
	shows("the lower price", "1499")
	w.until("nothing held", "!("+held+")")
	if got := worth(); got != "1499 of 1499" {
		t.Errorf("after a drop the quote is worth %s", got)
	}
}

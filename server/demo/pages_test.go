package demo

import (
	"io"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"beckon/web"
)

func newApp(url string) *fiber.App {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	Register(app, Shop{Account{URL: url, Public: "pk_demo", Secret: "sk_demo"}, NewCatalog(1)})
	return app
}

// get asks the app and returns status, body and a header.
func get(t *testing.T, app *fiber.App, path string) (status int, body string, header func(string) string) {
	t.Helper()
	resp, err := app.Test(httptest.NewRequest("GET", path, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Header.Get
}

func TestEveryPageStands(t *testing.T) {
	app := newApp("http://127.0.0.1:1")
	for path, wants := range map[string][]string{
		"/shop":                          {"Picked for you", `data-placement="home"`},
		"/shop/c/kitchen":                {`data-placement="category"`, `data-category="kitchen"`, "Next page"},
		"/shop/c/kitchen?page=3":         {"Previous page"},
		"/shop/c/desk?kind=headphones":   {"Alva Headphones"},
		"/shop/c/desk?order=price":       {`aria-current`},
		"/shop/search?q=plum+lamp":       {"Hedda Table Lamp", `data-beckon-search="plum lamp"`},
		"/shop/search?q=zzz":             {"Nothing has all of these words"},
		"/shop/search":                   {"What are you looking for?"},
		"/shop/p/isar-kettle":            {`data-beckon-view="isar-kettle"`, `data-beckon-add-to-cart="isar-kettle"`, `data-beckon="stock"`},
		"/shop/cart":                     {`data-placement="cart"`},
		"/shop/checkout":                 {"Place the order"},
		"/shop/thanks":                   {`data-placement="post_purchase"`},
		"/shop/inspect":                  {"Events sent"},
		"/shop/c/kitchen?page=-5&kind=x": {"Kitchen"},
	} {
		status, body, header := get(t, app, path)
		if status != 200 || !strings.HasPrefix(header("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", path, status, header("Content-Type"))
		}
		for _, want := range append(wants, `<script async src="/b.js" data-key="pk_demo"></script>`, `lang="en"`, "<h1") {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
		if !strings.Contains(header("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s has policy %q", path, header("Content-Security-Policy"))
		}
		if strings.Contains(body, "style=") || regexp.MustCompile(`<script[^>]*>[^<]`).MatchString(body) {
			t.Errorf("%s needs inline code, which the policy forbids", path)
		}
		if far := regexp.MustCompile(`(src|href)="(https?:)?//`).FindString(body); far != "" {
			t.Errorf("%s loads from elsewhere: %s", path, far)
		}
	}
}

func TestUnknownAddressesAreNotFound(t *testing.T) {
	app := newApp("http://127.0.0.1:1")
	for _, path := range []string{"/shop/p/none", "/shop/c/none", "/shop/nowhere", "/shop/pictures/none.svg", "/shop/assets/none.js", "/shop/assets/..%2fdoc.go"} {
		if status, _, _ := get(t, app, path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestSearchedWordsAreText(t *testing.T) {
	_, body, _ := get(t, newApp("http://127.0.0.1:1"), `/shop/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E%ff`)
	if strings.Contains(body, "<script>alert") {
		t.Error("what was searched for is markup")
	}
}

func TestPicturesAndAssetsMayBeKept(t *testing.T) {
	app := newApp("http://127.0.0.1:1")
	for path, want := range map[string]string{
		"/shop/pictures/isar-kettle.svg":            "image/svg+xml",
		"/shop/assets/" + web.AssetPath("shop.js"):  "text/javascript",
		"/shop/assets/" + web.AssetPath("shop.css"): "text/css",
	} {
		status, body, header := get(t, app, path)
		if status != 200 || !strings.HasPrefix(header("Content-Type"), want) || !strings.Contains(header("Cache-Control"), "max-age") || body == "" {
			t.Errorf("%s: %d %s %s", path, status, header("Content-Type"), header("Cache-Control"))
		}
	}
}

func TestPagesSpeakGerman(t *testing.T) {
	app := newApp("http://127.0.0.1:1")
	for path, wants := range map[string][]string{
		"/shop?lang=de":                         {`lang="de"`, "Für Sie ausgesucht", "Abteilungen", "Küche"},
		"/shop/c/desk?lang=de&kind=headphones":  {"Kopfhörer", "Unsere Reihenfolge", "€"},
		"/shop/p/isar-kettle?lang=de":           {"Lagunengrün", "ohne zu tropfen", "In den Warenkorb"},
		"/shop/search?lang=de&q=wasserkessel":   {"„wasserkessel“", "Isar Kettle", "12 gefunden"},
		"/shop/checkout?lang=de":                {"Bestellen"},
		"/shop/search?lang=de&q=lampe+moosgrün": {"Birk Table Lamp"},
	} {
		_, body, header := get(t, app, path)
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %s", path, want)
			}
		}
		if !strings.Contains(header("Set-Cookie"), "shop_lang=de") {
			t.Errorf("%s: the language is not kept: %q", path, header("Set-Cookie"))
		}
	}
	r := httptest.NewRequest("GET", "/shop", nil)
	r.Header.Set("Accept-Language", "de-AT,en;q=0.3")
	resp, err := app.Test(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(body), `lang="de"`) {
		t.Errorf("a German browser gets English: %v", err)
	}
}

package shop

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	json "github.com/go-json-experiment/json"
)

// Google Merchant product feeds, after Google's product data specification: RSS 2.0 or Atom with the g: namespace, or
// tab-separated values. What the catalog has no field for and shoppers choose by becomes an attribute.

// readGoogle gives every product of a feed to take. now, Unix ms, decides whether a sale price is in force. The error is the
// reader's, take's, or a *Refusal with code bad_feed when the rest cannot be read.
func readGoogle(r io.Reader, currency string, now int64, take func(*incoming) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	each := func(index int, p product, bad *lineError) error {
		got := incoming{index: index, rejected: bad}
		if bad == nil {
			got.rejected = got.fromProduct(p, currency, now)
		} else if id := p["id"]; validItemID(id) {
			got.item.ID = id
		}
		return take(&got)
	}
	if bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"), []byte("<")) {
		return readGoogleXML(in, each)
	}
	return readGoogleTSV(in, each)
}

// product is the attributes of one product by Google's name; of a repeated one the first.
type product map[string]string

// keptAttributes are those that go into Item.Attributes under their own name.
var keptAttributes = [...]string{"age_group", "color", "condition", "gender", "gtin", "material", "mpn", "pattern", "size", "size_system", "size_type"}

// fromProduct fills in the item: the sale price while it is in force, product_type before google_product_category, and stock from
// a quantity if there is one, else from availability.
func (in *incoming) fromProduct(p product, currency string, now int64) *lineError {
	w := &in.item
	w.ID = p["id"]
	for name, value := range p {
		if !utf8.ValidString(value) {
			w.ID = strings.ToValidUTF8(clip(w.ID), "?")
			return wrong("bad_utf8", "%s: not UTF-8", clip(name))
		}
	}
	w.Title, w.URL, w.Image, w.Brand, w.Group = p["title"], p["link"], p["image_link"], p["brand"], p["item_group_id"]
	w.Category = categoryPath(p["product_type"])
	if len(w.Category) == 0 {
		w.Category = categoryPath(p["google_product_category"])
	}
	for n := range 5 {
		if label := p["custom_label_"+strconv.Itoa(n)]; label != "" {
			w.Tags = append(w.Tags, label)
		}
	}
	regular, bad := in.prices(p, currency, now)
	if bad == nil {
		bad = in.availability(p)
	}
	if bad != nil {
		return bad
	}
	attributes := map[string]any{}
	for _, name := range keptAttributes {
		if v := p[name]; v != "" {
			attributes[name] = v
		}
	}
	if regular != nil {
		attributes["regular_price"] = *regular
	}
	if len(attributes) > 0 {
		text, err := json.Marshal(attributes, json.Deterministic(true))
		if err != nil {
			return wrong("bad_field", "attributes: %v", err)
		}
		w.Attributes = text
	}
	return w.check(currency)
}

// prices reads price, sale_price, cost and floor. regular is the price that a sale replaces.
func (in *incoming) prices(p product, currency string, now int64) (regular *int64, bad *lineError) {
	w := &in.item
	for _, f := range [...]struct {
		name string
		to   **int64
	}{{"price", &w.Price}, {"cost_of_goods_sold", &w.Cost}, {"auto_pricing_min_price", &w.Floor}} {
		if p[f.name] == "" {
			continue
		}
		amount, code, bad := googlePrice(f.name, p[f.name], currency)
		if bad != nil {
			return nil, bad
		}
		if w.Currency == "" {
			w.Currency = code
		}
		if code != w.Currency {
			return nil, wrong("bad_currency", "%s: in %s, the price in %s", f.name, code, w.Currency)
		}
		*f.to = &amount
	}
	if p["sale_price"] == "" || w.Price == nil {
		return nil, nil
	}
	sale, code, bad := googlePrice("sale_price", p["sale_price"], currency)
	if bad != nil {
		return nil, bad
	}
	if code != w.Currency {
		return nil, wrong("bad_currency", "sale_price: in %s, the price in %s", code, w.Currency)
	}
	on, bad := within(p["sale_price_effective_date"], now)
	if bad != nil || !on || sale >= *w.Price {
		return nil, bad
	}
	regular, w.Price = w.Price, &sale
	return regular, nil
}

// googlePrice reads "19.99 EUR", "EUR 19.99" or, in the site's currency, "19.99".
func googlePrice(field, text, currency string) (amount int64, code string, bad *lineError) {
	number, code, two := strings.Cut(strings.TrimSpace(text), " ")
	code = strings.TrimSpace(code)
	if two && !validCurrency(code) {
		number, code = code, number
	}
	if !two {
		code = currency
	}
	if !validCurrency(code) {
		return 0, "", wrong("bad_currency", "%s: %q has no currency of ISO 4217", field, clip(text))
	}
	amount, ok := minorUnits(number, code)
	if !ok {
		return 0, "", wrong("bad_price", "%s: %q, want an amount such as 19.99 %s", field, clip(text), code)
	}
	return amount, code, nil
}

var intervalForms = [...]string{"2006-01-02T15:04Z0700", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", time.RFC3339, "2006-01-02T15:04", "2006-01-02"}

// within says whether now lies in an ISO 8601 interval, start/end; an empty one is always.
func within(interval string, now int64) (bool, *lineError) {
	if interval == "" {
		return true, nil
	}
	start, end, ok := strings.Cut(interval, "/")
	from, okFrom := parseMoment(start)
	to, okTo := parseMoment(end)
	if !ok || !okFrom || !okTo {
		return false, wrong("bad_field", "sale_price_effective_date: %q is not start/end of ISO 8601", clip(interval))
	}
	return from <= now && now < to, nil
}

func parseMoment(text string) (ms int64, ok bool) {
	for _, form := range intervalForms {
		if t, err := time.Parse(form, strings.TrimSpace(text)); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}

func (in *incoming) availability(p product) *lineError {
	a := strings.ReplaceAll(strings.ToLower(p["availability"]), " ", "_")
	none := int64(0)
	switch a {
	case "out_of_stock":
		in.item.Stock = &none
		return nil
	case "", "in_stock", "preorder", "pre-order", "pre_order", "backorder", "available_for_order", "limited_availability":
	default:
		return wrong("bad_stock", "availability: %q, want in_stock, out_of_stock, preorder or backorder", clip(p["availability"]))
	}
	for _, name := range [...]string{"quantity", "sell_on_google_quantity"} {
		if p[name] == "" {
			continue
		}
		n, err := strconv.ParseInt(p[name], 10, 64)
		if err != nil {
			return wrong("bad_stock", "%s: %q, want a whole number", name, clip(p[name]))
		}
		in.item.Stock = &n
		return nil
	}
	in.stockMode = stockSome
	return nil
}

// categoryPath splits "Home > Kitchen". A number, Google's id of a category, says nothing to people and is left out.
func categoryPath(text string) []string {
	var path []string
	for part := range strings.SplitSeq(text, ">") {
		if part = strings.TrimSpace(part); part != "" {
			path = append(path, part)
		}
	}
	if len(path) == 1 {
		if _, err := strconv.Atoi(path[0]); err == nil {
			return nil
		}
	}
	return path
}

package web

import (
	"fmt"
	"strconv"
)

// ShopPage is what every page of the demo shop needs.
type ShopPage struct {
	Title      string
	Key        string // the demo site's public key
	Query      string // what was searched for
	Active     string // id of the category that the page is in
	Categories []ShopCategory
}

// ShopCategory is a department as it is linked to.
type ShopCategory struct {
	ID, Name, Text string
	Picture        string // address of an image
}

// ShopItem is an item as it is shown.
type ShopItem struct {
	ID, Title, Brand, Colour, Text string
	Category, CategoryName         string
	URL, Picture                   string
	Price                          int64  // minor units
	Currency                       string // with two decimals
}

// ShopFilter is a link that narrows a list.
type ShopFilter struct {
	Name, URL string
	On        bool
}

// ShopList is a page of items.
type ShopList struct {
	Heading, Text string
	Category      string // id; "" for search results
	Filters       []ShopFilter
	Sorts         []ShopFilter
	Items         []ShopItem
	Total         int
	Earlier, More string // addresses of the neighbouring pages, "" if there is none
}

// PriceText is the price as the page's language writes it, until the beacon knows the current one.
func (it *ShopItem) PriceText() string {
	sign := it.Currency + " "
	if it.Currency == "EUR" {
		sign = "€"
	}
	return fmt.Sprintf("%s%s.%02d", sign, thousands(it.Price/100), it.Price%100)
}

func thousands(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

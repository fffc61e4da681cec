package web

import (
	"net/url"

	"beckon/web/text"
)

// ShopPage is what every page of the demo shop needs.
type ShopPage struct {
	Text       *text.Printer
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

// in is the same page in another language.
func (p *ShopPage) in(lang string) string {
	if p.Query == "" {
		return "?lang=" + lang
	}
	return "?lang=" + lang + "&q=" + url.QueryEscape(p.Query)
}

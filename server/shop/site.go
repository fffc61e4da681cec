package shop

import (
	"cmp"
	"slices"

	"beckon/clickstream"
)

// Clock says what time a site lives in.
type Clock string

// The clocks: a live shop's is the wall's; replayed history has its own.
const (
	WallClock  Clock = "wall"
	EventClock Clock = "event"
)

// Settings is what a site can choose. Zero values mean the defaults.
type Settings struct {
	Name         string   `json:"name,omitempty"`         // shown to people; the id if empty
	Clock        Clock    `json:"clock,omitempty"`        // wall
	Gap          int64    `json:"gap,omitzero"`           // ms without an event that end a session; 30 min
	Lateness     int64    `json:"lateness,omitzero"`      // ms an event may be late; 10 min
	Longest      int64    `json:"longest,omitzero"`       // ms a session may last; 24 h
	Consent      *Consent `json:"consent,omitempty"`      // where a shopper said nothing; both granted
	Currency     string   `json:"currency,omitempty"`     // ISO 4217, of prices that come without one; none
	Origins      []string `json:"origins,omitempty"`      // of public keys that name none: https://shop.example, https://*.shop.example
	LowStock     *int64   `json:"low_stock,omitempty"`    // of items that state none, from their next change on; 5, and 0 means never low
	Headless     bool     `json:"headless,omitzero"`      // headless browsers count as shoppers: a shop that tests its own pages
	ShowUnlisted bool     `json:"show_unlisted,omitzero"` // items that the catalog does not have count as available
}

// Consent is what a site assumes of a shopper who said nothing.
type Consent struct {
	Analytics       bool `json:"analytics"`
	Personalization bool `json:"personalization"`
}

// Bits is c as events carry it.
func (c Consent) Bits() clickstream.Consent {
	var bits clickstream.Consent
	if c.Analytics {
		bits |= clickstream.Analytics
	}
	if c.Personalization {
		bits |= clickstream.Personalization
	}
	return bits
}

// Defaults of Settings.
const (
	DefaultGap      = 30 * 60_000
	DefaultLateness = 10 * 60_000
	DefaultLongest  = 24 * 3600_000
	DefaultLowStock = 5
)

// Site is one shop of an installation, with its settings' defaults filled in.
type Site struct {
	ID string `json:"id"`
	Settings
	Created int64 `json:"created"`          // Unix ms
	Changed int64 `json:"changed"`          // Unix ms of the last change of its settings
	Retired int64 `json:"retired,omitzero"` // Unix ms, 0 while it is live; a retired site's keys open nothing
}

// Sessions is how the site's sessions are cut, as the events log carries it.
func (s *Site) Sessions() clickstream.Settings {
	return clickstream.Settings{Site: s.ID, Gap: s.Gap, Lateness: s.Lateness, Longest: s.Longest}
}

func sortSites(sites []Site) {
	slices.SortFunc(sites, func(a, b Site) int { return cmp.Compare(a.ID, b.ID) })
}

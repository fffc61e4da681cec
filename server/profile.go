package main

import "beckon/clickstream"

// profile is what GET /v1/visitors/{id} tells of a shopper.
type profile struct {
	Visitor   string        `json:"visitor"`
	User      string        `json:"user,omitempty"`
	Devices   []string      `json:"devices,omitempty"` // visitors of the same proven user
	Bot       bool          `json:"bot"`
	Consent   consentJSON   `json:"consent"`
	First     int64         `json:"first_seen"`
	Last      int64         `json:"last_seen"`
	Counts    countsJSON    `json:"counts"`
	Search    string        `json:"last_search,omitempty"`
	Cart      []profileItem `json:"cart"`
	Wishlist  []profileItem `json:"wishlist"`
	Recent    []profileItem `json:"recent"`
	Purchases []profileItem `json:"purchases"`
	Session   *sessionJSON  `json:"session,omitempty"` // the running one
	Visits    int           `json:"visits"`
	Spent     int64         `json:"spent"` // on what was bought and kept on this device, minor units
	Device    string        `json:"device,omitempty"`
	Source    string        `json:"source,omitempty"`
	Segments  []string      `json:"segments"`
}

type consentJSON struct {
	Analytics       bool `json:"analytics"`
	Personalization bool `json:"personalization"`
}

type countsJSON struct {
	Views     int `json:"views"`
	Carts     int `json:"carts"`
	Purchases int `json:"purchases"`
	Searches  int `json:"searches"`
}

type profileItem struct {
	Item     string `json:"item_id"`
	Kind     string `json:"kind,omitempty"`
	Quantity int    `json:"quantity,omitempty"`
	Time     int64  `json:"ts"`
}

type sessionJSON struct {
	Start int64         `json:"start"`
	Steps []profileItem `json:"steps"`
}

func profileOf(visitor string, devices []string, v *clickstream.ShopperView) profile {
	p := profile{
		Visitor: visitor, User: v.User, Devices: devices, Bot: v.Bot, First: v.First, Last: v.Last, Search: v.LastSearch,
		Consent: consentJSON{v.Consent&clickstream.Analytics != 0, v.Consent&clickstream.Personalization != 0},
		Counts:  countsJSON{v.Views, v.Carts, v.Purchases, v.Searches},
		Cart:    profileItems(v.Cart), Wishlist: profileItems(v.Wishlist), Recent: profileItems(v.Recent), Purchases: profileItems(v.Bought),
	}
	if v.Visits > 0 {
		p.Visits, p.Spent, p.Device, p.Source = v.Visits, v.Spent, v.Device.String(), v.Source
	}
	if v.SessionStart != 0 {
		p.Session = &sessionJSON{Start: v.SessionStart, Steps: make([]profileItem, 0, len(v.Session))}
		for _, s := range v.Session {
			p.Session.Steps = append(p.Session.Steps, profileItem{Item: s.Item(), Kind: s.Kind().String(), Time: s.Time()})
		}
	}
	return p
}

func profileItems(items []clickstream.ShopperItem) []profileItem {
	out := make([]profileItem, 0, len(items))
	for _, it := range items {
		out = append(out, profileItem{it.Item, it.Kind.String(), it.Quantity, it.Time})
	}
	return out
}

package ui

// entry is one page in the navigation.
type entry struct {
	nav, key, path string // key of its text
	role           string // the least role that sees it; "" everybody
	icon           string // path of a 24 × 24 drawing
}

type group struct {
	key     string // of its heading
	entries []entry
}

var navigation = []group{
	{"ui.nav.now", []entry{
		{"overview", "ui.nav.overview", "/admin", "", "M4 13h4v7H4zM10 4h4v16h-4zM16 9h4v11h-4z"},
		{"live", "ui.nav.live", "/admin/live", "", "M3 12h4l3-8 4 16 3-8h4"},
	}},
	{"ui.nav.understand", []entry{
		{"recommendations", "ui.nav.recommendations", "/admin/recommendations", "", "m12 3 2.6 5.6 6.1.7-4.5 4.2 1.2 6-5.4-3-5.4 3 1.2-6L3.300 9.300l6.100-.7z"},
		{"funnels", "ui.nav.funnels", "/admin/funnels", "", "M3 5h18l-7 8v6l-4 2v-8z"},
		{"paths", "ui.nav.paths", "/admin/paths", "", "M5 5h5a4 4 0 0 1 4 4v6a4 4 0 0 0 4 4h1M5 5l3-3M5 5l3 3M14 9h5"},
		{"segments", "ui.nav.segments", "/admin/segments", "", "M12 3a9 9 0 1 0 9 9h-9zM16 3.500a9 9 0 0 1 4.500 4.500H16z"},
	}},
	{"ui.nav.steer", []entry{
		{"rules", "ui.nav.rules", "/admin/rules", "", "M4 7h9M17 7h3M4 17h3M11 17h9M13 4.500v5M7 14.500v5"},
		{"prices", "ui.nav.prices", "/admin/prices", "", "M4 4h8l8.500 8.500-8 8L4 12zM8 8h.01"},
		{"stock", "ui.nav.stock", "/admin/stock", "", "m12 3 8 4.500v9L12 21l-8-4.500v-9zM4 7.500l8 4.500 8-4.500M12 12v9"},
		{"offers", "ui.nav.offers", "/admin/offers", "", "M4 11h16v9H4zM3 7h18v4H3zM12 7v13M12 7S7 7 7.500 4.500 12 4 12 7s0-5 3.500-3.500S12 7 12 7"},
		{"experiments", "ui.nav.experiments", "/admin/experiments", "", "M9 3h6M10 3v6l-5.500 9.500A1.700 1.700 0 0 0 6 21h12a1.700 1.700 0 0 0 1.500-2.500L14 9V3M7.500 15h9"},
	}},
	{"ui.nav.manage", []entry{
		{"audit", "ui.nav.audit", "/admin/audit", "", "M4 12a8 8 0 1 0 2.500-5.800M4 4v4h4M12 8v4l3 2"},
		{"health", "ui.nav.health", "/admin/health", "", "M12 20s-8-5-8-11a4.500 4.500 0 0 1 8-2.800A4.500 4.500 0 0 1 20 9c0 6-8 11-8 11z"},
		{"sites", "ui.nav.sites", "/admin/sites", "admin", "M4 10 5.500 4h13L20 10M4 10v10h16V10M4 10h16M9 20v-6h6v6"},
		{"users", "ui.nav.users", "/admin/users", "admin", "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M2.500 20a6.500 6.500 0 0 1 13 0M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500a6.500 6.500 0 0 1 3.500 5.500"},
	}},
}

// roles are the keys of what roles are called.
var roles = map[string]string{"viewer": "ui.role.viewer", "merchandiser": "ui.role.merchandiser", "admin": "ui.role.admin"}

var ranks = map[string]int{"viewer": 1, "merchandiser": 2, "admin": 3}

// menu is the navigation as far as the role may see it.
func menu(role string) (out []group) {
	for _, g := range navigation {
		seen := group{key: g.key}
		for _, e := range g.entries {
			if ranks[role] >= ranks[e.role] {
				seen.entries = append(seen.entries, e)
			}
		}
		if len(seen.entries) > 0 {
			out = append(out, seen)
		}
	}
	return out
}

// home is the first page of the navigation's entry.
func home(nav string) string {
	for _, g := range navigation {
		for _, e := range g.entries {
			if e.nav == nav {
				return e.path
			}
		}
	}
	if nav == "account" {
		return "/admin/account"
	}
	return "/admin"
}

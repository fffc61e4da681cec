package shop

import (
	"context"
	"strings"

	"beckon/clickstream"
)

// CreateSite makes a site. Ids are 1-32 of a-z 0-9 _ -.
func (s *Store) CreateSite(ctx context.Context, actor, id string, set Settings) (Site, error) {
	return s.putSite(ctx, actor, id, set, true)
}

// UpdateSite replaces a site's settings, and brings a retired site back.
func (s *Store) UpdateSite(ctx context.Context, actor, id string, set Settings) (Site, error) {
	return s.putSite(ctx, actor, id, set, false)
}

func (s *Store) putSite(ctx context.Context, actor, id string, set Settings, create bool) (Site, error) {
	if !validSiteID(id) {
		return Site{}, refuse("bad_site", "site: %q is not 1-32 of a-z 0-9 _ -", id)
	}
	if err := set.check(); err != nil {
		return Site{}, err
	}
	if _, err := s.do(ctx, actor, control{Do: doSitePut, Site: id, Settings: &set, New: create}); err != nil {
		return Site{}, err
	}
	return s.site(id).site, nil
}

// RetireSite ends a site: its keys open nothing, its state stays. UpdateSite undoes it.
func (s *Store) RetireSite(ctx context.Context, actor, id string) error {
	_, err := s.do(ctx, actor, control{Do: doSiteRetire, Site: id})
	return err
}

// Site is the site of that id, retired or not.
func (s *Store) Site(id string) (Site, bool) {
	if sv := s.site(id); sv != nil {
		return sv.site, true
	}
	return Site{}, false
}

// Sites is every site, retired ones too, in order of id.
func (s *Store) Sites() []Site {
	v := s.view.Load()
	sites := make([]Site, 0, len(v.sites))
	for _, sv := range v.sites {
		sites = append(sites, sv.site)
	}
	sortSites(sites)
	return sites
}

// DefaultConsent is what a site assumes of shoppers who said nothing; nothing at all for a site that is not there.
func (s *Store) DefaultConsent(site string) clickstream.Consent {
	if sv := s.site(site); sv != nil {
		return sv.consent
	}
	return 0
}

func validSiteID(id string) bool {
	if len(id) == 0 || len(id) > 32 {
		return false
	}
	for i := range len(id) {
		b := id[i]
		if !(b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' || b == '-') {
			return false
		}
	}
	return true
}

// Bounds of Settings, in ms.
const (
	minGap      = 1000
	maxGap      = 24 * 3600_000
	maxLateness = 7 * 24 * 3600_000
	maxLongest  = 7 * 24 * 3600_000
	maxOrigins  = 50
	maxNote     = 200
)

func (set *Settings) check() error {
	full := set.withDefaults()
	switch {
	case full.Clock != WallClock && full.Clock != EventClock:
		return refuse("bad_settings", "clock: %q is neither wall nor event", set.Clock)
	case full.Gap < minGap || full.Gap > maxGap:
		return refuse("bad_settings", "gap: %d ms, want %d to %d", full.Gap, minGap, maxGap)
	case full.Lateness < 0 || full.Lateness > maxLateness:
		return refuse("bad_settings", "lateness: %d ms, want 1 to %d", full.Lateness, maxLateness)
	case full.Longest < full.Gap || full.Longest > maxLongest:
		return refuse("bad_settings", "longest: %d ms, want the gap to %d", full.Longest, maxLongest)
	case full.Currency != "" && !validCurrency(full.Currency):
		return refuse("bad_settings", "currency: %q is not of ISO 4217", set.Currency)
	case *full.LowStock < 0 || *full.LowStock > maxStock:
		return refuse("bad_settings", "low_stock: %d pieces", *full.LowStock)
	case len(full.Name) > maxNote:
		return refuse("bad_settings", "name: longer than %d bytes", maxNote)
	}
	return checkOrigins(full.Origins)
}

func (set Settings) withDefaults() Settings {
	if set.Clock == "" {
		set.Clock = WallClock
	}
	if set.Gap == 0 {
		set.Gap = DefaultGap
	}
	if set.Lateness == 0 {
		set.Lateness = DefaultLateness
	}
	if set.Longest == 0 {
		set.Longest = max(DefaultLongest, set.Gap)
	}
	if set.Consent == nil {
		set.Consent = &Consent{Analytics: true, Personalization: true}
	}
	if set.LowStock == nil {
		low := int64(DefaultLowStock)
		set.LowStock = &low
	}
	return set
}

// checkOrigins takes scheme://host[:port], http or https, a host that may begin with "*.", and "self".
func checkOrigins(origins []string) error {
	if len(origins) > maxOrigins {
		return refuse("bad_origin", "origins: %d of them, %d at most", len(origins), maxOrigins)
	}
	for _, o := range origins {
		if o == "self" {
			continue
		}
		host, ok := strings.CutPrefix(o, "https://")
		if !ok {
			host, ok = strings.CutPrefix(o, "http://")
		}
		host = strings.TrimPrefix(host, "*.")
		if !ok || host == "" || len(o) > 255 || strings.ContainsAny(host, "/?#@*\\ \t\r\n,;\"'") {
			return refuse("bad_origin", "origins: %q is not https://host, https://*.host, either with :port, or self", o)
		}
	}
	return nil
}
